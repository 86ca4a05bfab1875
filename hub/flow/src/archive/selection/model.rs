//! Minutes of the commission, and what became of them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

/// Most dossiers of one selection.
pub(super) const MOST: usize = 5_000;

/// A member of the selection commission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Name, as the minutes show it.
    pub name: String,
    /// `president`, `secretary` or `member`.
    pub role: String,
}

/// What is decided of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is destroyed.
    Destroy,
    /// It is kept permanently.
    Keep,
}

/// The decision on a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The dossier.
    pub dossier: Uuid,
    /// What is decided.
    pub decision: Decision,
    /// Why, where the commission said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its name, as the minutes show it.
    #[serde(default)]
    pub name: String,
    /// Its title, as the minutes show it.
    #[serde(default)]
    pub title: String,
    /// Its term, as the minutes show it.
    #[serde(default)]
    pub term: String,
}

/// The minutes of the commission.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minutes {
    /// Their number.
    pub number: String,
    /// Their date.
    pub date: jiff::civil::Date,
    /// The commission.
    pub members: Vec<Member>,
    /// Its decisions.
    pub decisions: Vec<Decided>,
}

/// The confirmation of the National Archives.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirming {
    /// The selection.
    #[serde(skip)]
    pub selection: Uuid,
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: jiff::civil::Date,
    /// The service that confirmed.
    pub service: String,
    /// Dossiers that it wants to be kept permanently.
    #[serde(default)]
    pub kept: Vec<Uuid>,
}

/// A selection.
#[derive(Debug, Clone, Serialize)]
pub struct Selection {
    /// Its id.
    pub id: Uuid,
    /// The institution.
    pub party: String,
    /// Number of the minutes.
    pub number: String,
    /// Date of the minutes.
    pub date: String,
    /// The commission.
    pub members: Vec<Member>,
    /// Its decisions, as the National Archives left them.
    pub decisions: Vec<Decided>,
    /// `proposed`, `confirmed`, `destroying` or `ended`.
    pub state: String,
    /// The confirmation.
    pub confirmation: Option<Json>,
    /// The clerk who asked for destruction.
    pub asked_by: Option<String>,
    /// The clerk who approved it.
    pub approved_by: Option<String>,
    /// When everything was gone, in UTC.
    pub ended_at: Option<String>,
    /// SHA-256 of the sealed proof, in hexadecimal.
    pub proof_sha256: Option<String>,
    /// The sealed proof.
    #[serde(skip)]
    pub proof: Option<String>,
}

impl Selection {
    /// The dossiers to be destroyed.
    pub fn to_destroy(&self) -> impl Iterator<Item = &Decided> {
        self.decisions.iter().filter(|one| one.decision == Decision::Destroy)
    }
}
