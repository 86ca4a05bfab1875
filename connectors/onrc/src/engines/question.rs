//! What all roads share: which firm a question is about, and replies that a clerk can act on.

use std::time::Instant;

use connectors_contract::{Answer, Exchange, Question, Reply};
use schemas::{Cui, Euid, TradeRegisterNumber};

/// Which firm a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    Cui(Cui),
    Number(TradeRegisterNumber),
    Name { name: String, county: Option<String>, page: usize },
}

/// Reads the arguments of a question: exactly one of CUI, number, EUID and name.
pub(crate) fn which(question: &Question) -> Result<Which, Box<Answer>> {
    let given = |name: &str| question.arguments.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let wrong = |error: schemas::IdentifierError| {
        Box::new(refused("RECOM-400", &format!("Întrebarea nu poate fi pusă: {}.", error.ro)))
    };
    let mut ways = Vec::new();
    if let Some(cui) = given("cui") {
        ways.push(Which::Cui(Cui::parse(cui).map_err(wrong)?));
    }
    if let Some(number) = given("nr_reg") {
        ways.push(Which::Number(TradeRegisterNumber::parse(number).map_err(wrong)?));
    }
    if let Some(euid) = given("euid") {
        ways.push(Which::Number(Euid::parse(euid).map_err(wrong)?.trade_register_number()));
    }
    if let Some(name) = given("denumire") {
        let page = given("pagina").and_then(|page| page.parse().ok()).unwrap_or(1);
        ways.push(Which::Name { name: name.to_owned(), county: given("judet").map(str::to_owned), page });
    }
    match <[Which; 1]>::try_from(ways) {
        Ok([way]) => Ok(way),
        Err(_) => Err(Box::new(refused("RECOM-400", "Dați exact unul: cui, nr_reg, euid sau denumire (cu județ)."))),
    }
}

pub(crate) fn refused(code: &str, reason: &str) -> Answer {
    Answer::Refused { code: code.to_owned(), reason: reason.to_owned() }
}

pub(crate) fn unavailable(reason: impl Into<String>) -> Answer {
    Answer::Unavailable { reason: reason.into(), retry_after: None }
}

/// An answer found without a line to anybody.
pub(crate) fn local(answer: Answer, started: Instant) -> Reply {
    Reply { answer, exchange: Exchange { took: started.elapsed(), ..Exchange::default() } }
}

/// Whether purpose and legal basis came with the question (Regulation (EU) 2016/679, art. 5(1)(b) and 6).
pub(crate) fn has_purpose(question: &Question) -> bool {
    ["purpose", "legal_basis"].iter().all(|fact| question.facts.get(*fact).is_some_and(|text| !text.trim().is_empty()))
}
