//! The verdict: claims, the evidences they speak about, and their two forms, JSON and Romanian words.

mod facts;

use std::fmt::Write as _;

use hub_signatures::instant;
use serde_json::{Map, Value, json};

use crate::claim::{Claim, Kind, Status};
use crate::evidence::Evidence;

/// Name of the JSON form; a change that readers would trip over gets another number.
pub const FORMAT: &str = "urn:punte:verdict:1";

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The time of the check, Unix seconds.
    pub at: i64,
    /// File names and evidences whose integrity holds, read from the sealed bytes alone.
    pub evidences: Vec<(String, Evidence)>,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// The verdict in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every claim is proven.
    Proven,
    /// Nothing failed, but something could not be checked.
    Partial,
    /// Something failed.
    Failed,
}

impl Outcome {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Proven => "proven",
            Outcome::Partial => "partial",
            Outcome::Failed => "failed",
        }
    }
}

impl Verdict {
    /// The verdict in one word.
    pub fn outcome(&self) -> Outcome {
        let has = |status| self.claims.iter().any(|claim| claim.status == status);
        if self.claims.is_empty() || has(Status::Failed) {
            Outcome::Failed
        } else if has(Status::NotChecked) {
            Outcome::Partial
        } else {
            Outcome::Proven
        }
    }

    /// Claims of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |claim| claim.kind == kind)
    }

    /// Claims that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.status == Status::Failed)
    }

    /// Makes claims of these kinds fail where they were not checked, or are not there at all.
    pub fn require(&mut self, kinds: &[Kind]) {
        for kind in kinds {
            let mut found = false;
            for claim in self.claims.iter_mut().filter(|claim| claim.kind == *kind) {
                found = true;
                if claim.status == Status::NotChecked {
                    claim.status = Status::Failed;
                    claim.reason.ro = format!("cerut, dar {}", claim.reason.ro);
                    claim.reason.en = format!("required, but {}", claim.reason.en);
                }
            }
            if !found {
                let (ro, en) = ("cerut, dar nimic nu îl dovedește", "required, but nothing speaks of it");
                self.claims.push(Claim::failed(*kind, "-", ro, en));
            }
        }
    }

    /// The JSON form, described in `docs/verify-a-receipt.md`.
    pub fn to_json(&self) -> Value {
        json!({
            "format": FORMAT,
            "verdict": self.outcome().name(),
            "verified": self.outcome() != Outcome::Failed,
            "checked_at": instant::to_date_time(self.at),
            "evidences": self.evidences.iter().map(|(file, evidence)| facts::of(file, evidence)).collect::<Vec<_>>(),
            "claims": self.claims.iter().map(claim).collect::<Vec<_>>(),
        })
    }

    /// The words for people, in Romanian: one line for each claim, aligned.
    pub fn in_words(&self) -> String {
        let (mut told, mut about) = (String::new(), None);
        let heading = match self.outcome() {
            Outcome::Proven => "VERIFICAT: tot ce se afirmă este dovedit",
            Outcome::Partial => "VERIFICAT: nimic nu este greșit; ce nu s-a putut verifica este spus mai jos",
            Outcome::Failed => "NU SE VERIFICĂ",
        };
        line(&mut told, heading);
        for claim in &self.claims {
            if about != Some(&claim.about) {
                line(&mut told, &format!("\n{}", claim.about));
                if let Some((_, evidence)) = self.evidences.iter().find(|(file, _)| *file == claim.about) {
                    told += &facts::in_words(evidence);
                }
                about = Some(&claim.about);
            }
            let (status, kind) = (claim.status.in_romanian(), claim.kind.in_romanian());
            let at = claim.at.map(|at| format!("{} ", instant::to_date_time(at))).unwrap_or_default();
            let by = claim.by.as_ref().map(|by| format!("[{by}]")).unwrap_or_default();
            line(&mut told, format!("  {status:<15} {kind:<21} {}. {at}{by}", claim.reason.ro).trim_end());
        }
        told
    }
}

fn line(told: &mut String, text: &str) {
    // Writing into a string does not fail.
    let _ = writeln!(told, "{text}");
}

fn claim(claim: &Claim) -> Value {
    let details: Map<String, Value> =
        claim.details.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    json!({
        "claim": claim.kind.name(),
        "about": claim.about,
        "status": claim.status.name(),
        "by": claim.by,
        "at": claim.at.map(instant::to_date_time),
        "reason": {"ro": claim.reason.ro, "en": claim.reason.en},
        "details": details,
    })
}
