//! What proves who we are, in HTTP and in the envelope, and how the secret stays out of everything else.

use connectors_contract::manifest::Auth;
use connectors_contract::{Channel, Manifest, ManifestError};
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use crate::security::{Account, Prover, SigningKey};
use crate::settings::{Security, Settings};

/// What proves who we are, made once per channel. Has no Debug on purpose.
pub(crate) struct Credentials {
    http: connectors_http::Credentials,
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
        if manifest.endpoint.auth == Auth::StandardWebhooks {
            return Err(ManifestError::Unsupported {
                system: manifest.system.clone(),
                engine: manifest.engine.clone(),
                asked: "standard-webhooks".to_owned(),
                way_out: "use basic, bearer or header, or security in [soap]".to_owned(),
            });
        }
        let prover = match &settings.security {
            Security::None => Prover::None,
            Security::UsernameToken { user, password: form } => {
                let secret = channel.secret.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
                let (user, password) = match user {
                    Some(user) => (user.as_str(), secret),
                    None => secret.split_once(':').unwrap_or_default(),
                };
                if user.is_empty() || password.is_empty() {
                    let way_out = "write the secret as user:password, or the user into the manifest";
                    return Err(lacks("user and password", way_out));
                }
                Prover::Account(Account { user: user.to_owned(), password: password.to_owned().into(), form: *form })
            }
            Security::X509 => {
                let way_out = "messages are signed with it, store certificate and key";
                let identity = channel.identity.as_ref().ok_or_else(|| lacks("the identity", way_out))?;
                let key = SigningKey::from_pem(identity.expose_secret());
                Prover::Key(Box::new(key.map_err(|problem| lacks("an identity to sign with", &problem))?))
            }
        };
        let mut hidden: Vec<SecretString> = channel.secret.iter().cloned().collect();
        if let Prover::Account(account) = &prover {
            hidden.push(account.password.clone());
        }
        hidden.retain(|secret| !secret.expose_secret().is_empty());
        Ok(Self { http: connectors_http::Credentials::prepare(manifest, channel)?, prover, hidden })
    }

    /// Adds the proof of HTTP to the headers of a message.
    pub(crate) fn prove(&self, headers: &mut HeaderMap, now: i64) -> Result<(), String> {
        // Key and body are a webhook's, which is refused above.
        self.http.prove(headers, "", now, &[])
    }

    /// Text that may have come from the target or the network, without any of our secrets in it, cut to 500 characters.
    pub(crate) fn said(&self, text: String) -> String {
        let secrets = self.hidden.iter().map(ExposeSecret::expose_secret);
        let hidden = secrets.fold(self.http.hide(text), |text, secret| text.replace(secret, "[secret]"));
        hidden.chars().take(500).collect()
    }
}
