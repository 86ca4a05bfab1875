//! Filing a declaration, and finding out what became of one whose answer was lost.
//!
//! The list shows the declarant's own reference, so a declaration that carries one (`refDeclarant`) is found by it, if
//! nobody uses a reference twice. Without a reference nothing proves that a listed declaration is this one, and ANAF gives
//! a second UIT to a second sending: then a person decides.

use std::time::Duration;

use async_trait::async_trait;
use connectors_contract::{Attempt, Consignment, Exchange, Inquiry, Outbound, Outcome, SideEffect};
use hub_signatures::tree::{Limits, Tree};
use openssl::sha::sha256;
use serde_json::Value;
use tokio::time::Instant;

use super::Service;
use super::classify::{declared, records, text};
use crate::efactura::classify::outcome;
use crate::remembered::Remembered;
use connectors_contract::Answer;

/// The most bytes ANAF takes: 5 MB.
const LONGEST: usize = 5 * 1024 * 1024;
const NAMESPACE: &str = "mfp:anaf:dgti:eTransport:declaratie:v2";

/// Files declarations of one institution.
pub(super) struct EtransportOutbound {
    service: Service,
    side_effect: SideEffect,
    /// When a doubt was first asked about, by idempotency key.
    doubts: Remembered<String, i64>,
}

impl EtransportOutbound {
    pub(super) fn new(service: Service, side_effect: SideEffect) -> Self {
        Self { service, side_effect, doubts: Remembered::new(20_000) }
    }

    fn absent(&self, key: &str, now: i64) -> Inquiry {
        let since = self.doubts.first(key.to_owned(), now);
        let left = since + self.service.settings.settled_after() - now;
        if left > 0 {
            let reason = "declarația nu apare încă în lista ANAF, care rămâne în urmă".to_owned();
            return Inquiry::Unanswered { reason, retry_after: Some(Duration::from_secs(left.unsigned_abs())) };
        }
        self.doubts.forget(&key.to_owned());
        Inquiry::Absent
    }
}

#[async_trait]
impl Outbound for EtransportOutbound {
    fn side_effect(&self) -> SideEffect {
        self.side_effect
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        let started = Instant::now();
        let document = consignment.body.content.clone();
        if let Err(reason) = reference(&document) {
            let outcome = Outcome::Refused { code: "connector.unsendable".to_owned(), reason };
            return Attempt { outcome, exchange: Exchange::default() };
        }
        let sent_sha256 = Some(sha256(&document));
        let path = self.service.path(&format!("upload/ETRANSP/{}/2", self.service.api.cif));
        let filing = self.service.api.file(&path, (&[], "application/xml"), document).await;
        let (outcome, status) = match filing {
            Ok(reply) => {
                let status = Some(reply.status);
                (declared(reply, self.service.api.now()), status)
            }
            Err(trouble) => (outcome(trouble), None),
        };
        Attempt { outcome, exchange: Exchange { status, sent_sha256, took: started.elapsed() } }
    }

    async fn inquire(&self, consignment: &Consignment) -> Inquiry {
        let reference = match reference(&consignment.body.content) {
            Ok(Some(reference)) => reference,
            Ok(None) => {
                let reason =
                    "declarația nu are referință proprie (refDeclarant); o persoană trebuie să verifice în SPV";
                return Inquiry::Unanswered {
                    reason: reason.to_owned(),
                    retry_after: Some(Duration::from_secs(3_600)),
                };
            }
            Err(reason) => return Inquiry::Refused { code: "connector.unsendable".to_owned(), reason },
        };
        let now = self.service.api.now();
        let path = self.service.path(&format!("lista/60/{}", self.service.api.cif));
        let listed = self.service.api.ask(&path, &[]).await.map(|(_, shape)| shape);
        let key = consignment.idempotency_key.as_str();
        match records(listed, now) {
            Answer::Found { value, .. } => match find(&value, &reference) {
                Some(receipt) => {
                    self.doubts.forget(&key.to_owned());
                    Inquiry::Present { receipt: Some(receipt) }
                }
                None => self.absent(key, now),
            },
            Answer::Absent => self.absent(key, now),
            Answer::Refused { reason, .. } => Inquiry::Unanswered { reason, retry_after: None },
            Answer::Unavailable { reason, retry_after } => Inquiry::Unanswered { reason, retry_after },
            Answer::Pending { retry_after, .. } => {
                Inquiry::Unanswered { reason: "ANAF nu a răspuns încă".to_owned(), retry_after }
            }
        }
    }
}

/// The declaration's own reference, or in a sentence why it cannot be filed.
fn reference(xml: &[u8]) -> Result<Option<String>, String> {
    if xml.len() > LONGEST {
        return Err("Declarația are peste 5 MB, cât primește RO e-Transport.".to_owned());
    }
    let tree = Tree::parse(xml, &Limits::default()).map_err(|error| format!("Declarația nu este XML: {error}."))?;
    let name = tree.root().tag_name();
    if (name.name(), name.namespace()) != ("eTransport", Some(NAMESPACE)) {
        return Err(format!("Declarația începe cu {}, iar RO e-Transport primește eTransport v2.", name.name()));
    }
    let reference = tree.root().attribute("refDeclarant").map(str::trim).filter(|reference| !reference.is_empty());
    Ok(reference.map(str::to_owned))
}

fn find(list: &Value, reference: &str) -> Option<String> {
    let is_it = |one: &&Value| text(one, "ref_decl").as_deref() == Some(reference);
    let found = list.as_array()?.iter().find(is_it)?;
    let index = text(found, "id_incarcare").unwrap_or_default();
    Some(format!("{} ({index})", text(found, "uit").unwrap_or_default()))
}
