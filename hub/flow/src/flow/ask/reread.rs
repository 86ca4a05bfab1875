//! Reading again what was answered, and searching the journal: access too, so each is in the journal first.

use schemas::Violation;

use crate::db::DbError;
use crate::hub::Hub;
use crate::lookup::reasons::{self, Said};
use crate::lookup::{
    self, About, Act, Asked, DocumentFacts, Entry, JournalFilter, JournalRow, Lookup, Reasons, Standing, Subject,
    question,
};
use crate::message::{Authentication, LookupId};

use super::close::Entering;

/// Who reads.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The institution.
    pub party: String,
    /// How it was known.
    pub authentication: Authentication,
    /// The pseudonym of its clerk.
    pub user: Option<String>,
}

/// Why nothing is shown.
#[derive(Debug)]
pub enum NotRead {
    /// There is no such lookup of this institution.
    NotFound,
    /// It is not said who reads, or why.
    Invalid(Vec<Violation>),
    /// That it is read could not be written.
    Unrecorded(DbError),
}

impl From<DbError> for NotRead {
    fn from(error: DbError) -> Self {
        Self::Unrecorded(error)
    }
}

/// A lookup again, for the institution that asked; of one about a person, that it was read is in the journal first.
/// With `Act::Export`, its document too.
///
/// # Errors
/// [`NotRead`] says why nothing is shown.
pub async fn read_again(
    hub: &Hub,
    reader: Reader,
    id: LookupId,
    act: Act,
) -> Result<(Lookup, Option<DocumentFacts>), NotRead> {
    let found = lookup::load(&hub.db, &reader.party, id).await?.ok_or(NotRead::NotFound)?;
    let shows = matches!(found.standing, Standing::Answered(_) | Standing::Ended { .. });
    if found.personal && shows {
        if let Some(violation) = reasons::user(reader.user.as_deref(), true) {
            return Err(NotRead::Invalid(vec![violation]));
        }
        record(hub, again(hub, reader, &found, act)).await?;
    }
    let document = if act == Act::Export { lookup::document(&hub.db, id).await? } else { None };
    Ok((found, document))
}

fn again(hub: &Hub, reader: Reader, found: &Lookup, act: Act) -> Entry {
    let now = hub.clock.now();
    let asked = Asked {
        system: found.system.clone(),
        operation: found.operation.clone(),
        agreement: None,
        channel: (found.channel.clone(), 0),
        discloses: found.discloses.clone(),
        personal: found.personal,
    };
    Entry {
        id: LookupId(hub.ids.uuid(now)),
        act,
        of_lookup: Some(found.id),
        at: now,
        party: reader.party,
        authentication: reader.authentication,
        reasons: Reasons { user: reader.user, ..found.reasons.clone() },
        asked: Some(asked),
        about: About { subject: found.subject.clone(), arguments: None },
        batch: None,
    }
}

/// Searches the institution's own journal. Looking for a person or firm needs the same reasons as asking about it; that
/// it was searched is in the journal first.
///
/// # Errors
/// [`NotRead`] says why nothing is shown.
pub async fn search_journal(
    hub: &Hub,
    reader: Reader,
    said: Said,
    subject: Option<&str>,
    (mut filter, limit): (JournalFilter, i64),
) -> Result<Vec<JournalRow>, NotRead> {
    let said = Said { user: reader.user.clone(), ..said }.tidy();
    let violations = reasons::check(&said, subject.is_some());
    if !violations.is_empty() {
        return Err(NotRead::Invalid(violations));
    }
    let subject = subject.map(|text| Subject::of(&hub.journal_key, &question::identifier(text)));
    filter.subject = subject.as_ref().map(|subject| subject.digest);
    let now = hub.clock.now();
    let entry = Entry {
        id: LookupId(hub.ids.uuid(now)),
        act: Act::Search,
        of_lookup: None,
        at: now,
        party: reader.party.clone(),
        authentication: reader.authentication,
        reasons: Reasons {
            purpose: said.purpose.unwrap_or_default(),
            legal_basis: said.legal_basis.unwrap_or_default(),
            case_number: said.case_number,
            user: said.user,
        },
        asked: None,
        about: About { subject, arguments: None },
        batch: None,
    };
    record(hub, entry).await?;
    Ok(lookup::search(&hub.db, &reader.party, &filter, limit).await?)
}

async fn record(hub: &Hub, entry: Entry) -> Result<(), DbError> {
    let lease_end = hub.clock.now();
    hub.db.write(&hub.verbs.enter, Entering { entries: vec![entry], denied: None, lease_end }).await
}
