//! The expiry board: which proofs weaken before their documents may be forgotten, and what to do about it.
//!
//! It reads counts, dates and ids alone. It may assume that batches are appended: what they hold was counted when they were
//! closed. It changes nothing.

use std::collections::BTreeMap;

use hub_signatures::certificate::Certificate;
use hub_signatures::time_stamp::TimeStamp;
use schemas::Catalogue;

use crate::clock::Timestamp;
use crate::db::Db;
use crate::seal;

use super::board_store::{self, Holding};
use super::model::algorithm_name;
use super::{Outlook, Preservation, PreservationError, state};

/// What is proved together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Evidences of a batch, by its number.
    Batch(u64),
    /// Evidences under a seal, by the SHA-256 of its certificate, hexadecimal.
    Seal(String),
    /// Evidences with a time-stamp of their own, by the SHA-256 of the authority's certificate, hexadecimal.
    Authority(String),
    /// The leaves under a stamped head of the log, by its size.
    LogHead(u64),
}

/// Why a proof weakens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The certificate of the seal ends.
    SealEnds,
    /// The certificate of the time-stamping authority ends.
    AuthorityEnds,
    /// The digest algorithm of that name ages.
    AlgorithmAges(&'static str),
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Nothing: a fresher record covers it.
    Covered,
    /// The next batch will cover it.
    AwaitBatch,
    /// Nobody stamps: configure an authority.
    NameAuthority,
    /// Renew the time-stamp, which the hub does by itself where its authority can.
    RenewTimeStamp,
    /// Renew the hash tree to a stronger algorithm.
    RenewHashTree,
    /// It ended before it was renewed.
    TooLate,
}

/// One line of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What.
    pub group: Group,
    /// Why.
    pub cause: Cause,
    /// When.
    pub weakens_at: Timestamp,
    /// Evidences in it.
    pub evidences: u64,
    /// Until when the last of them is needed; none: for ever.
    pub needed_until: Option<Timestamp>,
    /// Whether that rests on an assumption about retention.
    pub assumed: bool,
    /// What to do.
    pub advice: Advice,
}

/// Evidences that are proved together, and for how long they are needed.
#[derive(Default)]
struct Need {
    evidences: u64,
    /// Whether one is needed for ever.
    for_ever: bool,
    until: Timestamp,
    assumed: bool,
}

impl Need {
    fn add(&mut self, catalogue: &Catalogue, outlook: &Outlook, held: &Holding) {
        let class = catalogue.document_type(&held.document_type, &held.document_version);
        let (until, assumed) = outlook.needed(class.map(schemas::DocumentType::retention_class), held.newest);
        self.evidences += held.evidences;
        self.for_ever |= until.is_none();
        self.until = self.until.max(until.unwrap_or_default());
        self.assumed |= assumed;
    }

    /// The line, where the proof ends before the need.
    fn line(&self, group: Group, cause: Cause, weakens_at: Timestamp, advice: Advice) -> Option<Line> {
        let needed_until = (!self.for_ever).then_some(self.until);
        let outlived = needed_until.is_some_and(|until| until <= weakens_at);
        let assumed = self.assumed;
        let line = Line { group, cause, weakens_at, evidences: self.evidences, needed_until, assumed, advice };
        (self.evidences > 0 && !outlived).then_some(line)
    }
}

/// Every proof that weakens before it may be forgotten, the first first.
///
/// # Errors
/// The database does not answer.
pub async fn board(
    db: &Db,
    (preservation, catalogue): (&Preservation, &Catalogue),
    now: Timestamp,
) -> Result<Vec<Line>, PreservationError> {
    let outlook = preservation.outlook();
    let needs = |held: &[Holding]| {
        let mut need = Need::default();
        held.iter().for_each(|one| need.add(catalogue, outlook, one));
        need
    };
    let mut lines = Vec::new();
    let mut sealed: BTreeMap<Vec<u8>, Vec<Holding>> = BTreeMap::new();
    for (batch, held) in board_store::batches(db).await? {
        let (need, group) = (needs(&held), || Group::Batch(batch.number));
        let gone = batch.authority_ends <= now;
        let advice = if gone { Advice::TooLate } else { Advice::RenewTimeStamp };
        lines.extend(need.line(group(), Cause::AuthorityEnds, batch.authority_ends, advice));
        if let Some(sunset) = outlook.sunset(batch.algorithm) {
            let cause = Cause::AlgorithmAges(algorithm_name(batch.algorithm));
            let advice = if gone { Advice::TooLate } else { Advice::RenewHashTree };
            lines.extend(need.line(group(), cause, sunset, advice));
        }
        held.into_iter().for_each(|one| sealed.entry(one.seal.clone()).or_default().push(one));
    }
    let standing = state(db).await?;
    let uncovered = if preservation.is_on() { Advice::AwaitBatch } else { Advice::NameAuthority };
    let mut waiting: BTreeMap<Vec<u8>, Vec<Holding>> = BTreeMap::new();
    for held in board_store::waiting(db, standing.preserved).await? {
        waiting.entry(held.seal.clone()).or_default().push(held);
    }
    for seal in seal::all(db).await? {
        for (held, advice) in [(&sealed, Advice::Covered), (&waiting, uncovered)] {
            let held = held.get(seal.sha256.as_slice()).map(Vec::as_slice).unwrap_or_default();
            // A seal that ended before its evidence was stamped is saved by nothing made later.
            let advice = if advice != Advice::Covered && seal.not_after <= now { Advice::TooLate } else { advice };
            let group = Group::Seal(hex::encode(seal.sha256));
            lines.extend(needs(held).line(group, Cause::SealEnds, seal.not_after, advice));
        }
    }
    for (authority, certificate, held) in board_store::own_stamps(db, standing.preserved).await? {
        let Ok(certificate) = Certificate::from_der(&certificate) else { continue };
        let ends = super::preserver::ends(&certificate);
        for (covered, advice) in [(true, Advice::Covered), (false, uncovered)] {
            let held: Vec<Holding> = held.iter().filter(|(is, _)| *is == covered).map(|(_, one)| one.clone()).collect();
            let group = Group::Authority(hex::encode(&authority));
            lines.extend(needs(&held).line(group, Cause::AuthorityEnds, ends, advice));
        }
    }
    lines.extend(log_head(db, standing.preserved, uncovered).await?);
    lines.sort_by(|one, other| (one.weakens_at, &one.group).cmp(&(other.weakens_at, &other.group)));
    Ok(lines)
}

/// The newest stamped head: older stamps are covered by it, as it is over every leaf they are over.
async fn log_head(db: &Db, preserved: u64, uncovered: Advice) -> Result<Option<Line>, PreservationError> {
    let Some(stamp) = crate::log::newest_stamp(db).await? else { return Ok(None) };
    let Some(authority) = TimeStamp::certificates(&stamp.token).ok().and_then(|all| all.into_iter().next()) else {
        return Ok(None);
    };
    let advice = if preserved >= stamp.size { Advice::Covered } else { uncovered };
    let (group, cause, weakens_at) =
        (Group::LogHead(stamp.size), Cause::AuthorityEnds, super::preserver::ends(&authority));
    // The log is for ever: it has no term.
    Ok(Some(Line { group, cause, weakens_at, evidences: stamp.size, needed_until: None, assumed: false, advice }))
}

/// Evidences on lines that weaken until a moment and are not covered, each batch or seal once.
#[must_use]
pub fn weakening(lines: &[Line], until: Timestamp) -> u64 {
    let mut groups: BTreeMap<&Group, u64> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.weakens_at <= until && line.advice != Advice::Covered) {
        // Leaves under a head are evidences that stand in other lines too.
        if !matches!(line.group, Group::LogHead(_) | Group::Authority(_)) {
            let most = groups.entry(&line.group).or_default();
            *most = line.evidences.max(*most);
        }
    }
    groups.values().sum()
}
