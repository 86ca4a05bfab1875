//! Registering what a clerk brings: idempotency, issuer, duplicates, number; one transaction.

use hub_deadlines::Rule;

use crate::db::{DbError, Tx, WriteVerb};
use crate::hub::Hub;
use crate::registration::{self, CLOSED, Correspondent, Earlier, NewEntry, Run, Tie};

use super::likeness::{self, Compared, Issuer, Newcomer};
use super::{Desk, registry};

/// A request for numbers, checked against its register's definition.
pub struct Entering {
    /// The caller's key: the same request gets the same numbers.
    pub idempotency_key: String,
    /// SHA-256 of the request.
    pub content_sha256: [u8; 32],
    /// Issuer or addressee, where written out.
    pub correspondent: Option<Correspondent>,
    /// What is registered, all in one register, at least one. Moment and salts are set as it is written.
    pub entry: NewEntry,
    /// How many numbers; more than one only for kept ones.
    pub count: u32,
    /// The rule its deadline follows, where it comes in and expects an answer.
    pub rule: Option<Rule>,
}

/// Why nothing was registered. No number was taken.
#[derive(Debug)]
pub enum NotEntered {
    /// The key was used for another request.
    Conflict,
    /// It seems to be registered already; a clerk who wants it again says of which it is a duplicate.
    Duplicate(Vec<Earlier>),
    /// It names an entry that is not there.
    UnknownTie(Tie),
    /// It names an issuer or addressee that is not there.
    UnknownCorrespondent,
    /// The year is closed.
    Closed,
    /// The database failed.
    Unavailable(DbError),
}

/// Numbers that were given, now or to the same request before.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Which.
    pub run: Run,
    /// Whether this very request was answered before.
    pub again: bool,
}

/// Registers what a clerk brings.
///
/// # Errors
/// [`NotEntered`] says why no number was taken.
pub async fn enter(hub: &Hub, mut entering: Entering) -> Result<Entered, NotEntered> {
    let named = (&entering.entry.particulars, entering.correspondent.take());
    let issuer = likeness::issuer_of(hub, &entering.entry.party, named).await.map_err(NotEntered::Unavailable)?;
    match hub.db.write(&hub.verbs.register, Asked { entering, issuer }).await {
        Ok(answer) => answer,
        Err(DbError::Constraint { rule }) if rule == CLOSED => Err(NotEntered::Closed),
        Err(error) => Err(NotEntered::Unavailable(error)),
    }
}

/// A request and the issuer it names.
pub(super) struct Asked {
    entering: Entering,
    issuer: Issuer,
}

/// Writes what clerks bring.
pub(super) struct Enter(pub(super) Desk);

impl WriteVerb for Enter {
    type Item = Asked;
    type Output = Result<Entered, NotEntered>;
    const ORDER: u16 = 12;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Asked]) -> Result<Vec<Self::Output>, DbError> {
        let mut prepared = Vec::with_capacity(items.len());
        // Two of one key, or of one document, may have come in one set: the later sees the earlier.
        let mut outputs: Vec<Option<Self::Output>> = Vec::with_capacity(items.len());
        let mut held_back = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let rival = |other: &&(usize, NewEntry)| alike(&item.entering, &items[other.0].entering, &other.1);
            if prepared.iter().any(|other| rival(&other)) {
                held_back.push(index);
                outputs.push(None);
                continue;
            }
            match self.prepare(tx, item).await? {
                Ok(entry) => {
                    prepared.push((index, entry));
                    outputs.push(None);
                }
                Err(answer) => outputs.push(Some(answer)),
            }
        }
        self.write(tx, items, prepared, &mut outputs).await?;
        for index in held_back {
            match self.prepare(tx, &items[index]).await? {
                Ok(entry) => self.write(tx, items, vec![(index, entry)], &mut outputs).await?,
                Err(answer) => outputs[index] = Some(answer),
            }
        }
        Ok(outputs.into_iter().map(|output| output.expect("every item was prepared or held back")).collect())
    }
}

/// Whether one item must wait until the other is written, because it may be the same.
fn alike(item: &Entering, other: &Entering, entry: &NewEntry) -> bool {
    let same_party = item.entry.party == other.entry.party;
    let external = &item.entry.particulars.external_number;
    same_party
        && (item.idempotency_key == other.idempotency_key
            || (item.entry.content_sha256.is_some() && item.entry.content_sha256 == entry.content_sha256)
            || (external.is_some() && *external == entry.particulars.external_number))
}

impl Enter {
    /// The entry with everything that only the database knows; or the answer, where there is nothing to write.
    async fn prepare(
        &self,
        tx: &mut Tx<'_>,
        Asked { entering: item, issuer }: &Asked,
    ) -> Result<Result<NewEntry, Result<Entered, NotEntered>>, DbError> {
        let Desk { clock, ids, .. } = &self.0;
        let mut entry = item.entry.clone();
        entry.at = clock.now();
        if let Some((content, run)) = registration::answered(tx, &entry.party, &item.idempotency_key).await? {
            let same = content == item.content_sha256;
            return Ok(Err(if same { Ok(Entered { run, again: true }) } else { Err(NotEntered::Conflict) }));
        }
        let mut ties = Vec::with_capacity(entry.ties.len());
        for tie in &entry.ties {
            match registration::settled(tx, &entry.party, tie).await? {
                Some(tie) => ties.push(tie),
                None => return Ok(Err(Err(NotEntered::UnknownTie(tie.clone())))),
            }
        }
        entry.ties = ties;
        entry.duplicate_key = match Newcomer::of(&entry).compare(tx, issuer).await? {
            Compared::UnknownIssuer => return Ok(Err(Err(NotEntered::UnknownCorrespondent))),
            Compared::Duplicate(earlier) => return Ok(Err(Err(NotEntered::Duplicate(earlier)))),
            Compared::Free(key) => key,
        };
        // Only now, so that what is refused leaves nobody's name behind.
        if let Some(correspondent) = &issuer.written {
            let met = [(entry.party.as_str(), correspondent, ids.uuid(entry.at))];
            entry.particulars.correspondent = registration::acquaint(tx, &met, entry.at).await?.first().copied();
        }
        Ok(Ok(entry))
    }

    async fn write(
        &self,
        tx: &mut Tx<'_>,
        items: &[Asked],
        prepared: Vec<(usize, NewEntry)>,
        outputs: &mut [Option<Result<Entered, NotEntered>>],
    ) -> Result<(), DbError> {
        let Desk { ids, deadlines, .. } = &self.0;
        let mut entries = Vec::new();
        for (index, entry) in &prepared {
            for _ in 0..items[*index].entering.count {
                let entry = NewEntry { salt: ids.salt(), ..entry.clone() };
                entries.push(registry::Entering { entry, rule: items[*index].entering.rule.clone() });
            }
        }
        let mut given = registry::enter(tx, deadlines, entries).await?.into_iter();
        for (index, entry) in prepared {
            let item = &items[index].entering;
            let numbers: Vec<_> = given.by_ref().take(item.count as usize).collect();
            let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
                return Err(DbError::Statement("a request for no number".to_owned()));
            };
            let run = Run {
                register: first.key.register.clone(),
                year: first.key.year,
                first: first.key.number,
                last: last.key.number,
            };
            let key = (entry.party.as_str(), item.idempotency_key.as_str());
            registration::remember(tx, key, item.content_sha256, &run, entry.at).await?;
            outputs[index] = Some(Ok(Entered { run, again: false }));
        }
        Ok(())
    }
}
