//! How HTTP shows who calls, and how the secret stays out of everything else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connectors_contract::manifest::Auth;
use connectors_contract::{Channel, Manifest, ManifestError};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::security::{Account, Prover, SigningKey};
use crate::settings::{Security, Settings};

/// What proves who we are, made once per channel. Has no Debug on purpose.
pub(crate) struct Credentials {
    header: Option<(HeaderName, HeaderValue)>,
    pub(crate) prover: Prover,
    hidden: Vec<SecretString>,
}

impl Credentials {
    /// Makes the proofs a manifest asks for from what a channel carries.
    pub(crate) fn prepare(manifest: &Manifest, settings: &Settings, channel: &Channel) -> Result<Self, ManifestError> {
        let lacks = |lacks: &str, way_out: &str| ManifestError::Channel {
            system: manifest.system.clone(),
            lacks: lacks.to_owned(),
            way_out: way_out.to_owned(),
        };
        let secret = || {
            let secret = channel.secret.as_ref().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty());
            secret.ok_or_else(|| lacks("the secret", "the manifest needs one, store it in the channel"))
        };
        let pair = |user: &Option<String>| -> Result<(String, String), ManifestError> {
            let secret = secret()?;
            let way_out = "write the secret as user:password, or the user into the manifest";
            match user {
                Some(user) => Ok((user.clone(), secret.to_owned())),
                None => secret
                    .split_once(':')
                    .map(|(user, password)| (user.to_owned(), password.to_owned()))
                    .ok_or_else(|| lacks("a user", way_out)),
            }
        };
        let header = |name: HeaderName, value: String| {
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| lacks("a secret that fits a header", "it has a line break or a letter outside ASCII"))?;
            value.set_sensitive(true);
            Ok::<_, ManifestError>(Some((name, value)))
        };
        let mut hidden = Vec::new();
        let header = match &manifest.endpoint.auth {
            Auth::None => None,
            Auth::Bearer => header(AUTHORIZATION, format!("Bearer {}", secret()?))?,
            Auth::Basic { user } => {
                let (user, password) = pair(user)?;
                let encoded = STANDARD.encode(format!("{user}:{password}"));
                hidden.extend([password, encoded.clone()]);
                header(AUTHORIZATION, format!("Basic {encoded}"))?
            }
            Auth::Header { name } => {
                let name = HeaderName::try_from(name.as_str()).map_err(|_| {
                    unsupported(manifest, &format!("a header called {name:?}"), "use letters, digits and -")
                })?;
                header(name, secret()?.to_owned())?
            }
            Auth::StandardWebhooks => {
                return Err(unsupported(manifest, "standard-webhooks", "use basic, bearer, header or [soap] security"));
            }
        };
        let prover = match &settings.security {
            Security::None => Prover::None,
            Security::UsernameToken { user, password: form } => {
                let (user, password) = pair(user)?;
                hidden.push(password.clone());
                Prover::Account(Account { user, password: password.into(), form: *form })
            }
            Security::X509 => {
                let identity = channel.identity.as_ref();
                let identity = identity
                    .ok_or_else(|| lacks("the identity", "messages are signed with it, store certificate and key"))?;
                let key = SigningKey::from_pem(identity.expose_secret())
                    .map_err(|problem| lacks("a usable identity", &problem))?;
                Prover::Key(Box::new(key))
            }
        };
        hidden.extend(channel.secret.iter().map(|secret| secret.expose_secret().to_owned()));
        hidden.retain(|secret| !secret.is_empty());
        Ok(Self { header, prover, hidden: hidden.into_iter().map(SecretString::from).collect() })
    }

    /// Adds the proof of HTTP to the headers of a message.
    pub(crate) fn prove(&self, headers: &mut HeaderMap) {
        if let Some((name, value)) = &self.header {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// Text that may have come from the target or the network, without any of our secrets in it, cut to 500 characters.
    pub(crate) fn said(&self, text: String) -> String {
        let secrets = self.hidden.iter().map(ExposeSecret::expose_secret);
        let hidden = secrets
            .fold(text, |text, secret| if text.contains(secret) { text.replace(secret, "[secret]") } else { text });
        hidden.chars().take(500).collect()
    }
}

fn unsupported(manifest: &Manifest, asked: &str, way_out: &str) -> ManifestError {
    ManifestError::Unsupported {
        system: manifest.system.clone(),
        engine: "soap".to_owned(),
        asked: asked.to_owned(),
        way_out: way_out.to_owned(),
    }
}
