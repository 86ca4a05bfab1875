//! The three calls of the service, and what their answers mean. Success and refusal are both 200.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::reading::retry::waiting_time;
use serde_json::{Map, Value};

use super::page::Page;
use super::session::{Lost, Session};
use super::{moment, relaxed};
use crate::Clock;

/// The service over one channel.
#[derive(Clone)]
pub(super) struct Service {
    session: Arc<Session>,
    patience: Duration,
    clock: Clock,
}

/// What came of a call.
#[derive(Debug, PartialEq)]
pub(super) enum Said<T> {
    /// The answer.
    Answer(T),
    /// The service refuses, in its own words.
    Refused(String),
    /// No answer now, and when to come back.
    Unavailable(String, Option<Duration>),
}

/// A message of the list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    /// Its number.
    pub(super) id: String,
    /// Its kind, without the blanks the service adds.
    pub(super) kind: String,
    /// The code it is about.
    pub(super) code: String,
    /// What it says about itself.
    pub(super) details: String,
    /// When it was made; as it was written where it cannot be read.
    pub(super) created: String,
    /// The request it answers.
    pub(super) request: Option<String>,
    /// As the service wrote it.
    pub(super) raw: Value,
}

impl Service {
    pub(super) fn new(session: Arc<Session>, patience: Duration, clock: Clock) -> Self {
        Self { session, patience, clock }
    }

    /// The messages of the last days, about one code or all. An empty list is an answer.
    pub(super) async fn list(&self, days: &str, code: Option<&str>) -> (Option<u16>, Said<Vec<Message>>) {
        let mut query = vec![("zile", days)];
        query.extend(code.map(|code| ("cif", code)));
        let (status, said) = self.json("listaMesaje", &query).await;
        let said = match said {
            Said::Answer(body) => match body.get("mesaje").and_then(Value::as_array) {
                Some(messages) => Said::Answer(messages.iter().filter_map(Message::read).collect()),
                None => Said::Unavailable("lista de mesaje nu are forma cunoscută".to_owned(), None),
            },
            Said::Refused(words) if words.starts_with("Nu exista mesaje") => Said::Answer(Vec::new()),
            Said::Refused(words) => Said::Refused(words),
            Said::Unavailable(reason, wait) => Said::Unavailable(reason, wait),
        };
        (status, said)
    }

    /// Asks for a report; the number under which it will come.
    pub(super) async fn request(&self, query: &[(&str, &str)]) -> (Option<u16>, Said<String>) {
        let (status, said) = self.json("cerere", query).await;
        let said = match said {
            Said::Answer(body) => match body.get("id_solicitare").and_then(text) {
                Some(number) => Said::Answer(number),
                None => Said::Unavailable("cererea a fost primită fără număr de solicitare".to_owned(), None),
            },
            Said::Refused(words) => Said::Refused(words),
            Said::Unavailable(reason, wait) => Said::Unavailable(reason, wait),
        };
        (status, said)
    }

    /// The document of a message, with its media type.
    pub(super) async fn download(&self, id: &str) -> (Option<u16>, Said<(&'static str, Bytes)>) {
        let page = match self.session.get("descarcare", &[("id", id)], self.patience).await {
            Ok(page) => page,
            Err(lost) => return (None, unavailable(&lost)),
        };
        let status = Some(page.status);
        let kind = match page.body.as_ref() {
            [b'%', b'P', b'D', b'F', ..] => Some("application/pdf"),
            [b'P', b'K', 3, 4, ..] => Some("application/zip"),
            _ => None,
        };
        match kind {
            Some(kind) if page.status == 200 && is_whole(kind, &page.body) => (status, Said::Answer((kind, page.body))),
            Some(_) => (status, Said::Unavailable("documentul a venit trunchiat".to_owned(), None)),
            None => match self.read(&page).await {
                Said::Answer(_) => {
                    (status, Said::Unavailable("în locul documentului a venit altceva".to_owned(), None))
                }
                Said::Refused(words) => (status, Said::Refused(words)),
                Said::Unavailable(reason, wait) => (status, Said::Unavailable(reason, wait)),
            },
        }
    }

    async fn json(&self, operation: &str, query: &[(&str, &str)]) -> (Option<u16>, Said<Map<String, Value>>) {
        match self.session.get(operation, query, self.patience).await {
            Ok(page) => (Some(page.status), self.read(&page).await),
            Err(lost) => (None, unavailable(&lost)),
        }
    }

    async fn read(&self, page: &Page) -> Said<Map<String, Value>> {
        if page.status != 200 {
            let wait = page.retry_after.as_deref().and_then(|wait| waiting_time(wait, (self.clock)()));
            return Said::Unavailable(format!("SPV a răspuns cu starea {}", page.status), wait);
        }
        let Some(Value::Object(body)) = relaxed::read(&page.body) else {
            return Said::Unavailable("răspunsul SPV nu se poate citi".to_owned(), None);
        };
        match body.get("eroare").and_then(text) {
            Some(words) => {
                let words: String = self.session.hide(words.trim().to_owned()).await.chars().take(500).collect();
                if may_pass(&words) { Said::Unavailable(words, None) } else { Said::Refused(words) }
            }
            None => Said::Answer(body),
        }
    }
}

impl Message {
    fn read(raw: &Value) -> Option<Self> {
        let field = |name: &str| raw.get(name).and_then(text);
        let created = field("data_creare").unwrap_or_default();
        Some(Self {
            id: field("id")?,
            kind: field("tip").unwrap_or_default().trim().to_owned(),
            code: field("cif").unwrap_or_default(),
            details: field("detalii").unwrap_or_default().trim().chars().take(2_000).collect(),
            created: moment::read(&created).unwrap_or(created),
            request: field("id_solicitare"),
            raw: raw.clone(),
        })
    }
}

/// Technical errors, named by a number, and quotas of a day may pass; the other words stay true.
fn may_pass(words: &str) -> bool {
    words.contains(". Cod ") || words.contains(". Cod:") || words.starts_with("S-au facut deja")
}

/// Numbers come as numbers or as text; an empty text is nothing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A cut PDF does not end as PDFs end; a cut archive shows itself when it is opened.
fn is_whole(kind: &str, body: &[u8]) -> bool {
    let tail = &body[body.len().saturating_sub(1_024)..];
    kind != "application/pdf" || tail.windows(5).any(|window| window == b"%%EOF")
}

fn unavailable<T>(lost: &Lost) -> Said<T> {
    Said::Unavailable(lost.to_string(), None)
}
