//! Identifiers of persons: their schemes, and the one form in which each is hashed and encrypted. Pure.

use schemas::identifiers::{Cnp, Cui, Euid};

/// What kind of identifier it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Personal numeric code of a Romanian.
    Cnp,
    /// Tax number of a person without CNP.
    Nif,
    /// Passport: country of issue and number, `MD-A1234567`.
    Passport,
    /// Fiscal code of a legal person.
    Cui,
    /// European unique identifier of a company.
    Euid,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Cnp, Self::Nif, Self::Passport, Self::Cui, Self::Euid];

    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cnp => "cnp",
            Self::Nif => "nif",
            Self::Passport => "passport",
            Self::Cui => "cui",
            Self::Euid => "euid",
        }
    }

    /// The scheme of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Whether it is public by law, so that it is shown whole: codes of legal persons.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Cui | Self::Euid)
    }
}

/// A text that is no identifier of its scheme. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the scheme {}", .0.as_str())]
pub struct NotAnIdentifier(pub Scheme);

/// An identifier in its one form. Printing it prints the scheme alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    scheme: Scheme,
    value: String,
}

impl Identifier {
    /// Reads an identifier as people write it.
    ///
    /// # Errors
    /// Control digit, length or letters are wrong.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, NotAnIdentifier> {
        let text = text.trim();
        let value = match scheme {
            Scheme::Cnp => Cnp::parse(text).ok().map(|cnp| cnp.as_str().to_owned()),
            Scheme::Cui => Cui::parse(text).ok().map(|cui| cui.as_str().to_owned()),
            Scheme::Euid => Euid::parse(text).ok().map(|euid| euid.as_str().to_owned()),
            Scheme::Nif => {
                let digits: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
                ((5..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))
                    .then(|| digits.to_ascii_uppercase())
            }
            Scheme::Passport => passport(text),
        };
        value.map(|value| Self { scheme, value }).ok_or(NotAnIdentifier(scheme))
    }

    /// Its scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// What may be seen by all who see the person: the whole of a public one, the last three characters of others.
    #[must_use]
    pub fn hint(&self) -> String {
        if self.scheme.is_public() {
            return self.value.clone();
        }
        let length = self.value.chars().count();
        let last: String = self.value.chars().skip(length.saturating_sub(3)).collect();
        format!("…{last}")
    }

    /// The value, for hashing and encrypting alone.
    pub(super) fn clear(&self) -> &str {
        &self.value
    }
}

impl std::fmt::Debug for Identifier {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Identifier").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// Country of two or three letters (ICAO Doc 9303), hyphen, five to twenty letters and digits.
fn passport(text: &str) -> Option<String> {
    let (country, number) = text.split_once('-')?;
    let (country, number) = (country.trim().to_ascii_uppercase(), number.replace(' ', "").to_ascii_uppercase());
    let fits = (2..=3).contains(&country.len())
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (5..=20).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| format!("{country}-{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identifier_has_one_form_however_it_is_written() {
        for (scheme, written, hint) in [
            (Scheme::Cnp, " 1800101221144 ", "…144"),
            (Scheme::Cui, "RO18547290", "18547290"),
            (Scheme::Passport, "md - a123 4567", "…567"),
            (Scheme::Nif, "9 0001 23456", "…456"),
        ] {
            assert_eq!(Identifier::parse(scheme, written).map(|one| one.hint()), Ok(hint.to_owned()), "{scheme:?}");
        }
        for (scheme, wrong) in [
            (Scheme::Cnp, "1800101221145"),
            (Scheme::Cui, "18547291"),
            (Scheme::Passport, "A1234567"),
            (Scheme::Nif, "12"),
        ] {
            assert_eq!(Identifier::parse(scheme, wrong), Err(NotAnIdentifier(scheme)));
        }
    }

    #[test]
    fn an_identifier_does_not_print_itself() {
        let one = Identifier::parse(Scheme::Cnp, "1800101221144").expect("an invented CNP");
        assert!(!format!("{one:?}").contains("1800101"));
    }
}
