//! A JSON Schema compiled once, with our formats and code lists.

use jiff::civil::Date;
use jsonschema::{Draft, Validator};
use serde_json::Value;

use super::{
    fields::{Field, On},
    violation::Violation,
    wording,
};
use crate::code_lists::CodeLists;

/// A compiled schema: JSON Schema 2020-12, the formats `cui`, `cnp`, `siruta`, `iban` and `date`, and the keyword `codeList`.
#[derive(Debug)]
pub struct CompiledSchema {
    validator: Validator,
    fields: Field,
}

/// A schema that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the schema cannot be used: {problem}")]
pub struct SchemaError {
    /// What is wrong and where.
    pub problem: String,
}

impl CompiledSchema {
    /// Compiles a schema. References may only stay inside it: nothing is fetched.
    ///
    /// Errors: not a JSON Schema, an unknown format or code list, a `codeList` where it would not be checked.
    pub fn compile(schema: &Value, lists: &CodeLists) -> Result<Self, SchemaError> {
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false);
        let validator = super::formats::register(options)
            .build(schema)
            .map_err(|error| SchemaError { problem: format!("{error} at #{}", error.instance_path()) })?;
        let fields = Field::tree(schema, lists).map_err(|problem| SchemaError { problem })?;
        Ok(Self { validator, fields })
    }

    /// Pointers of all fields the schema names that have no fields below them; `*` stands for the index of a list.
    pub fn leaf_fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.fields.leaves("", &mut found);
        found
    }

    /// All violations of a document at once, codes looked up at the reporting date; empty when it keeps every rule.
    pub fn validate(&self, document: &Value, reporting_date: Date) -> Vec<Violation> {
        self.validate_on(document, On { date: reporting_date, lists: None })
    }

    /// The same, codes looked up at the reporting date; empty when it keeps every rule.
    pub(super) fn validate_on(&self, document: &Value, on: On<'_>) -> Vec<Violation> {
        let mut violations = Vec::new();
        // Nearly every document is right, and the quick answer is several times cheaper than the list.
        if !self.validator.is_valid(document) {
            for error in self.validator.iter_errors(document) {
                wording::of_error(&error, &self.fields, &mut violations);
            }
        }
        self.fields.check(document, on, &mut |pointer, finding| {
            violations.push(wording::of_finding(pointer, finding, &self.fields, on.date));
        });
        violations
    }
}
