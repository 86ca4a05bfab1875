//! The connector of one system over one channel: delivers, asks what became of it, and asks questions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connectors_contract::manifest::Pointer;
use connectors_contract::reading::{self, Response, inquiry, outcome};
use connectors_contract::{
    Answer, Attempt, Consignment, Exchange, Inquiry, Lookup, Manifest, Outbound, Outcome, Question, Reply, SideEffect,
};
use connectors_http::{Bounds, Failure, Progress, Segment, call, stream};
use hub_signatures::trust::Trust;
use miniz_oxide::deflate::compress_to_vec_zlib;
use openssl::sha::sha256;
use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::Url;

use crate::answer::{Expected, opened};
use crate::credentials::Credentials;
use crate::engine::{Clock, Randomness};
use crate::envelope::{Draft, as_value, root_element};
use crate::settings::{Operation, PLACE, Settings, Version};
use crate::xml_text::{XmlText, escaped};

/// The longest answer to a sending or an inquiry: a receipt may be a printed page in base64.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Speaks to one system. Has no Debug on purpose: it holds the credentials.
pub(crate) struct SoapConnector {
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
    pub(crate) manifest: Manifest,
    pub(crate) settings: Settings,
    pub(crate) address: Url,
    pub(crate) credentials: Credentials,
    pub(crate) trust: Option<Trust>,
}

/// A message ready to go.
struct Message {
    address: Url,
    headers: HeaderMap,
    envelope: Bytes,
}

/// The same for lookups, with the bodies of their requests.
pub(crate) struct Asks {
    pub(crate) connector: SoapConnector,
    pub(crate) requests: BTreeMap<String, XmlText>,
}

impl SoapConnector {
    /// The envelope of an operation about a consignment.
    fn child(&self, operation: &Operation, consignment: &Consignment) -> Result<String, String> {
        let Some(template) = &operation.body else { return root_element(&consignment.body.content) };
        let document = if template.selected().any(|name| name.starts_with(PLACE)) {
            Some(as_value(&consignment.body.content)?)
        } else {
            None
        };
        let raw = if template.selected().any(|name| name == "body") {
            Some(root_element(&consignment.body.content)?)
        } else {
            None
        };
        let content = &consignment.body.content;
        let filled = |name: &str| match name {
            "body" => raw.clone(),
            "body_base64" => Some(STANDARD.encode(content)),
            "body_zlib_base64" => Some(STANDARD.encode(compress_to_vec_zlib(content, 6))),
            "idempotency_key" => Some(escaped(&consignment.idempotency_key)),
            place if place.starts_with(PLACE) => {
                let pointer = Pointer::try_from(place[PLACE.len()..].to_owned()).ok()?;
                pointer.text(document.as_ref()?).map(|text| escaped(&text))
            }
            fact => consignment.facts.get(fact).map(|text| escaped(text)),
        };
        template.fill(filled).map_err(|missing| format!("documentul nu are ce cere sistemul: {}", missing.0))
    }

    /// A message to an address, signed and ready.
    fn message(&self, address: Url, action: &str, child: String, further: HeaderMap) -> Result<Message, String> {
        let version = self.settings.version;
        let draft = Draft { version, child, body_id: self.credentials.prover.body_id() };
        let header = self.credentials.prover.header(&draft, (self.clock)(), (self.randomness)())?;
        let envelope = Bytes::from(draft.finish(&header));
        let mut headers = further;
        let unfit = |_| "acțiunea SOAP nu încape într-un antet".to_owned();
        let content_type = match version {
            Version::V11 => {
                let quoted = HeaderValue::try_from(format!("\"{action}\"")).map_err(unfit)?;
                headers.insert(HeaderName::from_static("soapaction"), quoted);
                "text/xml; charset=utf-8".to_owned()
            }
            Version::V12 if action.is_empty() => "application/soap+xml; charset=utf-8".to_owned(),
            Version::V12 => format!("application/soap+xml; charset=utf-8; action=\"{action}\""),
        };
        headers.insert(CONTENT_TYPE, HeaderValue::try_from(content_type).map_err(unfit)?);
        headers.insert(ACCEPT, HeaderValue::from_static(version.media_type()));
        self.credentials.prove(&mut headers, (self.clock)())?;
        Ok(Message { address, headers, envelope })
    }

    /// Sends a message and opens its answer. The first of the two is the status of HTTP.
    async fn exchange(
        &self,
        message: Message,
        answer: Option<&str>,
        longest: usize,
    ) -> Result<(u16, Response), Failure> {
        let size = message.envelope.len() as u64;
        let progress = Progress::new(size);
        let body = reqwest::Body::wrap_stream(stream(vec![Segment::Bytes(message.envelope)], &progress));
        let request = self.client.post(message.address).headers(message.headers).body(body);
        let request = request.header(CONTENT_LENGTH, HeaderValue::from(size));
        let bounds = Bounds { silence: self.manifest.endpoint.timeout, longest };
        let response = call(request, &progress, size, bounds).await?;
        let status = response.status;
        let signed_for = self.trust.as_ref().map(|trust| (trust, (self.clock)()));
        Ok((status, opened(response, &Expected { version: self.settings.version, answer, signed_for })))
    }

    fn sending(&self, consignment: &Consignment) -> Result<Message, String> {
        let (Some(deliver), Some(operation)) = (&self.manifest.deliver, &self.settings.deliver) else {
            return Err("the manifest delivers nothing".to_owned());
        };
        let mut headers = HeaderMap::new();
        let fact = |name: &str| fact(consignment, name);
        for (name, template) in &deliver.headers {
            let value = template.fill(fact).map_err(|missing| missing.to_string())?;
            let named = HeaderName::try_from(name.as_str()).ok().zip(value.map(|value| percent_encoded(&value, b" ")));
            if let Some((name, value)) =
                named.and_then(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)))
            {
                headers.insert(name, value);
            }
        }
        let path = deliver.path.fill(|name| fact(name).map(|value| percent_encoded(&value, b"")));
        let address = self.below(path.map_err(|missing| missing.to_string())?)?;
        self.message(address, &operation.action, self.child(operation, consignment)?, headers)
    }

    fn asking(&self, consignment: &Consignment) -> Result<Message, String> {
        let (Some(inquire), Some(operation)) = (&self.manifest.inquire, &self.settings.inquire) else {
            return Err("acest sistem nu poate fi întrebat".to_owned());
        };
        let path = inquire.path.fill(|name| fact(consignment, name).map(|value| percent_encoded(&value, b"")));
        let address = self.below(path.map_err(|missing| missing.to_string())?)?;
        self.message(address, &operation.action, self.child(operation, consignment)?, HeaderMap::new())
    }

    fn below(&self, path: Option<String>) -> Result<Url, String> {
        let path = path.unwrap_or_default();
        if path.is_empty() {
            return Ok(self.address.clone());
        }
        let text = format!("{}/{}", self.address.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
        Url::parse(&text).map_err(|error| format!("adresa operației nu este bună: {error}"))
    }
}

#[async_trait]
impl Outbound for SoapConnector {
    fn side_effect(&self) -> SideEffect {
        self.manifest.deliver.as_ref().map_or(SideEffect::Once, |deliver| deliver.side_effect)
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        let started = Instant::now();
        let message = match self.sending(consignment) {
            Ok(message) => message,
            Err(why) => {
                let outcome =
                    Outcome::Refused { code: "connector.unsendable".to_owned(), reason: self.credentials.said(why) };
                return Attempt { outcome, exchange: Exchange::default() };
            }
        };
        let sent = sha256(&message.envelope);
        let answer = self.settings.deliver.as_ref().map(|operation| operation.answer.as_str());
        let (status, outcome) = match (self.exchange(message, answer, LONGEST_ANSWER).await, &self.manifest.deliver) {
            (Ok((status, response)), Some(deliver)) => {
                (Some(status), outcome(&self.manifest, deliver, &response, (self.clock)()))
            }
            (Ok((status, _)), None) => {
                (Some(status), Outcome::Unknown { reason: "the manifest delivers nothing".to_owned() })
            }
            (Err(Failure::Unsent(reason)), _) => (None, Outcome::Unavailable { reason, retry_after: None }),
            (Err(Failure::Lost(reason)), _) => (None, Outcome::Unknown { reason }),
        };
        let unsent = status.is_none() && matches!(outcome, Outcome::Unavailable { .. });
        let sent_sha256 = (!unsent).then_some(sent);
        Attempt { outcome: self.shown(outcome), exchange: Exchange { status, sent_sha256, took: started.elapsed() } }
    }

    async fn inquire(&self, consignment: &Consignment) -> Inquiry {
        let unanswered = |reason: String| Inquiry::Unanswered { reason, retry_after: None };
        let answer = self.settings.inquire.as_ref().map(|operation| operation.answer.as_str());
        let answered = match self.asking(consignment) {
            Ok(message) => match self.exchange(message, answer, LONGEST_ANSWER).await {
                Ok((_, response)) => inquiry(&self.manifest, &response, (self.clock)()),
                Err(Failure::Unsent(reason) | Failure::Lost(reason)) => unanswered(reason),
            },
            Err(why) => unanswered(why),
        };
        let said = |text| self.credentials.said(text);
        match answered {
            Inquiry::Present { receipt } => Inquiry::Present { receipt: receipt.map(said) },
            Inquiry::Absent => Inquiry::Absent,
            Inquiry::Refused { code, reason } => Inquiry::Refused { code: said(code), reason: said(reason) },
            Inquiry::Unanswered { reason, retry_after } => Inquiry::Unanswered { reason: said(reason), retry_after },
        }
    }
}

impl SoapConnector {
    fn shown(&self, outcome: Outcome) -> Outcome {
        let said = |text| self.credentials.said(text);
        match outcome {
            Outcome::Delivered { receipt } => Outcome::Delivered { receipt: receipt.map(said) },
            Outcome::Attested { document } => Outcome::Attested { document },
            Outcome::Refused { code, reason } => Outcome::Refused { code: said(code), reason: said(reason) },
            Outcome::Unavailable { reason, retry_after } => Outcome::Unavailable { reason: said(reason), retry_after },
            Outcome::Unknown { reason } => Outcome::Unknown { reason: said(reason) },
        }
    }
}

impl Asks {
    fn asking(&self, question: &Question) -> Result<Message, String> {
        let operation = self.connector.manifest.lookups.get(&question.operation);
        let known = operation.zip(self.requests.get(&question.operation));
        let (operation, request) = known.ok_or_else(|| format!("operația {} nu există", question.operation))?;
        let value = |name: &str| question.arguments.get(name).or_else(|| question.facts.get(name)).cloned();
        let lacks = |missing: connectors_contract::manifest::MissingFact| format!("întrebarea nu are {}", missing.0);
        let child = request.fill(|name| value(name).map(|text| escaped(&text))).map_err(lacks)?;
        let path = operation.path.fill(|name| value(name).map(|text| percent_encoded(&text, b""))).map_err(lacks)?;
        let address = self.connector.below(path)?;
        self.connector.message(address, operation.action.as_deref().unwrap_or_default(), child, HeaderMap::new())
    }
}

#[async_trait]
impl Lookup for Asks {
    async fn ask(&self, question: &Question) -> Reply {
        let (started, connector) = (Instant::now(), &self.connector);
        let said = |text| connector.credentials.said(text);
        let message = match self.asking(question) {
            Ok(message) => message,
            Err(why) => {
                let answer = Answer::Refused { code: "connector.unsendable".to_owned(), reason: said(why) };
                return Reply { answer, exchange: Exchange::default() };
            }
        };
        let sent_sha256 = Some(sha256(&message.envelope));
        let operation = connector.manifest.lookups.get(&question.operation);
        let longest = operation.map_or(LONGEST_ANSWER, |operation| operation.longest_answer);
        let (status, answer) = match (connector.exchange(message, None, longest).await, operation) {
            (Ok((status, response)), Some(operation)) => {
                let answer = reading::answer(&connector.manifest, operation, &response, (connector.clock)());
                (Some(status), answer)
            }
            (Ok((status, _)), None) => {
                (Some(status), Answer::Unavailable { reason: "operația nu există".to_owned(), retry_after: None })
            }
            (Err(Failure::Unsent(reason) | Failure::Lost(reason)), _) => {
                (None, Answer::Unavailable { reason, retry_after: None })
            }
        };
        let answer = match answer {
            Answer::Refused { code, reason } => Answer::Refused { code: said(code), reason: said(reason) },
            Answer::Unavailable { reason, retry_after } => Answer::Unavailable { reason: said(reason), retry_after },
            other => other,
        };
        Reply { answer, exchange: Exchange { status, sent_sha256, took: started.elapsed() } }
    }
}

fn fact(consignment: &Consignment, name: &str) -> Option<String> {
    match name {
        "idempotency_key" => Some(consignment.idempotency_key.clone()),
        _ => consignment.facts.get(name).cloned(),
    }
}

/// Everything but the unreserved characters of RFC 3986 and `also`, encoded.
fn percent_encoded(text: &str, also: &[u8]) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
