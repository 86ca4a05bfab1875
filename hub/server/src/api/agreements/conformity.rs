//! `GET /v1/agreements/{id}/conformity` and `.pdf`: the flow on one page for the national interoperability framework (HG
//! 908/2017, whose levels and principles are those of COM(2010) 744): what stands in the agreement, the directory and the
//! catalogue, and nothing else.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::directory::{Agreement, Directory, Party, Places, Versioned};
use hub_receipts::Moment;
use hub_receipts::conformity::{Conformity, conformity};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

use super::list::found;

/// The principles of the framework, and how a flow over this hub meets each.
const PRINCIPLES: [(&str, &str); 12] = [
    (
        "Subsidiaritate și proporționalitate",
        "se transmit numai tipurile de documente și categoriile de date din acord, pentru scopul lui; fără acord nu există rută",
    ),
    (
        "Orientare spre utilizator",
        "cetățeanul nu mai duce acte între instituții; fiecare refuz spune câmpul, regula și ce este de făcut",
    ),
    (
        "Incluziune și accesibilitate",
        "recipisele sunt PDF/A cu text, iar pagina de verificare este publică și nu cere cont",
    ),
    (
        "Securitate și confidențialitate",
        "acces numai cu permisiune numită, jurnal al accesărilor, dovezi sigilate și înlănțuite; corpul documentelor nu apare în jurnale tehnice",
    ),
    ("Multilingvism", "tipurile de documente, erorile și recipisele au texte în română și engleză"),
    (
        "Simplificare administrativă",
        "înregistrare automată la ambele capete, după competență; numerele se văd în aceeași recipisă",
    ),
    (
        "Transparență",
        "fiecare rută spune regula, versiunea ei și faptele pe care s-a hotărât; istoricul directorului se păstrează întreg",
    ),
    ("Păstrarea informației", "dovezile se reînnoiesc prin mărci temporale; documentele se arhivează după nomenclator"),
    (
        "Deschidere",
        "interfețe documentate public (HTTP cu JSON), formate deschise, export complet fără blocare la furnizor",
    ),
    ("Reutilizare", "același tip de document și aceleași dicționare servesc tuturor instituțiilor; codul este liber"),
    ("Neutralitate tehnologică", "REST, SOAP, AS4 prin parteneri, dosar, poștă electronică: aceeași rută, alt canal"),
    (
        "Eficacitate și eficiență",
        "livrare cu reluări și termen de renunțare, fiecare cu dovadă; starea sistemelor se vede la /v1/systems",
    ),
];

/// The standards of a flow over this hub.
const STANDARDS: &str = "ETSI EN 319 522 (dovezi de livrare înregistrată), ETSI EN 319 132 (XAdES), RFC 3161 (mărci temporale), \
    ISO 19005-2 (PDF/A), JSON Schema 2020-12, RFC 9457 (erori), SIRUTA (teritoriu)";
/// What protects it.
const SECURITY: &str = "TLS între sisteme, chei păstrate numai ca rezumat SHA-256, jurnal al dovezilor cu arbore Merkle, păstrare criptată \
    AES-256-GCM în arhivă, secrete în afara bazei de date";

/// The page as data.
///
/// # Errors
/// There is no such agreement, or it does not concern the caller's institution.
pub async fn json(
    may: May<to::AgreementsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let held = found(&app, &may, &id)?;
    Ok(Json(facts(&app, &held)))
}

/// The page as PDF/A.
///
/// # Errors
/// There is no such agreement, or it does not concern the caller's institution.
pub async fn pdf(
    may: May<to::AgreementsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let held = found(&app, &may, &id)?;
    let page = conformity(&on_paper(&app, &facts(&app, &held))).map_err(|error| {
        tracing::error!(%error, agreement = id, "the page of an agreement cannot be made");
        Problem::of(&problems::UNAVAILABLE)
    })?;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], page).into_response())
}

fn facts(app: &App, held: &Versioned<Agreement>) -> Value {
    let now = app.hub.clock.now();
    let (agreement, today) = (&held.entry, now.romanian_date());
    let directory = app.hub.directory();
    let code_lists = app.hub.code_lists();
    let places = Places::on(&code_lists, today);
    let (senders, recipients) =
        (directory.chosen(&agreement.senders, places), directory.chosen(&agreement.recipients, places));
    let types: Vec<Value> = app
        .hub
        .catalogue
        .document_types()
        .filter(|one| agreement.document_types.iter().any(|name| name == one.name()))
        .map(|one| json!({"document_type": one.name(), "version": one.version(), "title": one.title().ro, "title_en": one.title().en}))
        .collect();
    let standing = agreement.standing(today);
    json!({
        "agreement": agreement.id,
        "version": held.version,
        "number": agreement.number,
        "standing": standing,
        "standing_ro": standing.in_romanian(),
        "made_at": now.to_utc(),
        "legal": {
            "legal_basis": agreement.legal_basis,
            "purpose": agreement.purpose,
            "controller": agreement.controller,
            "data_categories": agreement.data_categories,
            "retention": agreement.retention,
            "valid_from": agreement.valid_from,
            "valid_to": agreement.valid_to,
        },
        "organisational": {
            "senders": senders.iter().map(|party| named(party)).collect::<Vec<_>>(),
            "recipients": recipients.iter().map(|party| named(party)).collect::<Vec<_>>(),
            "units": units(&directory, &recipients, agreement, today),
            "sla": agreement.sla,
            "contact": agreement.contact,
            "signatures": agreement.signatures,
        },
        "semantic": {
            "document_types": types,
            "code_lists": app.hub.catalogue.code_lists().names().collect::<Vec<_>>(),
        },
        "technical": {
            "standards": STANDARDS,
            "security": SECURITY,
            "end_to_end": agreement.end_to_end,
            "systems": systems(&directory, &recipients),
        },
        "principles": PRINCIPLES.map(|(name, how)| json!({"principle": name, "met_by": how})),
        "absent": agreement.absent(),
    })
}

fn named(party: &Party) -> Value {
    json!({"id": party.id, "name": party.name, "cui": party.cui, "contact": party.contact})
}

/// The units that are competent for what the agreement lets through.
fn units(directory: &Directory, parties: &[&Party], agreement: &Agreement, today: jiff::civil::Date) -> Vec<String> {
    let mut units = Vec::new();
    for party in parties {
        for held in directory.competences(&party.id).iter().filter(|held| held.entry.holds_on(today)) {
            let types = &held.entry.document_types;
            if types.is_empty() || types.iter().any(|one| agreement.document_types.contains(one)) {
                units.push(format!("{}: {}", party.id, held.entry.unit));
            }
        }
    }
    units.dedup();
    units
}

/// The names of the systems over which recipients are reached.
fn systems(directory: &Directory, parties: &[&Party]) -> Vec<String> {
    let channels = parties.iter().flat_map(|party| directory.competences(&party.id));
    let named = channels.filter_map(|held| directory.channel(&held.entry.channel));
    let mut systems: Vec<String> = named.map(|channel| channel.entry.system.clone()).collect();
    systems.sort();
    systems.dedup();
    systems
}

fn on_paper(app: &App, facts: &Value) -> Conformity {
    let text = |value: &Value| match value {
        Value::Null => "nu este spus".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "nu este spus".to_owned(),
        Value::Array(list) => {
            let word = |one: &Value| one.as_str().or(one["name"].as_str()).or(one["title"].as_str()).map(str::to_owned);
            let words: Vec<String> = list.iter().filter_map(word).collect();
            format!("{} ({})", words.join("; "), words.len())
        }
        Value::Bool(true) => "da".to_owned(),
        Value::Bool(false) => "nu".to_owned(),
        other => other.to_string(),
    };
    let section = |level: &str, name: &str, rows: &[(&str, &str)]| {
        let row = |(label, field): &(&str, &str)| ((*label).to_owned(), text(&facts[level][*field]));
        (name.to_owned(), rows.iter().map(row).collect::<Vec<_>>())
    };
    let (from, to) = (text(&facts["legal"]["valid_from"]), text(&facts["legal"]["valid_to"]));
    let principles = PRINCIPLES.map(|(name, how)| (name.to_owned(), how.to_owned())).to_vec();
    let now = app.hub.clock.now();
    Conformity {
        id: format!("{}/{}", text(&facts["agreement"]), facts["version"]),
        service: app.hub.seal.issuer.name.clone(),
        head: vec![
            "HG nr. 908/2017 – fișa unui flux, întocmită din acord, director și catalog".to_owned(),
            format!(
                "Acordul nr. {}, {}, în vigoare între {from} și {to}",
                text(&facts["number"]),
                text(&facts["standing_ro"])
            ),
        ],
        sections: vec![
            section(
                "legal",
                "Nivelul juridic",
                &[
                    ("Temei legal", "legal_basis"),
                    ("Scop", "purpose"),
                    ("Operator de date", "controller"),
                    ("Categorii de date", "data_categories"),
                    ("Păstrare", "retention"),
                ],
            ),
            section(
                "organisational",
                "Nivelul organizațional",
                &[
                    ("Expeditori", "senders"),
                    ("Destinatari", "recipients"),
                    ("Compartimente", "units"),
                    ("Nivel de serviciu", "sla"),
                    ("Contact", "contact"),
                ],
            ),
            section(
                "semantic",
                "Nivelul semantic",
                &[("Tipuri de documente", "document_types"), ("Nomenclatoare", "code_lists")],
            ),
            section(
                "technical",
                "Nivelul tehnic",
                &[
                    ("Standarde", "standards"),
                    ("Securitate", "security"),
                    ("Criptare cap la cap", "end_to_end"),
                    ("Sisteme", "systems"),
                ],
            ),
            ("Principiile cadrului".to_owned(), principles),
        ],
        at: Moment { utc: now.to_utc(), local: now.to_romanian() },
    }
}
