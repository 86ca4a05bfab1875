//! How often a system may be called.

use std::time::Duration;

use serde::Deserialize;

/// How often a system may be called. The hub keeps it before the call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// All calls to the system together, as in `1000/min`.
    pub calls: Option<Rate>,
    /// The calls for one message, as in `10/day`.
    pub per_message: Option<Rate>,
}

/// So many in such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rate {
    /// How many, at least one.
    pub count: u32,
    /// In what time.
    pub per: Duration,
}

impl TryFrom<String> for Rate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let rate = text.split_once('/').and_then(|(count, unit)| {
            let seconds = match unit {
                "s" => 1,
                "min" => 60,
                "h" => 3_600,
                "day" => 86_400,
                _ => return None,
            };
            let count = count.parse().ok().filter(|count| *count > 0)?;
            Some(Self { count, per: Duration::from_secs(seconds) })
        });
        rate.ok_or_else(|| format!("{text:?} is not a rate, write 10/s, 1000/min, 100/h or 10/day"))
    }
}
