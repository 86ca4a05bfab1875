//! The accession of the institution that asks: which services it opted for, which roles its people have, how much it may ask.

use serde::{Deserialize, Serialize};

/// The switches of the twin. What is left out keeps its usual value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The services in the protocol of accession (PASS).
    pub(crate) services: Vec<Service>,
    /// The roles that may ask.
    pub(crate) roles: Vec<String>,
    /// How many persons may be asked for on one day.
    pub(crate) persons_per_day: u32,
    /// How long the answer about many persons is not ready, in seconds.
    pub(crate) not_ready_s: i64,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Service {
    /// Employers, incomes and contributions, month by month.
    Contributii,
    /// Incomes, year by year.
    Venituri,
    /// Banks where somebody has accounts.
    Banci,
    /// Buildings and land.
    BunuriImobile,
    /// Vehicles.
    Auto,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            services: vec![Service::Contributii, Service::Venituri, Service::BunuriImobile, Service::Auto],
            roles: ["CONSULTARE", "CONSULTARE_MASIVA"].map(str::to_owned).to_vec(),
            persons_per_day: 500,
            not_ready_s: 2,
        }
    }
}
