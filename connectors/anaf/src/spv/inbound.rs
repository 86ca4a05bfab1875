//! Arrivals from SPV: every message of the last sixty days, with its document.
//!
//! The service forgets nothing by being read and has no way to be told, so what was acknowledged is remembered here, for as
//! long as it is listed. After a restart everything listed comes once more; the hub knows it by its number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::{Arrival, Inbound, Part, PartContent, Trouble, Verdict};
use openssl::sha::sha256;

use super::service::{Message, Said, Service};

/// How far back is looked, in days; the service allows no more.
const DAYS: &str = "60";

/// Fetches from SPV.
pub(super) struct SpvInbound {
    service: Service,
    /// The numbers that were acknowledged and are still listed.
    done: Mutex<BTreeSet<String>>,
}

impl SpvInbound {
    pub(super) fn new(service: Service) -> Self {
        Self { service, done: Mutex::default() }
    }

    /// What is listed and not acknowledged, oldest first.
    fn waiting(&self, mut messages: Vec<Message>) -> Vec<Message> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let listed: BTreeSet<&str> = messages.iter().map(|message| message.id.as_str()).collect();
        done.retain(|id| listed.contains(id.as_str()));
        messages.retain(|message| !done.contains(&message.id));
        messages.sort_by(|one, other| (&one.created, &one.id).cmp(&(&other.created, &other.id)));
        messages
    }

    fn arrival(message: &Message, document: Result<(&str, Bytes), String>) -> Arrival {
        let (parts, unreadable) = match document {
            Ok((kind, content)) => (vec![part(message, kind, content)], None),
            Err(words) => {
                (Vec::new(), Some(format!("Documentul mesajului {} nu se poate descărca: {words}", message.id)))
            }
        };
        let mut facts = BTreeMap::from([
            ("subject".to_owned(), message.details.clone()),
            ("kind".to_owned(), message.kind.clone()),
            ("about".to_owned(), message.code.clone()),
            ("received_at".to_owned(), message.created.clone()),
            ("number".to_owned(), message.id.clone()),
            ("from".to_owned(), "ANAF".to_owned()),
        ]);
        if let Some(request) = &message.request {
            facts.insert("request".to_owned(), request.clone());
        }
        Arrival { id: message.id.clone(), envelope: None, parts, facts, unreadable }
    }
}

#[async_trait]
impl Inbound for SpvInbound {
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Trouble> {
        let messages = match self.service.list(DAYS, None).await.1 {
            Said::Answer(messages) => self.waiting(messages),
            Said::Refused(reason) => return Err(Trouble { reason, retry_after: None }),
            Said::Unavailable(reason, retry_after) => return Err(Trouble { reason, retry_after }),
        };
        let mut arrivals = Vec::new();
        for message in messages.into_iter().take(most) {
            match self.service.download(&message.id).await.1 {
                Said::Answer(document) => arrivals.push(Self::arrival(&message, Ok(document))),
                Said::Refused(words) => arrivals.push(Self::arrival(&message, Err(words))),
                // What was fetched so far is good; the rest comes at the next look.
                Said::Unavailable(reason, retry_after) if arrivals.is_empty() => {
                    return Err(Trouble { reason, retry_after });
                }
                Said::Unavailable(..) => break,
            }
        }
        Ok(arrivals)
    }

    async fn acknowledge(&self, arrival: &str, _verdict: &Verdict) -> Result<(), Trouble> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).insert(arrival.to_owned());
        Ok(())
    }
}

fn part(message: &Message, kind: &str, content: Bytes) -> Part {
    let ending = if kind == "application/zip" { "zip" } else { "pdf" };
    // The number names the file; it is the service's own and may not be trusted to be one.
    let number: String = message.id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    Part {
        name: format!("spv-{number}.{ending}"),
        content_type: kind.to_owned(),
        size: content.len() as u64,
        sha256: sha256(&content),
        content: PartContent::Inline(content),
    }
}
