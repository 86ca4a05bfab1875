//! One file by ranges: what came before a cut line is kept and gone on with, what is damaged is thrown away.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use openssl::hash::{Hasher, MessageDigest};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, LAST_MODIFIED, RANGE};

use super::catalogue::Resource;
use super::{FetchError, line};

/// Longest file, in bytes; the longest real one has 0.7 GB.
const LONGEST_FILE: u64 = 8 * 1024 * 1024 * 1024;
/// How often a cut download is gone on with before it is left for another day.
const MOST_CUTS: u32 = 20;

/// How often in a row it may be asked without getting a byte: once for a kept line that the other side had closed.
const MOST_IN_VAIN: u32 = 2;

/// A file that is here whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Whether the catalogue's checksum was there and is right.
    pub checked: bool,
}

/// Downloads a file into a folder, going on with what is there.
///
/// # Errors
/// The line, the disk, or a file that is not what the catalogue announced.
pub async fn download(
    client: &reqwest::Client,
    resource: &Resource,
    folder: &Path,
    progress: &mut (dyn FnMut(&str, u64, Option<u64>) + Send),
) -> Result<Downloaded, FetchError> {
    let whole = folder.join(&resource.file);
    if whole.exists() {
        return check(&whole, &whole, resource);
    }
    let part = Part::of(folder, &resource.file);
    let (mut cuts, mut in_vain) = (0, 0);
    loop {
        let before = part.length();
        match part.go_on(client, resource, progress).await? {
            Piece::Whole => break,
            Piece::Cut(problem) if cuts == MOST_CUTS || in_vain == MOST_IN_VAIN => {
                return Err(line(&resource.address, &problem));
            }
            Piece::Cut(_) => {
                cuts += 1;
                in_vain = if part.length() > before { 0 } else { in_vain + 1 };
            }
        }
    }
    let downloaded = check(&part.path, &whole, resource);
    if downloaded.is_err() {
        part.forget();
        return downloaded;
    }
    std::fs::rename(&part.path, &whole).map_err(|source| part.io(source))?;
    part.forget();
    downloaded
}

enum Piece {
    Whole,
    Cut(String),
}

/// The part of a file that is here, and the version it is of.
struct Part {
    path: PathBuf,
    version: PathBuf,
}

impl Part {
    fn of(folder: &Path, file: &str) -> Self {
        Self { path: folder.join(format!("{file}.part")), version: folder.join(format!("{file}.version")) }
    }

    fn length(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    fn forget(&self) {
        // Either may be gone already.
        let _gone = (std::fs::remove_file(&self.path), std::fs::remove_file(&self.version));
    }

    fn io(&self, source: std::io::Error) -> FetchError {
        FetchError::Io { file: self.path.display().to_string(), source }
    }

    async fn go_on(
        &self,
        client: &reqwest::Client,
        resource: &Resource,
        progress: &mut (dyn FnMut(&str, u64, Option<u64>) + Send),
    ) -> Result<Piece, FetchError> {
        let version = std::fs::read_to_string(&self.version).unwrap_or_default();
        // Without a version it cannot be told whether the rest belongs to the beginning.
        let have = if version.is_empty() { 0 } else { self.length() };
        let mut request = client.get(resource.address.clone());
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-")).header(IF_RANGE, &version);
        }
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Ok(Piece::Cut(error.without_url().to_string())),
        };
        let (start, all) = match answer.status() {
            StatusCode::OK => (0, answer.content_length()),
            StatusCode::PARTIAL_CONTENT => range(answer.headers())
                .filter(|(start, _)| *start == have)
                .ok_or_else(|| line(&resource.address, &"another range came than was asked for"))?,
            StatusCode::RANGE_NOT_SATISFIABLE if resource.size == Some(have) => return Ok(Piece::Whole),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                self.forget();
                return Ok(Piece::Cut("the file became shorter; it is fetched from the beginning".to_owned()));
            }
            status => return Err(line(&resource.address, &format!("{} answered {status}", resource.file))),
        };
        let all = all.or(resource.size);
        if all.is_some_and(|all| all > LONGEST_FILE) {
            return Err(line(&resource.address, &format!("{} is longer than any file of the dataset", resource.file)));
        }
        std::fs::write(&self.version, version_of(answer.headers())).map_err(|source| self.io(source))?;
        let mut file = std::fs::File::options();
        let mut file = file.create(true).write(true).truncate(start == 0).open(&self.path).map_err(|e| self.io(e))?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(start)).map_err(|source| self.io(source))?;
        let mut have = start;
        loop {
            match answer.chunk().await {
                Ok(Some(piece)) => {
                    have += piece.len() as u64;
                    if have > LONGEST_FILE {
                        return Err(line(&resource.address, &format!("{} does not end", resource.file)));
                    }
                    file.write_all(&piece).map_err(|source| self.io(source))?;
                    progress(&resource.file, have, all);
                }
                Ok(None) if all.is_none_or(|all| all == have) => return Ok(Piece::Whole),
                Ok(None) => return Ok(Piece::Cut(format!("{} ended after {have} bytes", resource.file))),
                Err(error) => return Ok(Piece::Cut(error.without_url().to_string())),
            }
        }
    }
}

/// A strong version of a file: a weak tag cannot vouch for bytes (RFC 9110, section 13.1.5).
fn version_of(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    text(ETAG).filter(|tag| !tag.starts_with("W/")).or_else(|| text(LAST_MODIFIED)).unwrap_or_default()
}

/// First byte and length of the whole, of `bytes 5-9/10`.
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, all) = text.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, all.parse().ok()))
}

/// Hashes a file and compares it with what was announced.
fn check(path: &Path, whole: &Path, resource: &Resource) -> Result<Downloaded, FetchError> {
    let io = |source| FetchError::Io { file: path.display().to_string(), source };
    let crypto = |error: openssl::error::ErrorStack| io(std::io::Error::other(error.to_string()));
    let announced = resource.checksum.as_deref();
    let digest = match announced.map(str::len) {
        Some(32) => Some(MessageDigest::md5()),
        Some(40) => Some(MessageDigest::sha1()),
        _ => None,
    };
    let mut sha256 = Hasher::new(MessageDigest::sha256()).map_err(crypto)?;
    let mut other = digest.map(Hasher::new).transpose().map_err(crypto)?;
    let (mut file, mut piece, mut bytes) = (std::fs::File::open(path).map_err(io)?, vec![0; 1024 * 1024], 0);
    loop {
        let read = file.read(&mut piece).map_err(io)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        sha256.update(&piece[..read]).map_err(crypto)?;
        if let Some(other) = &mut other {
            other.update(&piece[..read]).map_err(crypto)?;
        }
    }
    let damaged = |problem: &str| FetchError::Damaged { file: resource.file.clone(), problem: problem.to_owned() };
    if resource.size.is_some_and(|size| size != bytes) {
        return Err(damaged("its length is not the one in the catalogue"));
    }
    let sha256 = hex::encode(sha256.finish().map_err(crypto)?);
    let other = other.map(|mut other| other.finish()).transpose().map_err(crypto)?.map(hex::encode);
    let checked = match announced {
        Some(announced) if announced.len() == 64 || other.is_some() => {
            if announced != other.as_deref().unwrap_or(&sha256) {
                return Err(damaged("its checksum is not the one in the catalogue"));
            }
            true
        }
        _ => false,
    };
    Ok(Downloaded { path: whole.to_owned(), bytes, sha256, checked })
}
