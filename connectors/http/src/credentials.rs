//! How a request shows who sends it, and how the secret stays out of everything else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connectors_contract::manifest::Auth;
use connectors_contract::{Channel, Manifest, ManifestError};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// What proves who we are, made once per channel. Has no Debug on purpose.
pub struct Credentials {
    proof: Proof,
    hidden: Vec<SecretString>,
}

enum Proof {
    None,
    Header(HeaderName, HeaderValue),
    Webhook(Vec<PKey<Private>>),
}

impl Credentials {
    /// Makes the proof a manifest asks for from the secret a channel carries.
    ///
    /// # Errors
    /// The channel lacks the secret, or it does not fit its place.
    pub fn prepare(manifest: &Manifest, channel: &Channel) -> Result<Self, ManifestError> {
        let lacks = |lacks: &str, way_out: &str| ManifestError::Channel {
            system: manifest.system.clone(),
            lacks: lacks.to_owned(),
            way_out: way_out.to_owned(),
        };
        if manifest.endpoint.auth == Auth::None {
            return Ok(Self { proof: Proof::None, hidden: Vec::new() });
        }
        let secret = channel.secret.as_ref().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty());
        let secret =
            secret.ok_or_else(|| lacks("the secret", "the manifest's auth needs one, store it in the channel"))?;
        let mut hidden = vec![secret.to_owned()];
        let header = |name: HeaderName, value: &str| {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| lacks("a secret that fits a header", "it has a line break or a letter outside ASCII"))?;
            value.set_sensitive(true);
            Ok(Proof::Header(name, value))
        };
        let proof = match &manifest.endpoint.auth {
            Auth::None => Proof::None,
            Auth::Bearer => header(AUTHORIZATION, &format!("Bearer {secret}"))?,
            Auth::Basic { user } => {
                let pair = user.as_ref().map_or_else(|| secret.to_owned(), |user| format!("{user}:{secret}"));
                let Some((_, password)) = pair.split_once(':') else {
                    return Err(lacks("a user", "write the secret as user:password, or the user into the manifest"));
                };
                let encoded = STANDARD.encode(&pair);
                hidden.extend([password.to_owned(), encoded.clone()]);
                header(AUTHORIZATION, &format!("Basic {encoded}"))?
            }
            Auth::Header { name } => {
                let name = HeaderName::try_from(name.as_str()).map_err(|_| ManifestError::Unsupported {
                    system: manifest.system.clone(),
                    engine: manifest.engine.clone(),
                    asked: format!("a header called {name:?}"),
                    way_out: "use letters, digits and -".to_owned(),
                })?;
                header(name, secret)?
            }
            Auth::StandardWebhooks => {
                hidden.extend(secret.split_whitespace().map(|one| one.trim_start_matches("whsec_").to_owned()));
                let keys: Option<Vec<_>> = secret.split_whitespace().map(webhook_key).collect();
                Proof::Webhook(keys.filter(|keys| !keys.is_empty()).ok_or_else(|| {
                    lacks(
                        "a webhook secret",
                        "write whsec_ and then 24 to 64 bytes in base64; two secrets with a space between",
                    )
                })?)
            }
        };
        hidden.retain(|secret| !secret.is_empty());
        Ok(Self { proof, hidden: hidden.into_iter().map(SecretString::from).collect() })
    }

    /// Adds the proof to the headers of a request. `body` is the whole body, which only a webhook's proof needs.
    ///
    /// # Errors
    /// The key does not fit a header, or the TLS library cannot sign.
    pub fn prove(&self, headers: &mut HeaderMap, key: &str, now: i64, body: &[u8]) -> Result<(), String> {
        match &self.proof {
            Proof::None => {}
            Proof::Header(name, value) => {
                headers.insert(name.clone(), value.clone());
            }
            Proof::Webhook(keys) => {
                let signed = [format!("{key}.{now}.").as_bytes(), body].concat();
                let signatures: Result<Vec<_>, ErrorStack> = keys.iter().map(|key| sign(key, &signed)).collect();
                let signatures = signatures.map_err(|error| format!("signing the webhook: {error}"))?.join(" ");
                let named =
                    [("webhook-id", key), ("webhook-timestamp", &now.to_string()), ("webhook-signature", &signatures)];
                for (name, value) in named {
                    let value = HeaderValue::from_str(value).map_err(|_| format!("{name} does not fit a header"))?;
                    headers.insert(name, value);
                }
            }
        }
        Ok(())
    }

    /// Text that may have come from the target or the network, without any of our secrets in it.
    #[must_use]
    pub fn hide(&self, text: String) -> String {
        self.hidden
            .iter()
            .map(ExposeSecret::expose_secret)
            .fold(text, |text, secret| if text.contains(secret) { text.replace(secret, "[secret]") } else { text })
    }
}

fn webhook_key(secret: &str) -> Option<PKey<Private>> {
    let bytes = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    if !(24..=64).contains(&bytes.len()) {
        return None;
    }
    PKey::hmac(&bytes).ok()
}

fn sign(key: &PKey<Private>, signed: &[u8]) -> Result<String, ErrorStack> {
    let mut signer = Signer::new(MessageDigest::sha256(), key)?;
    signer.update(signed)?;
    Ok(format!("v1,{}", STANDARD.encode(signer.sign_to_vec()?)))
}
