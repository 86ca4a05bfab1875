//! Identity providers: OpenID Connect core 1.0, the code flow with PKCE (RFC 7636), and what follows at sign-out.
//!
//! What is random in a sign-in is derived from what the browser holds during it, so that an answer is good in the browser that asked
//! and nowhere else. What a provider says is believed for the institutions it was configured for, and no other.

mod discovery;
mod jws;
mod token;
mod account;
mod sign_out;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_flow::identity::{Change, SignInStep, StepKind, Token};
use openssl::memcmp;
use openssl::sha::{Sha256, sha256};
use serde::{Deserialize, Serialize};

use crate::api::App;
use crate::api::problem::Problem;
use crate::config::ProviderConfig;

use super::browser::{Visitor, next};
use super::entering::{Entered, NotEntered, STEP_MINUTES, enter, token as new_token, write};

pub use sign_out::{sign_out_address, signed_out};

/// A provider with what is known of it.
pub struct Provider {
    /// Id in addresses.
    pub id: String,
    /// Name on the page.
    pub name: String,
    settings: ProviderConfig,
    http: reqwest::Client,
    known: discovery::Known,
}

/// Why a provider's answer is not believed.
#[derive(Debug, thiserror::Error)]
pub enum NotBelieved {
    /// It cannot be reached, or answers nonsense.
    #[error("the identity provider {0} does not answer as it should: {1}")]
    Silent(String, String),
    /// A token is not what it must be.
    #[error("a token of the identity provider is not believed: {0}")]
    Token(&'static str),
    /// Nobody of the institutions it speaks for.
    #[error("the person is nobody here")]
    Nobody,
}

impl Provider {
    /// A provider as configured. It is asked for the first time when somebody signs in by it.
    pub(super) fn of(settings: &ProviderConfig) -> anyhow::Result<Self> {
        let id = &settings.id;
        let plain =
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !plain {
            bail!("sign_in.providers: the id {id:?} is of letters, digits and dashes");
        }
        if settings.parties.is_empty() {
            bail!("sign_in.providers: {id} names no institution in parties; it would sign in nobody");
        }
        let loopback = matches!(settings.issuer.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if settings.issuer.scheme() != "https" && !loopback {
            bail!("sign_in.providers: the issuer of {id} must be https");
        }
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .with_context(|| format!("sign_in.providers: {id} cannot be asked"))?;
        Ok(Self {
            id: id.clone(),
            name: settings.name.clone(),
            settings: settings.clone(),
            http,
            known: Default::default(),
        })
    }

    fn silent(&self, why: impl std::fmt::Display) -> NotBelieved {
        NotBelieved::Silent(self.id.clone(), why.to_string())
    }
}

/// The provider with an id.
#[must_use]
pub fn named<'a>(app: &'a App, id: &str) -> Option<&'a Provider> {
    app.sign_in.providers.iter().find(|provider| provider.id == id)
}

/// What a sign-in by a provider was begun with.
#[derive(Serialize, Deserialize)]
struct Begun {
    provider: String,
    next: String,
}

/// A random value of a sign-in, for one purpose.
fn derived(token: &Token, purpose: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(purpose.as_bytes());
    digest.update(&[0]);
    digest.update(&token.bytes());
    URL_SAFE_NO_PAD.encode(digest.finish())
}

fn return_address(app: &App, provider: &Provider) -> String {
    app.sign_in.place.at(&format!("/sign-in/provider/{}/return", provider.id))
}

/// Begins a sign-in: answers what the browser holds and where it goes.
///
/// # Errors
/// The provider cannot be asked, or the database refused it.
pub async fn begin(app: &App, provider: &Provider, wanted: &str) -> Result<(Token, String), Failed> {
    let metadata = provider.metadata(app).await?;
    let token = new_token(app);
    let begun = Begun { provider: provider.id.clone(), next: next(Some(wanted)).to_owned() };
    let content = serde_json::to_string(&begun).expect("plain data");
    let ends_at = app.hub.clock.now().plus_seconds(STEP_MINUTES * 60);
    let step = SignInStep { id: token.digest(), kind: StepKind::Provider, account: None, content, ends_at };
    write(app, vec![Change::BeginStep(step)]).await.map_err(Failed::Problem)?;
    let challenge = URL_SAFE_NO_PAD.encode(sha256(derived(&token, "verifier").as_bytes()));
    let mut address = metadata.authorization_endpoint.clone();
    address
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.settings.client_id)
        .append_pair("redirect_uri", &return_address(app, provider))
        .append_pair("scope", "openid email profile")
        .append_pair("state", &derived(&token, "state"))
        .append_pair("nonce", &derived(&token, "nonce"))
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    Ok((token, address.into()))
}

/// Why a sign-in by a provider fails.
pub enum Failed {
    /// What came back is not believed.
    NotBelieved(NotBelieved),
    /// A problem of the hub.
    Problem(Problem),
}

impl From<NotBelieved> for Failed {
    fn from(not: NotBelieved) -> Self {
        Self::NotBelieved(not)
    }
}

impl From<NotEntered> for Failed {
    fn from(not: NotEntered) -> Self {
        match not {
            NotEntered::Problem(problem) => Self::Problem(problem),
            NotEntered::Wrong | NotEntered::Wait(_) => Self::NotBelieved(NotBelieved::Nobody),
        }
    }
}

/// What a provider sent a browser back with.
#[derive(Debug, Default, Deserialize)]
pub struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    /// The issuer (RFC 9207), where the provider says it.
    iss: Option<String>,
}

/// Ends a sign-in.
///
/// # Errors
/// [`Failed`] says why not.
pub async fn end(
    app: &App,
    visitor: &Visitor,
    (provider, token): (&Provider, &Token),
    returned: &Returned,
) -> Result<Entered, Failed> {
    let now = app.hub.clock.now();
    let step = hub_flow::identity::step(&app.hub.db, token.digest(), StepKind::Provider, now).await;
    let step = step.map_err(|error| Failed::Problem(error.into()))?.ok_or(NotBelieved::Token("state"))?;
    let begun: Begun = serde_json::from_str(&step.content).map_err(|_| NotBelieved::Token("state"))?;
    let expected = derived(token, "state");
    let same = returned.state.len() == expected.len() && memcmp::eq(returned.state.as_bytes(), expected.as_bytes());
    if !same || begun.provider != provider.id {
        return Err(NotBelieved::Token("state").into());
    }
    // Taken before anything is asked: an answer is used once, whatever comes of it.
    if !write(app, vec![Change::TakeStep(step.id)]).await.map_err(Failed::Problem)? {
        return Err(NotBelieved::Token("state").into());
    }
    let metadata = provider.metadata(app).await?;
    if returned.iss.as_ref().is_some_and(|issuer| *issuer != metadata.issuer) {
        return Err(NotBelieved::Token("iss").into());
    }
    let address = return_address(app, provider);
    let exchange = token::Exchange { code: &returned.code, verifier: &derived(token, "verifier"), address: &address };
    let told = provider.told(app, &metadata, exchange, &derived(token, "nonce")).await?;
    let account = account::of(app, provider, &told).await?;
    let proved = told.proved(provider, begun.next);
    Ok(enter(app, visitor, &account, (proved, Vec::new())).await?)
}
