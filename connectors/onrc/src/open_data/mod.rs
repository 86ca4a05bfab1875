//! Fetches a snapshot of the open dataset: finds the newest one in the catalogue, downloads its files by range.
//!
//! The names of the packages change with each snapshot and there is no stable address of the latest (contract sheet
//! section 5.1), so the catalogue is searched every time. It never follows a redirect or an address to another host, and
//! never trusts a length it was not given twice.

mod catalogue;
mod download;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use url::Url;

pub use catalogue::{Package, Resource, discover};
pub use download::{Downloaded, download};

/// Files that are fetched only for a documented purpose.
const ABOUT_PERSONS: [&str; 2] = ["OD_REPREZENTANTI_LEGALI.CSV", "OD_REPREZENTANTI_IF.CSV"];

/// Why a snapshot could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The other side cannot be reached or answers badly; trying again later may help.
    #[error("asking {host}: {problem}")]
    Line {
        /// The host.
        host: String,
        /// What happened.
        problem: String,
    },
    /// The catalogue has no snapshot.
    #[error("the catalogue at {host} has no package named firme-DD-MM-YYYY; did the names change?")]
    NoSnapshot {
        /// The host.
        host: String,
    },
    /// The catalogue says something that cannot be used.
    #[error("the catalogue's entry {package} cannot be used: {problem}")]
    Catalogue {
        /// The package.
        package: String,
        /// Why.
        problem: String,
    },
    /// What came is not what was announced; it was thrown away.
    #[error("{file} is damaged: {problem}")]
    Damaged {
        /// The file.
        file: String,
        /// What does not fit.
        problem: String,
    },
    /// A file cannot be written.
    #[error("writing {file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A snapshot in a folder of this machine.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The day in the package's name.
    pub snapshot: Date,
    /// The folder with the files.
    pub folder: PathBuf,
    /// The files.
    pub files: Vec<Downloaded>,
}

/// Fetches the newest snapshot of a catalogue below a folder; what is there already is not fetched again. `progress` is
/// told the file, the bytes there and the bytes announced.
///
/// # Errors
/// A [`FetchError`]. What was downloaded so far stays and is gone on with the next time.
pub async fn fetch_newest(
    catalogue: &Url,
    into: &Path,
    with_persons: bool,
    progress: &mut (dyn FnMut(&str, u64, Option<u64>) + Send),
) -> Result<Fetched, FetchError> {
    let client = client().map_err(|error| line(catalogue, &error))?;
    let (firms, names) = discover(&client, catalogue).await?;
    let folder = into.join(format!("firme-{}", firms.day));
    std::fs::create_dir_all(&folder).map_err(|source| FetchError::Io { file: folder.display().to_string(), source })?;
    let mut files = Vec::new();
    for resource in firms.resources.iter().chain(names.iter().flat_map(|package| &package.resources)) {
        if ABOUT_PERSONS.contains(&resource.file.as_str()) && !with_persons {
            continue;
        }
        files.push(download(&client, resource, &folder, progress).await?);
    }
    Ok(Fetched { snapshot: firms.day, folder, files })
}

/// The client that catalogue and files are asked with.
///
/// # Errors
/// The TLS library cannot be used.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(60))
        .user_agent(concat!("punte/", env!("CARGO_PKG_VERSION")))
        .build()
}

fn line(address: &Url, problem: &dyn std::fmt::Display) -> FetchError {
    FetchError::Line { host: address.host_str().unwrap_or_default().to_owned(), problem: problem.to_string() }
}
