//! What can be set at `/_sandbox/anaf`: how slow, how strict and how well liked the institution is.

use serde::{Deserialize, Serialize};

/// The settings of the twin of ANAF; what is left out keeps its ordinary value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnafSettings {
    /// How many questions about a filing are answered with `in prelucrare` first.
    pub polls: u32,
    /// How many seconds after its filing a message shows in the lists.
    pub lag_s: i64,
    /// How many seconds ANAF's clock is ahead of the clock that was given; negative: behind.
    pub clock_skew_s: i64,
    /// The CUIs the certificate has a right for in SPV.
    pub rights: Vec<String>,
    /// Whether the person at `authorize` has a certificate that is enrolled.
    pub certificate: bool,
    /// The CUIs in the register of enforcement bodies (`executare=DA`).
    pub enforcement: Vec<String>,
    /// The serial of the certificate, as lists and tokens show it.
    pub serial: String,
    /// The applications registered for OAuth.
    pub applications: Vec<OAuthApplication>,
    /// How long an access token lives, in seconds.
    pub access_lifetime_s: i64,
    /// How long a refresh token lives, in seconds.
    pub refresh_lifetime_s: i64,
    /// The quotas.
    pub quotas: AnafQuotas,
}

/// An application registered for OAuth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthApplication {
    /// Its public name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Its callback addresses, compared exactly; only https is registered.
    pub redirect_uris: Vec<String>,
}

/// How often something may be done: per minute, or per day of Bucharest (official limits file, contract sheet 3.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnafQuotas {
    /// Calls of all methods in one minute.
    pub per_minute: u32,
    /// Buyer messages (RASP) of one CUI.
    pub rasp: u32,
    /// Questions about one filing.
    pub status: u32,
    /// Simple lists of one CUI.
    pub list: u32,
    /// Paged lists of one CUI.
    pub paged_list: u32,
    /// Downloads of one message.
    pub download: u32,
}

impl Default for AnafSettings {
    fn default() -> Self {
        Self {
            polls: 1,
            lag_s: 60,
            clock_skew_s: 0,
            rights: ["8000000000", "90000006", "90000014"].map(str::to_owned).to_vec(),
            certificate: true,
            enforcement: Vec::new(),
            serial: "1234AA456".to_owned(),
            applications: vec![OAuthApplication {
                client_id: "demo-client".to_owned(),
                client_secret: "demo-secret".to_owned(),
                redirect_uris: vec!["https://localhost:9002/callback".to_owned()],
            }],
            access_lifetime_s: 90 * 86_400,
            refresh_lifetime_s: 365 * 86_400,
            quotas: AnafQuotas::default(),
        }
    }
}

impl Default for AnafQuotas {
    fn default() -> Self {
        Self { per_minute: 1_000, rasp: 1_000, status: 100, list: 1_500, paged_list: 100_000, download: 10 }
    }
}

impl AnafSettings {
    pub(super) fn may_act_for(&self, cif: &str) -> bool {
        self.rights.iter().any(|right| right == cif)
    }
}
