//! Security events for those who watch: syslog (RFC 5424) over TLS (RFC 5425, octet counting), CEF or JSON inside.
//!
//! Syslog has no answer. What a receiver got is known only when it ends the connection in order after the hub did: so events
//! go out in batches, each on a connection of its own, and the cursor moves when the receiver has closed. A batch that was
//! not confirmed is sent again: at least once, numbered, so that a receiver can tell. Nothing is read ahead of what fits in
//! one batch. It never tells of persons.

mod message;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hub_flow::audit;
use hub_flow::db::DbError;
use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use hub_flow::telling::{self, RecordConfirmed};
use tokio::sync::watch;

use crate::config::{Config, SiemConfig};

use message::Writer;
use wire::Wire;

/// Events in one batch.
const BATCH: i64 = 200;
/// The longest pause after a receiver did not confirm.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Tells one receiver.
pub struct Teller {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    wire: Wire,
    writer: Writer,
    receiver: String,
    access: bool,
    every: Duration,
}

/// Why a batch was not told.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The receiver did not confirm.
    #[error("{0}")]
    Unconfirmed(String),
}

impl Teller {
    /// A teller for the receiver of a configuration.
    ///
    /// # Errors
    /// A certificate or key cannot be read.
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>, config: &Config, wanted: &SiemConfig) -> anyhow::Result<Self> {
        let wire = Wire::new(wanted).context("the receiver of security events cannot be reached as configured")?;
        let url = config.public_url.as_deref().and_then(|url| url::Url::parse(url).ok());
        let host = url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "punte".to_owned());
        Ok(Self {
            hub,
            lease,
            wire,
            writer: Writer { host, format: wanted.format },
            receiver: wanted.receiver.clone(),
            access: wanted.access,
            every: Duration::from_millis(wanted.interval_ms.get().into()),
        })
    }

    /// Tells until told to stop. What was not confirmed then is told after the next start.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut pause = self.every;
        while !*stop.borrow() {
            pause = match self.pass().await {
                Ok(true) => Duration::ZERO,
                Ok(false) => self.every,
                Err(error) => {
                    tracing::warn!(receiver = self.receiver, %error, "security events wait; trying again");
                    (pause.max(self.every) * 2).min(LONGEST_PAUSE)
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => return,
            }
        }
    }

    /// Tells one batch of each source; answers whether there may be more.
    async fn pass(&self) -> Result<bool, NotTold> {
        if !self.lease.hold(&self.hub.db, self.hub.clock.now()).await? {
            return Ok(false);
        }
        let mut more = self.acts().await?;
        if self.access {
            for (chain, at) in telling::behind(&self.hub.db, &self.receiver).await? {
                more |= self.accesses(chain, at).await?;
            }
        }
        Ok(more)
    }

    async fn acts(&self) -> Result<bool, NotTold> {
        let at = telling::position(&self.hub.db, &self.receiver, "audit").await?;
        let acts = audit::after(&self.hub.db, at, BATCH).await?;
        let Some(last) = acts.last().map(|act| act.number) else { return Ok(false) };
        let messages: Vec<String> = acts.iter().map(|act| self.writer.act(act)).collect();
        self.told("audit".to_owned(), &messages, last).await?;
        Ok(acts.len() as i64 == BATCH)
    }

    async fn accesses(&self, chain: uuid::Uuid, at: i64) -> Result<bool, NotTold> {
        let accesses = telling::accesses(&self.hub.db, chain, at, BATCH).await?;
        let Some(last) = accesses.last().map(|access| access.number) else { return Ok(false) };
        let messages: Vec<String> = accesses.iter().map(|access| self.writer.access(chain, access)).collect();
        self.told(telling::source(chain), &messages, last).await?;
        Ok(accesses.len() as i64 == BATCH)
    }

    async fn told(&self, source: String, messages: &[String], last: i64) -> Result<(), NotTold> {
        self.wire.tell(messages).await.map_err(|error| NotTold::Unconfirmed(format!("{error:#}")))?;
        let confirmed = (self.receiver.clone(), source, last, self.hub.clock.now());
        self.hub.db.write(&Arc::new(RecordConfirmed), confirmed).await?;
        Ok(())
    }
}
