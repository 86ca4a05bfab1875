//! What the answers of RO e-Factura mean. Pure.

use std::time::Duration;

use connectors_contract::reading::retry::until_tomorrow;
use connectors_contract::{Answer, Outcome};
use serde_json::json;

use crate::api::readable;
use crate::shape::{Header, Shape};
use crate::trouble::{Trouble, cut};
use crate::wire::Reply;
use crate::words::{self, Meaning, meaning};

const UPLOAD_NAMESPACE: &str = "mfp:anaf:dgti:spv:respUploadFisier:v1";
const STATUS_NAMESPACE: &str = "mfp:anaf:dgti:efactura:stareMesajFactura:v1";

/// The class of the answer to an upload. Only an index is a delivery.
#[must_use]
pub fn filed(reply: Reply, now: i64) -> Outcome {
    let shape = match readable(reply) {
        Ok((_, shape)) => shape,
        Err(trouble) => return outcome(trouble),
    };
    let unknown = |reason: &str| Outcome::Unknown { reason: reason.to_owned() };
    let Shape::Header(header) = shape else {
        return unknown("ANAF a răspuns la încărcare cu altceva decât documentul ei de răspuns");
    };
    if header.namespace != UPLOAD_NAMESPACE {
        return unknown("ANAF a răspuns la încărcare cu alt document XML decât cel de răspuns");
    }
    let is_index = |index: &&str| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    match (header.attribute("ExecutionStatus"), header.attribute("index_incarcare").filter(is_index)) {
        (Some("0"), Some(index)) => Outcome::Delivered { receipt: Some(index.to_owned()) },
        (Some("1"), None) if !header.errors.is_empty() => refused("efactura", &header.errors, now),
        _ => unknown("ANAF a răspuns la încărcare fără index și fără motiv"),
    }
}

/// The class of a refusal by its texts: a quota ends at midnight, a technical error leaves it open.
pub(crate) fn refused(service: &str, texts: &[String], now: i64) -> Outcome {
    let said = cut(&texts.join("; "));
    let meanings: Vec<Meaning> = texts.iter().map(|text| meaning(text)).collect();
    if meanings.contains(&Meaning::Technical) {
        return Outcome::Unknown { reason: format!("ANAF: {said}") };
    }
    if meanings.contains(&Meaning::Quota) {
        let retry_after = Some(until_tomorrow(now));
        return Outcome::Unavailable { reason: format!("Limita zilnică ANAF este atinsă: {said}"), retry_after };
    }
    let code = texts.first().map_or_else(|| format!("{service}.respins"), |text| words::code(service, text));
    Outcome::Refused { code, reason: said }
}

/// What a trouble is for a filing.
pub(crate) fn outcome(trouble: Trouble) -> Outcome {
    match trouble {
        Trouble::NotNow { reason, retry_after } => Outcome::Unavailable { reason: cut(&reason), retry_after },
        Trouble::Doubt { reason } => Outcome::Unknown { reason: cut(&reason) },
        Trouble::Refused { code, reason } => Outcome::Refused { code, reason: cut(&reason) },
    }
}

/// What a trouble is for a question: a doubt is only a missing answer.
pub(crate) fn answer(trouble: Trouble) -> Answer {
    match trouble {
        Trouble::Refused { code, reason } => Answer::Refused { code, reason: cut(&reason) },
        other => {
            let (reason, retry_after) = other.wait();
            Answer::Unavailable { reason: cut(&reason), retry_after }
        }
    }
}

/// What a refusal in words is for a question.
pub(crate) fn said(service: &str, text: &str, now: i64) -> Answer {
    let wait =
        |retry_after| Answer::Unavailable { reason: cut(&format!("ANAF: {text}")), retry_after: Some(retry_after) };
    match meaning(text) {
        Meaning::Nothing | Meaning::Missing => Answer::Absent,
        Meaning::Quota => wait(until_tomorrow(now)),
        Meaning::Technical => wait(Duration::from_secs(300)),
        _ => Answer::Refused { code: words::code(service, text), reason: cut(text) },
    }
}

/// What `stareMesaj` says of a filing.
#[must_use]
pub fn processed(reply: Reply, now: i64) -> Answer {
    let shape = match readable(reply) {
        Ok((_, shape)) => shape,
        Err(trouble) => return answer(trouble),
    };
    let Shape::Header(header) = shape else {
        return unreadable("ANAF a răspuns la întrebarea despre stare cu altceva decât documentul ei de răspuns");
    };
    if header.namespace != STATUS_NAMESPACE {
        return unreadable("ANAF a răspuns la întrebarea despre stare cu alt document XML");
    }
    match state(&header) {
        Some(State::Processing) => Answer::Pending { request: None, retry_after: Some(Duration::from_secs(60)) },
        Some(State::Done { word, id }) => {
            let value = json!({ "stare": word, "id_descarcare": id });
            Answer::Found { value, as_of: None, document: None }
        }
        None => match header.errors.first() {
            Some(text) => said("efactura", text, now),
            None => unreadable("ANAF a răspuns la întrebarea despre stare fără stare și fără motiv"),
        },
    }
}

pub(crate) fn unreadable(reason: &str) -> Answer {
    Answer::Unavailable { reason: reason.to_owned(), retry_after: None }
}

/// What became of a filing.
enum State {
    Processing,
    Done { word: String, id: Option<String> },
}

fn state(header: &Header) -> Option<State> {
    let word = header.attribute("stare")?.trim();
    Some(match word {
        "in prelucrare" => State::Processing,
        word => State::Done {
            word: word.chars().take(60).collect(),
            id: header.attribute("id_descarcare").map(str::to_owned),
        },
    })
}
