//! Tokens that rotate: kept by the host, renewed before they expire and once after a 401, never rotated when the new ones
//! could not be kept.
//!
//! A lost refresh token locks the institution out until a person signs in with a qualified certificate, so a renewal is
//! asked seven days before the access token ends: what then goes wrong leaves a week to notice. It cannot be undone when
//! the answer to a renewal is lost; the access token at hand is used to its end.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use openssl::sha::sha256;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::Clock;
use crate::shape::{Shape, shape};
use crate::store::TokenStore;
use crate::wire::Wire;

/// A renewal is asked so long before the end, or at nine tenths of a shorter life.
const MARGIN: i64 = 7 * 86_400;
/// After a renewal that did not succeed the next is asked so much later, while the old token still serves.
const PAUSE: i64 = 3_600;

/// What a channel's secret holds, as JSON: the application, the tokens of the first sign-in, and whom they stand for.
#[derive(Clone)]
pub(crate) struct Enrolment {
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    pub(crate) refresh_token: SecretString,
    /// The tax code of the institution, without RO.
    pub(crate) cif: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolmentText {
    client_id: String,
    client_secret: String,
    refresh_token: String,
    cif: String,
}

impl Enrolment {
    /// Reads a channel's secret. The error names no value.
    pub(crate) fn read(secret: &SecretString) -> Result<Self, &'static str> {
        let read: EnrolmentText = serde_json::from_str(secret.expose_secret())
            .map_err(|_| "a secret of the form {client_id, client_secret, refresh_token, cif}")?;
        let EnrolmentText { client_id, client_secret, refresh_token, cif } = read;
        if !(2..=13).contains(&cif.len()) || !cif.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("a cif of digits, without RO, in its secret");
        }
        Ok(Self { client_id, client_secret: client_secret.into(), refresh_token: refresh_token.into(), cif })
    }

    /// The name its tokens are kept under: another sign-in begins a chain of its own.
    fn name(&self) -> String {
        let text = format!("{}\0{}", self.client_id, self.refresh_token.expose_secret());
        hex::encode(&sha256(text.as_bytes())[..16])
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error(
        "autorizarea la ANAF nu mai este valabilă ({0}): un reprezentant cu certificat calificat trebuie să o reînnoiască"
    )]
    Revoked(String),
    #[error("jetonul ANAF nu s-a putut reînnoi: {0}")]
    Busy(String),
    #[error("depozitul jetoanelor ANAF nu poate fi folosit: {0}")]
    Store(String),
}

impl TokenError {
    /// When to try again.
    pub(crate) fn retry_after(&self) -> Duration {
        match self {
            Self::Revoked(_) => Duration::from_secs(3_600),
            Self::Busy(_) | Self::Store(_) => Duration::from_secs(60),
        }
    }
}

/// The tokens of all channels, over one store.
pub struct OAuth {
    clock: Clock,
    store: Arc<dyn TokenStore>,
    chains: Mutex<HashMap<String, Arc<Chain>>>,
}

impl OAuth {
    /// Tokens kept in a store. Both engines share one of these: the same tokens serve both.
    #[must_use]
    pub fn new(clock: Clock, store: Arc<dyn TokenStore>) -> Arc<Self> {
        Arc::new(Self { clock, store, chains: Mutex::default() })
    }

    /// The chain of a sign-in, the same for every channel that begins with it.
    pub(crate) fn chain(&self, enrolment: Enrolment, login: &Url, wire: Wire) -> Arc<Chain> {
        let name = enrolment.name();
        let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
        let chain = chains.entry(name.clone()).or_insert_with(|| {
            let mut address = login.clone();
            address.set_path("/anaf-oauth2/v1/token");
            let (clock, store) = (Arc::clone(&self.clock), Arc::clone(&self.store));
            Arc::new(Chain { name, enrolment, address, wire, clock, store, turn: tokio::sync::Mutex::default() })
        });
        Arc::clone(chain)
    }
}

/// One chain of tokens, each pair from the one before.
pub(crate) struct Chain {
    name: String,
    enrolment: Enrolment,
    address: Url,
    wire: Wire,
    clock: Clock,
    store: Arc<dyn TokenStore>,
    turn: tokio::sync::Mutex<Held>,
}

#[derive(Default)]
struct Held {
    tokens: Option<Tokens>,
    /// The tokens at hand are not certainly kept.
    unsaved: bool,
    not_before: i64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: String,
    /// When the access token ends, and when to renew it.
    access_until: i64,
    renew_at: i64,
}

enum Renewal {
    Done(Tokens),
    Refused(String),
    NotNow(String),
}

impl Chain {
    /// A token that is good now.
    pub(crate) async fn bearer(&self) -> Result<SecretString, TokenError> {
        let mut held = self.turn.lock().await;
        let now = (self.clock)();
        let tokens = self.at_hand(&mut held).await?;
        let living = tokens.access_until > now;
        if living && (now < tokens.renew_at || now < held.not_before) {
            return Ok(tokens.access_token.into());
        }
        match self.renew(&mut held, &tokens).await {
            Ok(fresh) => Ok(fresh.access_token.into()),
            // It still serves; whoever is to act has days for it.
            Err(_) if living => {
                held.not_before = now + PAUSE;
                Ok(tokens.access_token.into())
            }
            Err(error) => Err(error),
        }
    }

    /// A token in place of one that was not recognised. Whoever renewed meanwhile is believed.
    pub(crate) async fn instead_of(&self, stale: &SecretString) -> Result<SecretString, TokenError> {
        let mut held = self.turn.lock().await;
        let tokens = self.at_hand(&mut held).await?;
        if tokens.access_token != stale.expose_secret() {
            return Ok(tokens.access_token.into());
        }
        Ok(self.renew(&mut held, &tokens).await?.access_token.into())
    }

    /// The tokens in memory, else those that are kept, else those of the first sign-in.
    async fn at_hand(&self, held: &mut Held) -> Result<Tokens, TokenError> {
        if let Some(tokens) = held.tokens.clone() {
            if held.unsaved {
                held.unsaved = self.save(&tokens).await.is_err();
            }
            return Ok(tokens);
        }
        let first = || {
            let refresh_token = self.enrolment.refresh_token.expose_secret().to_owned();
            Tokens { access_token: String::new(), refresh_token, access_until: 0, renew_at: 0 }
        };
        let tokens = self.kept().await?.unwrap_or_else(first);
        held.tokens = Some(tokens.clone());
        Ok(tokens)
    }

    /// Asks for a new pair, alone among all who share the store, and keeps it before it is used.
    async fn renew(&self, held: &mut Held, old: &Tokens) -> Result<Tokens, TokenError> {
        let (store, name) = (Arc::clone(&self.store), self.name.clone());
        let _alone = blocking(move || store.guard(&name)).await?;
        if let Some(kept) = self.kept().await?.filter(|kept| kept.refresh_token != old.refresh_token && !held.unsaved) {
            held.tokens = Some(kept.clone());
            return Ok(kept);
        }
        // What cannot be kept must not be rotated: the store shows first that it can be written.
        self.save(old).await?;
        match self.ask(old).await {
            Renewal::Done(fresh) => {
                held.unsaved = self.save(&fresh).await.is_err();
                held.tokens = Some(fresh.clone());
                Ok(fresh)
            }
            Renewal::Refused(code) => Err(TokenError::Revoked(code)),
            Renewal::NotNow(reason) => Err(TokenError::Busy(reason)),
        }
    }

    async fn ask(&self, old: &Tokens) -> Renewal {
        let form = renewal_form(&old.refresh_token);
        let Enrolment { client_id, client_secret, .. } = &self.enrolment;
        let basic = STANDARD.encode(format!("{client_id}:{}", client_secret.expose_secret()));
        let request = self.wire.posting(self.address.clone());
        let request = request.header(AUTHORIZATION, format!("Basic {basic}")).header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let now = (self.clock)();
        let reply = match self.wire.call(request, Some(form), now).await {
            Ok(reply) => reply,
            Err(failure) => return Renewal::NotNow(words(failure)),
        };
        match (reply.status, shape(&reply.body, &reply.content_type)) {
            (200, Shape::Json(answer)) => match fresh(&answer, now) {
                Some(tokens) => Renewal::Done(tokens),
                None => Renewal::NotNow("răspunsul nu conține jetoane".to_owned()),
            },
            (400 | 401, Shape::Json(answer)) => {
                let code = answer.get("error").and_then(Value::as_str).unwrap_or("fără cod");
                Renewal::Refused(code.chars().take(60).collect())
            }
            (status, _) => Renewal::NotNow(format!("serviciul de autorizare a răspuns cu starea {status}")),
        }
    }

    async fn kept(&self) -> Result<Option<Tokens>, TokenError> {
        let (store, name) = (Arc::clone(&self.store), self.name.clone());
        let kept = blocking(move || store.load(&name)).await?;
        let read = kept.map(|text| serde_json::from_str(text.expose_secret())).transpose();
        read.map_err(|_| TokenError::Store("ce este păstrat nu se poate citi".to_owned()))
    }

    async fn save(&self, tokens: &Tokens) -> Result<(), TokenError> {
        let text = serde_json::to_string(tokens).map_err(|error| TokenError::Store(error.to_string()))?;
        let (store, name, text) = (Arc::clone(&self.store), self.name.clone(), SecretString::from(text));
        blocking(move || store.save(&name, &text)).await
    }
}

fn renewal_form(refresh_token: &str) -> Bytes {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token");
    form.append_pair("refresh_token", refresh_token);
    form.append_pair("token_content_type", "jwt");
    form.finish().into()
}

fn fresh(answer: &Value, now: i64) -> Option<Tokens> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    // Documented as a number of seconds, about 90 days; some clients met texts.
    let lifetime = answer.get("expires_in");
    let lifetime = lifetime.and_then(|one| one.as_i64().or_else(|| one.as_str()?.parse().ok())).unwrap_or(3_600).max(1);
    let access_until = now.saturating_add(lifetime);
    let renew_at = access_until - MARGIN.min(lifetime / 10);
    Some(Tokens { access_token: text("access_token")?, refresh_token: text("refresh_token")?, access_until, renew_at })
}

fn words(failure: connectors_http::Failure) -> String {
    match failure {
        connectors_http::Failure::Unsent(why) | connectors_http::Failure::Lost(why) => why,
    }
}

/// Files and locks wait; the runtime must not.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, TokenError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|_| TokenError::Store("a fost întrerupt".to_owned()))?;
    done.map_err(|error| TokenError::Store(error.kind().to_string()))
}
