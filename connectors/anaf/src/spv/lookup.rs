//! Questions to SPV: the list about one code, a document of it, a report, the income certificate.
//!
//! A report is asked for once and answered later: the first question brings a number, the same question with that number in
//! the argument `request` brings the document when it is there.

use std::collections::BTreeMap;

use async_trait::async_trait;
use connectors_contract::{Answer, Document, Exchange, Lookup, Question, Reply};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::service::{Message, Said, Service};

/// How far back a list goes when nothing else is said, in days; the service allows no more.
const MOST_DAYS: &str = "60";
/// The parameters of a report besides its kind, as arguments and on the wire.
const PARAMETERS: [&str; 8] = ["cui", "an", "luna", "motiv", "numar_inregistrare", "cui_pui", "lunai", "lunas"];

/// Asks SPV.
pub(super) struct SpvLookup {
    service: Service,
}

impl SpvLookup {
    /// What can be asked.
    pub(super) const NAMES: [&str; 4] = ["lista", "descarcare", "cerere", "adeverinta-venit"];

    pub(super) fn new(service: Service) -> Self {
        Self { service }
    }

    pub(super) fn knows(name: &str) -> bool {
        Self::NAMES.contains(&name)
    }

    async fn list(&self, arguments: &BTreeMap<String, String>) -> (Option<u16>, Answer) {
        let days = arguments.get("zile").map_or(MOST_DAYS, String::as_str);
        let (status, said) = self.service.list(days, arguments.get("cif").map(String::as_str)).await;
        let answer = match said {
            Said::Answer(messages) if messages.is_empty() => Answer::Absent,
            Said::Answer(messages) => {
                let raw: Vec<Value> = messages.into_iter().map(|message| message.raw).collect();
                Answer::Found { value: json!({ "mesaje": raw }), as_of: None, document: None }
            }
            Said::Refused(words) => refused(words),
            Said::Unavailable(reason, retry_after) => Answer::Unavailable { reason, retry_after },
        };
        (status, answer)
    }

    /// A document, after the list said that it is about the code that was asked for.
    async fn document(&self, arguments: &BTreeMap<String, String>) -> (Option<u16>, Answer) {
        let id = arguments.get("id").map(String::as_str).unwrap_or_default();
        match self.find(arguments.get("cif").map(String::as_str), |message| message.id == id).await {
            (_, Ok(Some(message))) => self.fetch(message).await,
            (status, Ok(None)) => (status, Answer::Absent),
            (status, Err(answer)) => (status, answer),
        }
    }

    /// A report: asked for without a number, looked for with one.
    async fn report(&self, kind: &str, arguments: &BTreeMap<String, String>) -> (Option<u16>, Answer) {
        let code = arguments.get("cui").or_else(|| arguments.get("cnp")).map(String::as_str).unwrap_or_default();
        // The service promises no time: how patient to be is the hub's to say.
        let pending = |request: String| Answer::Pending { request: Some(request), retry_after: None };
        let Some(number) = arguments.get("request").filter(|number| !number.is_empty()) else {
            let given = PARAMETERS.iter().filter(|name| **name != "cui");
            let given = given.filter_map(|name| arguments.get(*name).map(|value| (*name, value.as_str())));
            let query: Vec<(&str, &str)> = [("tip", kind), ("cui", code)].into_iter().chain(given).collect();
            let (status, said) = self.service.request(&query).await;
            let answer = match said {
                Said::Answer(number) => pending(number),
                Said::Refused(words) => refused(words),
                Said::Unavailable(reason, retry_after) => Answer::Unavailable { reason, retry_after },
            };
            return (status, answer);
        };
        match self.find(Some(code), |message| message.request.as_ref() == Some(number)).await {
            (_, Ok(Some(message))) => self.fetch(message).await,
            (status, Ok(None)) => (status, pending(number.clone())),
            (status, Err(answer)) => (status, answer),
        }
    }

    async fn find(
        &self,
        code: Option<&str>,
        wanted: impl Fn(&Message) -> bool,
    ) -> (Option<u16>, Result<Option<Message>, Answer>) {
        let (status, said) = self.service.list(MOST_DAYS, code).await;
        let found = match said {
            // A message about another code is never handed out, whatever the service lists.
            Said::Answer(messages) => {
                Ok(messages.into_iter().find(|one| Some(one.code.as_str()) == code && wanted(one)))
            }
            Said::Refused(words) => Err(refused(words)),
            Said::Unavailable(reason, retry_after) => Err(Answer::Unavailable { reason, retry_after }),
        };
        (status, found)
    }

    async fn fetch(&self, message: Message) -> (Option<u16>, Answer) {
        let (status, said) = self.service.download(&message.id).await;
        let answer = match said {
            Said::Answer((kind, content)) => Answer::Found {
                value: message.raw,
                as_of: Some(message.created),
                document: Some(Document { content_type: kind.to_owned(), content }),
            },
            Said::Refused(words) => refused(words),
            Said::Unavailable(reason, retry_after) => Answer::Unavailable { reason, retry_after },
        };
        (status, answer)
    }
}

#[async_trait]
impl Lookup for SpvLookup {
    async fn ask(&self, question: &Question) -> Reply {
        let (started, arguments) = (Instant::now(), &question.arguments);
        let (status, answer) = match question.operation.as_str() {
            "lista" => self.list(arguments).await,
            "descarcare" => self.document(arguments).await,
            "adeverinta-venit" => self.report("Adeverinte Venit", arguments).await,
            "cerere" => self.report(arguments.get("tip").map(String::as_str).unwrap_or_default(), arguments).await,
            other => (None, refused(format!("operația {other} nu există la SPV"))),
        };
        Reply { answer, exchange: Exchange { status, sent_sha256: None, took: started.elapsed() } }
    }
}

/// The service gives no codes: the words decide which one they are.
fn refused(words: String) -> Answer {
    let table = [
        ("inca nu poate fi solicitat", "spv.indisponibil-prin-serviciu"),
        ("nu este corect", "spv.cod-gresit"),
        ("obligatori", "spv.parametri-lipsa"),
        ("drept", "spv.fara-drept"),
    ];
    let code = table.iter().find(|(part, _)| words.contains(part)).map_or("spv.eroare", |(_, code)| code);
    Answer::Refused { code: code.to_owned(), reason: words }
}
