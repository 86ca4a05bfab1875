//! One operation of a register: from a question to address, headers and body.

use bytes::Bytes;
use connectors_contract::manifest::{LookupOperation, Method, MissingFact, QuestionTemplate};
use connectors_contract::{Manifest, Question};
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::request::{Unsendable, accept, insert, join, percent_encoded};
use crate::tree::{Tree, Unfillable};

/// An operation, its request read once.
pub(crate) struct Asking {
    body: Shape,
}

enum Shape {
    Nothing,
    Json(Tree),
    /// A list with an item for every question.
    Batch(Tree),
    Xml(QuestionTemplate),
    Form(QuestionTemplate),
}

/// What a hole is filled with: an argument, or a fact about who asks.
fn told(question: &Question, name: &str) -> Option<String> {
    question.arguments.get(name).or_else(|| question.facts.get(name)).cloned()
}

/// The body of a question.
pub(crate) struct AskingBody {
    pub(crate) content_type: &'static str,
    pub(crate) content: Bytes,
}

impl Asking {
    /// Reads how an operation asks; says what cannot be.
    pub(crate) fn read(operation: &LookupOperation, base: &Url) -> Result<Self, String> {
        if base.query().is_some() && !operation.path.is_empty() {
            return Err("an address with a ? cannot be followed by a path, leave one out".to_owned());
        }
        let knows = |name: &str| operation.knows(name);
        let body = match (&operation.request, &operation.batch) {
            (None, _) => Shape::Nothing,
            (Some(_), _) if operation.method == Method::Get => {
                return Err("GET has no body: remove request, or write method = \"POST\"".to_owned());
            }
            (Some(Value::Array(items)), Some(_)) => match items.as_slice() {
                [item] => Shape::Batch(Tree::read("request", &knows, item)?),
                _ => return Err("a batch needs a request that is a list of one item".to_owned()),
            },
            (Some(Value::String(text)), _) => {
                let template = QuestionTemplate::try_from(text.clone())?;
                if let Some(unknown) = template.selected().find(|name| !operation.knows(name)) {
                    return Err(format!("the request selects {{{unknown}}}, which is no argument and no fact"));
                }
                if text.trim_start().starts_with('<') { Shape::Xml(template) } else { Shape::Form(template) }
            }
            (Some(tree), _) => Shape::Json(Tree::read("request", &knows, tree)?),
        };
        Ok(Self { body })
    }

    /// The address of a question.
    pub(crate) fn address(
        &self,
        base: &Url,
        operation: &LookupOperation,
        question: &Question,
    ) -> Result<Url, Unsendable> {
        let path = operation.path.fill(|name| told(question, name).map(|value| percent_encoded(&value)))?;
        join(base, &path.unwrap_or_default())
    }

    /// The headers of a question, without the credentials.
    pub(crate) fn headers(
        &self,
        manifest: &Manifest,
        operation: &LookupOperation,
        question: &Question,
    ) -> Result<HeaderMap, Unsendable> {
        let mut headers = accept(manifest);
        for (name, template) in &operation.headers {
            if let Some(value) = template.fill(|name| told(question, name))? {
                insert(&mut headers, name, &value)?;
            }
        }
        Ok(headers)
    }

    /// The body for these questions; more than one only in a batch.
    pub(crate) fn body(&self, questions: &[&Question]) -> Result<Option<AskingBody>, Unsendable> {
        let json = |value: &Value| AskingBody { content_type: "application/json", content: value.to_string().into() };
        let unaskable = |error: Unfillable| Unsendable::Shape(error.to_string());
        let first = || questions.first().ok_or_else(|| Unsendable::Shape("there is no question".to_owned()));
        Ok(Some(match &self.body {
            Shape::Nothing => return Ok(None),
            Shape::Json(tree) => {
                let first = first()?;
                let filled = tree.fill(&|name| told(first, name).map(Value::from)).map_err(unaskable)?;
                json(&filled.unwrap_or_else(|| Value::Object(serde_json::Map::new())))
            }
            Shape::Batch(item) => {
                let items: Result<Vec<_>, _> =
                    questions.iter().map(|question| item.fill(&|name| told(question, name).map(Value::from))).collect();
                json(&Value::Array(items.map_err(unaskable)?.into_iter().flatten().collect()))
            }
            Shape::Xml(template) => text("application/xml; charset=utf-8", template, first()?, escaped)?,
            Shape::Form(template) => text("application/x-www-form-urlencoded", template, first()?, percent_encoded)?,
        }))
    }
}

fn text(
    content_type: &'static str,
    template: &QuestionTemplate,
    question: &Question,
    write: fn(&str) -> String,
) -> Result<AskingBody, MissingFact> {
    // A text is one value: where an optional fact of it is missing, all of it is.
    let text = template.fill(|name| told(question, name).map(|value| write(&value)))?.unwrap_or_default();
    Ok(AskingBody { content_type, content: text.into() })
}

/// Text inside XML, in an element or an attribute.
fn escaped(text: &str) -> String {
    let escape = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        letter if letter.is_control() => " ".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(escape).collect()
}
