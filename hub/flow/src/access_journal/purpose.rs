//! Whether somebody said why, as far as it must. Pure.
//!
//! | rule | a system by itself, or for a clerk it names | a person with an account |
//! | --- | --- | --- |
//! | [`Rule::Always`]: what leaves the hub | purpose and legal basis, or refused | the same |
//! | [`Rule::People`]: what is opened or searched | what it gives, else those of the work the operation belongs to | purpose and legal basis, or refused |
//! | [`Rule::Own`]: what a message brings with it | those of the message | the same |

use super::Reasons;

/// What must be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Purpose and basis, by whoever it is.
    Always,
    /// Purpose and basis by people; systems act within the work that is named here.
    People {
        /// The purpose of that work.
        purpose: &'static str,
        /// Its legal basis.
        legal_basis: &'static str,
    },
    /// The message says why it was sent, and that is why it is read.
    Own,
}

/// What a request says, nothing of it checked.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What for.
    pub purpose: Option<String>,
    /// The rule it rests on.
    pub legal_basis: Option<String>,
    /// The case.
    pub case_number: Option<String>,
}

/// The reasons of an access, or which field is missing. `own` are those of the message.
///
/// # Errors
/// The names of the missing headers.
pub fn decide(rule: Rule, said: Said, person: bool, own: Option<Reasons>) -> Result<Reasons, Vec<&'static str>> {
    let Said { purpose, legal_basis, case_number } = said;
    let (else_purpose, else_basis) = match rule {
        Rule::People { purpose, legal_basis } if !person => (Some(purpose.to_owned()), Some(legal_basis.to_owned())),
        Rule::Own => own.map_or((None, None), |own| (Some(own.purpose), Some(own.legal_basis))),
        _ => (None, None),
    };
    match (purpose.or(else_purpose), legal_basis.or(else_basis)) {
        (Some(purpose), Some(legal_basis)) => Ok(Reasons { purpose, legal_basis, case_number }),
        (purpose, basis) => {
            let missing = [(purpose.is_none(), "Punte-Purpose"), (basis.is_none(), "Punte-Legal-Basis")];
            Err(missing.into_iter().filter_map(|(missing, name)| missing.then_some(name)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORK: Rule = Rule::People { purpose: "registratură", legal_basis: "Instrucțiunile 217/1996, art. 9" };

    fn said(purpose: Option<&str>, legal_basis: Option<&str>) -> Said {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Said { purpose: text(purpose), legal_basis: text(legal_basis), case_number: None }
    }

    #[test]
    fn what_leaves_needs_a_reason_from_anybody() {
        for person in [false, true] {
            let none = decide(Rule::Always, said(None, None), person, None);
            assert_eq!(none, Err(vec!["Punte-Purpose", "Punte-Legal-Basis"]));
            assert_eq!(decide(Rule::Always, said(Some("control"), None), person, None), Err(vec!["Punte-Legal-Basis"]));
            assert!(decide(Rule::Always, said(Some("control"), Some("Legea 544/2001")), person, None).is_ok());
        }
    }

    #[test]
    fn a_person_says_why_and_a_system_works_within_its_work() {
        assert!(decide(WORK, said(None, None), true, None).is_err());
        let reasons = decide(WORK, said(None, None), false, None).unwrap();
        assert_eq!(reasons.purpose, "registratură");
        let reasons = decide(WORK, said(Some("audit"), None), false, None).unwrap();
        assert_eq!(
            (reasons.purpose.as_str(), reasons.legal_basis.as_str()),
            ("audit", "Instrucțiunile 217/1996, art. 9")
        );
    }

    #[test]
    fn a_message_is_read_for_the_purpose_it_was_sent_for() {
        let own = Reasons { purpose: "p".to_owned(), legal_basis: "b".to_owned(), case_number: None };
        assert_eq!(decide(Rule::Own, said(None, None), true, Some(own.clone())), Ok(own));
    }
}
