//! TLS of the door, on the one OpenSSL: the context of handshakes, client certificates, and both anew without an outage.
//!
//! It may assume that the files named in the configuration are whole when they change; if they are not, it keeps what it
//! has and says so. It never speaks anything older than TLS 1.2, nor a cipher without forward secrecy.

mod anchors;
mod certificate;
mod context;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use openssl::sha::sha256;
use openssl::ssl::SslContext;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::{ClientCertificates, TlsConfig};

pub use anchors::{Anchors, Unbelievable};
pub use certificate::ClientCertificate;
pub use told::{Proxies, Told};

/// A context is made anew at the latest after so long, and with it the key of its session tickets (RFC 8446, C.4).
const TICKET_KEY_LIFE: Duration = Duration::from_secs(12 * 3600);

/// TLS as it is configured and as its files stand now.
pub struct Tls {
    config: TlsConfig,
    now: ArcSwap<State>,
    made: AtomicU64,
}

/// What was made of the files.
pub struct State {
    /// What handshakes are made with.
    pub context: SslContext,
    /// The authorities of client certificates; `None` where clients are not asked.
    pub anchors: Option<Anchors>,
    /// Counts the times the files were read.
    pub number: u64,
    files: [u8; 32],
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// A file is missing or wrong, or key and certificate do not belong together.
    pub fn open(config: &TlsConfig) -> anyhow::Result<Self> {
        let state = State::read(config, 1).context("[tls] cannot be used")?;
        Ok(Self { config: config.clone(), now: ArcSwap::from_pointee(state), made: AtomicU64::new(1) })
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        self.now.load_full()
    }

    /// How long a handshake may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.config.handshake_seconds.get().into())
    }

    /// Handshakes under way at once.
    #[must_use]
    pub fn handshakes(&self) -> u32 {
        self.config.handshakes.get()
    }

    /// Reads the files again. What cannot be used is told and changes nothing: an outage would be worse than a
    /// certificate that is a little old.
    pub fn renew(&self) {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        match State::read(&self.config, number) {
            Ok(state) => {
                self.now.store(Arc::new(state));
                tracing::info!(certificate = %self.config.certificate.display(), "TLS of the door was read again");
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "TLS of the door cannot be read again; the old one stays"
                );
            }
        }
    }

    /// Follows the files, and SIGHUP, until the hub stops.
    pub async fn follow(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
            .expect("a process can listen to its own signals");
        let pause = Duration::from_secs(self.config.reload_seconds.get().into());
        let mut made = Instant::now();
        loop {
            let asked = tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                _ = hangup.recv() => true,
                () = tokio::time::sleep(pause) => false,
            };
            let this = Arc::clone(&self);
            let old = made.elapsed() >= TICKET_KEY_LIFE;
            let look = tokio::task::spawn_blocking(move || {
                let due = asked || old || this.files_changed();
                if due {
                    this.renew();
                }
                due
            });
            if look.await.unwrap_or(false) {
                made = Instant::now();
            }
        }
    }

    fn files_changed(&self) -> bool {
        // A file that is just being replaced is looked at next time.
        digest(&self.config).is_ok_and(|files| files != self.state().files)
    }
}

impl State {
    fn read(config: &TlsConfig, number: u64) -> anyhow::Result<Self> {
        let files = digest(config)?;
        let roots = config.client_roots.as_ref().filter(|_| config.client != ClientCertificates::Off);
        let anchors = roots.map(|roots| Anchors::read(roots, &config.revocation)).transpose()?;
        Ok(Self { context: context::make(config, anchors.as_ref())?, anchors, number, files })
    }
}

/// A digest of all files together.
fn digest(config: &TlsConfig) -> anyhow::Result<[u8; 32]> {
    let optional = config.client_roots.iter().chain(&config.revocation).chain(&config.ocsp);
    let mut all = Vec::new();
    for path in [&config.certificate, &config.key].into_iter().chain(optional) {
        let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        all.extend(sha256(&bytes));
    }
    Ok(sha256(&all))
}
