//! What the papers of the archive say.

/// A dossier in an inventory: the columns of annex 2.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Number (nr. crt.).
    pub number: i64,
    /// Code of the dossier, with its volume (indicativul dosarului).
    pub code: String,
    /// Content in brief.
    pub title: String,
    /// Extreme dates.
    pub dates: String,
    /// Number of pages.
    pub pages: i64,
    /// Remarks.
    pub remarks: String,
}

/// An inventory.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Its id.
    pub id: String,
    /// The institution, creator of the archive.
    pub institution: String,
    /// The unit; the whole institution where empty.
    pub unit: String,
    /// Its number.
    pub number: i64,
    /// Year of the dossiers.
    pub year: i64,
    /// Whether they are kept permanently.
    pub permanent: bool,
    /// The dossiers.
    pub lines: Vec<Line>,
    /// Dossiers left because they were not closed.
    pub left_open: Vec<String>,
    /// Pseudonym of the clerk who made it.
    pub author: String,
}

/// Minutes of a hand-over.
#[derive(Debug, Clone, Default)]
pub struct HandOver {
    /// Id of the inventory.
    pub id: String,
    /// The institution.
    pub institution: String,
    /// The unit that hands over.
    pub unit: String,
    /// Number of the minutes.
    pub number: String,
    /// Date of the minutes.
    pub date: String,
    /// Number of the inventory, and year of its dossiers.
    pub inventory: (i64, i64),
    /// How many dossiers the inventory has.
    pub listed: usize,
    /// How many were taken over.
    pub taken: i64,
    /// Numbers missing at take-over.
    pub missing: Vec<i64>,
    /// Dossiers left because they were not closed.
    pub left_open: Vec<String>,
    /// Who handed over.
    pub handed_over_by: String,
    /// Who received.
    pub received_by: String,
    /// Why it was done before its time; empty where it was not.
    pub early_reason: String,
}

/// A member of the commission.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Name.
    pub name: String,
    /// `president`, `secretary` or `member`.
    pub role: String,
}

/// A dossier the commission decided on.
#[derive(Debug, Clone, Default)]
pub struct Selected {
    /// Its name.
    pub name: String,
    /// Its content in brief.
    pub title: String,
    /// Its term.
    pub term: String,
    /// Whether it is destroyed; kept permanently otherwise.
    pub destroyed: bool,
    /// Why.
    pub reason: String,
}

/// Minutes of a selection.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Its id.
    pub id: String,
    /// The institution.
    pub institution: String,
    /// Number of the minutes.
    pub number: String,
    /// Date of the minutes.
    pub date: String,
    /// The commission.
    pub members: Vec<Member>,
    /// Its decisions.
    pub decisions: Vec<Selected>,
    /// The confirmation of the National Archives; empty while it is awaited.
    pub confirmation: String,
}

/// A proof of destruction.
#[derive(Debug, Clone, Default)]
pub struct Destruction {
    /// Id of the selection.
    pub id: String,
    /// The institution.
    pub institution: String,
    /// Number and date of the minutes.
    pub minutes: String,
    /// The confirmation of the National Archives.
    pub confirmation: String,
    /// The clerk who asked.
    pub asked_by: String,
    /// The clerk who approved.
    pub approved_by: String,
    /// When everything was gone, for people.
    pub ended_at: String,
    /// SHA-256 of the sealed proof.
    pub proof_sha256: String,
    /// Dossiers that are gone.
    pub dossiers: Vec<String>,
    /// Identifier, and SHA-256, of each document that is gone.
    pub documents: Vec<(String, String)>,
}

/// What identifies a paper.
pub(super) struct Made<'m> {
    pub id: &'m str,
    pub institution: &'m str,
    pub at: &'m crate::Moment,
}
