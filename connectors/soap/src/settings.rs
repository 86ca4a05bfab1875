//! The table `[soap]` of a manifest.

use connectors_contract::manifest::template::FACTS;
use connectors_contract::{Manifest, ManifestError};
use serde::Deserialize;

use crate::xml_text::XmlText;

/// How a system speaks SOAP.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// `1.1`, the default, or `1.2`.
    #[serde(default)]
    pub(crate) version: Version,
    /// WS-Security of what is sent.
    #[serde(default)]
    pub(crate) security: Security,
    /// Whether an answer must be signed by a certificate the channel's trust anchors lead to.
    #[serde(default)]
    pub(crate) verify_answers: bool,
    /// How a document is sent.
    pub(crate) deliver: Option<Operation>,
    /// How to ask what became of one.
    pub(crate) inquire: Option<Operation>,
}

/// One operation of the service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    /// The SOAPAction of 1.1, the action parameter of 1.2.
    #[serde(default)]
    pub(crate) action: String,
    /// The child of the body, with holes; without it, the translated document itself.
    pub(crate) body: Option<XmlText>,
    /// The local name of the element that answers. Another answer is none.
    pub(crate) answer: String,
}

/// The version of SOAP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Version {
    /// W3C Note of 8 May 2000.
    #[default]
    #[serde(rename = "1.1")]
    V11,
    /// W3C Recommendation of 27 April 2007.
    #[serde(rename = "1.2")]
    V12,
}

/// The WS-Security header of what is sent (OASIS Web Services Security 1.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Security {
    /// None.
    #[default]
    None,
    /// A UsernameToken; without a user here the secret is `user:password`.
    UsernameToken {
        /// The user name.
        user: Option<String>,
        /// `text` or `digest`.
        password: PasswordForm,
    },
    /// The body and a timestamp signed with the channel's identity.
    X509,
}

/// The form of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PasswordForm {
    /// As it is; the connection must be secret.
    Text,
    /// Hashed with a nonce and the time.
    Digest,
}

/// What a body template may select beside facts: the document, as text in base64, or compressed with zlib before.
pub(crate) const BODY_HOLES: [&str; 3] = ["body", "body_base64", "body_zlib_base64"];
/// How a hole begins that selects a place in the document, read as XML.
pub(crate) const PLACE: &str = "body:";

impl Version {
    /// The namespace of the envelope.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The media type of the envelope.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml",
            Self::V12 => "application/soap+xml",
        }
    }
}

impl Settings {
    /// The table of a manifest, checked whole.
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, ManifestError> {
        let settings: Self = manifest.section()?.unwrap_or_default();
        let wrong = |asked: String, way_out: &str| ManifestError::Unsupported {
            system: manifest.system.clone(),
            engine: "soap".to_owned(),
            asked,
            way_out: way_out.to_owned(),
        };
        if manifest.deliver.is_some() != settings.deliver.is_some() {
            return Err(wrong("[deliver] and [soap.deliver] one without the other".to_owned(), "write both or none"));
        }
        if manifest.inquire.is_some() != settings.inquire.is_some() {
            return Err(wrong("[inquire] and [soap.inquire] one without the other".to_owned(), "write both or none"));
        }
        if settings.inquire.as_ref().is_some_and(|inquire| inquire.body.is_none()) {
            return Err(wrong("a question without a body".to_owned(), "write body into [soap.inquire]"));
        }
        if !manifest.outcome.content_type.is_empty() || !manifest.outcome.reads.is_empty() {
            let way_out = "leave it out: an answer of SOAP is an envelope, everything else is a page";
            return Err(wrong("content_type or reads in [outcome]".to_owned(), way_out));
        }
        for operation in settings.deliver.iter().chain(&settings.inquire) {
            if operation.action.chars().any(|letter| letter == '"' || letter == '\\' || !(' '..='~').contains(&letter))
            {
                return Err(wrong(
                    format!("the action {:?}", operation.action),
                    "it stands in a header, in quotes: plain ASCII",
                ));
            }
            let Some(body) = &operation.body else { continue };
            let known = |name: &str| FACTS.contains(&name) || BODY_HOLES.contains(&name) || name.starts_with(PLACE);
            if let Some(unknown) = body.selected().find(|name| !known(name)) {
                let way_out = format!("use {}, {}, or body:/place", FACTS.join(", "), BODY_HOLES.join(", "));
                return Err(wrong(format!("the hole {{{unknown}}}"), &way_out));
            }
            body.check().map_err(|problem| wrong(problem, "the body is one XML element with holes"))?;
        }
        Ok(settings)
    }
}
