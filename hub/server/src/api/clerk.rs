//! Who acts at the institution: the person of a session, or the person and the unit a system vouches for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use hub_flow::directory::{Register, Right, Versioned};
use hub_flow::registration::{Author, LONGEST_PSEUDONYM, is_pseudonym};
use hub_flow::structure::Unit;

use crate::problems;

use super::App;
use super::authentication::known;
use super::caller::Caller;
use super::problem::Problem;

/// The clerk behind a request: the institution's own pseudonym of a person and the id of the unit. Of a person with an account
/// both are the session's; a system says them in `Punte-Clerk` (never a name or a CNP) and `Punte-Unit`. Either may be
/// absent; what needs one asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clerk {
    /// The person.
    pub clerk: Option<String>,
    /// The unit.
    pub unit: Option<String>,
}

impl Clerk {
    /// The clerk as acts and entries keep it.
    #[must_use]
    pub fn author(&self) -> Author {
        Author { clerk: self.clerk.clone(), unit: self.unit.clone() }
    }

    /// The person, for acts that somebody must answer for.
    ///
    /// # Errors
    /// The request names none.
    pub fn person(&self) -> Result<&str, Problem> {
        self.clerk.as_deref().ok_or_else(|| {
            Problem::of(&problems::CLERK_NEEDED).detail(
                "Trimiteți antetul Punte-Clerk cu pseudonimul funcționarului care face pasul (nu numele, nu CNP-ul)",
                "Send the header Punte-Clerk with the pseudonym of the clerk who acts (not a name, not a CNP)",
            )
        })
    }

    /// The register, if the clerk's unit may do this in it.
    ///
    /// # Errors
    /// The institution has no such register, or the unit has not this right.
    pub fn may(
        &self,
        app: &App,
        caller: &Caller,
        register: &str,
        right: Right,
    ) -> Result<Versioned<Register>, Problem> {
        let held = app.hub.directory().register(&caller.party, register).ok_or_else(|| {
            Problem::of(&problems::NOT_FOUND).detail(
                format!("Instituția nu are registrul {register:?}; registrele ei sunt la /v1/registers"),
                format!("The institution has no register {register:?}; its registers are at /v1/registers"),
            )
        })?;
        if held.entry.lets(self.unit.as_deref(), right) {
            return Ok(held);
        }
        let units = held.entry.units.iter().filter(|rights| rights.may.contains(&right));
        let units: Vec<&str> = units.map(|rights| rights.unit.as_str()).collect();
        Err(self.refused(register, right, &units))
    }

    /// The registers the clerk's unit may see, and whether these are all of the institution's.
    pub fn seen(&self, app: &App, party: &str) -> (Vec<Versioned<Register>>, bool) {
        let all = app.hub.directory().registers_of(party);
        let count = all.len();
        let seen: Vec<_> = all.into_iter().filter(|held| held.entry.lets(self.unit.as_deref(), Right::See)).collect();
        let whole = seen.len() == count;
        (seen, whole)
    }

    /// Whether the clerk may say how a register is kept: its unit approves in it or, of a register that has no rights
    /// written yet, in any of the institution's; where no rights are written at all, everybody may.
    ///
    /// # Errors
    /// The unit may not; those that may are named.
    pub fn may_define(&self, app: &App, caller: &Caller, register: &str) -> Result<(), Problem> {
        let all = app.hub.directory().registers_of(&caller.party);
        let written = |held: &&Versioned<Register>| !held.entry.units.is_empty();
        let own: Vec<_> = all.iter().filter(written).filter(|held| held.entry.id == register).collect();
        let deciding = if own.is_empty() { all.iter().filter(written).collect() } else { own };
        let lets = |held: &&Versioned<Register>| held.entry.lets(self.unit.as_deref(), Right::Approve);
        if caller.operator || deciding.is_empty() || deciding.iter().any(lets) {
            return Ok(());
        }
        let rights = deciding.iter().flat_map(|held| &held.entry.units);
        let rights = rights.filter(|rights| rights.may.contains(&Right::Approve));
        let units: std::collections::BTreeSet<&str> = rights.map(|rights| rights.unit.as_str()).collect();
        Err(self.refused(register, Right::Approve, &units.into_iter().collect::<Vec<_>>()))
    }

    fn refused(&self, register: &str, right: Right, units: &[&str]) -> Problem {
        let (ro, en) = match right {
            Right::See => ("vedea", "see"),
            Right::Register => ("înregistra în", "register in"),
            Right::Annul => ("anula numere din", "annul numbers of"),
            Right::Approve => ("aproba în", "approve in"),
        };
        let unit = self.unit.as_deref().unwrap_or("(niciunul)");
        Problem::of(&problems::FORBIDDEN)
            .detail(
                format!(
                    "Compartimentul {unit} din antetul Punte-Unit nu poate {ro} registrul {register}; pot: {}",
                    units.join(", ")
                ),
                format!(
                    "The unit {unit} of the header Punte-Unit may not {en} the register {register}; these may: {}",
                    units.join(", ")
                ),
            )
            .with("field", "Punte-Unit")
            .with("right", serde_json::json!(right))
    }
}

impl FromRequestParts<App> for Clerk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // A person with an account is who its session says, whatever the headers claim.
        let caller = known(parts, app).await?;
        let clerk = match caller.person() {
            Some((pseudonym, unit)) => Self { clerk: Some(pseudonym.to_owned()), unit: unit.map(str::to_owned) },
            None => Self { clerk: header(parts, "Punte-Clerk")?, unit: header(parts, "Punte-Unit")? },
        };
        if let Some(unit) = &clerk.unit {
            in_structure(app, &caller.party, unit)?;
        }
        Ok(clerk)
    }
}

/// Whether the institution has the unit today. One that defined no structure names its units as it likes.
fn in_structure(app: &App, party: &str, unit: &str) -> Result<(), Problem> {
    let directory = app.hub.directory();
    let (structure, today) = (directory.structure(party), app.hub.clock.now().romanian_date());
    if structure.has_unit(unit, today) {
        return Ok(());
    }
    let problem = Problem::of(&problems::UNKNOWN_UNIT).with("field", "Punte-Unit").with("unit", unit);
    Err(match structure.units.get(unit).map(Unit::validity) {
        None => problem.detail(
            format!("Structura instituției nu are compartimentul {unit}; compartimentele ei sunt la /v1/structure"),
            format!("The structure of the institution has no unit {unit}; its units are at /v1/structure"),
        ),
        Some(validity) => {
            let day = |day: Option<jiff::civil::Date>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
            let (from, to) = (day(validity.from), day(validity.to));
            problem.detail(
                format!("Compartimentul {unit} este în vigoare de la {from} până la {to}, iar azi este {today}; folosiți unul în vigoare, de la /v1/structure"),
                format!("The unit {unit} is in force from {from} to {to}, and today is {today}; use one in force, from /v1/structure"),
            )
        }
    })
}

fn header(parts: &Parts, name: &'static str) -> Result<Option<String>, Problem> {
    let Some(value) = parts.headers.get(name) else { return Ok(None) };
    // A CNP is refused here, before anything of it is kept.
    let text = value.to_str().ok().map(str::trim).filter(|text| is_pseudonym(text));
    text.map(|text| Some(text.to_owned())).ok_or_else(|| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(
                format!("Antetul {name} are 1 până la {LONGEST_PSEUDONYM} de caractere ASCII fără spații și nu este un CNP: un pseudonim al instituției"),
                format!("The header {name} has 1 to {LONGEST_PSEUDONYM} ASCII characters without blanks and is no CNP: a pseudonym of the institution's own"),
            )
            .with("field", name)
    })
}
