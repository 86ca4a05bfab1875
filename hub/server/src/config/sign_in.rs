//! How people sign in.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

/// Sign-in of people.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignInConfig {
    /// Minutes without use after which a session is not believed any more.
    pub idle_minutes: NonZeroU32,
    /// Hours after which a session ends whatever is done in it.
    pub hours: NonZeroU32,
    /// Hours a one-time link is good for.
    pub invitation_hours: NonZeroU32,
    /// Roles that need a second factor, beside every role of an institution's own that lets do something dangerous. Empty: nobody
    /// is asked for one.
    pub second_factor_roles: Vec<String>,
    /// A list of stolen passwords: lines of SHA-1 in hexadecimal, a colon and a number, in order.
    pub breach_list: Option<PathBuf>,
    /// Reference (`env:NAME`, `file:PATH`) to the secret that seeds of code apps are sealed under, at least 32 characters. A file in
    /// the data folder where absent, made at the first start; several nodes need the same.
    pub key: Option<String>,
    /// Identity providers.
    pub providers: Vec<ProviderConfig>,
}

impl Default for SignInConfig {
    fn default() -> Self {
        const fn number(value: u32) -> NonZeroU32 {
            NonZeroU32::new(value).expect("not zero")
        }
        Self {
            idle_minutes: const { number(15) },
            hours: const { number(10) },
            invitation_hours: const { number(72) },
            second_factor_roles: vec!["administrator".to_owned(), "operator".to_owned()],
            breach_list: None,
            key: None,
            providers: Vec::new(),
        }
    }
}

/// An OpenID Connect provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Id in addresses of the hub: letters, digits and dashes.
    pub id: String,
    /// Name on the sign-in page.
    pub name: String,
    /// Its issuer; `https`, or loopback.
    pub issuer: Url,
    /// The hub's id there.
    pub client_id: String,
    /// The hub's secret there: `env:NAME` or `file:PATH`.
    pub client_secret: String,
    /// The institutions whose accounts it may sign in. It speaks for no other.
    pub parties: Vec<String>,
    /// The claim that is compared with the login of accounts the first time somebody comes; `email` counts only with
    /// `email_verified`.
    #[serde(default = "email")]
    pub claim: String,
    /// Whether who is not known gets an account in the first of `parties`.
    #[serde(default)]
    pub creates_accounts: bool,
    /// The role of accounts it creates.
    #[serde(default)]
    pub role: Option<String>,
}

fn email() -> String {
    "email".to_owned()
}
