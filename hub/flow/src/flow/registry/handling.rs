//! Assigning a document to units and clerks, and taking it into work.

use serde_json::json;

use crate::assignment::NewLeg;
use crate::hub::Hub;
use crate::registration::{Effect, EntryKey, Status};

use super::acting::{By, Changed, Made, NotDone, PathChange, TermChange, act, has_it};

/// Where a document can be given on.
const OPEN: [Status; 3] = [Status::Registered, Status::Assigned, Status::InProgress];

/// To whom a document is given.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The units, each with its clerk; the first leads.
    pub units: Vec<NewLeg>,
    /// What they are to do, in words.
    pub note: Option<String>,
}

/// Gives a document to units (repartizare). Whoever had it before has it no more; whoever assigns hears when it is overdue.
///
/// # Errors
/// [`NotDone`] says why not.
pub async fn assign(hub: &Hub, key: &EntryKey, by: &By, assignment: Assignment) -> Result<Changed, NotDone> {
    let directory = hub.directory();
    let register = directory.register(&key.party, &key.register).ok_or(NotDone::NotFound)?.entry;
    let known = |unit: &str| register.units.is_empty() || register.units.iter().any(|rights| rights.unit == unit);
    if let Some(leg) = assignment.units.iter().find(|leg| !known(&leg.unit)) {
        return Err(NotDone::UnknownUnit(leg.unit.clone()));
    }
    act(hub, key, by, |entry| {
        let lead = assignment.units.first().ok_or_else(|| NotDone::UnknownUnit(String::new()))?;
        let mut particulars = entry.state.particulars.clone();
        let before = particulars.unit.replace(lead.unit.clone());
        Ok(Made {
            act: "assigned",
            content: json!({
                "units": assignment.units,
                "note": assignment.note,
                "before": {"unit": before, "person": entry.state.person},
            }),
            effect: Effect {
                from: OPEN.to_vec(),
                to: Some(Status::Assigned),
                particulars: Some(particulars),
                person: Some(lead.person.clone()),
                ..Effect::default()
            },
            term: TermChange::EscalateTo(by.author.clerk.clone()),
            path: PathChange::Give(assignment.units.clone()),
        })
    })
    .await
}

/// A clerk takes a document of the unit into work.
///
/// # Errors
/// [`NotDone`] says why not; [`NotDone::WrongUnit`] where the clerk's unit does not have it.
pub async fn take_up(hub: &Hub, key: &EntryKey, by: &By) -> Result<Changed, NotDone> {
    let open = has_it(hub, key, &by.author).await?;
    act(hub, key, by, |entry| {
        let (unit, clerk) = (by.author.unit.clone(), by.author.clerk.clone());
        let leads = entry.state.particulars.unit.is_none() || entry.state.particulars.unit == unit;
        let mut particulars = entry.state.particulars.clone();
        if particulars.unit.is_none() {
            particulars.unit.clone_from(&unit);
        }
        // A document that nobody assigned is the unit's from now on.
        let path = match (&unit, &clerk) {
            (Some(unit), clerk) if open.is_empty() => {
                PathChange::Give(vec![NewLeg { unit: unit.clone(), person: clerk.clone() }])
            }
            (Some(unit), Some(clerk)) => PathChange::TakeUp(unit.clone(), clerk.clone()),
            _ => PathChange::None,
        };
        Ok(Made {
            act: "taken_up",
            content: json!({"unit": unit, "person": clerk}),
            effect: Effect {
                from: OPEN.to_vec(),
                to: Some(Status::InProgress),
                particulars: Some(particulars),
                // The clerk of a unit that does only its part does not take the whole from its owner.
                person: leads.then(|| clerk.clone()),
                ..Effect::default()
            },
            term: TermChange::None,
            path,
        })
    })
    .await
}

/// A unit beside the leading one did its part.
///
/// # Errors
/// [`NotDone`] says why not.
pub async fn complete_part(hub: &Hub, key: &EntryKey, by: &By, note: &str) -> Result<Changed, NotDone> {
    has_it(hub, key, &by.author).await?;
    act(hub, key, by, |entry| {
        let unit = by.author.unit.clone().unwrap_or_default();
        // The leading unit ends with a resolution, else nobody would have the document.
        if entry.state.particulars.unit.as_deref() == Some(&unit) || unit.is_empty() {
            return Err(NotDone::WrongUnit { has: entry.state.particulars.unit.clone().into_iter().collect() });
        }
        Ok(Made {
            act: "part_completed",
            content: json!({"unit": unit, "note": note}),
            effect: Effect { from: OPEN.to_vec(), ..Effect::default() },
            term: TermChange::None,
            path: PathChange::Part(unit),
        })
    })
    .await
}
