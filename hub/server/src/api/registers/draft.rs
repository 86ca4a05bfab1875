//! What a clerk's system writes of a document.

use hub_flow::directory::Register;
use hub_flow::registration::{self, Correspondent, Direction, Particulars, Relation, Tie};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::problem::Problem;
use crate::problems;

/// Most ties one request may name.
const TIES: usize = 50;

/// A document on its way into a register. What is none of its fields must be a particular.
#[derive(Debug, Deserialize)]
pub(super) struct Draft {
    direction: Option<String>,
    correspondent: Option<Correspondent>,
    /// Id of a known one.
    correspondent_id: Option<Uuid>,
    content_sha256: Option<String>,
    answers: Option<Reference>,
    #[serde(default)]
    connected_to: Vec<Reference>,
    duplicate_of: Option<Reference>,
    #[serde(flatten)]
    particulars: Map<String, Value>,
}

/// Another entry of the institution.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    register: Option<String>,
    year: i64,
    number: i64,
}

impl Reference {
    pub(super) fn tie(self, relation: Relation, register: &str) -> Tie {
        let register = self.register.unwrap_or_else(|| register.to_owned());
        Tie { relation, register, year: self.year, number: self.number }
    }
}

/// A draft that may be recorded.
pub(super) struct Checked {
    pub(super) direction: Direction,
    pub(super) particulars: Particulars,
    pub(super) correspondent: Option<Correspondent>,
    pub(super) content_sha256: Option<[u8; 32]>,
    pub(super) ties: Vec<Tie>,
}

/// Reads JSON, and says in the hub's words what is wrong with it.
pub(super) fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })
}

/// Particulars from the JSON of a request.
pub(super) fn particulars(written: Map<String, Value>) -> Result<Particulars, Problem> {
    serde_json::from_value(Value::Object(written)).map_err(|error| {
        Problem::of(&problems::INVALID_ENTRY).detail(
            format!("Un câmp al înregistrării nu poate fi citit: {error}"),
            format!("A field of the entry cannot be read: {error}"),
        )
    })
}

/// Refuses particulars that break a rule of the register, naming each.
pub(super) fn check(app: &App, register: &Register, particulars: &Particulars) -> Result<(), Problem> {
    let today = app.hub.clock.now().romanian_date();
    let found = registration::check(register, particulars, today);
    if found.is_empty() {
        return Ok(());
    }
    Err(Problem::of(&problems::INVALID_ENTRY)
        .detail(
            "Corectați câmpurile din violations și repetați cererea; niciun număr nu a fost dat",
            "Correct the fields in violations and repeat the request; no number was given",
        )
        .violations(&found))
}

impl Draft {
    pub(super) fn check(self, app: &App, register: &Register) -> Result<Checked, Problem> {
        let word = self.direction.as_deref().unwrap_or("in");
        let direction = Direction::of(word).ok_or_else(|| {
            invalid("/direction", "direction este in, out sau internal", "direction is in, out or internal")
        })?;
        let mut particulars = particulars(self.particulars)?;
        particulars.correspondent = self.correspondent_id;
        check(app, register, &particulars)?;
        if let Some(correspondent) = &self.correspondent {
            fits(correspondent)?;
        }
        let content_sha256 = self.content_sha256.as_deref().map(digest).transpose()?;
        let mut ties = Vec::new();
        ties.extend(self.answers.map(|to| to.tie(Relation::Answers, &register.id)));
        ties.extend(self.connected_to.into_iter().map(|to| to.tie(Relation::ConnectedTo, &register.id)));
        ties.extend(self.duplicate_of.map(|to| to.tie(Relation::DuplicateOf, &register.id)));
        if ties.len() > TIES {
            return Err(invalid("/connected_to", "Cel mult 50 de conexări deodată", "At most 50 connections at once"));
        }
        Ok(Checked { direction, particulars, correspondent: self.correspondent, content_sha256, ties })
    }
}

fn digest(text: &str) -> Result<[u8; 32], Problem> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| {
        invalid("/content_sha256", "Un SHA-256 are 64 de cifre hexazecimale", "A SHA-256 has 64 hexadecimal digits")
    })
}

fn fits(one: &Correspondent) -> Result<(), Problem> {
    let short = |text: &str, most: usize| {
        !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    if !short(&one.name, 300) {
        return Err(invalid(
            "/correspondent/name",
            "Numele are 1 până la 300 de caractere, pe un rând",
            "The name has 1 to 300 characters, on one line",
        ));
    }
    if !matches!(one.kind.as_str(), "person" | "company" | "institution") {
        return Err(invalid(
            "/correspondent/kind",
            "kind este person, company sau institution",
            "kind is person, company or institution",
        ));
    }
    let known = |kind: &str| matches!(kind, "cnp" | "cui" | "other");
    match (&one.identifier_kind, &one.identifier) {
        (None, None) => {}
        (Some(kind), Some(identifier)) if known(kind) && short(identifier, 60) => {}
        _ => {
            return Err(invalid(
                "/correspondent/identifier",
                "Trimiteți împreună identifier_kind (cnp, cui sau other) și identifier, de cel mult 60 de caractere",
                "Send identifier_kind (cnp, cui or other) and identifier, at most 60 characters, together",
            ));
        }
    }
    if one.address.as_ref().is_some_and(|address| address.to_string().len() > 2000) {
        return Err(invalid(
            "/correspondent/address",
            "Adresa are cel mult 2000 de octeți",
            "The address has at most 2000 bytes",
        ));
    }
    Ok(())
}

/// One field is wrong.
pub(super) fn invalid(field: &str, ro: &str, en: &str) -> Problem {
    Problem::of(&problems::INVALID_ENTRY).detail(ro, en).with("field", json!(field))
}
