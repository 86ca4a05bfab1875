//! What the manifest's own table says, and the access that comes out of manifest and channel.

use std::sync::Arc;

use connectors_contract::{Channel, Manifest, ManifestError};
use connectors_http::Clients;
use serde::Deserialize;
use url::Url;

use crate::Clock;
use crate::api::Api;
use crate::oauth::{Enrolment, OAuth};
use crate::wire::Wire;

/// The table `[anaf-efactura]` or `[anaf-etransport]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Where documents are filed: `test` counts for nobody.
    pub(crate) environment: Environment,
    /// The host of the tokens; without it ANAF's own, or the address itself where that is not ANAF.
    pub(crate) login: Option<Url>,
    /// `extern=DA`: true or false; without it, when the buyer's country is not RO.
    pub(crate) r#extern: Option<bool>,
    /// `autofactura=DA`: true or false; without it, when the document's type is 389.
    pub(crate) autofactura: Option<bool>,
    /// `executare=DA`.
    pub(crate) executare: bool,
    /// Which messages are fetched; without it, all that others sent or judged.
    pub(crate) fetch: Option<Vec<Fetched>>,
    /// How many minutes after a lost upload its absence from the lists is believed; half an hour unless said.
    pub(crate) settled_after_min: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Environment {
    #[default]
    Test,
    Prod,
}

/// The kinds of message that may be fetched, by the letters of ANAF's filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Fetched {
    /// Invoices received.
    P,
    /// Errors of what was filed.
    E,
    /// Messages of buyers.
    R,
    /// Invoices sent, as ANAF sealed them.
    T,
}

impl Environment {
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Prod => "prod",
        }
    }
}

impl Settings {
    pub(crate) fn read(manifest: &Manifest) -> Result<Self, ManifestError> {
        Ok(manifest.section::<Self>()?.unwrap_or_default())
    }

    /// How many seconds after a lost upload its absence from the lists is believed.
    pub(crate) fn settled_after(&self) -> i64 {
        i64::from(self.settled_after_min.unwrap_or(30)) * 60
    }
}

/// The access of one channel.
pub(crate) fn access(
    (clock, clients, oauth): (&Clock, &Clients, &OAuth),
    manifest: &Manifest,
    channel: &Channel,
    settings: &Settings,
) -> Result<Api, ManifestError> {
    let address = manifest.endpoint.address(&manifest.system, channel)?;
    let problem =
        |problem: &str| ManifestError::Address { system: manifest.system.clone(), problem: problem.to_owned() };
    if !matches!(address.scheme(), "http" | "https") || address.query().is_some() {
        return Err(problem("this engine speaks HTTP to an address without a ?"));
    }
    let lacks = |lacks: &str| ManifestError::Channel {
        system: manifest.system.clone(),
        lacks: lacks.to_owned(),
        way_out: "give the channel the OAuth application, the refresh token of the first sign-in and the tax code"
            .to_owned(),
    };
    let secret = channel.secret.as_ref().ok_or_else(|| lacks("a secret"))?;
    let enrolment = Enrolment::read(secret).map_err(lacks)?;
    let login = settings.login.clone().unwrap_or_else(|| login_of(&address));
    let wire = Wire::new(clients, manifest, channel)?;
    let cif = enrolment.cif.clone();
    let chain = oauth.chain(enrolment, &login, wire.clone());
    Ok(Api::new(Arc::clone(clock), cif, chain, (wire, address)))
}

fn login_of(address: &Url) -> Url {
    if address.host_str() != Some("api.anaf.ro") {
        return address.clone();
    }
    Url::parse("https://logincert.anaf.ro").expect("a literal address")
}
