//! Each cause, looked for as it is now.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::hub::Hub;
use hub_flow::lock_down::{self, Pulse};
use hub_flow::standing::Halt;
use hub_flow::{access_journal, audit, evidence, log};
use tokio::time::{Instant, timeout};

use crate::assembly::system_micros;
use crate::config::LockDownConfig;

use super::clock::{Times, wrong};

/// Longer than this, a write counts as refused.
const PATIENCE: Duration = Duration::from_secs(8);
/// What a seal is tried with; it is no evidence.
const PROBE: &[u8] = b"punte: does the key of the seal belong to its certificate?";

/// What is looked for, and what was seen before.
pub struct Checks {
    hub: Arc<Hub>,
    config: LockDownConfig,
    /// Seconds the hub's clock is ahead on purpose.
    ahead: i64,
    began: (Timestamp, Instant),
    unwritable_since: Mutex<Option<Instant>>,
}

impl Checks {
    /// Of a hub that starts now, whose clock is `ahead` seconds ahead on purpose.
    #[must_use]
    pub fn new(hub: Arc<Hub>, config: &LockDownConfig, ahead: i64) -> Self {
        let began = (Timestamp(system_micros()), Instant::now());
        Self { hub, config: config.clone(), ahead, began, unwritable_since: Mutex::default() }
    }

    pub(super) const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// What of a cause is there now; none where it is not.
    ///
    /// # Errors
    /// It cannot be told, because the database does not answer.
    pub async fn find(&self, cause: Halt) -> Result<Option<String>, DbError> {
        match cause {
            Halt::AuditUnwritable => Ok(self.audit().await),
            Halt::ClockOff => self.clock().await,
            Halt::SealMismatch => Ok(self.seal().await),
            Halt::LogInconsistent => self.log().await,
            Halt::DatabaseDamaged => lock_down::damage(&self.hub.db).await,
            // Others watch over these.
            Halt::SealNotYetValid | Halt::SealExpired | Halt::SealRevoked | Halt::StampsOverdue => Ok(None),
        }
    }

    async fn audit(&self) -> Option<String> {
        let written = timeout(PATIENCE, self.hub.db.write(&Arc::new(Pulse), self.hub.clock.now())).await;
        let refused = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("a write took longer than {} s", PATIENCE.as_secs())),
        };
        let mut since = self.unwritable_since.lock().expect("no holder panics");
        let Some(refused) = refused else {
            *since = None;
            return None;
        };
        let since = since.get_or_insert_with(Instant::now);
        let grace = Duration::from_secs(self.config.audit_grace_seconds.into());
        (since.elapsed() >= grace).then_some(refused)
    }

    async fn clock(&self) -> Result<Option<String>, DbError> {
        let database = lock_down::database_time(&self.hub.db).await?;
        let newest = evidence::latest(&self.hub.db).await?;
        let now = Timestamp(system_micros());
        let counted = i64::try_from(self.began.1.elapsed().as_micros()).unwrap_or(i64::MAX);
        // What is ahead on purpose is so in evidence too.
        let evidence = newest.plus_seconds(-self.ahead);
        let times = Times { now, began: (self.began.0, counted), database, evidence };
        Ok(wrong(times, self.config.clock_limit_seconds.get().into()))
    }

    async fn seal(&self) -> Option<String> {
        let signer = self.hub.seal.signer();
        let tried = tokio::task::spawn_blocking(move || {
            let chain = signer.certificate_chain();
            let certificate = chain.first()?;
            match signer.sign(PROBE) {
                Ok(value) if signer.algorithm().verify(certificate.public_key(), PROBE, &value) => None,
                Ok(_) => {
                    Some(format!("what it signs does not verify with the certificate of {}", certificate.subject()))
                }
                // A module that does not answer is no other key: sealing fails and says so.
                Err(_) => None,
            }
        });
        tried.await.ok().flatten()
    }

    async fn log(&self) -> Result<Option<String>, DbError> {
        match log::verify(&self.hub).await {
            Err(error) if error.is_inconsistent() => return Ok(Some(error.to_string())),
            Err(log::KeepError::Database(error)) => return Err(error),
            _ => {}
        }
        if let Some(number) = audit::broken(&self.hub.db).await? {
            return Ok(Some(format!("act {number} of the audit is not what was written, or is missing")));
        }
        let broken = access_journal::broken(&self.hub.db).await?;
        Ok(broken
            .map(|(chain, number)| format!("entry {number} of the journal's chain {chain} is not what was written")))
    }
}
