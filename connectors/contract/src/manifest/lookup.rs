//! What can be asked of a system: read operations, what they disclose, and how the request is written.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Condition, Method, Pointer, QuestionTemplate, Quota, Title};

/// The facts a question carries beside its arguments: who asks, for whom, why and on what basis. `today` is the date in
/// Romania, `correlation_id` the same for every attempt.
pub const QUESTION_FACTS: [&str; 9] =
    ["caller", "caller_cui", "caller_name", "user", "purpose", "legal_basis", "case_number", "correlation_id", "today"];

/// One read operation, `[lookup.<name>]`. An adapter's manifest says only what the hub needs: arguments, subject, what is
/// disclosed, freshness and quota; where the manifest writes the request, also how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupOperation {
    /// What people call it.
    pub title: Title,
    /// What is asked with, by name.
    #[serde(default)]
    pub arguments: BTreeMap<String, Argument>,
    /// The argument that says whom the question is about; the journal keeps it.
    pub subject: Option<String>,
    /// The categories of data the answer discloses, in the words of the register of processing (GDPR art. 30).
    pub discloses: Vec<String>,
    /// Whether the answer is about a natural person: then purpose and legal basis are never optional and nothing is
    /// answered from an earlier answer.
    #[serde(default)]
    pub personal: bool,
    /// How long an answer may be given again from the hub's own copy, with its age said. Without it, never.
    #[serde(default, deserialize_with = "age")]
    pub fresh_for: Option<Duration>,
    /// How often it may be asked, beside the quota of the system.
    #[serde(default)]
    pub quota: Quota,
    /// The method of the request.
    #[serde(default = "get")]
    pub method: Method,
    /// What follows the base address; arguments in it are percent-encoded.
    #[serde(default)]
    pub path: QuestionTemplate,
    /// Further headers. One whose optional fact is missing is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, QuestionTemplate>,
    /// The action of a SOAP request.
    pub action: Option<String>,
    /// The body of the request: for JSON a tree of tables, lists and text with holes, `"{#cui}"` being a number; for XML
    /// a text with holes.
    pub request: Option<Value>,
    /// Where the answer is in the body; the whole body when left out.
    pub answer: Option<Pointer>,
    /// Where the answer says of what day it is.
    pub as_of: Option<Pointer>,
    /// The register has it. Looked at first; without a line, every readable success has it.
    #[serde(default)]
    pub found: Vec<Condition>,
    /// The register looked and has nothing.
    #[serde(default)]
    pub absent: Vec<Condition>,
    /// The register does not want to answer.
    #[serde(default)]
    pub refused: Vec<Condition>,
    /// The register works on it and will answer the same question later.
    #[serde(default)]
    pub pending: Vec<Condition>,
    /// Where a pending answer says with what number to ask again.
    pub pending_request: Option<Pointer>,
    /// Where the document is that the register gives: the answer itself, or a place with base64 in it.
    pub document: Option<DocumentPlace>,
    /// The longest answer that is read, `1MiB` unless said otherwise, at most `32MiB`.
    #[serde(default = "one_mebibyte", deserialize_with = "size")]
    pub longest_answer: usize,
    /// How many questions go into one request.
    pub batch: Option<Batch>,
}

/// Where a register puts a document: PDF, ZIP or XML, told by its first bytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum DocumentPlace {
    /// `"body"`: the answer is the document.
    Body,
    /// A place in the answer with the document in base64.
    Base64(Pointer),
}

/// Something a question is asked with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// What it must look like; the hub checks it before anything is asked.
    #[serde(default)]
    pub format: ArgumentFormat,
    /// Whether it must be given.
    #[serde(default = "yes")]
    pub required: bool,
    /// What it is where it is not given; a text with the facts of the question.
    pub default: Option<QuestionTemplate>,
    /// What people call it.
    pub title: Option<Title>,
    /// The only values there are, where they are few.
    #[serde(default)]
    pub one_of: Vec<String>,
}

/// What an argument looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArgumentFormat {
    /// Any text up to 200 characters.
    #[default]
    Text,
    /// Tax identification code with its check digit, without RO.
    Cui,
    /// Personal numeric code with its check digit.
    Cnp,
    /// Either of the two.
    CuiOrCnp,
    /// A number of the trade register, old or new.
    TradeRegisterNumber,
    /// European unique identifier of a company.
    Euid,
    /// SIRUTA code.
    Siruta,
    /// `2026-03-02`.
    Date,
    /// A year, `2026`.
    Year,
    /// Digits.
    Number,
}

impl ArgumentFormat {
    /// The word manifests use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Cui => "cui",
            Self::Cnp => "cnp",
            Self::CuiOrCnp => "cui-or-cnp",
            Self::TradeRegisterNumber => "trade-register-number",
            Self::Euid => "euid",
            Self::Siruta => "siruta",
            Self::Date => "date",
            Self::Year => "year",
            Self::Number => "number",
        }
    }
}

/// Several questions in one request, and how their answers are told apart.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// How many at most. `request` is then a list of one item, which is written once for every question.
    pub most: u32,
    /// The list of answers.
    pub items: Pointer,
    /// Inside one of them, the value of the operation's subject.
    pub key: Pointer,
    /// The list of subjects the register has nothing about.
    pub absent: Option<Pointer>,
}

impl LookupOperation {
    /// What cannot hold together in it, and the way out.
    pub(super) fn contradiction(&self, name: &str) -> Option<String> {
        if name.is_empty()
            || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            return Some(format!("the operation {name:?} is not named in small letters, digits and -"));
        }
        if let Some(subject) = self.subject.as_ref().filter(|subject| !self.arguments.contains_key(*subject)) {
            return Some(format!("subject = {subject:?} names no argument of the operation"));
        }
        if self.personal && self.subject.is_none() {
            return Some(
                "personal = true needs a subject: the journal must say whom the question was about".to_owned(),
            );
        }
        if self.personal && self.fresh_for.is_some() {
            return Some("an answer about a person is never given again, remove fresh_for".to_owned());
        }
        if self.discloses.is_empty() {
            return Some("discloses is empty: name the categories of data the answer holds".to_owned());
        }
        let reserved = self.arguments.keys().find(|name| QUESTION_FACTS.contains(&name.as_str()));
        if let Some(reserved) = reserved {
            return Some(format!("the argument {reserved} has the name of a fact of every question, rename it"));
        }
        if self.arguments.get("request").is_some_and(|argument| argument.required && argument.default.is_none()) {
            return Some(
                "the argument request is the register's own number of a question it works on, which nobody who asks \
                 can give: write required = false, or name the argument otherwise"
                    .to_owned(),
            );
        }
        if self.batch.is_some() && self.subject.is_none() {
            return Some("a batch tells answers apart by the subject of their questions, name one".to_owned());
        }
        if self.batch.is_some() && self.request.as_ref().and_then(Value::as_array).is_none_or(|list| list.len() != 1) {
            return Some("a batch needs a request that is a list of one item".to_owned());
        }
        let defaults = self.arguments.values().filter_map(|argument| argument.default.as_ref());
        let written = [&self.path].into_iter().chain(self.headers.values()).chain(defaults);
        let unknown = written.flat_map(|template| template.selected()).find(|name| !self.knows(name))?;
        Some(format!("there is no argument and no fact {{{unknown}}}; facts are {}", QUESTION_FACTS.join(", ")))
    }

    /// Whether a hole of this name can be filled.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.arguments.contains_key(name) || QUESTION_FACTS.contains(&name)
    }
}

impl TryFrom<String> for DocumentPlace {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "body" => Ok(Self::Body),
            place if place.starts_with('/') => Pointer::try_from(text).map(Self::Base64),
            other => {
                Err(format!("{other:?} is no place of a document, write \"body\" or a pointer such as \"/document\""))
            }
        }
    }
}

fn get() -> Method {
    Method::Get
}

fn yes() -> bool {
    true
}

/// As long as an answer without documents ever is.
fn one_mebibyte() -> usize {
    1024 * 1024
}

fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let text = String::deserialize(deserializer)?;
    let unit = text.strip_suffix("MiB").map(|number| (number, 1024 * 1024));
    let unit = unit.or_else(|| text.strip_suffix("KiB").map(|number| (number, 1024)));
    let size = unit.and_then(|(number, unit)| number.parse::<usize>().ok()?.checked_mul(unit));
    let size = size.filter(|size| (1..=32 * 1024 * 1024).contains(size));
    size.ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a size, write 512KiB or 4MiB, at most 32MiB")))
}

fn age<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "min" => Some(60),
        "h" => Some(3_600),
        "days" | "day" => Some(86_400),
        _ => None,
    };
    let age = number.parse::<u32>().ok().filter(|number| *number > 0).zip(seconds);
    let age = age.map(|(number, seconds)| Duration::from_secs(u64::from(number) * seconds));
    age.map(Some).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not an age, write 10min, 24h or 7days")))
}
