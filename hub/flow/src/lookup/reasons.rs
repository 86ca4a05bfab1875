//! Whether a question says who asks it and why, as far as it must. Pure.
//!
//! About a natural person: always, with purpose, legal basis, case and clerk. About anything else the caller may leave
//! purpose and basis to its agreement.

use schemas::Violation;

use crate::message::is_printable;

use super::question::violation;

/// Longest text, in characters.
const LONGEST: usize = 300;
/// Longest pseudonym, in characters.
const LONGEST_USER: usize = 64;

/// What the caller said, nothing of it checked.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What for.
    pub purpose: Option<String>,
    /// The rule it rests on.
    pub legal_basis: Option<String>,
    /// The case it is asked for.
    pub case_number: Option<String>,
    /// The pseudonym of the clerk.
    pub user: Option<String>,
}

impl Said {
    /// The same with nothing around the texts, and without empty ones.
    #[must_use]
    pub fn tidy(self) -> Self {
        let tidy = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            purpose: tidy(self.purpose),
            legal_basis: tidy(self.legal_basis),
            case_number: tidy(self.case_number),
            user: tidy(self.user),
        }
    }
}

/// Every rule that is broken; `personal` says whether the answer is about a natural person.
#[must_use]
pub fn check(said: &Said, personal: bool) -> Vec<Violation> {
    let mut found = Vec::new();
    let texts = [
        ("purpose", &said.purpose, "scrieți scopul din acord", "give the purpose of the agreement"),
        ("legal_basis", &said.legal_basis, "scrieți temeiul legal: act, articol", "give the legal basis: act, article"),
        ("case_number", &said.case_number, "scrieți numărul cauzei sau al cererii", "give the number of the case"),
    ];
    for (name, text, ro, en) in texts {
        match text {
            None if personal => found.push(violation(
                format!("/{name}"),
                &format!("{}.required", name.replace('_', "-")),
                format!("Întrebarea este despre o persoană: câmpul {name} este obligatoriu; {ro}"),
                format!("The question is about a person: the field {name} must be given; {en}"),
            )),
            Some(text) if text.chars().count() > LONGEST || !text.chars().all(is_printable) => found.push(violation(
                format!("/{name}"),
                "text.form",
                format!("Câmpul {name} are cel mult {LONGEST} de caractere, pe un singur rând"),
                format!("The field {name} has at most {LONGEST} characters, on one line"),
            )),
            _ => {}
        }
    }
    found.extend(user(said.user.as_deref(), personal));
    found
}

/// The rule a user breaks, where one must be given or is.
#[must_use]
pub fn user(user: Option<&str>, needed: bool) -> Option<Violation> {
    match user {
        None if needed => Some(violation(
            "/user".to_owned(),
            "user.required",
            "Întrebarea este despre o persoană: câmpul user este obligatoriu; scrieți pseudonimul funcționarului, de exemplu f-0172",
            "The question is about a person: the field user must be given; give the clerk's pseudonym, for example f-0172",
        )),
        Some(user) if !is_pseudonym(user) => Some(violation(
            "/user".to_owned(),
            "user.pseudonym",
            "Câmpul user este un pseudonim, nu un nume: 2–64 de litere, cifre și . _ -, cu o cifră sau cu o literă și o liniuță la început, de exemplu f-0172",
            "The field user is a pseudonym, not a name: 2 to 64 letters, digits and . _ -, with a digit, or with one letter and a dash first, for example f-0172",
        )),
        _ => None,
    }
}

/// A name has no digits and does not begin with one letter and a dash, an address an @; a CNP is nothing but digits and names somebody all the same.
fn is_pseudonym(user: &str) -> bool {
    let formed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (2..=LONGEST_USER).contains(&user.len())
        && user.bytes().all(formed)
        && (user.bytes().any(|byte| byte.is_ascii_digit()) || user.as_bytes()[1] == b'-')
        && schemas::Cnp::parse(user).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(said: [&str; 4], personal: bool) -> Vec<String> {
        let [purpose, legal_basis, case_number, user] = said.map(|text| Some(text.to_owned()));
        let said = Said { purpose, legal_basis, case_number, user }.tidy();
        check(&said, personal).into_iter().map(|one| format!("{} {}", one.pointer, one.rule)).collect()
    }

    #[test]
    fn about_a_person_nothing_is_asked_without_who_and_why() {
        assert_eq!(rules(["aid", "Legea nr. 416/2001", "12/2026", "f-0172"], true), Vec::<String>::new());
        assert_eq!(rules(["", "", "", ""], false), Vec::<String>::new());
        let missing = ["/purpose purpose.required", "/legal_basis legal-basis.required"];
        let missing = [missing, ["/case_number case-number.required", "/user user.required"]].concat();
        assert_eq!(rules(["", " ", "", ""], true), missing);
        assert_eq!(
            rules([&"x".repeat(301), "a\u{0}b", "", ""], false),
            ["/purpose text.form", "/legal_basis text.form"]
        );
    }

    #[test]
    fn a_clerk_is_a_pseudonym_never_a_name() {
        for (user, expected) in [
            ("f-0172", true),
            ("u7", true),
            ("popescu.ion", false),
            ("Ion Popescu 3", false),
            ("ion3@primaria.ro", false),
            ("1800101221144", false),
            ("7", false),
        ] {
            assert_eq!(is_pseudonym(user), expected, "{user}");
        }
    }
}
