//! The measured hub: `punte serve` in a process of its own, watched through `/proc`.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use openssl::sha::sha256;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::config::Config;

/// Key of the bench's sending party.
pub(super) const KEY: &str = "punte-bench-sender";
/// Number of receiving parties, each with a channel of its own.
pub(super) const TARGETS: usize = 8;
const START: Duration = Duration::from_secs(30);

/// A hub under measurement.
pub(super) struct HubProcess {
    pub(super) address: SocketAddr,
    child: Child,
    pid: u32,
}

/// What the process used so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    /// CPU seconds, user and system.
    pub(super) cpu: f64,
    /// Bytes handed to the disk.
    pub(super) written: f64,
    /// Largest resident memory, in bytes.
    pub(super) peak_rss: f64,
}

impl HubProcess {
    pub(super) async fn start(
        folder: &Path,
        name: &str,
        config: &Config,
        target: &str,
        workers: usize,
    ) -> anyhow::Result<Self> {
        let data = folder.join(name);
        crate::protection::secrets::own_folder(&data)?;
        std::fs::write(data.join("token"), "bench")?;
        std::fs::write(data.join("directory.toml"), directory(&data, target))?;
        let address = free_address()?;
        let mut text = format!(
            "data = {:?}\nlisten = \"{address}\"\nworkers = {workers}\ndirectory = {:?}\n",
            data.display().to_string(),
            data.join("directory.toml").display().to_string(),
        );
        if let Some(database) = &config.database {
            text += &format!("database = {database:?}\n");
        }
        // What is measured is the road, not the budgets before it.
        text += "[rate]\nenforce = false\n[outgoing]\nallow = [\"127.0.0.0/8\"]\n";
        let file = data.join("punte.toml");
        std::fs::write(&file, text)?;
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--config"])
            .arg(&file)
            .env("PUNTE_LOG", "error")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("the measured hub cannot be started")?;
        let pid = child.id().context("a started process has an id")?;
        let mut hub = Self { address, child, pid };
        hub.wait_until_open().await?;
        Ok(hub)
    }

    async fn wait_until_open(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(self.address).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the measured hub ended at once: {status}");
            }
            if begun.elapsed() > START {
                bail!("the measured hub did not open its door");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// What the process used so far.
    pub(super) fn usage(&self) -> anyhow::Result<Usage> {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", self.pid));
        let stat = read("stat")?;
        let after_name = stat.rsplit_once(')').context("/proc stat has a name")?.1;
        let ticks: f64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        let line = |text: &str, label: &str| {
            let line = text.lines().find(|line| line.starts_with(label))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        Ok(Usage {
            // Linux counts a hundred ticks a second on every machine this runs on.
            cpu: ticks / 100.0,
            written: line(&read("io")?, "write_bytes:").unwrap_or(0.0),
            peak_rss: line(&read("status")?, "VmHWM:").unwrap_or(0.0) * 1024.0,
        })
    }

    /// Stops the hub in order and tells what it used.
    pub(super) async fn stop(mut self) -> anyhow::Result<Usage> {
        let usage = self.usage()?;
        Command::new("kill").arg("-TERM").arg(self.pid.to_string()).status().await?;
        tokio::time::timeout(START, self.child.wait()).await.context("the measured hub did not stop")??;
        Ok(usage)
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// One sender, eight recipients with a channel each, one agreement.
fn directory(data: &Path, target: &str) -> String {
    let mut toml = format!(
        "[[party]]\nid = 'sender'\nname = 'Expeditor'\nkind = 'uat'\nsiruta = '110571'\n\
         [[system]]\nid = 'sender'\nparty = 'sender'\nkey_sha256 = '{}'\n\
         [[agreement]]\nid = 'bench'\ndocument_types = ['ancheta-sociala-adult']\npurpose = 'evaluare-handicap'\n\
         legal_basis = 'Legea nr. 448/2006'\nvalid_from = '2020-01-01'\nvalid_to = '2099-12-31'\n\
         senders = {{ parties = ['sender'] }}\nrecipients = {{ kind = 'dgaspc' }}\n",
        hex::encode(sha256(KEY.as_bytes())),
    );
    for number in 0..TARGETS {
        toml += &format!(
            "[[party]]\nid = 'target-{number}'\nname = 'Destinatar {number}'\nkind = 'dgaspc'\nsiruta = '252'\n\
             [[channel]]\nid = 'target-{number}'\nparty = 'target-{number}'\nsystem = 'esocial'\naddress = '{target}'\n\
             secret = 'file:{}/token'\n\
             [[competence]]\nid = 'target-{number}'\nparty = 'target-{number}'\nterritory = ['252']\nunit = 'SECPAH'\n\
             channel = 'target-{number}'\n",
            data.display()
        );
    }
    toml
}
