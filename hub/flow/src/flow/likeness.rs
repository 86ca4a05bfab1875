//! What two registrations of one document share, whoever made them: a clerk at the counter, a clerk who fills a kept
//! number, or the hub when a message came.
//!
//! A clerk writes an issuer's name as the paper has it; the hub knows the sender of a message as a party of its directory.
//! Where what the clerk wrote is such a party, by fiscal code or by name, both are looked for.

use schemas::text::fold;

use crate::db::{DbError, Tx};
use crate::directory::Party;
use crate::hub::Hub;
use crate::message::Message;
use crate::registration::{
    self, Correspondent, Direction, Earlier, EntryKey, Likeness, NewEntry, Particulars, Relation, Tie, duplicate_key,
};

/// What a registration is compared by, as far as it is known outside the transaction.
#[derive(Debug, Clone, Default)]
pub(super) struct Issuer {
    /// Written out by the clerk.
    pub(super) written: Option<Correspondent>,
    /// The party of the directory it is.
    party: Option<String>,
}

/// Finds the party of the directory that a clerk wrote down as issuer, or chose among the known ones.
///
/// # Errors
/// The database does not answer.
pub(super) async fn issuer_of(
    hub: &Hub,
    party: &str,
    (particulars, written): (&Particulars, Option<Correspondent>),
) -> Result<Issuer, DbError> {
    // Without number and date there is nothing an issuer would be compared by.
    if particulars.external_number.is_none() || particulars.external_date.is_none() {
        return Ok(Issuer { written, party: None });
    }
    let (name, identifier) = match (&written, particulars.correspondent) {
        (Some(one), _) => (Some(one.name.clone()), one.identifier.clone()),
        (None, Some(id)) => {
            let known = registration::correspondent(&hub.db, party, id).await?;
            known.map_or((None, None), |known| (known.name, known.identifier))
        }
        (None, None) => (None, None),
    };
    let directory = hub.directory();
    let code = identifier.as_deref().and_then(digits);
    let name = name.map(|name| fold(name.trim()));
    let is = |one: &&Party| match (&code, one.cui.as_deref().and_then(digits)) {
        (Some(code), Some(cui)) => *code == cui,
        _ => name.as_ref().is_some_and(|name| *name == fold(one.name.trim())),
    };
    let party = directory.parties().find(is).map(|one| one.id.clone());
    Ok(Issuer { written, party })
}

/// The digits of a fiscal code, whatever is written before them.
fn digits(code: &str) -> Option<String> {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// The key of a message in its recipient's register: the sender's number and date, and the sender.
pub(super) fn of_message(message: &Message) -> Option<[u8; 32]> {
    let number = &message.sender_registration;
    let whole = !number.number.is_empty() && !number.date.is_empty();
    whole.then(|| duplicate_key(&number.number, &number.date, &of_party(&message.counterpart())))
}

fn of_party(id: &str) -> String {
    format!("party:{id}")
}

/// What a document about to be registered shares with earlier ones.
pub(super) enum Compared {
    /// It names an issuer that is not there.
    UnknownIssuer,
    /// It seems to be registered already, and nobody said that it is registered again on purpose.
    Duplicate(Vec<Earlier>),
    /// It may be registered, under this key.
    Free(Option<[u8; 32]>),
}

/// A document about to be registered.
pub(super) struct Newcomer<'a> {
    pub(super) party: &'a str,
    pub(super) direction: Direction,
    pub(super) particulars: &'a Particulars,
    pub(super) content: Option<[u8; 32]>,
    pub(super) ties: &'a [Tie],
    /// The kept number it is to get: what stands there is no duplicate of itself.
    pub(super) kept: Option<&'a EntryKey>,
}

impl<'a> Newcomer<'a> {
    pub(super) fn of(entry: &'a NewEntry) -> Self {
        Self {
            party: &entry.party,
            direction: entry.direction,
            particulars: &entry.particulars,
            content: entry.content_sha256,
            ties: &entry.ties,
            kept: None,
        }
    }

    /// Compares it with everything the institution registered.
    ///
    /// # Errors
    /// The database does not answer.
    pub(super) async fn compare(&self, tx: &mut Tx<'_>, issuer: &Issuer) -> Result<Compared, DbError> {
        let likeness = match (&issuer.written, self.particulars.correspondent) {
            (Some(written), _) => Some(written.likeness()),
            (None, None) => None,
            (None, Some(id)) => match registration::likeness_of(tx, self.party, id).await? {
                Some(known) => Some(known),
                None => return Ok(Compared::UnknownIssuer),
            },
        };
        let key = key(self.particulars, likeness.as_deref());
        if self.ties.iter().any(|tie| tie.relation == Relation::DuplicateOf) {
            return Ok(Compared::Free(key));
        }
        let of_party = issuer.party.as_deref().map(of_party);
        let earlier = Likeness {
            party: self.party,
            direction: self.direction,
            keys: [key, self::key(self.particulars, of_party.as_deref())],
            content: self.content,
        };
        let mut earlier = registration::earlier(tx, earlier).await?;
        let itself = |one: &Earlier, kept: &EntryKey| {
            (&one.register, one.year, one.number) == (&kept.register, kept.year, kept.number)
        };
        earlier.retain(|one| self.kept.is_none_or(|kept| !itself(one, kept)));
        Ok(if earlier.is_empty() { Compared::Free(key) } else { Compared::Duplicate(earlier) })
    }
}

fn key(particulars: &Particulars, issuer: Option<&str>) -> Option<[u8; 32]> {
    let number = particulars.external_number.as_deref()?;
    Some(duplicate_key(number, &particulars.external_date?.to_string(), issuer?))
}
