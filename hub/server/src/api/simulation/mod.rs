//! `POST /v1/routing/simulate`: what would happen to a document, by the decisions of the road itself. Nothing is stored.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::deadline::Running;
use hub_flow::directory::{Cover, Directory, INBOX, Party, Places, Sending};
use hub_flow::routing::{self, Facts, Route};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::door::Door;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::registry_acts::asking::body;
use crate::api::request::SmallBody;
use crate::problems;

/// The simulation.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.post("/v1/routing/simulate", simulate).taking::<Supposed>()
}

/// A sending that nobody made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supposed {
    sender: String,
    recipient: String,
    document_type: String,
    /// The newest where absent.
    document_version: Option<String>,
    /// The first purpose of the type where absent.
    purpose: Option<String>,
    /// The sender's own place where absent.
    territory: Option<String>,
    /// Today where absent.
    day: Option<Date>,
}

/// Tells agreement, rule of competence, unit, channel, mapping and deadline of a supposed sending, or at which step it would end.
/// The caller's institution sends or receives, unless it runs the hub.
///
/// # Errors
/// A problem document.
pub async fn simulate(
    caller: May<to::RoutingSimulate>,
    State(app): State<App>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let supposed: Supposed = body(&bytes)?;
    let directory = app.hub.directory();
    let side = [&supposed.sender, &supposed.recipient].iter().any(|side| directory.acts_for(&caller.party, side));
    if !side && !caller.operator {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Se poate simula numai ce trimite sau primește instituția dumneavoastră",
            "Only what your institution sends or receives can be simulated",
        ));
    }
    let day = supposed.day.unwrap_or_else(|| app.hub.clock.now().romanian_date());
    let sender = party(&directory, "sender", &supposed.sender)?;
    let recipient = party(&directory, "recipient", &supposed.recipient)?;
    Ok(Json(Simulation { app: &app, directory: &directory, supposed: &supposed, day }.run(sender, recipient)?))
}

fn party<'a>(directory: &'a Directory, field: &str, id: &str) -> Result<&'a Party, Problem> {
    directory.party(id).ok_or_else(|| {
        wrong(
            field,
            (format!("Instituția {id} nu este în director"), format!("The party {id} is not in the directory")),
        )
    })
}

fn wrong(field: &str, (ro, en): (String, String)) -> Problem {
    Problem::of(&problems::INVALID_CONTENT).detail(ro, en).with("field", field)
}

struct Simulation<'a> {
    app: &'a App,
    directory: &'a Directory,
    supposed: &'a Supposed,
    day: Date,
}

impl Simulation<'_> {
    fn run(&self, sender: &Party, recipient: &Party) -> Result<Value, Problem> {
        let Supposed { document_type, document_version, .. } = self.supposed;
        let catalogue = &self.app.hub.catalogue;
        let versions = catalogue.document_types().filter(|one| one.name() == document_type);
        let fits =
            |one: &&schemas::DocumentType| document_version.as_deref().is_none_or(|wanted| one.version() == wanted);
        let known = versions.filter(fits).last().ok_or_else(|| {
            wrong(
                "document_type",
                (
                    format!("Catalogul nu are tipul {document_type} în această versiune"),
                    format!("The catalogue does not have the type {document_type} in this version"),
                ),
            )
        })?;
        let purpose = self.supposed.purpose.clone().or_else(|| known.purposes().first().cloned()).unwrap_or_default();
        let sending = Sending { sender, recipient, document_type, purpose: &purpose, day: self.day };
        let agreement = agreed(self.directory.cover(sending, catalogue.code_lists()));
        let territory = self.supposed.territory.clone().or_else(|| sender.siruta.clone()).unwrap_or_default();
        let facts = Facts { recipient: recipient.id.clone(), document_type: document_type.clone(), territory };
        let places = Places::on(catalogue.code_lists(), self.day);
        let route = routing::decide(self.directory, places, facts.clone());
        let (competence, channel) = match &route {
            Ok(route) => (self.competent(route), self.channel(route, known.name(), known.version())),
            Err(none) => {
                (json!({"found": false, "ro": none.reason, "en": "no rule of competence covers it"}), Value::Null)
            }
        };
        let accepted = agreement["found"] == true;
        let delivered = accepted && competence["found"] == true && channel["usable"] == true;
        Ok(json!({
            "sender": {"id": sender.id, "name": sender.name},
            "recipient": {"id": recipient.id, "name": recipient.name},
            "document_type": known.name(),
            "document_version": known.version(),
            "purpose": purpose,
            "territory": facts.territory,
            "day": self.day,
            "accepted": accepted,
            "delivered": delivered,
            "agreement": agreement,
            "competence": competence,
            "channel": channel,
            "deadline": self.deadline(&recipient.id, known),
        }))
    }

    fn competent(&self, route: &Route) -> Value {
        json!({
            "found": true, "rule": route.rule, "rule_version": route.rule_version, "unit": route.unit,
            "ro": route.because,
            "en": format!("decided by the rule {} version {}", route.rule, route.rule_version),
        })
    }

    fn channel(&self, route: &Route, from: &str, version: &str) -> Value {
        let Some(channel) = self.directory.channel(&route.channel) else {
            return json!({"id": route.channel, "usable": false,
                "ro": "canalul nu mai este în director", "en": "the channel is no longer in the directory"});
        };
        let system = &channel.entry.system;
        if system == INBOX {
            return json!({"id": route.channel, "system": system, "usable": true, "mapping": null,
                "ro": "documentul așteaptă în căsuța destinatarului", "en": "the document waits in the recipient's inbox"});
        }
        let Some(target) = self.app.hub.connectors.translation(system) else {
            return json!({"id": route.channel, "system": system, "usable": true, "mapping": null,
                "ro": "sistemul primește documentul așa cum a venit", "en": "the system takes the document as it came"});
        };
        match self.app.hub.mappings.find(from, version, target) {
            Some(mapping) => json!({"id": route.channel, "system": system, "usable": true, "target": target,
                "mapping": mapping.id(), "mapping_version": mapping.version(),
                "ro": format!("documentul este transformat prin {}", mapping.id()),
                "en": format!("the document is translated by {}", mapping.id())}),
            None => json!({"id": route.channel, "system": system, "usable": false, "target": target, "mapping": null,
                "ro": format!("nicio mapare nu duce la {target}"), "en": format!("no mapping leads to {target}")}),
        }
    }

    fn deadline(&self, recipient: &str, known: &schemas::DocumentType) -> Value {
        let series = self.directory.series_for(recipient, known.name());
        let deadlines = &self.app.hub.deadlines;
        let Some(rule) = deadlines.rule(series.deadline_rule.as_deref(), Some(known)) else {
            return json!({"found": false});
        };
        let (code, title, basis) = (rule.code.clone(), rule.title.clone(), rule.basis.clone());
        let due = Running::begin(rule, self.day).due(&deadlines.calendar).ok().flatten();
        json!({"found": true, "rule": code, "title": title, "basis": basis, "due": due, "register": series.register})
    }
}

fn agreed(cover: Cover) -> Value {
    match cover {
        Cover::Covered { agreement, version } => json!({"found": true, "id": agreement, "version": version,
            "ro": format!("acordul {agreement} permite trimiterea"), "en": format!("the agreement {agreement} allows it")}),
        Cover::Expired { agreement, valid_to } => json!({"found": false, "id": agreement, "code": "agreement-expired",
            "ro": format!("acordul {agreement} nu este în vigoare (ultima zi: {valid_to}); cereți prelungirea lui"),
            "en": format!("the agreement {agreement} is not in force (last day: {valid_to}); ask for its extension")}),
        Cover::None => json!({"found": false, "code": "no-agreement",
            "ro": "niciun acord nu permite acest tip de document, pentru acest scop, către acest destinatar",
            "en": "no agreement allows this document type, for this purpose, to this recipient"}),
    }
}
