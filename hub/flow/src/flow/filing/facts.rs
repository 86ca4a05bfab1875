//! What is known of a message when it is filed for one of its institutions.

use crate::archive::filing::{self, SheetFacts};
use crate::delivery::{self, Delivery};
use crate::evidence::{self, Evidence};
use crate::hub::Hub;
use crate::message::{Message, MessageId};
use crate::registration::{self, Entry, EntryKey};
use crate::relay::{self, Received};
use crate::submission;

use super::ArchivistError;

/// A message as one of its institutions has it.
pub(super) struct Facts {
    pub message: Message,
    /// The institution's entry, where the hub keeps its register.
    pub entry: Option<Entry>,
    /// The deliveries the institution may see.
    pub deliveries: Vec<Delivery>,
    /// The evidence the institution may see, in the order it was issued.
    pub evidences: Vec<Evidence>,
    /// Evidence of other services about the same.
    pub received: Vec<Received>,
    /// Whether it sent the message.
    pub sent: bool,
}

impl Facts {
    /// Reads what is known; nothing where there is no such message.
    pub(super) async fn load(hub: &Hub, party: &str, id: MessageId) -> Result<Option<Self>, ArchivistError> {
        let db = &hub.db;
        let Some(message) = submission::load(db, id).await? else { return Ok(None) };
        let sent = message.sender == party && message.relay.is_none();
        let mut deliveries: Vec<Delivery> =
            delivery::of_message(db, message.id).await?.into_iter().map(|(delivery, _)| delivery).collect();
        let mut evidences = evidence::list(db, message.id).await?;
        let mut received = relay::received(db, message.id).await?;
        received.retain(|one| one.standing != "contradiction");
        if !sent {
            deliveries.retain(|delivery| delivery.recipient == party);
            let mine = |id: crate::message::DeliveryId| deliveries.iter().any(|delivery| delivery.id == id);
            evidences.retain(|one| one.delivery.is_none_or(mine));
            received.retain(|one| one.evidence.delivery.is_none_or(mine));
        }
        let entry = match filing::entry_of(db, party, message.id).await? {
            Some((register, year, number)) => {
                let key = EntryKey { party: party.to_owned(), register, year, number };
                registration::find(db, &key).await?
            }
            None => None,
        };
        Ok(Some(Self { message, entry, deliveries, evidences, received, sent }))
    }

    /// The year of the dossier: the one of the institution's number, or of the acceptance.
    pub(super) fn year(&self) -> i64 {
        let accepted = || i64::from(self.message.submitted_at.romanian_date().year());
        self.entry.as_ref().map_or_else(accepted, |entry| entry.key.year)
    }

    /// Which way it went through the institution's registers.
    pub(super) const fn direction(&self) -> &'static str {
        if self.sent { "out" } else { "in" }
    }

    /// What the record sheets of this message have in common.
    pub(super) fn sheet(&self, hub: &Hub, party: &str) -> SheetFacts {
        let directory = hub.directory();
        let name = |id: &str| directory.party(id).map_or_else(|| id.to_owned(), |party| party.name.clone());
        let envelope = &self.message.envelope;
        let known = hub.catalogue.document_type(&envelope.document_type, &envelope.document_version);
        let registered = &self.message.sender_registration;
        let sent = self.message.submitted_at.to_romanian();
        let mut history = vec![format!("înregistrat la expeditor cu {}", registered.in_romanian())];
        history.push(format!("preluat spre livrare la {sent}"));
        for delivery in &self.deliveries {
            let number = delivery.recipient_registration.as_ref();
            let number = number.map_or_else(String::new, |held| format!(", {}", held.in_romanian()));
            history.push(format!(
                "livrare către {}: {}{number}",
                name(&delivery.recipient),
                delivery.state.in_romanian()
            ));
        }
        SheetFacts {
            issuer: name(&self.message.sender),
            history,
            document_type: known.map_or_else(|| envelope.document_type.clone(), |known| known.title().ro.clone()),
            keywords: vec![envelope.subject.clone(), envelope.document_type.clone(), envelope.purpose.clone()],
            issued_on: self.message.submitted_at.romanian_date().to_string(),
            owner: name(party),
            on_paper: None,
        }
    }
}
