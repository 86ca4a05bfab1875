//! Where a system is and how it knows us. Secrets are never here: a channel carries them.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use url::Url;

use super::ManifestError;
use crate::Channel;

/// Where the system is and how it knows us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The base address. Without it every channel brings its own.
    pub base_url: Option<Address>,
    /// The longest silence of the target, and the longest time for it to give its answer.
    #[serde(default = "default_timeout", deserialize_with = "duration")]
    pub timeout: Duration,
    /// How it knows us.
    #[serde(default)]
    pub auth: Auth,
}

/// What addresses may begin with. Which of them an engine speaks is for the engine to say.
const SCHEMES: [&str; 10] = ["http", "https", "file", "sftp", "amqp", "amqps", "smtp", "smtps", "imap", "imaps"];

/// An address that may hold `${VARIABLE}`s.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Address(String);

/// How the system knows us; the secret itself is in the channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AuthText")]
pub enum Auth {
    /// It does not.
    #[default]
    None,
    /// `Authorization: Bearer <secret>`.
    Bearer,
    /// `Authorization: Basic`; without a user here the secret is `user:password`.
    Basic {
        /// The user name.
        user: Option<String>,
    },
    /// A header of its own that holds the secret.
    Header {
        /// The header's name.
        name: String,
    },
    /// Signed per Standard Webhooks; the secret is `whsec_…`.
    StandardWebhooks,
}

impl Endpoint {
    /// The address to call for a channel: the channel's own, or else the manifest's.
    ///
    /// # Errors
    /// There is none, or it cannot be used.
    pub fn address(&self, system: &str, channel: &Channel) -> Result<Url, ManifestError> {
        match (&channel.address, &self.base_url) {
            (Some(address), _) => usable(address.clone(), system),
            (None, Some(address)) => address.url(system),
            (None, None) => Err(ManifestError::Channel {
                system: system.to_owned(),
                lacks: "an address".to_owned(),
                way_out: "this system has no address of its own, give the channel one".to_owned(),
            }),
        }
    }
}

impl Address {
    /// The address, if no variable is left in it.
    ///
    /// # Errors
    /// A variable is left, or the text is not an http(s) address, or it carries a password.
    pub fn url(&self, system: &str) -> Result<Url, ManifestError> {
        let problem = |problem: String| ManifestError::Address { system: system.to_owned(), problem };
        if let Some(name) = variables(&self.0).into_iter().next() {
            return Err(problem(format!(
                "the address needs the variable {name}, set it or give the channel an address"
            )));
        }
        let url = Url::parse(&self.0).map_err(|error| problem(format!("its address is not an address: {error}")))?;
        usable(url, system)
    }

    pub(super) fn resolve(&self, system: &str, values: impl Fn(&str) -> Option<String>) -> Result<Self, ManifestError> {
        let mut pieces = self.0.split("${");
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, literal) = piece.split_once('}').unwrap_or((piece, ""));
            let value = values(name).ok_or_else(|| ManifestError::Address {
                system: system.to_owned(),
                problem: format!("the address needs the variable {name}, which has no value; set it"),
            })?;
            text.push_str(&value);
            text.push_str(literal);
        }
        let resolved = Self(text);
        resolved.url(system)?;
        Ok(resolved)
    }
}

fn usable(url: Url, system: &str) -> Result<Url, ManifestError> {
    let problem = |problem: String| ManifestError::Address { system: system.to_owned(), problem };
    if !SCHEMES.contains(&url.scheme()) {
        return Err(problem(format!(
            "its address begins with {}:, write https:// or one of {SCHEMES:?}",
            url.scheme()
        )));
    }
    // The user of an SFTP address is part of the place; the user of an HTTP one goes with the password.
    let named = !url.username().is_empty() && matches!(url.scheme(), "http" | "https");
    if url.password().is_some() || named {
        return Err(problem("its address carries a user or password, move it to the channel's secret".to_owned()));
    }
    Ok(url)
}

fn variables(text: &str) -> Vec<&str> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let names = variables(&text);
        let closed = names.len() == text.matches("${").count();
        let named = names.iter().all(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        });
        if !(closed && named) {
            return Err("a variable is written ${NAME}, in capital letters, digits and _".to_owned());
        }
        if names.is_empty() {
            Self(text.clone()).url("").map_err(|error| match error {
                ManifestError::Address { problem, .. } => problem,
                other => other.to_string(),
            })?;
        }
        Ok(Self(text))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthText {
    kind: String,
    user: Option<String>,
    name: Option<String>,
}

impl TryFrom<AuthText> for Auth {
    type Error = String;

    fn try_from(text: AuthText) -> Result<Self, String> {
        if text.user.is_some() && text.kind != "basic" {
            return Err("user belongs to kind = \"basic\" only".to_owned());
        }
        if text.name.is_some() != (text.kind == "header") {
            return Err("name belongs to kind = \"header\", which needs it".to_owned());
        }
        match text.kind.as_str() {
            "none" => Ok(Self::None),
            "bearer" => Ok(Self::Bearer),
            "basic" => Ok(Self::Basic { user: text.user }),
            "header" => Ok(Self::Header { name: text.name.unwrap_or_default() }),
            "standard-webhooks" => Ok(Self::StandardWebhooks),
            other => {
                Err(format!("there is no auth kind {other:?}, use none, bearer, basic, header or standard-webhooks"))
            }
        }
    }
}

fn default_timeout() -> Duration {
    Duration::from_secs(30)
}

/// A time as it should be written, or a bare number, which everybody tries first.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Number(u64),
    Other(toml::Value),
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = match Written::deserialize(deserializer)? {
        Written::Text(text) => text,
        Written::Number(number) => {
            let problem = format!("{number} has no unit, write \"{number}s\" (or \"500ms\", \"2min\")");
            return Err(serde::de::Error::custom(problem));
        }
        Written::Other(other) => {
            let problem = format!("a time-out is a text such as \"30s\", not {}", other.type_str());
            return Err(serde::de::Error::custom(problem));
        }
    };
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let duration =
        text[..text.len() - unit.len()].parse::<u32>().ok().filter(|number| *number > 0).and_then(|number| {
            let number = u64::from(number);
            match unit {
                "ms" => Some(Duration::from_millis(number)),
                "s" => Some(Duration::from_secs(number)),
                "min" => Some(Duration::from_secs(number * 60)),
                _ => None,
            }
        });
    duration.ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a time-out, write 500ms, 10s or 2min")))
}
