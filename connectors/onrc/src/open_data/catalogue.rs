//! The catalogue (CKAN action API, version 3): which snapshots there are, and where their files lie.

use jiff::civil::Date;
use serde_json::Value;
use url::Url;

use super::{FetchError, line};

/// Longest answer of the catalogue, in bytes.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;
/// Packages on one page of the search.
const PAGE: usize = 100;
/// Most pages that are read.
const MOST_PAGES: usize = 20;
/// The files that are of use.
const FILES: [&str; 9] = [
    "OD_FIRME.CSV",
    "OD_STARE_FIRMA.CSV",
    "OD_CAEN_AUTORIZAT.CSV",
    "OD_REPREZENTANTI_LEGALI.CSV",
    "OD_REPREZENTANTI_IF.CSV",
    "OD_SUCURSALE_ALTE_STATE_MEMBRE.CSV",
    "N_STARE_FIRMA.CSV",
    "N_CAEN.CSV",
    "N_VERSIUNE_CAEN.CSV",
];

/// A package of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The day in its name.
    pub day: Date,
    /// Its files that are of use.
    pub resources: Vec<Resource>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its name in capitals.
    pub file: String,
    /// Where it lies.
    pub address: Url,
    /// Its checksum in hexadecimal, where the catalogue has one.
    pub checksum: Option<String>,
    /// Its length in bytes, where the catalogue has one.
    pub size: Option<u64>,
}

/// The newest package of firms, and the newest package of code lists that is not newer than it (or else the newest).
///
/// # Errors
/// The catalogue cannot be read, or has no package of firms.
pub async fn discover(client: &reqwest::Client, catalogue: &Url) -> Result<(Package, Option<Package>), FetchError> {
    let mut firms: Vec<(Date, String)> = Vec::new();
    let mut names: Vec<(Date, String)> = Vec::new();
    for page in 0..MOST_PAGES {
        let start = (page * PAGE).to_string();
        let parameters = [("fq", "organization:onrc"), ("rows", &PAGE.to_string()), ("start", &start)];
        let result = ask(client, catalogue, "package_search", &parameters).await?;
        let packages = result["results"].as_array().map(Vec::as_slice).unwrap_or_default();
        for name in packages.iter().filter_map(|package| package["name"].as_str()) {
            firms.extend(day_of(name, "firme-").map(|day| (day, name.to_owned())));
            names.extend(day_of(name, "nomenclatoare-").map(|day| (day, name.to_owned())));
        }
        if packages.len() < PAGE {
            break;
        }
    }
    let host = catalogue.host_str().unwrap_or_default().to_owned();
    let newest = firms.into_iter().max().ok_or(FetchError::NoSnapshot { host })?;
    names.sort();
    let fitting = names.iter().rev().find(|(day, _)| *day <= newest.0).or(names.last()).cloned();
    let firms = show(client, catalogue, newest).await?;
    let names = match fitting {
        Some(package) => Some(show(client, catalogue, package).await?),
        None => None,
    };
    Ok((firms, names))
}

/// The day at the end of a package's name, `firme-02-09-2026`.
fn day_of(name: &str, prefix: &str) -> Option<Date> {
    Date::strptime("%d-%m-%Y", name.strip_prefix(prefix)?).ok()
}

async fn show(client: &reqwest::Client, catalogue: &Url, (day, name): (Date, String)) -> Result<Package, FetchError> {
    let result = ask(client, catalogue, "package_show", &[("id", name.as_str())]).await?;
    let refuse = |problem: String| FetchError::Catalogue { package: name.clone(), problem };
    let mut resources = Vec::new();
    for resource in result["resources"].as_array().into_iter().flatten() {
        let address = resource["url"].as_str().unwrap_or_default();
        let address = Url::parse(address).map_err(|error| refuse(format!("the address {address:?}: {error}")))?;
        let file = address.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
        let file = file.to_ascii_uppercase();
        if !FILES.contains(&file.as_str()) {
            continue;
        }
        let ours = (catalogue.scheme(), catalogue.host_str(), catalogue.port_or_known_default());
        if (address.scheme(), address.host_str(), address.port_or_known_default()) != ours {
            return Err(refuse(format!("{file} lies on another host than the catalogue")));
        }
        let checksum = resource["hash"].as_str().map(|hash| hash.rsplit(':').next().unwrap_or(hash).to_lowercase());
        let size = resource["size"].as_u64().or_else(|| resource["size"].as_str()?.parse().ok());
        resources.push(Resource { file, address, checksum: checksum.filter(|hash| !hash.is_empty()), size });
    }
    Ok(Package { name, day, resources })
}

async fn ask(
    client: &reqwest::Client,
    catalogue: &Url,
    action: &str,
    parameters: &[(&str, &str)],
) -> Result<Value, FetchError> {
    let mut address = catalogue.clone();
    address.set_path(&format!("{}/api/3/action/{action}", catalogue.path().trim_end_matches('/')));
    address.query_pairs_mut().clear().extend_pairs(parameters);
    let mut answer = client.get(address).send().await.map_err(|error| line(catalogue, &error.without_url()))?;
    if !answer.status().is_success() {
        return Err(line(catalogue, &format!("{action} answered {}", answer.status())));
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| line(catalogue, &error.without_url()))? {
        if body.len() + piece.len() > LONGEST_ANSWER {
            return Err(line(catalogue, &format!("{action} answers more than {LONGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&piece);
    }
    let answer: Value = serde_json::from_slice(&body)
        .map_err(|_| line(catalogue, &format!("{action} answered something that is not JSON")))?;
    if answer["success"] != Value::Bool(true) {
        return Err(line(catalogue, &format!("{action} answered success = {}", answer["success"])));
    }
    Ok(answer["result"].clone())
}
