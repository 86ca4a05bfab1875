//! A document type: what it is, what may come with it, and its compiled schema.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::{compiled::CompiledSchema, fields::On, violation::Violation};
use crate::code_lists::CodeLists;

/// One version of a document type of the catalogue.
#[derive(Debug)]
pub struct DocumentType {
    name: Box<str>,
    version: Box<str>,
    description: Description,
    schema: Arc<Value>,
    compiled: CompiledSchema,
}

/// The content of `type.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    title: Titles,
    legal_basis: Vec<String>,
    purposes: Vec<String>,
    retention_class: String,
    /// Whether each evidence about it gets a time-stamp of its own.
    #[serde(default)]
    time_stamp: bool,
    /// Whether it is taken only when it is sealed for its recipients.
    #[serde(default)]
    end_to_end: bool,
    deadline: Deadline,
    parts: Parts,
}

/// The title in two languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Titles {
    /// In Romanian.
    pub ro: String,
    /// In English.
    pub en: String,
}

/// By when the receiver has to act, unless an institution sets its own rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// How days are counted: `calendar-days`, `working-days` or `none`.
    pub class: String,
    /// Number of days from registration at the receiver; 0 for class `none`.
    pub days: u16,
    /// Where the term comes from.
    pub basis: String,
    /// Code of the hub's rule that says more of it: extension, warnings. Its length goes before `days`.
    #[serde(default)]
    pub rule: Option<String>,
}

/// What may come with the body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Roles of which a message must carry at least one part each.
    pub required_roles: Vec<String>,
    /// Further roles a part may have.
    pub optional_roles: Vec<String>,
    /// Media types a part may have.
    pub media_types: Vec<String>,
    /// Largest part, in bytes.
    pub max_part_bytes: u64,
    /// Most parts of one message.
    pub max_parts: u32,
}

impl DocumentType {
    pub(super) fn new(
        (name, version): (&str, &str),
        description: Description,
        schema: Value,
        compiled: CompiledSchema,
    ) -> Self {
        Self { name: name.into(), version: version.into(), description, schema: Arc::new(schema), compiled }
    }

    /// Name, e.g. `ancheta-sociala-adult`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Version, e.g. `1.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Title in Romanian and English.
    pub fn title(&self) -> &Titles {
        &self.description.title
    }

    /// Laws the document rests on, law and article.
    pub fn legal_basis(&self) -> &[String] {
        &self.description.legal_basis
    }

    /// Whether it is taken only when it is sealed for its recipients.
    pub fn end_to_end(&self) -> bool {
        self.description.end_to_end
    }

    /// Codes of the purposes it may be sent for.
    pub fn purposes(&self) -> &[String] {
        &self.description.purposes
    }

    /// Class of the archival nomenclature it falls into by default.
    pub fn retention_class(&self) -> &str {
        &self.description.retention_class
    }

    /// Whether each evidence about it gets a time-stamp of its own (XAdES baseline T), beside those of the service as a whole.
    pub fn time_stamp(&self) -> bool {
        self.description.time_stamp
    }

    /// Default deadline of the receiver.
    pub fn deadline(&self) -> &Deadline {
        &self.description.deadline
    }

    /// Roles, media types and limits of the parts that come with it.
    pub fn parts(&self) -> &Parts {
        &self.description.parts
    }

    /// The JSON Schema as published.
    pub fn schema(&self) -> &Arc<Value> {
        &self.schema
    }

    /// Pointers of all fields of a body that have no fields below them, as `/copii/*/nume`.
    pub fn leaf_fields(&self) -> Vec<String> {
        self.compiled.leaf_fields()
    }

    /// All violations of a body at once, codes looked up at the reporting date; empty when it keeps every rule.
    pub fn validate(&self, body: &Value, reporting_date: Date) -> Vec<Violation> {
        self.compiled.validate(body, reporting_date)
    }

    /// The same with code lists that may have newer versions than those the type was read with.
    pub fn validate_with(&self, body: &Value, reporting_date: Date, lists: &CodeLists) -> Vec<Violation> {
        self.compiled.validate_on(body, On { date: reporting_date, lists: Some(lists) })
    }
}
