//! Recording what clerks do to entries: fill, correct, connect, annul; one transaction.

use std::sync::Arc;

use hub_deadlines::Rule;

use crate::audit::{self, AuditEvent, Audited, Kind, Outcome, Principal};
use crate::db::{DbError, Tx, WriteVerb};
use crate::deadline;
use crate::hub::Hub;
use crate::registration::{self, Acted, Correspondent, Earlier, EntryKey, NewAct, NotActed, Tie};

use super::likeness::{self, Compared, Issuer, Newcomer};
use super::{Desk, registry};

/// What a clerk does to an entry.
pub struct Recording {
    /// The act. Moment and salt are set as it is written.
    pub act: NewAct,
    /// Issuer or addressee that the particulars get, where written out.
    pub correspondent: Option<Correspondent>,
    /// What the entry is tied to by it.
    pub ties: Vec<Tie>,
}

/// Why nothing was recorded.
#[derive(Debug)]
pub enum NotRecorded {
    /// The entry's state does not allow it.
    Refused(NotActed),
    /// It names an entry that is not there, or the entry itself.
    UnknownTie(Tie),
    /// It names an issuer or addressee that is not there.
    UnknownCorrespondent,
    /// The document a kept number is to get seems to be registered already.
    Duplicate(Vec<Earlier>),
    /// The database failed.
    Unavailable(DbError),
}

/// Records what a clerk does to an entry.
///
/// # Errors
/// [`NotRecorded`] says why nothing was.
pub async fn record(hub: &Hub, mut recording: Recording) -> Result<Acted, NotRecorded> {
    let written = recording.correspondent.take();
    let issuer = match &recording.act.effect.particulars {
        Some(particulars) => likeness::issuer_of(hub, &recording.act.key.party, (particulars, written)).await,
        None => Ok(Issuer::default()),
    };
    let issuer = issuer.map_err(NotRecorded::Unavailable)?;
    let key = &recording.act.key;
    let register = hub.directory().register(&key.party, &key.register);
    let of_register = register.and_then(|held| held.entry.deadline_rule);
    let rule = hub.deadlines.rule(of_register.as_deref(), None);
    let ruled = Ruled { recording, issuer, rule };
    hub.db.write(&hub.verbs.record, ruled).await.unwrap_or_else(|error| Err(NotRecorded::Unavailable(error)))
}

/// Makes an issuer or addressee unrecognisable, for good; answers whether it was there and recognisable.
///
/// # Errors
/// The database failed.
pub async fn anonymise(hub: &Hub, party: &str, id: uuid::Uuid, audit: AuditEvent) -> Result<bool, DbError> {
    let done = Audited::new(Arc::clone(&hub.verbs.anonymise), |done| done.then_some(Outcome::Done));
    hub.db.write(&done, ((party.to_owned(), id), audit.on(id.to_string()))).await
}

/// What a clerk does, and the rule of a document that gets a kept number by it.
pub(super) struct Ruled {
    recording: Recording,
    issuer: Issuer,
    rule: Option<Rule>,
}

/// Writes what clerks do to entries.
pub(super) struct Record(pub(super) Desk);

impl WriteVerb for Record {
    type Item = Ruled;
    type Output = Result<Acted, NotRecorded>;
    const ORDER: u16 = 14;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Ruled]) -> Result<Vec<Self::Output>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            outputs.push(self.one(tx, item).await?);
        }
        Ok(outputs)
    }
}

impl Record {
    async fn one(
        &self,
        tx: &mut Tx<'_>,
        Ruled { recording: item, issuer, rule }: &Ruled,
    ) -> Result<Result<Acted, NotRecorded>, DbError> {
        let Desk { clock, ids, deadlines, .. } = &self.0;
        let now = clock.now();
        let mut act = NewAct { at: now, salt: ids.salt(), ..item.act.clone() };
        let mut ties = Vec::with_capacity(item.ties.len());
        for tie in &item.ties {
            let itself = (&tie.register, tie.year, tie.number) == (&act.key.register, act.key.year, act.key.number);
            match registration::settled(tx, &act.key.party, tie).await? {
                Some(settled) if !itself => ties.push(settled),
                _ => return Ok(Err(NotRecorded::UnknownTie(tie.clone()))),
            }
        }
        if let (Some(filled), Some(particulars)) = (&mut act.effect.filled, &act.effect.particulars) {
            let newcomer = Newcomer {
                party: &act.key.party,
                direction: filled.direction,
                particulars,
                content: filled.content_sha256,
                ties: &ties,
                kept: Some(&act.key),
            };
            filled.duplicate_key = match newcomer.compare(tx, issuer).await? {
                Compared::UnknownIssuer => return Ok(Err(NotRecorded::UnknownCorrespondent)),
                Compared::Duplicate(earlier) => return Ok(Err(NotRecorded::Duplicate(earlier))),
                Compared::Free(key) => key,
            };
        }
        if let (Some(correspondent), Some(particulars)) = (&issuer.written, &mut act.effect.particulars) {
            let met = [(act.key.party.as_str(), correspondent, ids.uuid(now))];
            particulars.correspondent = registration::acquaint(tx, &met, now).await?.first().copied();
            let id = particulars.correspondent.map(|id| id.to_string());
            act.content["correspondent"] = id.into();
        }
        let (key, told) = (act.key.clone(), told(&act));
        let begins = registry::begins_with(&act, rule.clone());
        let answer = registration::act(tx, &[act]).await?.pop().expect("one act has one answer");
        if answer.is_ok() {
            deadline::begin(tx, deadlines, &begins.into_iter().collect::<Vec<_>>()).await?;
            registration::tie(tx, &ties.iter().map(|tie| (&key, tie)).collect::<Vec<_>>()).await?;
            audit::append(tx, &told.into_iter().collect::<Vec<_>>()).await?;
        }
        Ok(answer.map_err(NotRecorded::Refused))
    }
}

/// The act as the audit tells it; none where it can be undone.
fn told(act: &NewAct) -> Option<AuditEvent> {
    let kind = match act.act.as_str() {
        "annulment_proposed" => Kind::AnnulmentProposed,
        "annulled" => Kind::AnnulmentApproved,
        "annulment_refused" => Kind::AnnulmentRefused,
        _ => return None,
    };
    let principal = act.author.clerk.as_ref().map_or_else(|| Principal::system(&act.key.party), Principal::person);
    let EntryKey { party, register, year, number } = &act.key;
    let event = AuditEvent::new(kind, act.at, party, principal).on(format!("{register}/{year}/{number}"));
    Some(event.because(act.content["reason"].as_str().map(str::to_owned)))
}

/// Writes that issuers and addressees become unrecognisable.
pub(super) struct Anonymise(pub(super) Desk);

impl WriteVerb for Anonymise {
    type Item = (String, uuid::Uuid);
    type Output = bool;
    const ORDER: u16 = 16;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let whom: Vec<_> = items.iter().map(|(party, id)| (party.as_str(), *id)).collect();
        registration::anonymise(tx, &whom, self.0.clock.now()).await
    }
}
