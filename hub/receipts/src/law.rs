//! Which sentences of law belong on a paper: a pure decision over the event, the standing of the service and the document.
//!
//! Sources: Regulation (EU) No 910/2014, art. 35(1), 43, 44, 46; Law 214/2024; Law 242/2022 and HG 908/2017; OG 27/2002, art. 8
//! and 9. Nothing here claims a qualified status that the facts do not state.

use crate::event::{Event, Outcome};
use crate::facts::{Deadline, Document, Standing};
use crate::words::{Law, fill};

/// What the sentences depend on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What happened.
    pub event: Event,
    /// What the service is.
    pub standing: Standing,
    /// Whether the seal is one for development.
    pub development: bool,
    /// Whether the form was changed on the way.
    pub transformed: bool,
    /// Kind of document.
    pub document: Option<&'a Document>,
    /// The term.
    pub deadline: Option<&'a Deadline>,
}

/// The sentences, the weightiest first.
pub fn sentences(law: &Law, case: Case<'_>) -> Vec<String> {
    let qualified = case.standing == Standing::Qualified;
    let mut said = Vec::new();
    if case.development {
        said.push(law.development.clone());
    }
    said.push(match case.event.outcome() {
        Outcome::Done if qualified => law.qualified.clone(),
        Outcome::Done => format!("{} {}", law.registered, law.not_qualified),
        Outcome::Failed => law.failed.clone(),
        Outcome::Outside => law.outside.clone(),
    });
    if !case.development {
        said.push(law.seal.clone());
    }
    if case.transformed {
        said.push(law.transformation.clone());
    }
    if petition(case) {
        said.push(law.petition.clone());
    }
    if let Some(document) = case.document.filter(|document| !document.legal_basis.is_empty()) {
        said.push(fill(&law.basis, &[&document.legal_basis.join(", ")]));
    }
    said.push(format!("{} {}", law.interoperability, law.source));
    said
}

/// OG 27/2002 speaks only where the document type refers to it, and only of a document that was not stopped.
fn petition(case: Case<'_>) -> bool {
    let names_it = |act: &str| act.contains("27/2002");
    let in_basis = case.document.is_some_and(|document| document.legal_basis.iter().any(|act| names_it(act)));
    let in_deadline = case.deadline.and_then(|deadline| deadline.basis.as_deref()).is_some_and(names_it);
    case.event.outcome() != Outcome::Failed && (in_basis || in_deadline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn said(case: Case<'_>) -> String {
        sentences(&Language::Romanian.words().law, case).join("\n")
    }

    const PLAIN: Case<'static> = Case {
        event: Event::ContentHandover,
        standing: Standing::NotQualified,
        development: false,
        transformed: false,
        document: None,
        deadline: None,
    };

    #[test]
    fn a_service_that_is_not_qualified_never_claims_the_presumptions() {
        for event in Event::ALL {
            let said = said(Case { event, ..PLAIN });
            assert!(!said.contains("Serviciul este calificat") && !said.contains("se prezumă"), "{event:?}: {said}");
        }
        assert!(said(PLAIN).contains("Serviciul nu este calificat"));
        let qualified = said(Case { standing: Standing::Qualified, ..PLAIN });
        assert!(qualified.contains("art. 43 alin. (2)") && !qualified.contains("nu este calificat în"), "{qualified}");
    }

    #[test]
    fn a_refusal_is_never_called_a_delivery() {
        for event in Event::ALL.into_iter().filter(|event| event.outcome() != Outcome::Done) {
            let said = said(Case { event, ..PLAIN });
            assert!(said.contains("art. 46") && !said.contains("art. 43 alin. (1)"), "{event:?}: {said}");
        }
    }

    #[test]
    fn the_thirty_days_of_petitions_are_named_only_where_the_type_refers_to_them() {
        let document = Document { legal_basis: vec!["OG nr. 27/2002".to_owned()], ..Document::default() };
        let other = Document { legal_basis: vec!["Legea nr. 448/2006".to_owned()], ..Document::default() };
        assert!(said(Case { document: Some(&document), ..PLAIN }).contains("30 de zile"));
        assert!(!said(Case { document: Some(&other), ..PLAIN }).contains("30 de zile"));
        let refused = Case { event: Event::SubmissionRejection, document: Some(&document), ..PLAIN };
        assert!(!said(refused).contains("30 de zile"));
    }

    #[test]
    fn a_development_seal_takes_the_place_of_the_sentence_about_seals() {
        let said = said(Case { development: true, ..PLAIN });
        assert!(said.starts_with("Sigiliul de dezvoltare") && !said.contains("214/2024"), "{said}");
    }
}
