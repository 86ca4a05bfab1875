//! OpenSSH's own server with a configuration, keys and a port of its own, stopped by its pid.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use connectors_contract::Channel;
use secrecy::SecretString;

pub struct Sshd {
    pub port: u16,
    folder: PathBuf,
    child: Child,
}

impl Sshd {
    /// Starts a server that serves SFTP to the user of this test with a key of its own.
    pub fn start(folder: &Path) -> Self {
        // Its privilege separation needs this folder, which the package's start script would have made.
        let _there = std::fs::create_dir_all("/run/sshd");
        for name in ["host", "user", "stranger"] {
            let path = folder.join(name);
            let mut make = Command::new("ssh-keygen");
            make.args(["-q", "-t", "ed25519", "-N", "", "-C", "inventat", "-f"]).arg(path);
            assert!(make.status().expect("ssh-keygen is installed (openssh-client)").success());
        }
        std::fs::copy(folder.join("user.pub"), folder.join("authorized_keys")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = folder.display();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {at}/host\nPidFile none\nAuthorizedKeysFile {at}/authorized_keys\n\
             PasswordAuthentication no\nUsePAM no\nStrictModes no\nMaxStartups 200\nLogLevel VERBOSE\n\
             Subsystem sftp internal-sftp\nForceCommand internal-sftp\n"
        );
        std::fs::write(folder.join("sshd_config"), config).unwrap();
        let log = std::fs::File::create(folder.join("sshd.log")).unwrap();
        let child = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(folder.join("sshd_config"))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("sshd is installed (openssh-server)");
        let server = Self { port, folder: folder.to_owned(), child };
        server.wait();
        server
    }

    fn wait(&self) {
        for _ in 0..500 {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut banner = [0; 8];
                if stream.read_exact(&mut banner).is_ok() && &banner == b"SSH-2.0-" {
                    return;
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("sshd did not start: {}", self.log());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("sshd.log")).unwrap_or_default()
    }

    /// A channel to a folder of this machine through the server.
    pub fn channel(&self, root: &Path) -> Channel {
        self.channel_by(self.port, root)
    }

    /// The same, over another port that leads to the server.
    pub fn channel_by(&self, port: u16, root: &Path) -> Channel {
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let mut address = url::Url::parse(&format!("sftp://{}@127.0.0.1:{port}/", user.trim())).unwrap();
        address.set_path(root.to_str().unwrap());
        Channel {
            address: Some(address),
            secret: None,
            identity: Some(self.key("user")),
            roots: Some(format!("127.0.0.1 {}", self.public("host"))),
            ..Channel::default()
        }
    }

    pub fn key(&self, name: &str) -> SecretString {
        std::fs::read_to_string(self.folder.join(name)).unwrap().into()
    }

    pub fn public(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(format!("{name}.pub"))).unwrap()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
