//! Preservation from its configuration.

use hub_flow::preservation::{Authority, Preservation};

use crate::config::Config;

use super::log::BatchAuthority;

/// How this configuration preserves evidence; off where nobody stamps.
pub(crate) fn preservation(config: &Config) -> anyhow::Result<Preservation> {
    let terms = config.preservation.terms(config.time_stamping.as_ref())?;
    let authority: Option<Box<dyn Authority>> = match &config.time_stamping {
        Some(settings) => Some(Box::new(BatchAuthority::of(settings)?)),
        None => None,
    };
    Ok(Preservation::new(terms, config.preservation.outlook()?, authority))
}
