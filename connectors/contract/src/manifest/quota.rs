//! How often a system may be called.

use serde::Deserialize;

/// How often a system may be called. The hub keeps it before the call, and remembers it across restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// All calls together, as in `1000/min`, or several rates in a list.
    #[serde(default)]
    pub calls: Rates,
    /// The calls for one message, as in `10/day`.
    #[serde(default)]
    pub per_message: Rates,
    /// The calls about one subject (a CUI, a CNP), as in `1500/day`.
    #[serde(default)]
    pub per_subject: Rates,
}

/// Rates that all hold: `"1000/min"` or `["1/s", "1000/day"]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "OneOrMore")]
pub struct Rates(Vec<Rate>);

/// So many in such a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many, at least one.
    pub count: u32,
    /// In what time.
    pub per: Window,
}

/// The time a rate is counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// Any second.
    Second,
    /// Any minute.
    Minute,
    /// Any hour.
    Hour,
    /// A calendar day in Romania: institutions count from midnight, Europe/Bucharest.
    Day,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Quota {
    /// Whether nothing is bounded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.calls, &self.per_message, &self.per_subject].iter().all(|rates| rates.as_slice().is_empty())
    }
}

impl Rates {
    /// The rates, as written.
    #[must_use]
    pub fn as_slice(&self) -> &[Rate] {
        &self.0
    }
}

impl Window {
    /// Its usual length in seconds. A calendar day may have an hour more or less.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

impl TryFrom<OneOrMore> for Rates {
    type Error = String;

    fn try_from(text: OneOrMore) -> Result<Self, String> {
        let texts = match text {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        };
        texts.iter().map(|text| rate(text)).collect::<Result<_, _>>().map(Self)
    }
}

fn rate(text: &str) -> Result<Rate, String> {
    let rate = text.split_once('/').and_then(|(count, unit)| {
        let per = match unit {
            "s" => Window::Second,
            "min" => Window::Minute,
            "h" => Window::Hour,
            "day" => Window::Day,
            _ => return None,
        };
        let count = count.parse().ok().filter(|count| *count > 0)?;
        Some(Rate { count, per })
    });
    rate.ok_or_else(|| format!("{text:?} is not a rate, write 10/s, 1000/min, 100/h or 10/day"))
}
