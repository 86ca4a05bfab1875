//! Terms of what institutions answer: days off by decision, rules of the installation's own.

use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::Context as _;
use hub_deadlines::{Calendar, DayOff, Rules};
use hub_flow::deadline::Deadlines;
use serde::Deserialize;

/// What terms are counted with, and how often they are looked at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeadlinesConfig {
    /// Working days given off by decision of the Government, beside those the program knows (labour code, art. 139 (4)).
    pub days_off: Vec<DayOff>,
    /// File of rules (`[[rule]]`) that stand in place of the program's own.
    pub rules: Option<PathBuf>,
    /// From one look for what has come due to the next.
    pub interval_ms: NonZeroU32,
}

impl Default for DeadlinesConfig {
    fn default() -> Self {
        const TEN_SECONDS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");
        Self { days_off: Vec::new(), rules: None, interval_ms: TEN_SECONDS }
    }
}

impl DeadlinesConfig {
    /// The calendar and the rules.
    ///
    /// # Errors
    /// The file of rules cannot be read, or one of them is none.
    pub fn deadlines(&self) -> anyhow::Result<Deadlines> {
        let calendar = Calendar::romanian().with(self.days_off.iter().cloned());
        let rules = match &self.rules {
            None => Rules::romanian(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("the rules of terms {} cannot be read", path.display()))?;
                Rules::read(&text).with_context(|| format!("the rules of terms {} are wrong", path.display()))?
            }
        };
        Ok(Deadlines { calendar, rules })
    }
}
