//! Stage 4: content-based router. Which unit of each recipient is competent, over which channel, and why.
//!
//! Pure: it reads a snapshot of the directory and the envelope, and never the body, so that an encrypted payload is
//! routed all the same. Every decision carries the rule, its version and the facts it was made on.

use serde::{Deserialize, Serialize};

use crate::directory::{Competence, Directory, Places, Versioned};

/// What a route is decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The recipient's party id.
    pub recipient: String,
    /// The document type.
    pub document_type: String,
    /// SIRUTA code of the place the matter belongs to.
    pub territory: String,
}

/// A decided route, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The competent unit.
    pub unit: String,
    /// The channel it is reached over.
    pub channel: String,
    /// Version of the channel's entry.
    pub channel_version: i64,
    /// The rule of competence that decided.
    pub rule: String,
    /// Its version.
    pub rule_version: i64,
    /// How the rule matched, in words.
    pub because: String,
    /// What it was decided on.
    pub facts: Facts,
}

/// No rule of competence matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoute {
    /// Why not, in words (Romanian): for the evidence and the sender.
    pub reason: String,
}

/// Decides the route of one recipient. The most specific rule wins: one that names the document type over one that
/// does not, then UAT over county over everywhere, then the smaller id.
///
/// # Errors
/// [`NoRoute`] when no rule of the recipient covers the facts.
pub fn decide(directory: &Directory, places: Places<'_>, facts: Facts) -> Result<Route, NoRoute> {
    let rules = directory.competences(&facts.recipient);
    // A rule holds on its days, and hands nothing to a unit that is no longer, or not yet, there.
    let structure = directory.structure(&facts.recipient);
    let holds = |rule: &Competence| rule.holds_on(places.day()) && structure.has_unit(&rule.unit, places.day());
    let in_force = rules.iter().filter(|held| holds(&held.entry));
    let matching = in_force.filter_map(|held| Some((specificity(&held.entry, &facts, places)?, held)));
    let best = matching.max_by(|(left, one), (right, other)| left.cmp(right).then(other.entry.id.cmp(&one.entry.id)));
    let Some((_, Versioned { version, entry })) = best else {
        let reason = format!(
            "nicio regulă de competență a destinatarului {} nu acoperă tipul {} pentru teritoriul {}",
            facts.recipient, facts.document_type, facts.territory
        );
        return Err(NoRoute { reason });
    };
    let because = format!(
        "{}; {}",
        if entry.document_types.is_empty() { "orice tip de document" } else { "regula numește tipul documentului" },
        if entry.territory.is_empty() { "orice teritoriu" } else { "teritoriul este în aria regulii" },
    );
    let channel_version = directory.channel(&entry.channel).map_or(0, |channel| channel.version);
    Ok(Route {
        unit: entry.unit.clone(),
        channel: entry.channel.clone(),
        channel_version,
        rule: entry.id.clone(),
        rule_version: *version,
        because,
        facts,
    })
}

/// How closely a rule fits: (names the type, fineness of its territory); nothing when it does not fit.
fn specificity(rule: &Competence, facts: &Facts, places: Places<'_>) -> Option<(bool, u8)> {
    let by_type = rule.document_types.contains(&facts.document_type);
    if !by_type && !rule.document_types.is_empty() {
        return None;
    }
    let fineness = |area: &String| {
        if *area == facts.territory { Some(2) } else { places.within(&facts.territory, area).then_some(1) }
    };
    let by_place = if rule.territory.is_empty() { Some(0) } else { rule.territory.iter().filter_map(fineness).max() };
    Some((by_type, by_place?))
}
