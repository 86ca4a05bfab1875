//! The manifest of a system: data, no conditions, loops or expressions.
//!
//! Reads a manifest once, completely and strictly, so that an engine may trust every value in it. It never reads the
//! environment, a secret or another file. `README.md` of this package shows the whole shape.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, Deserializer, ValueDeserializer};

pub mod error;
pub mod template;
pub mod endpoint;
pub mod quota;
pub mod deliver;
pub mod envelope;
pub mod inquire;
pub mod lookup;
pub mod answers;
pub mod condition;
pub mod pointer;
mod checks;

pub use answers::{Answers, Class, ContentTypes, PageClasses, Reads, Statuses};
pub use condition::{AnswerRule, Condition, Retry};
pub use deliver::{BodyShape, Deliver, Method, MultipartNames};
pub use endpoint::{Address, Auth, Endpoint};
pub use envelope::{Envelope, EnvelopeValue};
pub use error::ManifestError;
pub use inquire::Inquire;
pub use lookup::{Argument, ArgumentFormat, Batch, DocumentPlace, LookupOperation};
pub use pointer::Pointer;
pub use quota::{Quota, Rate, Rates, Window};
pub use template::{MissingFact, PartTemplate, QuestionTemplate, Template};

/// The JSON Schema of manifests, for editors. A test holds it against what is read here.
pub const SCHEMA: &str = include_str!("../manifest.schema.json");

/// A parsed `manifest.toml`.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The name of the system, equal to the name of its folder.
    pub system: String,
    /// The engine that speaks its protocol.
    pub engine: String,
    /// What people call the system.
    pub title: Title,
    /// The target type of the mapping that makes the body; without it the original body is forwarded.
    pub translation: Option<String>,
    /// Where the system is and how it knows us.
    pub endpoint: Endpoint,
    /// How often it may be called. The hub keeps it, no engine does.
    pub quota: Quota,
    /// How a document is sent, where documents can be sent to it.
    pub deliver: Option<Deliver>,
    /// How to ask what became of a sending whose answer was lost.
    pub inquire: Option<Inquire>,
    /// What can be asked of it, by the name of the operation.
    pub lookups: BTreeMap<String, LookupOperation>,
    /// What its answers mean.
    pub outcome: Answers,
    /// The text itself and where it came from, for the table of the engine's own.
    source: Source,
}

#[derive(Debug, Clone)]
struct Source {
    origin: Arc<str>,
    text: Arc<str>,
}

/// The name of a system in the two languages of the screens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// In Romanian.
    pub ro: String,
    /// In English.
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    system: Spanned<String>,
    engine: String,
    title: Title,
    translation: Option<String>,
    endpoint: Spanned<Endpoint>,
    #[serde(default)]
    quota: Quota,
    deliver: Option<Spanned<Deliver>>,
    inquire: Option<Inquire>,
    #[serde(default, rename = "lookup")]
    lookups: BTreeMap<String, Spanned<LookupOperation>>,
    #[serde(default)]
    outcome: Answers,
}

impl Manifest {
    /// Reads the text of a manifest. `origin` is where the text came from, for the error.
    ///
    /// # Errors
    /// The text is not TOML, has a key that is not known, or says something that cannot hold together.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ManifestError> {
        let mut table = table(text, origin)?;
        // The table named like the engine is the engine's own: it reads it with `section`.
        let engine = table.get_ref().get("engine").and_then(|engine| engine.get_ref().as_str()).map(str::to_owned);
        if let Some(engine) = engine.filter(|engine| !KEYS.contains(&engine.as_str())) {
            table.get_mut().remove(engine.as_str());
        }
        let read = Text::deserialize(Deserializer::from(table)).map_err(|error| unfit(origin, text, &error))?;
        if let Some((span, problem)) = checks::first_contradiction(&read) {
            return Err(ManifestError::at(origin, text, Some(span), problem));
        }
        Ok(Self {
            system: read.system.into_inner(),
            engine: read.engine,
            title: read.title,
            translation: read.translation,
            endpoint: read.endpoint.into_inner(),
            quota: read.quota,
            deliver: read.deliver.map(Spanned::into_inner),
            inquire: read.inquire,
            lookups: read.lookups.into_iter().map(|(name, lookup)| (name, lookup.into_inner())).collect(),
            outcome: read.outcome,
            source: Source { origin: origin.into(), text: text.into() },
        })
    }

    /// Reads the table that belongs to the engine alone (`[soap]` for the engine `soap`). None when there is none.
    ///
    /// # Errors
    /// The table does not have the shape the engine wants; the error names line, column and key.
    pub fn section<T: DeserializeOwned>(&self) -> Result<Option<T>, ManifestError> {
        let Source { origin, text } = &self.source;
        let mut table = table(text, origin)?;
        let Some((_, section)) = table.get_mut().remove_entry(self.engine.as_str()) else { return Ok(None) };
        let read = T::deserialize(ValueDeserializer::from(section));
        read.map(Some).map_err(|error| unfit(origin, text, &error))
    }

    /// Puts values in place of the `${VARIABLE}`s of the address.
    ///
    /// # Errors
    /// A variable has no value, or the address with its values is not an address.
    pub fn resolve(mut self, variables: impl Fn(&str) -> Option<String>) -> Result<Self, ManifestError> {
        if let Some(address) = &self.endpoint.base_url {
            self.endpoint.base_url = Some(address.resolve(&self.system, variables)?);
        }
        Ok(self)
    }
}

/// The keys of a manifest that are not an engine's.
const KEYS: [&str; 10] =
    ["system", "engine", "title", "translation", "endpoint", "quota", "deliver", "inquire", "lookup", "outcome"];

fn table<'a>(text: &'a str, origin: &str) -> Result<Spanned<DeTable<'a>>, ManifestError> {
    DeTable::parse(text).map_err(|error| unfit(origin, text, &error))
}

fn unfit(origin: &str, text: &str, error: &toml::de::Error) -> ManifestError {
    let problem = error.message().trim().replace('\n', "; ");
    let problem = format!("{problem} (the shape is in connectors/contract/README.md)");
    ManifestError::at(origin, text, error.span(), problem)
}
