//! How long evidence stays provable, and what is done for it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::Context as _;
use hub_flow::clock::Timestamp;
use hub_flow::log::StampingTerms;
use hub_flow::preservation::{Outlook, Retention, Terms, parse_algorithm};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::TimeStamping;

const DAY: f64 = 86_400.0;

/// Preservation of evidence (RFC 4998); it needs `[time_stamping]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PreservationConfig {
    /// Evidences in a batch at most; one time-stamp each batch.
    pub batch: NonZeroU32,
    /// Hours after which a batch is closed although it is not full.
    pub max_age_hours: f64,
    /// A time-stamp is renewed so many days before the certificate of its authority ends.
    pub renew_before_days: f64,
    /// Digest algorithm of new batches: `sha256`, `sha384` or `sha512`. Batches of a weaker one are renewed to it.
    pub algorithm: String,
    /// From one look for what is due to the next.
    pub interval_ms: NonZeroU32,
    /// Years by retention class of document types, 0 for ever. Where absent, assumptions that say so.
    pub retention_years: Option<BTreeMap<String, u32>>,
    /// Years where the class is not known, 0 for ever.
    pub default_retention_years: u32,
    /// Days (text) after which digest algorithms are no longer relied on, like `sha256 = "2035-12-31"`; see ETSI TS 119 312.
    pub sunset: BTreeMap<String, Date>,
}

/// Assumptions until an operator gives the terms of its nomenclature: correspondence between public institutions is kept
/// for ever by the one nomenclature that was seen, and the longest term in it stands for personal files.
const ASSUMED_YEARS: [(&str, u32); 2] = [("corespondenta", 0), ("dosar-handicap-adult", 80)];
/// Assumptions, to be checked against the edition of ETSI TS 119 312 in force.
const ASSUMED_SUNSETS: [(&str, Date); 3] =
    [("sha256", date(2035, 12, 31)), ("sha384", date(2045, 12, 31)), ("sha512", date(2045, 12, 31))];

impl Default for PreservationConfig {
    fn default() -> Self {
        const BATCH: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");
        const TEN_SECONDS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");
        Self {
            batch: BATCH,
            max_age_hours: 24.0,
            renew_before_days: 90.0,
            algorithm: "sha256".to_owned(),
            interval_ms: TEN_SECONDS,
            retention_years: None,
            default_retention_years: 80,
            sunset: BTreeMap::new(),
        }
    }
}

impl PreservationConfig {
    /// How long proofs are needed and algorithms hold.
    ///
    /// # Errors
    /// An algorithm is not known.
    pub fn outlook(&self) -> anyhow::Result<Outlook> {
        let retention = |years: u32| if years == 0 { Retention::Permanent } else { Retention::Years(years) };
        let classes = match &self.retention_years {
            Some(given) => given.iter().map(|(class, years)| (class.clone(), retention(*years))).collect(),
            None => ASSUMED_YEARS.iter().map(|(class, years)| ((*class).to_owned(), retention(*years))).collect(),
        };
        let mut dates: BTreeMap<String, Date> =
            ASSUMED_SUNSETS.iter().map(|(name, date)| ((*name).to_owned(), *date)).collect();
        dates.extend(self.sunset.iter().map(|(name, date)| (name.clone(), *date)));
        let sunsets = dates.into_iter().map(|(name, date)| {
            let algorithm = parse_algorithm(&name)
                .with_context(|| format!("[preservation.sunset] {name:?} is not sha256, sha384 or sha512"))?;
            let at = date.to_zoned(TimeZone::UTC)?.timestamp().as_microsecond();
            Ok((algorithm, Timestamp(at)))
        });
        Ok(Outlook {
            classes,
            classes_are_given: self.retention_years.is_some(),
            otherwise: retention(self.default_retention_years),
            sunsets: sunsets.collect::<anyhow::Result<_>>()?,
        })
    }

    /// The terms as preservation knows them; an authority is asked as patiently as for the log.
    ///
    /// # Errors
    /// The algorithm is not known, or the batch is too large.
    pub fn terms(&self, stamping: Option<&TimeStamping>) -> anyhow::Result<Terms> {
        // A record holds the tree of its batch while it is made.
        anyhow::ensure!(self.batch.get() <= 1_000_000, "[preservation] batch is at most 1000000");
        let algorithm = parse_algorithm(&self.algorithm).with_context(|| {
            format!("[preservation] algorithm {:?} is not sha256, sha384 or sha512", self.algorithm)
        })?;
        let second = Duration::from_secs(1);
        let patience = stamping.map_or(
            StampingTerms { every: second, first_pause: second, longest_pause: second * 60, halt_after: None },
            TimeStamping::terms,
        );
        let seconds = |value: f64| Duration::try_from_secs_f64(value).unwrap_or_default();
        Ok(Terms {
            batch: self.batch.get(),
            max_age: seconds(self.max_age_hours * 3600.0),
            renew_before: seconds(self.renew_before_days * DAY),
            algorithm,
            patience,
        })
    }
}
