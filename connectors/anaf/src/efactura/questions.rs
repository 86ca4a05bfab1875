//! Questions: what became of a filing, a message with its printed page, and whether the service knows us.

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::{Answer, Document, Exchange, Lookup, Question, Reply as Answered};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Service;
use super::classify::{answer, processed, said, unreadable};
use super::download::{Download, download};
use crate::archive;
use crate::shape::{Header, Shape};
use crate::words::{Meaning, meaning};

/// Asks for one institution.
pub(super) struct EfacturaLookup {
    service: Service,
}

impl EfacturaLookup {
    pub(super) const NAMES: [&str; 5] = ["stare", "descarcare", "validare", "transformare", "hello"];

    pub(super) fn new(service: Service) -> Self {
        Self { service }
    }

    /// What became of a filing; of a refused one also why, which is in its archive.
    async fn state(&self, index: &str) -> Answer {
        let path = self.service.path("stareMesaj");
        let reply = match self.service.api.ask(&path, &[("id_incarcare", index)]).await {
            Ok((reply, _)) => reply,
            Err(trouble) => return answer(trouble),
        };
        let mut said = processed(reply, self.service.api.now());
        if let Answer::Found { value, .. } = &mut said {
            let refused = value.get("stare").and_then(Value::as_str) != Some("ok");
            let id = value.get("id_descarcare").and_then(Value::as_str).filter(|_| refused).map(str::to_owned);
            if let Some(id) = id {
                self.explain(value, &id).await;
            }
        }
        said
    }

    /// Adds why a filing was refused, and which one it repeats. Without the archive the state alone is the answer.
    async fn explain(&self, value: &mut Value, id: &str) {
        let Ok(Download::Archive(archive)) = download(&self.service, id).await else { return };
        let Some(header) = archive::document(&archive).ok().and_then(|(_, document)| Header::read(&document)) else {
            return;
        };
        let repeats = header.errors.iter().find_map(|text| match meaning(text) {
            Meaning::Duplicate(index) => Some(index),
            _ => None,
        });
        value["erori"] = json!(header.errors);
        if let Some(index) = repeats {
            value["transmisa_anterior_cu_index"] = json!(index);
        }
    }

    /// The archive and its document.
    async fn message(&self, id: &str) -> Result<(Bytes, Vec<u8>), Answer> {
        let archive = match download(&self.service, id).await.map_err(answer)? {
            Download::Archive(archive) => archive,
            Download::Tomorrow(trouble) => return Err(answer(trouble)),
            Download::Refused { code, text } => {
                return Err(match meaning(&text) {
                    Meaning::Missing => Answer::Absent,
                    _ => Answer::Refused { code, reason: text },
                });
            }
        };
        let document = archive::document(&archive).map_err(|error| unreadable(&error.to_string()))?;
        Ok((archive, document.1))
    }

    async fn download(&self, id: &str) -> Answer {
        match self.message(id).await {
            Ok((archive, document)) => Answer::Found {
                value: json!({ "id": id, "document": root(&document) }),
                as_of: None,
                document: Some(Document { content_type: "application/zip".to_owned(), content: archive }),
            },
            Err(answer) => answer,
        }
    }

    /// Validation or printed page of a message; both are served in production only.
    async fn rendered(&self, operation: &str, id: &str) -> Answer {
        let document = match self.message(id).await {
            Ok((_, document)) => document,
            Err(answer) => return answer,
        };
        let standard = match root(&document).as_deref() {
            Some("CreditNote") => "FCN",
            Some("Invoice") => "FACT1",
            _ => {
                let reason = "Mesajul nu conține o factură, ci alt document.".to_owned();
                return Answer::Refused { code: "efactura.nu-este-factura".to_owned(), reason };
            }
        };
        let path = format!("prod/FCTEL/rest/{operation}/{standard}");
        let reply = match self.service.api.file(&path, (&[], "text/plain"), document.into()).await {
            Ok(reply) => reply,
            Err(trouble) => return answer(trouble),
        };
        match crate::api::readable(reply) {
            Err(trouble) => answer(trouble),
            Ok((reply, Shape::Pdf)) if operation == "transformare" => Answer::Found {
                value: json!({ "id": id }),
                as_of: None,
                document: Some(Document { content_type: "application/pdf".to_owned(), content: reply.body }),
            },
            Ok((_, Shape::Json(verdict))) => self.verdict(operation, &verdict),
            Ok(_) => unreadable("ANAF a răspuns cu altceva decât a fost cerut"),
        }
    }

    fn verdict(&self, operation: &str, verdict: &Value) -> Answer {
        let texts = verdict.get("Messages").and_then(Value::as_array).into_iter().flatten();
        let texts: Vec<&str> = texts.filter_map(|one| one.get("message").and_then(Value::as_str)).collect();
        let technical = texts.iter().find(|text| meaning(text) == Meaning::Technical);
        if let Some(text) = technical {
            return said("efactura", text, self.service.api.now());
        }
        let Some(state) = verdict.get("stare").and_then(Value::as_str) else {
            return unreadable("ANAF a răspuns fără verdict");
        };
        if operation == "transformare" {
            let reason = crate::trouble::cut(&texts.join("; "));
            return Answer::Refused { code: "efactura.transformare".to_owned(), reason };
        }
        Answer::Found { value: json!({ "stare": state, "mesaje": texts }), as_of: None, document: None }
    }

    async fn hello(&self) -> Answer {
        match self.service.api.ask("TestOauth/jaxrs/hello", &[("name", "Punte")]).await {
            Ok((reply, Shape::Other)) => {
                let text: String = String::from_utf8_lossy(&reply.body).chars().take(200).collect();
                Answer::Found { value: json!({ "raspuns": text }), as_of: None, document: None }
            }
            Ok(_) => unreadable("ANAF a răspuns la salut cu altceva decât un text"),
            Err(trouble) => answer(trouble),
        }
    }
}

#[async_trait]
impl Lookup for EfacturaLookup {
    async fn ask(&self, question: &Question) -> Answered {
        let started = Instant::now();
        let argument = |name: &str| question.arguments.get(name).map(String::as_str).unwrap_or_default();
        let answer = match question.operation.as_str() {
            "stare" => self.state(argument("id_incarcare")).await,
            "descarcare" => self.download(argument("id")).await,
            "validare" | "transformare" => self.rendered(&question.operation, argument("id")).await,
            "hello" => self.hello().await,
            other => Answer::Refused {
                code: "connector.unknown".to_owned(),
                reason: format!("RO e-Factura nu are operația {other}."),
            },
        };
        Answered { answer, exchange: Exchange { took: started.elapsed(), ..Exchange::default() } }
    }
}

fn root(document: &[u8]) -> Option<String> {
    Header::read(document).map(|header| header.name)
}
