//! The filings and the messages they become, in memory and bounded.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use openssl::error::ErrorStack;
use serde::Serialize;

use super::super::bucharest;
use super::seal::Seal;

/// The most filings the twin takes.
const MOST_FILINGS: usize = 50_000;
/// The index before the first filing.
const FIRST_INDEX: u64 = 5_001_234_500;
/// The id before the first message.
const FIRST_ID: u64 = 3_001_503_200;

/// What was filed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Filing {
    pub(super) index: u64,
    pub(super) environment: String,
    pub(super) standard: String,
    /// The code the filing was made for.
    pub(super) cif: String,
    pub(super) seller: Option<String>,
    pub(super) buyer: Option<String>,
    /// The number of the invoice, and the index a buyer message is about.
    pub(super) number: Option<String>,
    pub(super) issued: Option<String>,
    pub(super) self_billed: bool,
    pub(super) filed_at: i64,
    pub(super) sha256: String,
    /// Questions that are still answered with `in prelucrare`.
    pub(super) polls_left: u32,
    /// Why it is `nok`; nothing: it is `ok`.
    pub(super) errors: Vec<String>,
    #[serde(skip)]
    pub(super) xml: Bytes,
}

/// What lists show and `descarcare` hands out.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) index: u64,
    pub(super) cif: String,
    pub(super) kind: Kind,
    pub(super) details: String,
    pub(super) created: i64,
    pub(super) environment: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sent,
    Received,
    Errors,
    BuyerSent,
    BuyerReceived,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Sent => "FACTURA TRIMISA",
            Self::Received => "FACTURA PRIMITA",
            Self::Errors => "ERORI FACTURA",
            Self::BuyerSent => "MESAJ CUMPARATOR TRANSMIS",
            Self::BuyerReceived => "MESAJ CUMPARATOR PRIMIT",
        }
    }

    /// Whether the letter of the filter asks for it.
    pub(super) fn fits(self, filter: &str) -> bool {
        match filter {
            "T" => self == Self::Sent,
            "P" => self == Self::Received,
            "E" => self == Self::Errors,
            "R" => matches!(self, Self::BuyerSent | Self::BuyerReceived),
            _ => true,
        }
    }
}

pub(in crate::anaf) struct Register {
    pub(super) seal: Seal,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) filings: Vec<Filing>,
    pub(super) messages: Vec<Message>,
    by_index: HashMap<u64, usize>,
    by_id: HashMap<u64, usize>,
    /// The accepted invoices, by seller, number and date: the next one is a duplicate.
    accepted: HashMap<(String, String, String), usize>,
}

impl Register {
    pub(in crate::anaf) fn new(now: i64) -> Result<Self, ErrorStack> {
        Ok(Self { seal: Seal::new(now)?, state: Mutex::default() })
    }

    pub(super) fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The accepted invoice this one repeats.
    fn repeated(&self, filing: &Filing) -> Option<&Filing> {
        self.accepted.get(&identity(filing)?).and_then(|position| self.filings.get(*position))
    }

    /// Registers a filing under the next index, with the messages it will show as. Nothing when the twin is full.
    pub(super) fn register(&mut self, mut filing: Filing) -> Option<u64> {
        if self.filings.len() >= MOST_FILINGS {
            return None;
        }
        if let Some(first) = self.repeated(&filing).filter(|_| filing.errors.is_empty()) {
            let (index, day) = (first.index, bucharest::day(first.filed_at));
            let words = format!("Factura a mai fost transmisa anterior cu index={index} si data incarcare={day}");
            filing.errors.push(words);
        }
        let position = self.filings.len();
        filing.index = FIRST_INDEX + position as u64 + 1;
        self.by_index.insert(filing.index, position);
        if let Some(identity) = identity(&filing).filter(|_| filing.errors.is_empty()) {
            self.accepted.insert(identity, position);
        }
        for (cif, kind, details) in messages_of(&filing) {
            let id = FIRST_ID + self.messages.len() as u64 + 1;
            self.by_id.insert(id, self.messages.len());
            let (created, environment) = (filing.filed_at, filing.environment.clone());
            self.messages.push(Message { id, index: filing.index, cif, kind, details, created, environment });
        }
        let index = filing.index;
        self.filings.push(filing);
        Some(index)
    }

    pub(super) fn filing(&self, index: u64) -> Option<&Filing> {
        self.by_index.get(&index).and_then(|position| self.filings.get(*position))
    }

    pub(super) fn filing_mut(&mut self, index: u64) -> Option<&mut Filing> {
        self.by_index.get(&index).and_then(|position| self.filings.get_mut(*position))
    }

    pub(super) fn message(&self, id: u64) -> Option<&Message> {
        self.by_id.get(&id).and_then(|position| self.messages.get(*position))
    }

    /// The message by which the filer gets the result.
    pub(super) fn result_of(&self, index: u64) -> Option<&Message> {
        let filing = self.filing(index)?;
        self.messages.iter().find(|one| one.index == index && one.cif == filing.cif)
    }
}

/// What makes an invoice the same invoice.
fn identity(filing: &Filing) -> Option<(String, String, String)> {
    let key = format!("{}/{}", filing.environment, filing.seller.as_ref()?);
    Some((key, filing.number.clone()?, filing.issued.clone()?))
}

/// Who is told what about a filing.
fn messages_of(filing: &Filing) -> Vec<(String, Kind, String)> {
    let index = filing.index;
    if !filing.errors.is_empty() {
        let details = format!("Erori de validare identificate la factura primita cu id_incarcare={index}");
        return vec![(filing.cif.clone(), Kind::Errors, details)];
    }
    let (seller, buyer) = (filing.seller.clone().unwrap_or_default(), filing.buyer.clone().unwrap_or_default());
    if filing.standard == "RASP" {
        let about = filing.number.clone().unwrap_or_default();
        let details = format!("Mesaj cumparator pentru factura cu id_incarcare={about}");
        return vec![(filing.cif.clone(), Kind::BuyerSent, details.clone()), (seller, Kind::BuyerReceived, details)];
    }
    let details = if filing.self_billed {
        format!("Factura cu id_incarcare={index} transmisa de cif={buyer} ca autofactura in numele cif={seller}")
    } else {
        format!("Factura cu id_incarcare={index} emisa de cif_emitent={seller} pentru cif_beneficiar={buyer}")
    };
    let (filer, other) = if filing.self_billed { (buyer, seller) } else { (seller, buyer) };
    // Who filed gets the answer, also where somebody else is named in the invoice.
    let filer = if filer == filing.cif { filer } else { filing.cif.clone() };
    vec![(filer, Kind::Sent, details.clone()), (other, Kind::Received, details)]
}
