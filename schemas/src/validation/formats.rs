//! The formats of ours: each accepts the canonical form of an identifier and nothing else.
//!
//! A body is translated and compared as it came, so `RO 90000006` for `90000006` is a violation, not something to repair.

use jsonschema::ValidationOptions;

use crate::identifiers::{Cnp, Cui, Iban, IdentifierError, Siruta};

type Format = (&'static str, fn(&str) -> bool, fn(&str) -> Option<IdentifierError>);

/// Name, quick check, and the reason when the check fails.
const FORMATS: [Format; 4] = [
    ("cui", Cui::is_canonical, |text| Cui::parse(text).err()),
    ("cnp", Cnp::is_canonical, |text| Cnp::parse(text).err()),
    ("siruta", Siruta::is_canonical, |text| Siruta::parse(text).err()),
    ("iban", Iban::is_canonical, |text| Iban::parse(text).err()),
];

/// Teaches a validator our formats.
pub(super) fn register(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
    FORMATS.iter().fold(options, |options, (name, check, _)| options.with_format(*name, *check))
}

/// Why a text is not in a format of ours; `None` when only its spelling is not canonical or the format is not ours.
pub(super) fn reason(format: &str, text: &str) -> Option<IdentifierError> {
    let (_, _, reason) = FORMATS.iter().find(|(name, _, _)| *name == format)?;
    reason(text)
}
