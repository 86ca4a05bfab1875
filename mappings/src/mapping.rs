//! One mapping: compiled once, applied to many messages.

use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, context, value::Serde};
use schemas::{CodeLists, Date, DocumentType, validation::CompiledSchema};
use serde_json::Value;

use crate::{
    description::{Description, DocumentRef, LossyField},
    error::MappingError,
    filters::{self, Refusal, ReportingDate},
};

/// Steps a template may take; the longest of ours takes some two thousand.
const STEPS: u64 = 100_000;

/// What is translated. Templates see it as `envelope` and `body`.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// `message_id`, `sender`, `recipient`, `document_type`, `version`, `subject`, `purpose`, `legal_basis`,
    /// `sender_registration`, `submitted_at` (RFC 3339), `parts`.
    pub envelope: &'a Value,
    /// The body in the source type.
    pub body: &'a Value,
}

/// What came out of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The target document.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub content_type: &'static str,
    /// Id of the mapping that made it.
    pub mapping_id: String,
    /// Version of the mapping that made it.
    pub mapping_version: String,
    /// Source fields left out by declaration, to be disclosed; shared by all messages.
    pub lossy: Arc<[LossyField]>,
}

/// A mapping ready to run.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) description: Description,
    environment: Environment<'static>,
    target: Target,
    lossy: Arc<[LossyField]>,
    /// Absent when the mapping takes any type.
    pub(crate) source: Option<Arc<DocumentType>>,
    pub(crate) golden: Vec<Golden>,
}

/// The contract of the target.
#[derive(Debug)]
pub(crate) enum Target {
    /// A schema of the mapping's own folder.
    Own(CompiledSchema),
    /// A document type of the catalogue.
    Catalogue(Arc<DocumentType>),
}

/// An example: a message and what must come out of it.
#[derive(Debug)]
pub(crate) struct Golden {
    pub name: String,
    pub envelope: Value,
    pub body: Value,
    pub output: Value,
}

/// A golden example, for those who look at it.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// Its name.
    pub name: &'a str,
    /// The envelope it begins with.
    pub envelope: &'a Value,
    /// The body it begins with.
    pub body: &'a Value,
    /// What must come out.
    pub output: &'a Value,
}

/// The parts a mapping is put together from.
pub(crate) struct Ingredients {
    pub description: Description,
    pub template: String,
    pub target: Target,
    pub source: Option<Arc<DocumentType>>,
    pub golden: Vec<Golden>,
}

const TEMPLATE: &str = "template.json.j2";

impl Mapping {
    /// Compiles the template. Errors: those of the template language, with their line.
    pub(crate) fn new(ingredients: Ingredients, lists: &Arc<CodeLists>) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Json);
        environment.set_fuel(Some(STEPS));
        // Keeps the names of missing variables for errors.
        environment.set_debug(true);
        // `safe` would let a value of the message write JSON of its own.
        environment.remove_filter("safe");
        filters::register(&mut environment, lists);
        environment.add_template_owned(TEMPLATE, ingredients.template)?;
        let Ingredients { description, target, source, golden, .. } = ingredients;
        let lossy = description.lossy.clone().into();
        Ok(Self { description, environment, target, lossy, source, golden })
    }

    /// Id, e.g. `ancheta-sociala-adult-to-esocial`.
    pub fn id(&self) -> &str {
        &self.description.id
    }

    /// Version of the mapping itself.
    pub fn version(&self) -> &str {
        &self.description.version
    }

    /// What it takes.
    pub fn source(&self) -> &DocumentRef {
        &self.description.source
    }

    /// What it gives.
    pub fn target(&self) -> &DocumentRef {
        &self.description.target
    }

    /// Source fields left out by declaration.
    pub fn lossy(&self) -> &[LossyField] {
        &self.lossy
    }

    /// The golden examples: invented messages with what must come out of each.
    pub fn examples(&self) -> impl Iterator<Item = Example<'_>> {
        self.golden.iter().map(|golden| Example {
            name: &golden.name,
            envelope: &golden.envelope,
            body: &golden.body,
            output: &golden.output,
        })
    }

    /// Translates a message. The output is always checked against the contract of the target.
    ///
    /// Errors: something the template needs is missing, or the output breaks the contract; never passing, so no retry.
    pub fn apply(&self, input: &Input<'_>) -> Result<Translation, MappingError> {
        let date = self.reporting_date(input.envelope)?;
        let envelope = minijinja::Value::from(Serde(input.envelope));
        let body = minijinja::Value::from(Serde(input.body));
        let output = self.output(envelope, body, date)?;
        self.keep_contract(&output, date)?;
        Ok(Translation {
            bytes: serde_json::to_vec(&output).expect("a JSON value is written without error"),
            content_type: self.description.output.content_type(),
            mapping_id: self.description.id.clone(),
            mapping_version: self.description.version.clone(),
            lossy: self.lossy.clone(),
        })
    }

    /// The day codes are looked up on: the one the message was submitted on.
    pub(crate) fn reporting_date(&self, envelope: &Value) -> Result<Date, MappingError> {
        let submitted_at = envelope.get("submitted_at").and_then(Value::as_str);
        submitted_at.and_then(filters::day_of).ok_or_else(|| MappingError::SubmittedAt { mapping: self.label() })
    }

    /// Runs the template and reads what it wrote.
    pub(crate) fn output(
        &self,
        envelope: minijinja::Value,
        body: minijinja::Value,
        date: Date,
    ) -> Result<Value, MappingError> {
        let template =
            self.environment.get_template(TEMPLATE).expect("the template was added when the mapping was made");
        let context = context! { envelope, body, reporting_date => minijinja::Value::from_object(ReportingDate(date)) };
        let text = template.render(context).map_err(|error| self.in_words(&error))?;
        serde_json::from_str(&text).map_err(|error| MappingError::NotJson { mapping: self.label(), line: error.line() })
    }

    /// Checks an output against the contract.
    pub(crate) fn keep_contract(&self, output: &Value, date: Date) -> Result<(), MappingError> {
        let mut violations = match &self.target {
            Target::Own(schema) => schema.validate(output, date),
            Target::Catalogue(document_type) => document_type.validate(output, date),
        };
        violations.retain(schemas::Violation::is_error);
        if violations.is_empty() {
            return Ok(());
        }
        Err(MappingError::Contract { mapping: self.label(), violations })
    }

    fn label(&self) -> String {
        format!("{} {}", self.description.id, self.description.version)
    }

    /// The words of an engine error that hold no value: our refusals, names of missing variables, the template's own text.
    fn in_words(&self, error: &Error) -> MappingError {
        let mapping = self.label();
        if error.kind() == ErrorKind::OutOfFuel {
            return MappingError::TooManySteps { mapping, limit: STEPS };
        }
        let refusal = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Refusal>());
        let expression = error
            .template_source()
            .zip(error.range())
            .and_then(|(source, range)| source.get(range))
            .map(|expression| format!(" in {{{{ {} }}}}", expression.trim()))
            .unwrap_or_default();
        let problem = match (error.kind(), refusal) {
            (_, Some(Refusal(text))) => format!("{text}{expression}"),
            (ErrorKind::UndefinedError, None) => {
                format!("the message does not have what the template needs{expression}")
            }
            (kind, None) => format!("{kind}{expression}"),
        };
        MappingError::Template { mapping, line: error.line().unwrap_or(1), problem }
    }
}
