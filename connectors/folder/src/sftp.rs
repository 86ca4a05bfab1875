//! A folder behind SFTP (version 3, draft-ietf-secsh-filexfer-02, as OpenSSH serves it).
//!
//! Every call of the library has a time-out, and the whole of a visit has one too, so that a server that gives a byte a
//! minute does not hold a worker. The server's host key is looked at before anything secret is sent.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use connectors_contract::Reach;
use secrecy::{ExposeSecret as _, SecretString};
use ssh2::{ErrorCode, FileStat, FileType, MethodType, OpenFlags, OpenType, Session, Sftp};

use crate::pins::Pins;
use crate::place::{Listed, Place, PlaceError};

/// The longest visit: a package of the largest size over a slow line.
const VISIT: Duration = Duration::from_secs(600);
const CHUNK: usize = 32 * 1024;

/// Status codes of the protocol (section 7 of the draft) and of its later versions, which some servers use.
mod status {
    pub(super) const NO_SUCH_FILE: i32 = 2;
    pub(super) const PERMISSION_DENIED: i32 = 3;
    pub(super) const FAILURE: i32 = 4;
    pub(super) const NO_CONNECTION: i32 = 6;
    pub(super) const CONNECTION_LOST: i32 = 7;
    pub(super) const UNSUPPORTED: i32 = 8;
    pub(super) const NO_SUCH_PATH: i32 = 10;
    pub(super) const NO_SPACE: i32 = 14;
    pub(super) const QUOTA_EXCEEDED: i32 = 15;
}

/// A server, a user and what proves both. Has no Debug on purpose.
#[derive(Clone)]
pub(crate) struct Remote {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub root: PathBuf,
    pub pins: Pins,
    pub login: Login,
    /// The longest silence.
    pub timeout: Duration,
    /// Whom the channel may reach.
    pub reach: Reach,
}

/// What the user proves itself with.
#[derive(Clone)]
pub(crate) enum Login {
    /// A password.
    Password(SecretString),
    /// A private key as PEM, in the format of OpenSSH or PKCS #8, and its passphrase.
    Key { key: SecretString, passphrase: Option<SecretString> },
}

/// A connection, for one visit.
pub(crate) struct SftpFolder {
    sftp: Sftp,
    root: PathBuf,
    ends: Instant,
}

impl Remote {
    /// Connects, looks at the host key, and only then logs in.
    pub(crate) fn open(&self) -> Result<SftpFolder, PlaceError> {
        let ends = Instant::now() + VISIT;
        let unreachable = |reason: String| PlaceError::Unreachable { reason };
        let stream = self.connect()?;
        let ssh = |error: ssh2::Error| {
            unreachable(format!("serverul {} nu vorbește SSH cum trebuie: {}", self.host, error.message()))
        };
        let mut session = Session::new().map_err(ssh)?;
        session.set_timeout(u32::try_from(self.timeout.as_millis()).unwrap_or(u32::MAX));
        session.method_pref(MethodType::HostKey, &self.pins.algorithms()).map_err(ssh)?;
        session.set_tcp_stream(stream);
        session.handshake().map_err(|error| {
            unreachable(format!(
                "serverul {} nu a răspuns ca un server SSH cu cheia fixată în canal: {}",
                self.host,
                error.message()
            ))
        })?;
        match session.host_key() {
            Some((key, _)) if self.pins.know(key) => {}
            _ => {
                return Err(unreachable(format!(
                    "serverul {} arată altă cheie decât cea fixată în canal; nu i s-a trimis nimic. Verificați cu \
                     administratorul lui dacă a fost schimbată",
                    self.host
                )));
            }
        }
        self.log_in(&session)?;
        let sftp = session.sftp().map_err(ssh)?;
        Ok(SftpFolder { sftp, root: self.root.clone(), ends })
    }

    fn connect(&self) -> Result<TcpStream, PlaceError> {
        let address = format!("{}:{}", self.host, self.port);
        let mut last = "numele nu are adresă".to_owned();
        let addresses = self.reach.resolve_waiting(&self.host, self.port).map_err(|error| PlaceError::Unreachable {
            reason: format!("serverul {address} nu a fost găsit: {error}"),
        })?;
        for one in addresses {
            match TcpStream::connect_timeout(&one, self.timeout.min(Duration::from_secs(10))) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error.to_string(),
            }
        }
        Err(PlaceError::Unreachable { reason: format!("serverul {address} nu poate fi contactat: {last}") })
    }

    fn log_in(&self, session: &Session) -> Result<(), PlaceError> {
        let tried = match &self.login {
            Login::Password(password) => session.userauth_password(&self.user, password.expose_secret()),
            Login::Key { key, passphrase } => {
                let passphrase = passphrase.as_ref().map(|passphrase| passphrase.expose_secret());
                session.userauth_pubkey_memory(&self.user, None, key.expose_secret(), passphrase)
            }
        };
        tried.map_err(|error| PlaceError::Unreachable {
            reason: format!("serverul {} nu ne-a recunoscut ca {}: {}", self.host, self.user, error.message()),
        })
    }
}

impl SftpFolder {
    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn in_time(&self) -> Result<(), PlaceError> {
        if Instant::now() < self.ends {
            return Ok(());
        }
        let reason = format!("transferul a durat peste {} de minute și a fost oprit", VISIT.as_secs() / 60);
        Err(PlaceError::Cut { reason })
    }

    /// Reading and writing go through the standard traits, whose errors do not say whether the server refused or the line
    /// broke: it is asked something else, and who still answers is there.
    fn told_of_stream(&self, path: &str, error: &io::Error) -> PlaceError {
        match self.sftp.lstat(&self.root) {
            Ok(_) => {
                let reason = format!("serverul nu a putut (de regulă nu mai are loc pe disc): {error}");
                PlaceError::Failed { path: path.to_owned(), reason }
            }
            Err(_) => PlaceError::Cut { reason: format!("legătura SFTP s-a întrerupt: {error}") },
        }
    }

    fn plain(&self, path: &str) -> Result<FileStat, PlaceError> {
        let stat = self.sftp.lstat(&self.at(path)).map_err(|error| told(path, &error))?;
        if stat.file_type() == FileType::RegularFile {
            Ok(stat)
        } else {
            Err(PlaceError::NotThere { path: path.to_owned() })
        }
    }

    /// Calls `take` with every entry of a folder until it says that it has enough.
    fn each(&self, folder: &str, mut take: impl FnMut(String, FileStat) -> bool) -> Result<(), PlaceError> {
        let mut open = self.sftp.opendir(self.at(folder)).map_err(|error| told(folder, &error))?;
        loop {
            self.in_time()?;
            let (name, stat) = match open.readdir() {
                Ok(entry) => entry,
                // The library's word for the end of the list.
                Err(error) if error.code() == ErrorCode::Session(-16) => return Ok(()),
                Err(error) => return Err(told(folder, &error)),
            };
            let Some(name) = name.to_str().filter(|name| plain_name(name)) else { continue };
            if !take(name.to_owned(), stat) {
                return Ok(());
            }
        }
    }

    fn send(&self, path: &str, content: &[u8]) -> Result<(), PlaceError> {
        let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
        let opened = self.sftp.open_mode(self.at(path), flags, 0o640, OpenType::File);
        let mut file = opened.map_err(|error| told(path, &error))?;
        for chunk in content.chunks(CHUNK) {
            self.in_time()?;
            file.write_all(chunk).map_err(|error| self.told_of_stream(path, &error))?;
        }
        match file.fsync() {
            // A server without the extension answers after it gave the bytes to its system, which is what it offers.
            Err(error) if error.code() == ErrorCode::SFTP(status::UNSUPPORTED) => {}
            other => other.map_err(|error| told(path, &error))?,
        }
        file.close().map_err(|error| told(path, &error))?;
        let size = self.plain(path)?.size;
        if size == Some(content.len() as u64) {
            return Ok(());
        }
        let reason = format!("din {} de octeți au ajuns {}", content.len(), size.unwrap_or_default());
        Err(PlaceError::Failed { path: path.to_owned(), reason })
    }
}

impl Place for SftpFolder {
    fn list(&mut self, folder: &str, most: usize) -> Result<Vec<Listed>, PlaceError> {
        let mut listed = Vec::new();
        self.each(folder, |name, stat| {
            if stat.file_type() == FileType::RegularFile {
                let changed = i64::try_from(stat.mtime.unwrap_or_default()).unwrap_or_default();
                listed.push(Listed { name, size: stat.size.unwrap_or_default(), changed });
            }
            listed.len() < most
        })?;
        Ok(listed)
    }

    fn folders(&mut self, folder: &str) -> Result<Vec<String>, PlaceError> {
        let mut names = Vec::new();
        self.each(folder, |name, stat| {
            if stat.is_dir() {
                names.push(name);
            }
            names.len() < 1000
        })?;
        Ok(names)
    }

    fn size(&mut self, path: &str) -> Result<u64, PlaceError> {
        Ok(self.plain(path)?.size.unwrap_or_default())
    }

    fn read(&mut self, path: &str, start: u64, most: usize) -> Result<Bytes, PlaceError> {
        self.plain(path)?;
        let mut file = self.sftp.open(self.at(path)).map_err(|error| told(path, &error))?;
        file.seek(SeekFrom::Start(start)).map_err(|error| self.told_of_stream(path, &error))?;
        let (mut content, mut chunk) = (Vec::new(), vec![0; CHUNK]);
        while content.len() < most {
            self.in_time()?;
            let room = CHUNK.min(most - content.len());
            match file.read(&mut chunk[..room]).map_err(|error| self.told_of_stream(path, &error))? {
                0 => break,
                count => content.extend_from_slice(&chunk[..count]),
            }
        }
        Ok(content.into())
    }

    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), PlaceError> {
        self.remove(path)?;
        self.send(path, content).inspect_err(|error| {
            // A part of a file takes the room that was missing; over a broken connection there is nobody to ask.
            if matches!(error, PlaceError::Failed { .. }) {
                let _tidied = self.sftp.unlink(&self.at(path));
            }
        })
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), PlaceError> {
        let renamed = self.sftp.rename(&self.at(from), &self.at(to), None);
        match renamed {
            // The protocol does not replace. Whatever is there under this name is an earlier try of the same thing.
            Err(error) if error.code() == ErrorCode::SFTP(status::FAILURE) && self.plain(to).is_ok() => {
                self.plain(from)?;
                self.remove(to)?;
                self.sftp.rename(&self.at(from), &self.at(to), None).map_err(|error| told(from, &error))
            }
            other => other.map_err(|error| told(from, &error)),
        }
    }

    fn remove(&mut self, path: &str) -> Result<(), PlaceError> {
        match self.sftp.unlink(&self.at(path)).map_err(|error| told(path, &error)) {
            Err(PlaceError::NotThere { .. }) => Ok(()),
            other => other,
        }
    }

    fn is_folder(&mut self, path: &str) -> Result<bool, PlaceError> {
        match self.sftp.lstat(&self.at(path)).map_err(|error| told(path, &error)) {
            Ok(stat) => Ok(stat.is_dir()),
            Err(PlaceError::NotThere { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn make_folder(&mut self, path: &str) -> Result<bool, PlaceError> {
        if self.is_folder(path)? {
            return Ok(false);
        }
        self.sftp.mkdir(&self.at(path), 0o750).map_err(|error| told(path, &error)).map(|()| true)
    }

    fn remove_folder(&mut self, path: &str) -> Result<(), PlaceError> {
        self.sftp.rmdir(&self.at(path)).map_err(|error| told(path, &error))
    }
}

/// A server may name its entries anything; what could lead elsewhere is passed over.
fn plain_name(name: &str) -> bool {
    !name.is_empty() && !matches!(name, "." | "..") && !name.contains(['/', '\0'])
}

fn told(path: &str, error: &ssh2::Error) -> PlaceError {
    let path = path.to_owned();
    let reason = match error.code() {
        ErrorCode::SFTP(status::NO_SUCH_FILE | status::NO_SUCH_PATH) => return PlaceError::NotThere { path },
        ErrorCode::Session(_) | ErrorCode::SFTP(status::NO_CONNECTION | status::CONNECTION_LOST) => {
            return PlaceError::Cut { reason: format!("legătura SFTP s-a întrerupt: {}", error.message()) };
        }
        ErrorCode::SFTP(status::PERMISSION_DENIED) => "serverul nu ne dă dreptul asupra dosarului".to_owned(),
        ErrorCode::SFTP(status::NO_SPACE | status::QUOTA_EXCEEDED) => "serverul nu mai are loc".to_owned(),
        ErrorCode::SFTP(status::FAILURE) => "serverul nu a putut (de regulă nu mai are loc pe disc)".to_owned(),
        ErrorCode::SFTP(_) => error.message().to_owned(),
    };
    PlaceError::Failed { path, reason }
}

/// The folder an address names: from the root, or from the user's own folder after `/~/`, as other SFTP programs read it.
pub(crate) fn root(path: &str) -> PathBuf {
    match path.strip_prefix("/~/") {
        Some("") => PathBuf::from("."),
        Some(own) => Path::new(own).to_path_buf(),
        None => PathBuf::from(path),
    }
}
