//! The manifest of a system: data, no conditions, loops or expressions.
//!
//! Reads a manifest once, completely and strictly, so that an engine may trust every value in it. It never reads the
//! environment, a secret or another file. `README.md` of this package shows the whole shape.

use serde::Deserialize;
use toml::Spanned;

pub mod error;
pub mod template;
pub mod endpoint;
pub mod quota;
pub mod deliver;
pub mod envelope;
pub mod inquire;
pub mod answers;
mod checks;

pub use answers::{AnswerRule, Answers, Class, Condition, PageClasses, Pointer, Statuses};
pub use deliver::{BodyShape, Deliver, Method, MultipartNames};
pub use endpoint::{Address, Auth, Endpoint};
pub use envelope::{Envelope, EnvelopeValue};
pub use error::ManifestError;
pub use inquire::Inquire;
pub use quota::{Quota, Rate};
pub use template::{MissingFact, PartTemplate, Template};

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
    /// How a document is sent.
    pub deliver: Deliver,
    /// How to ask what became of a sending whose answer was lost.
    pub inquire: Option<Inquire>,
    /// What its answers mean.
    pub outcome: Answers,
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
    deliver: Spanned<Deliver>,
    inquire: Option<Inquire>,
    #[serde(default)]
    outcome: Answers,
}

impl Manifest {
    /// Reads the text of a manifest. `origin` is where the text came from, for the error.
    ///
    /// # Errors
    /// The text is not TOML, has a key that is not known, or says something that cannot hold together.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ManifestError> {
        let read: Text = toml::from_str(text).map_err(|error| {
            let problem = error.message().trim().replace('\n', "; ");
            ManifestError::at(
                origin,
                text,
                error.span(),
                format!("{problem} (the shape is in connectors/contract/README.md)"),
            )
        })?;
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
            deliver: read.deliver.into_inner(),
            inquire: read.inquire,
            outcome: read.outcome,
        })
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
