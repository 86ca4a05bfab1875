//! The connector that asks a register over one channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::manifest::LookupOperation;
use connectors_contract::reading::{Response, answers};
use connectors_contract::{Answer, Exchange, Lookup, Manifest, ManifestError, Question, Reply};
use connectors_http::{Bounds, Credentials, Failure, Progress, Segment, call, stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use crate::asking::Asking;
use crate::engine::Clock;
use crate::request::{Unsendable, method};

/// Asks over HTTP. Has no Debug on purpose: it holds the credentials.
pub(crate) struct RestLookup {
    client: reqwest::Client,
    clock: Clock,
    manifest: Manifest,
    address: Url,
    credentials: Credentials,
    asking: BTreeMap<String, Asking>,
}

struct Written {
    request: reqwest::RequestBuilder,
    progress: Arc<Progress>,
    size: u64,
}

impl RestLookup {
    pub(crate) fn new(
        client: reqwest::Client,
        clock: Clock,
        manifest: Manifest,
        (address, credentials): (Url, Credentials),
    ) -> Result<Self, ManifestError> {
        let read = |(name, operation): (&String, &LookupOperation)| {
            let asking = Asking::read(operation, &address).map_err(|problem| ManifestError::Unsupported {
                system: manifest.system.clone(),
                engine: "rest".to_owned(),
                asked: format!("the operation {name:?} as it is written"),
                way_out: problem,
            })?;
            Ok((name.clone(), asking))
        };
        let asking = manifest.lookups.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { client, clock, manifest, address, credentials, asking })
    }

    /// One request for these questions, all of one operation.
    async fn request(&self, operation: &LookupOperation, asking: &Asking, questions: &[&Question]) -> Vec<Reply> {
        let started = Instant::now();
        let written = match self.write(operation, asking, questions) {
            Ok(written) => written,
            Err(unsendable) => {
                let (code, reason) = ("connector.unsendable".to_owned(), unsendable.to_string());
                let answer = self.shown(Answer::Refused { code, reason });
                return vec![Reply { answer, exchange: Exchange::default() }; questions.len()];
            }
        };
        let Written { request, progress, size } = written;
        let bounds = Bounds { silence: self.manifest.endpoint.timeout, longest: operation.longest_answer };
        let answer = call(request, &progress, size, bounds).await;
        let found = match &answer {
            Ok(response) => answers(&self.manifest, operation, response, questions, (self.clock)()),
            // Asking changes nothing: what was lost is asked again.
            Err(Failure::Unsent(reason) | Failure::Lost(reason)) => {
                let unavailable = Answer::Unavailable { reason: reason.clone(), retry_after: None };
                vec![unavailable; questions.len()]
            }
        };
        let status = answer.ok().map(|response: Response| response.status);
        let exchange = Exchange { status, sent_sha256: progress.sent_sha256(), took: started.elapsed() };
        found.into_iter().map(|answer| Reply { answer: self.shown(answer), exchange: exchange.clone() }).collect()
    }

    fn write(
        &self,
        operation: &LookupOperation,
        asking: &Asking,
        questions: &[&Question],
    ) -> Result<Written, Unsendable> {
        let first = questions.first().ok_or_else(|| Unsendable::Shape("there is no question".to_owned()))?;
        let address = asking.address(&self.address, operation, first)?;
        let mut headers: HeaderMap = asking.headers(&self.manifest, operation, first)?;
        let body = asking.body(questions)?;
        let bytes = body.as_ref().map_or_else(Bytes::new, |body| body.content.clone());
        let key = first.facts.get("correlation_id").map(String::as_str).unwrap_or_default();
        self.credentials.prove(&mut headers, key, (self.clock)(), &bytes).map_err(Unsendable::Shape)?;
        let size = bytes.len() as u64;
        let progress = Progress::new(size);
        let mut request = self.client.request(method(operation.method), address);
        if let Some(body) = body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(body.content_type));
            headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
            request = request.body(reqwest::Body::wrap_stream(stream(vec![Segment::Bytes(bytes)], &progress)));
        }
        Ok(Written { request: request.headers(headers), progress, size })
    }

    fn said(&self, text: String) -> String {
        self.credentials.hide(text).chars().take(500).collect()
    }

    fn shown(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Found { value, as_of, document } => {
                Answer::Found { value: self.without_secrets(value), as_of: as_of.map(|text| self.said(text)), document }
            }
            Answer::Absent => Answer::Absent,
            Answer::Pending { request, retry_after } => {
                Answer::Pending { request: request.map(|text| self.said(text)), retry_after }
            }
            Answer::Refused { code, reason } => Answer::Refused { code: self.said(code), reason: self.said(reason) },
            Answer::Unavailable { reason, retry_after } => {
                Answer::Unavailable { reason: self.said(reason), retry_after }
            }
        }
    }

    /// A register that sends our secret back would hand it to whoever asked.
    fn without_secrets(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.credentials.hide(text)),
            Value::Array(items) => items.into_iter().map(|item| self.without_secrets(item)).collect(),
            Value::Object(members) => {
                Value::Object(members.into_iter().map(|(name, value)| (name, self.without_secrets(value))).collect())
            }
            scalar => scalar,
        }
    }

    fn unknown(&self, operation: &str) -> Reply {
        let answer = Answer::Refused {
            code: "connector.unknown-operation".to_owned(),
            reason: format!("sistemul {} nu are operația {operation:?}", self.manifest.system),
        };
        Reply { answer, exchange: Exchange::default() }
    }
}

#[async_trait]
impl Lookup for RestLookup {
    async fn ask(&self, question: &Question) -> Reply {
        let operation = self.manifest.lookups.get(&question.operation).zip(self.asking.get(&question.operation));
        let Some((operation, asking)) = operation else { return self.unknown(&question.operation) };
        let mut replies = self.request(operation, asking, &[question]).await;
        replies.pop().unwrap_or_else(|| self.unknown(&question.operation))
    }

    async fn ask_all(&self, questions: &[Question]) -> Vec<Reply> {
        let mut replies: Vec<Option<Reply>> = vec![None; questions.len()];
        for batch in batches(&self.manifest, questions) {
            let together: Vec<&Question> = batch.iter().map(|position| &questions[*position]).collect();
            let name = &together[0].operation;
            let Some((operation, asking)) = self.manifest.lookups.get(name).zip(self.asking.get(name)) else {
                continue;
            };
            for (position, reply) in batch.iter().zip(self.request(operation, asking, &together).await) {
                replies[*position] = Some(reply);
            }
        }
        let answered = replies.into_iter().zip(questions);
        answered.map(|(reply, question)| reply.unwrap_or_else(|| self.unknown(&question.operation))).collect()
    }
}

/// The positions of the questions that go together: of one operation, at most as many as it takes, and never two about one
/// subject with other arguments, since answers are told apart by the subject alone.
fn batches(manifest: &Manifest, questions: &[Question]) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for (position, question) in questions.iter().enumerate() {
        let operation = manifest.lookups.get(&question.operation);
        let most = operation.and_then(|operation| operation.batch.as_ref()).map_or(1, |batch| batch.most as usize);
        let subject = operation.and_then(|operation| operation.subject.as_deref()).unwrap_or_default();
        let fits = |other: &Question| {
            let same_subject = other.arguments.get(subject) == question.arguments.get(subject);
            other.operation == question.operation && (!same_subject || other.arguments == question.arguments)
        };
        let room = batches
            .iter_mut()
            .find(|batch| batch.len() < most && batch.iter().all(|position| fits(&questions[*position])));
        match room {
            Some(batch) => batch.push(position),
            None => batches.push(vec![position]),
        }
    }
    batches
}
