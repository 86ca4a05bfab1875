//! Reading verdicts: what is claimed, and what became of it.

use serde_json::Value;

/// The first claim of a kind in a verdict.
///
/// # Panics
/// The verdict has no such claim.
#[must_use]
pub fn claim<'a>(verdict: &'a Value, kind: &str) -> &'a Value {
    let claims = verdict["claims"].as_array().into_iter().flatten();
    claims.into_iter().find(|claim| claim["claim"] == kind).unwrap_or_else(|| panic!("no claim {kind}: {verdict:#}"))
}
