//! What comes after a filing: late evidence, renewed proofs of preservation, contents and acts of entries. It is added.

use std::sync::Arc;

use crate::archive::filing::{self, Due, EntryLook, Looked, MessageLook, NewAddition, Outcome, TakeUpEntry};
use crate::clock::Timestamp;
use crate::hub::Hub;

use super::ArchivistError;
use super::entries::OfEntry;
use super::facts::Facts;
use super::file::FileEnded;
use super::gather::{Folder, Gathered};

/// Notes looked at in one turn.
const LOOKED: i64 = 16;
/// What the log cannot prove yet is looked at again after so many seconds.
const SOON: i64 = 2;
/// What failed is looked at again after so many seconds.
const LATER: i64 = 60;

/// One turn: looks at a few notes of each kind; answers whether there may be more at once.
pub(super) async fn look(hub: &Hub, verb: &Arc<FileEnded>) -> Result<bool, ArchivistError> {
    let batches = filing::looked_batches(&hub.db).await?;
    let messages = filing::messages_to_look_at(&hub.db, hub.clock.now(), LOOKED).await?;
    let entries = filing::entries_to_look_at(&hub.db, hub.clock.now(), LOOKED).await?;
    let looked =
        Arc::new(Looked::Message(MessageLook { message: crate::message::MessageId(uuid::Uuid::nil()), mark: 0 }, None));
    let full = messages.len().max(entries.len()) >= usize::try_from(LOOKED).unwrap_or(usize::MAX);
    for one in messages {
        let again = match message(hub, verb, &one).await {
            Ok(true) => None,
            Ok(false) => Some(hub.clock.now().plus_seconds(SOON)),
            Err(error) => Some(failed(&error, hub)),
        };
        hub.db.write(&looked, Looked::Message(one, again)).await?;
    }
    for one in entries {
        let again = match entry(hub, verb, &one).await {
            Ok(()) => None,
            Err(error) => Some(failed(&error, hub)),
        };
        hub.db.write(&looked, Looked::Entry(one, again)).await?;
    }
    Ok(batches || full)
}

fn failed(error: &ArchivistError, hub: &Hub) -> Timestamp {
    tracing::warn!(%error, "what came after a filing could not be added; it is tried again");
    hub.clock.now().plus_seconds(LATER)
}

/// Adds what came to be of a message to each of its filings; `false` where the log cannot prove it yet.
async fn message(hub: &Hub, verb: &Arc<FileEnded>, look: &MessageLook) -> Result<bool, ArchivistError> {
    for due in filing::filed_of_message(&hub.db, look.message).await? {
        let Some(facts) = Facts::load(hub, &due.party, look.message).await? else { continue };
        let known = filing::known(&hub.db, due.id).await?;
        let mut folder = Folder::new(hub, facts.sheet(hub, &due.party), hub.clock.now(), known);
        if !folder.message(&facts).await? {
            return Ok(false);
        }
        add(hub, verb, &due, folder).await?;
    }
    Ok(true)
}

/// Takes an entry up when it is time, or adds what came to be of it.
async fn entry(hub: &Hub, verb: &Arc<FileEnded>, look: &EntryLook) -> Result<(), ArchivistError> {
    let EntryLook { party, place, .. } = look;
    let Some((due, state)) = filing::filing_of_entry(&hub.db, party, place).await? else {
        let at = hub.clock.now();
        let (id, subject) = (hub.ids.uuid(at), filing::Subject::Entry(place.clone()));
        let due = Due { id, party: party.clone(), subject, code: None, place: None };
        let Some(of) = OfEntry::load(hub, &due, place).await? else { return Ok(()) };
        // A content is filed when it comes; a paper when nothing more is expected of it.
        if of.has_contents() || of.ended() {
            hub.db.write(&Arc::new(TakeUpEntry), (id, party.clone(), place.clone(), at)).await?;
        }
        return Ok(());
    };
    if state != "filed" {
        return Ok(());
    }
    let Some(of) = OfEntry::load(hub, &due, place).await? else { return Ok(()) };
    let known = filing::known(&hub.db, due.id).await?;
    // While somebody works on it its history grows; it is added when that ends, or together with a content.
    if !of.ended() && of.contents_in(&known) {
        return Ok(());
    }
    if hub.halted().is_some() {
        return Err(ArchivistError::Seal("the seal may not be used now".to_owned()));
    }
    let mut folder = Folder::new(hub, of.facts().clone(), hub.clock.now(), Vec::new());
    of.fill(hub, &mut folder, &known).await?;
    add(hub, verb, &due, folder).await
}

async fn add(hub: &Hub, verb: &Arc<FileEnded>, due: &Due, folder: Folder<'_>) -> Result<(), ArchivistError> {
    if folder.documents.is_empty() {
        return Ok(());
    }
    let new = NewAddition {
        filing: due.id,
        party: due.party.clone(),
        message: due.subject.message(),
        documents: folder.documents,
    };
    let gathered = Gathered { outcome: (Outcome::Added(new), hub.clock.now()), entry: None };
    hub.db.write(verb, gathered).await?;
    Ok(())
}
