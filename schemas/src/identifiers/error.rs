//! The error of every identifier.

/// Why a text is not the identifier it should be.
///
/// The texts are fixed: they never contain the value that was refused, which may be personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct IdentifierError {
    /// Stable rule id, e.g. `cnp.check-digit`.
    pub rule: &'static str,
    /// What is wrong and the way out, in Romanian.
    pub ro: &'static str,
    /// What is wrong and the way out, in English.
    pub en: &'static str,
}

impl IdentifierError {
    /// An error of the given rule with its two texts.
    pub(crate) const fn new(rule: &'static str, ro: &'static str, en: &'static str) -> Self {
        Self { rule, ro, en }
    }
}
