//! Filing an invoice, and finding out what became of one whose answer was lost.
//!
//! An upload has no key of ours, so the question is asked of the lists: the archive of an accepted filing holds the very
//! bytes that were sent, and equal bytes prove presence. Absence is believed only when the lists were read to their end
//! some time after the doubt began, because entries come late. If an accepted filing was still missed, a second upload of
//! it is taken by ANAF under a new index and judged `nok` as filed before: the buyer never gets it twice. Buyer messages
//! have no such guard, so of them absence is never said.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::{Attempt, Consignment, Exchange, Inquiry, Outbound, Outcome, PartContent, SideEffect};
use openssl::sha::sha256;
use tokio::time::Instant;

use super::Service;
use super::classify::{filed, outcome};
use super::document::Filing;
use super::download::{Download, download};
use super::listing::{Entry, list};
use crate::archive;
use crate::remembered::Remembered;
use crate::trouble::Trouble;

/// The most archives that are looked into for one question; the next question goes on from there.
const MOST_LOOKS: usize = 20;

/// The longest upload ANAF takes, in bytes.
const LONGEST: u64 = 10 * 1024 * 1024;

/// Files invoices of one institution.
pub(super) struct EfacturaOutbound {
    service: Service,
    side_effect: SideEffect,
    /// What the archives of listed filings hold, by their download id.
    contents: Remembered<String, [u8; 32]>,
    /// When a doubt was first asked about, by idempotency key: never before the sending it is about.
    doubts: Remembered<String, i64>,
}

impl EfacturaOutbound {
    pub(super) fn new(service: Service, side_effect: SideEffect) -> Self {
        Self { service, side_effect, contents: Remembered::new(20_000), doubts: Remembered::new(20_000) }
    }

    /// The invoice and what its filing needs.
    async fn filing(&self, consignment: &Consignment) -> Result<(Bytes, Filing), String> {
        let document = invoice(consignment).await?;
        let filing = Filing::read(&document, &self.service.api.cif, &self.service.settings)?;
        Ok((document, filing))
    }

    /// The index under which these bytes were accepted; nothing when every candidate was looked at.
    async fn found(&self, filing: &Filing, document: [u8; 32], from: i64) -> Result<Option<String>, Trouble> {
        let listing = list(&self.service, from).await?;
        let candidates = listing.entries.iter().filter(|entry| may_be(entry, filing));
        let (mut looked, mut seen) = (0, HashSet::new());
        for entry in candidates {
            let id = match &entry.id {
                Some(id) => id.clone(),
                // Not downloadable yet: it may be this one.
                None => return Err(later("o intrare din listă nu se poate descărca încă")),
            };
            if !seen.insert(id.clone()) {
                continue;
            }
            let content = match self.contents.get(&id) {
                Some(content) => content,
                None if looked == MOST_LOOKS => return Err(later("sunt multe facturi de comparat, se continuă")),
                None => {
                    looked += 1;
                    self.content(&id).await?
                }
            };
            if content == document {
                return Ok(Some(entry.index.clone()));
            }
        }
        Ok(None)
    }

    async fn content(&self, id: &str) -> Result<[u8; 32], Trouble> {
        let archive = match download(&self.service, id).await? {
            Download::Archive(archive) => archive,
            Download::Tomorrow(trouble) => return Err(trouble),
            Download::Refused { text, .. } => return Err(later(&text)),
        };
        let (_, document) = archive::document(&archive).map_err(|error| later(&error.to_string()))?;
        Ok(self.contents.first(id.to_owned(), sha256(&document)))
    }

    /// What is said when nothing was found.
    fn absent(&self, key: &str, filing: &Filing, now: i64) -> Inquiry {
        let since = self.doubts.first(key.to_owned(), now);
        let left = since + self.service.settings.settled_after() - now;
        if left > 0 {
            let reason = "factura nu apare încă în listele ANAF, care rămân în urmă".to_owned();
            return Inquiry::Unanswered { reason, retry_after: Some(Duration::from_secs(left.unsigned_abs())) };
        }
        if filing.standard == "RASP" {
            let reason =
                "mesajul nu apare în listele ANAF; o persoană trebuie să verifice în SPV înainte de retrimitere";
            return Inquiry::Unanswered { reason: reason.to_owned(), retry_after: Some(Duration::from_secs(3_600)) };
        }
        self.doubts.forget(&key.to_owned());
        Inquiry::Absent
    }
}

#[async_trait]
impl Outbound for EfacturaOutbound {
    fn side_effect(&self) -> SideEffect {
        self.side_effect
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        let started = Instant::now();
        let (document, filing) = match self.filing(consignment).await {
            Ok(filing) => filing,
            Err(reason) => {
                let outcome = Outcome::Refused { code: "connector.unsendable".to_owned(), reason };
                return Attempt { outcome, exchange: Exchange::default() };
            }
        };
        let sent_sha256 = Some(sha256(&document));
        let path = self.service.path(filing.operation());
        let filing = self.service.api.file(&path, (&filing.parameters(), "text/plain"), document).await;
        let (outcome, status) = match filing {
            Ok(reply) => {
                let status = Some(reply.status);
                (filed(reply, self.service.api.now()), status)
            }
            Err(trouble) => (outcome(trouble), None),
        };
        Attempt { outcome, exchange: Exchange { status, sent_sha256, took: started.elapsed() } }
    }

    async fn inquire(&self, consignment: &Consignment) -> Inquiry {
        let (document, filing) = match self.filing(consignment).await {
            Ok(filing) => filing,
            Err(reason) => return Inquiry::Refused { code: "connector.unsendable".to_owned(), reason },
        };
        let now = self.service.api.now();
        let from = submitted(consignment).map_or(0, |submitted| submitted - 600);
        match self.found(&filing, sha256(&document), from).await {
            Ok(Some(index)) => {
                self.doubts.forget(&consignment.idempotency_key);
                Inquiry::Present { receipt: Some(index) }
            }
            Ok(None) => self.absent(&consignment.idempotency_key, &filing, now),
            Err(trouble) => {
                // The wait for the lists runs from the first question, answered or not.
                self.doubts.first(consignment.idempotency_key.clone(), now);
                let (reason, retry_after) = trouble.wait();
                Inquiry::Unanswered { reason, retry_after }
            }
        }
    }
}

/// The invoice itself, byte for byte: the body where it is XML, otherwise the one part that is.
async fn invoice(consignment: &Consignment) -> Result<Bytes, String> {
    let is_xml = |content_type: &str| {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(essence.as_str(), "application/xml" | "text/xml")
    };
    if is_xml(&consignment.body.content_type) || consignment.parts.is_empty() {
        return Ok(consignment.body.content.clone());
    }
    let mut found = consignment.parts.iter().filter(|part| is_xml(&part.content_type));
    let (Some(part), None) = (found.next(), found.next()) else {
        return Err("documentul trebuie să aibă exact o factură XML, ca document sau ca fișier".to_owned());
    };
    if part.size > LONGEST {
        return Err("factura are mai mult de 10 MB, cât primește ANAF".to_owned());
    }
    match &part.content {
        PartContent::Inline(bytes) => Ok(bytes.clone()),
        PartContent::File(path) => match tokio::fs::read(path).await {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) => Err(format!("factura nu se poate citi din depozitul hubului: {error}")),
        },
    }
}

/// Whether a listed filing may be this one: an own filing, between the same two codes where both are known.
fn may_be(entry: &Entry, filing: &Filing) -> bool {
    let own = if filing.standard == "RASP" { "MESAJ CUMPARATOR" } else { "FACTURA TRIMISA" };
    let agrees = |listed: &Option<String>, said: &Option<String>| match (listed, said) {
        (Some(listed), Some(said)) => listed == said,
        _ => true,
    };
    let between = agrees(&entry.seller, &filing.seller) && agrees(&entry.buyer, &filing.buyer);
    entry.kind.starts_with(own) && between
}

fn later(reason: &str) -> Trouble {
    Trouble::NotNow { reason: reason.to_owned(), retry_after: Some(Duration::from_secs(60)) }
}

/// When the hub took the document; its filing cannot be older.
fn submitted(consignment: &Consignment) -> Option<i64> {
    let text = consignment.facts.get("submitted_at")?;
    text.parse::<jiff::Timestamp>().ok().map(|moment| moment.as_second())
}
