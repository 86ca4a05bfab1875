//! The transmissions and the households they made, in memory and bounded.
//!
//! A transmission is received at once; later, in the order it came, its content is validated, it is saved, and its receipt
//! is signed with the others. Later means by the clock given: nothing runs in the background.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::codes::Problem;
use super::document::{Document, Intent};
use super::rules;
use crate::soap::envelope::parse;
use crate::soap::signing::Seal;

/// The most transmissions the twin takes.
const MOST: usize = 50_000;

/// Where a transmission is (`stareTransmisie`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// Taken, its content not looked at yet.
    Receptionata,
    /// Its content is right.
    Validata,
    /// Its content is wrong.
    Invalidata,
    /// In the register.
    Salvata,
    /// Right, but not saved.
    Eroare,
}

/// What the twin knows of one transmission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransmissionRecord {
    /// `codXml`, the index.
    pub code: String,
    /// The UAT that sent it.
    pub uat: u32,
    /// The household; none for a summary of the UAT.
    pub household: Option<String>,
    /// The chapter.
    pub chapter: String,
    /// Where it is.
    pub state: State,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Whether its receipt is signed.
    pub receipt_signed: bool,
    /// How many sendings came with this index.
    pub received: u32,
    /// How many transmissions were made of them; more than one is a double.
    pub stored: u32,
    /// When it was taken, in seconds since 1970.
    pub at: i64,
    /// The SHA-256 of the unpacked document, in hexadecimal.
    pub sha256: String,
}

/// How fast the twin works, in seconds after a transmission was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Pace {
    pub(super) validated_after_s: i64,
    pub(super) saved_after_s: i64,
    pub(super) signed_after_s: i64,
    /// Whether the next transmissions that are right end in EROARE.
    pub(super) saving_fails: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { validated_after_s: 1, saved_after_s: 2, signed_after_s: 3, saving_fails: false }
    }
}

/// A household by UAT and identifier.
pub(super) type Households = BTreeMap<(u32, String), Household>;

/// What is known of a household.
#[derive(Debug, Clone, Default)]
pub(super) struct Household {
    pub(super) founded_by: String,
    pub(super) holder: Option<String>,
    pub(super) members: BTreeSet<String>,
    pub(super) chapters: BTreeSet<String>,
    pub(super) active: bool,
}

/// What became of a sending.
pub(super) enum Taken {
    New,
    Known,
    Full,
}

#[derive(Default)]
pub(super) struct Register(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    pace: Pace,
    transmissions: Vec<Transmission>,
    by_code: HashMap<String, usize>,
    households: Households,
    /// Households whose founding chapter was taken, saved or not: the next chapters may follow at once.
    announced: BTreeSet<(u32, String)>,
    /// Everything before this position is at its end.
    settled: usize,
}

struct Transmission {
    record: TransmissionRecord,
    text: String,
    today: Date,
    receipt: Option<Vec<u8>>,
}

impl Register {
    /// Takes a transmission whose form is right, once per index.
    pub(super) fn take(
        &self,
        document: &Document<'_, '_>,
        text: &str,
        (now, today): (i64, Date),
        forget: bool,
    ) -> Taken {
        let mut inner = self.locked();
        if let Some(position) = inner.by_code.get(&document.code).copied() {
            let record = &mut inner.transmissions[position].record;
            record.received += 1;
            if forget {
                record.stored += 1;
                return Taken::New;
            }
            return Taken::Known;
        }
        if inner.transmissions.len() >= MOST {
            return Taken::Full;
        }
        if document.founds()
            && let Some(household) = &document.household
        {
            inner.announced.insert((document.uat, household.clone()));
        }
        let record = TransmissionRecord {
            code: document.code.clone(),
            uat: document.uat,
            household: document.household.clone(),
            chapter: document.chapter.clone(),
            state: State::Receptionata,
            problems: Vec::new(),
            receipt_signed: false,
            received: 1,
            stored: 1,
            at: now,
            sha256: hex::encode(openssl::sha::sha256(text.as_bytes())),
        };
        let position = inner.transmissions.len();
        inner.by_code.insert(document.code.clone(), position);
        inner.transmissions.push(Transmission { record, text: text.to_owned(), today, receipt: None });
        Taken::New
    }

    /// Whether the first chapter of a household came.
    pub(super) fn announced(&self, uat: u32, household: &str) -> bool {
        self.locked().announced.contains(&(uat, household.to_owned()))
    }

    /// Does what is due by `now`, in the order the transmissions came.
    pub(super) fn advance(&self, now: i64, seal: &Seal) {
        let mut inner = self.locked();
        let (pace, from) = (inner.pace, inner.settled);
        for position in from..inner.transmissions.len() {
            inner.step(position, now, pace, seal);
        }
        let settled = inner.transmissions.iter().skip(from).take_while(|one| one.record.receipt_signed).count();
        inner.settled += settled;
    }

    /// A transmission and its receipt as it is now.
    pub(super) fn find(&self, code: &str) -> Option<(TransmissionRecord, Option<Vec<u8>>)> {
        let inner = self.locked();
        let one = &inner.transmissions[*inner.by_code.get(code)?];
        Some((one.record.clone(), one.receipt.clone()))
    }

    pub(super) fn all(&self) -> Vec<TransmissionRecord> {
        self.locked().transmissions.iter().map(|one| one.record.clone()).collect()
    }

    pub(super) fn pace(&self) -> Pace {
        self.locked().pace
    }

    pub(super) fn set_pace(&self, pace: Pace) {
        self.locked().pace = pace;
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn step(&mut self, position: usize, now: i64, pace: Pace, seal: &Seal) {
        let Transmission { record, text, today, receipt } = &mut self.transmissions[position];
        let since = now - record.at;
        if record.state == State::Receptionata && since >= pace.validated_after_s {
            // The form was right when it was taken, so it still parses.
            let Ok(parsed) = parse(text) else { return };
            let Ok(document) = Document::read(&parsed, *today) else { return };
            record.problems = rules::problems(&document, &self.households);
            record.state = if record.problems.is_empty() { State::Validata } else { State::Invalidata };
            if record.state == State::Validata && !pace.saving_fails {
                settle(&document, &mut self.households);
            }
            *receipt = Some(super::receipt::unsigned(record).into_bytes());
        }
        if record.state == State::Validata && since >= pace.saved_after_s {
            record.state = if pace.saving_fails { State::Eroare } else { State::Salvata };
            *receipt = Some(super::receipt::unsigned(record).into_bytes());
        }
        let ended = !matches!(record.state, State::Receptionata | State::Validata);
        if ended
            && !record.receipt_signed
            && since >= pace.signed_after_s
            && let Some(signed) = receipt.as_deref().and_then(|receipt| super::receipt::signed(receipt, seal).ok())
        {
            *receipt = Some(signed);
            record.receipt_signed = true;
        }
    }
}

/// What a right transmission changes.
fn settle(document: &Document<'_, '_>, households: &mut Households) {
    let Some(name) = &document.household else { return };
    let key = (document.uat, name.clone());
    let household = households.entry(key).or_insert_with(|| Household { active: true, ..Household::default() });
    match document.intent {
        Intent::Deactivate => household.active = false,
        Intent::Reactivate => household.active = true,
        Intent::Cancel => {
            household.chapters.remove(&document.chapter);
        }
        Intent::Replace => {
            household.chapters.insert(document.chapter.clone());
            if document.chapter.starts_with("CAP0_") {
                household.founded_by.clone_from(&document.chapter);
                let holder = document.content.descendants();
                let mut holder =
                    holder.filter(|node| matches!(node.tag_name().name(), "gospodar" | "persoanaJuridica"));
                household.holder = holder.next().and_then(rules::person);
            }
            if document.chapter == "CAP1" {
                household.members = rules::member_nodes(document.content).filter_map(rules::person).collect();
            }
        }
    }
}
