//! The archivist's turn: take up, file, add what came later, destroy, each a little.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::archive::filing::{self, Due, Outcome, TakeUp, Taken};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::directory::SERVICE;
use crate::hub::Hub;
use crate::log::Lease;
use crate::message::MessageId;
use crate::{delivery, submission};

use super::file::FileEnded;
use super::gather::Gathered;
use super::{ArchivistError, destroy, gather, later};

/// Messages taken up in one transaction.
const TAKEN: i64 = 64;
/// Filings in one turn: their bytes go to the vault one after the other.
const FILED: i64 = 16;
/// What cannot be filed yet is looked at again after so many seconds.
const SOON: i64 = 2;
/// What failed is tried again after so many seconds, so that it does not hold the others.
const LATER: i64 = 60;

/// What a turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// There was nothing to do.
    Idle,
    /// Another node keeps the archive.
    Elsewhere,
    /// Something was done; there may be more at once.
    More,
}

/// Files and destroys, for a node of the hub.
pub struct Archivist {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    patience: destroy::Patience,
    rounds: destroy::Rounds,
}

impl Archivist {
    /// An archivist for a node; whoever keeps the log files.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>) -> Self {
        Self { hub, lease, patience: destroy::Patience::default(), rounds: destroy::Rounds::default() }
    }

    /// One turn.
    ///
    /// # Errors
    /// Something was not done; what was is written down, the rest is taken up again.
    pub async fn pass(&self) -> Result<Turn, ArchivistError> {
        let hub = &*self.hub;
        if !self.lease.hold(&hub.db, hub.clock.now()).await? {
            return Ok(Turn::Elsewhere);
        }
        let taken = self.take_up().await?;
        let filed = self.file().await?;
        let verb = Arc::new(FileEnded { ids: Arc::clone(&hub.ids) });
        // Named, since the compiler does not see through both of them at once that they may move between threads.
        let looking: BoxFuture<'_, Result<bool, ArchivistError>> = Box::pin(later::look(hub, &verb));
        let added = looking.await?;
        let destroying: BoxFuture<'_, Result<bool, ArchivistError>> =
            Box::pin(destroy::step(hub, &self.patience, &self.rounds));
        let destroyed = destroying.await?;
        Ok(if taken || filed || added || destroyed { Turn::More } else { Turn::Idle })
    }

    async fn take_up(&self) -> Result<bool, ArchivistError> {
        let hub = &*self.hub;
        let ended = filing::unfiled(&hub.db, TAKEN).await?;
        let mut taken = Vec::with_capacity(ended.len());
        for message in ended {
            taken.push(self.whose(message).await?);
        }
        let verb = Arc::new(TakeUp);
        let writes = taken.into_iter().map(|one| hub.db.write(&verb, one));
        Ok(!futures_util::future::try_join_all(writes).await?.is_empty())
    }

    /// The institutions of this hub that sent or received a message.
    async fn whose(&self, message: MessageId) -> Result<Taken, DbError> {
        let (hub, at) = (&*self.hub, self.hub.clock.now());
        let directory = hub.directory();
        let mut parties: Vec<String> = Vec::new();
        if let Some(held) = submission::load(&hub.db, message).await? {
            // What was relayed here was sent by somebody elsewhere.
            parties.extend(held.relay.is_none().then_some(held.sender));
        }
        for (delivery, _) in delivery::of_message(&hub.db, message).await? {
            parties.push(delivery.recipient);
        }
        parties.sort_unstable();
        parties.dedup();
        parties.retain(|id| directory.party(id).is_some_and(|party| !party.external && party.kind != SERVICE));
        Ok(Taken { message, parties: parties.into_iter().map(|party| (party, hub.ids.uuid(at))).collect(), at })
    }

    async fn file(&self) -> Result<bool, ArchivistError> {
        let hub = &*self.hub;
        let due = filing::due(&hub.db, hub.clock.now(), FILED).await?;
        let verb = Arc::new(FileEnded { ids: Arc::clone(&hub.ids) });
        for one in &due {
            let gathered = match gather::gather(hub, one).await {
                Ok(gathered) => gathered,
                // One that cannot be filed does not hold the others.
                Err(error) => {
                    tracing::warn!(filing = %one.id, %error, "a message could not be filed; it is tried again");
                    later(one, hub.clock.now().plus_seconds(LATER), "arhiva nu a putut păstra conținutul")
                }
            };
            hub.db.write(&verb, gathered).await?;
        }
        Ok(due.len() >= usize::try_from(FILED).unwrap_or(usize::MAX))
    }
}

/// A filing that waits.
fn later(due: &Due, at: Timestamp, reason: &str) -> Gathered {
    let outcome = Outcome::Later { filing: due.id, reason: reason.to_owned(), due_at: at };
    Gathered { outcome: (outcome, at), entry: None }
}

/// A filing whose evidence is not proven yet.
pub(super) fn soon(due: &Due, now: Timestamp, reason: &str) -> Gathered {
    later(due, now.plus_seconds(SOON), reason)
}
