//! A real ClamAV daemon of a test's own, with a signature that nobody else has.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::shared::{own_folder, skip};

/// What the daemon of these tests takes for harm; invented.
pub const MARKER: &str = "PUNTE-TEST-MARKER-7f3a";

/// A daemon on a socket of its own, stopped when it is dropped.
pub struct Scanner {
    child: Child,
    folder: TempDir,
}

impl Scanner {
    /// Starts clamd; none where it is not installed and may be missing.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        if !Path::new("/usr/sbin/clamd").exists() {
            skip("clamd is not installed (clamav-daemon)");
            return None;
        }
        let folder = own_folder();
        let at = folder.path();
        std::fs::create_dir(at.join("signatures")).expect("made");
        let signature = format!("Punte.Test.Marker:0:*:{}\n", hex::encode(MARKER));
        std::fs::write(at.join("signatures/test.ndb"), signature).expect("written");
        let config = format!(
            "LocalSocket {0}/clamd\nDatabaseDirectory {0}/signatures\nForeground yes\nPidFile {0}/pid\nLogFile {0}/log\n\
             StreamMaxLength 2M\nUser root\n",
            at.display()
        );
        std::fs::write(at.join("clamd.conf"), config).expect("written");
        let mut command = Command::new("/usr/sbin/clamd");
        command.arg("-c").arg(at.join("clamd.conf")).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("clamd is started");
        while std::os::unix::net::UnixStream::connect(at.join("clamd")).is_err() {
            let ended = child.try_wait().expect("its state is known");
            let log = || std::fs::read_to_string(at.join("log")).unwrap_or_default();
            assert!(ended.is_none(), "clamd does not start: {}", log());
            std::thread::yield_now();
        }
        Some(Self { child, folder })
    }

    /// Its place, as `[malware] scanner` names it.
    #[must_use]
    pub fn place(&self) -> String {
        format!("unix:{}/clamd", self.folder.path().display())
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
