//! `[lock_down]`: how often the hub looks whether it can still guarantee security, and how patient it is.

use std::num::NonZeroU32;

use serde::Deserialize;

/// How the hub looks after itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LockDownConfig {
    /// From one look at clock, seal and audit to the next.
    pub interval_ms: NonZeroU32,
    /// From one reading of log, audit and database to the next, in seconds. On SQLite every page is read.
    pub integrity_seconds: NonZeroU32,
    /// How long the audit may refuse to be written before the hub locks down, in seconds.
    pub audit_grace_seconds: u32,
    /// How far the clock may be from the database's, from its own past and from the newest evidence, in seconds.
    pub clock_limit_seconds: NonZeroU32,
}

impl Default for LockDownConfig {
    fn default() -> Self {
        const FIVE_SECONDS: NonZeroU32 = NonZeroU32::new(5_000).expect("not zero");
        const SIX_HOURS: NonZeroU32 = NonZeroU32::new(21_600).expect("not zero");
        const TWO_MINUTES: NonZeroU32 = NonZeroU32::new(120).expect("not zero");
        Self {
            interval_ms: FIVE_SECONDS,
            integrity_seconds: SIX_HOURS,
            audit_grace_seconds: 30,
            clock_limit_seconds: TWO_MINUTES,
        }
    }
}
