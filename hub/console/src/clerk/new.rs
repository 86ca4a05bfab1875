//! `/console/new`: a new document, by a form made of its type's schema.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::{Filled, Sent};
use crate::list::Asked;
use crate::page::{Answer, done, page, page_with};
use crate::visit::Visit;

use super::filled::Values;
use super::recipients::{RECIPIENT, named, parties, possible};
use super::schema::{self, Field, Kind, Lists, Making, Piece, id, parsed};
use super::sending::{all_files, borne, boundary, envelope, multipart};
use super::words::{either, text, title};

/// The list whose codes are typed: it has thousands.
const TYPED: &str = "siruta";
/// The type a reply has where nothing else is chosen.
const GENERIC: &str = "document-generic";
/// Most recipients that are chosen from a list; of more, the name is typed.
const LISTED: usize = 200;
/// Most bytes of files that are kept in a form shown again.
const KEPT: usize = 8 * 1024 * 1024;

/// A document type, as a form needs it.
pub(super) struct Kindred {
    /// Its name in the catalogue.
    pub name: String,
    /// Its version.
    pub version: String,
    title: String,
    legal_basis: Vec<String>,
    required: Vec<String>,
    optional: Vec<String>,
    accept: String,
    /// The schema of the body.
    pub schema: Value,
}

impl Kindred {
    /// The newest version of a type.
    ///
    /// # Errors
    /// There is no such type.
    pub(super) async fn find(visit: &Visit, name: &str) -> Result<Self, Fault> {
        let told = visit.get("/v1/document-types").value().await?;
        let mut all = told["document_types"].as_array().into_iter().flatten();
        let found = all.rfind(|one| one["document_type"] == name).ok_or_else(Fault::missing)?;
        let texts = |name: &str| -> Vec<String> {
            found[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Ok(Self {
            name: name.to_owned(),
            version: text(found, "document_version").to_owned(),
            title: title(visit, found),
            legal_basis: texts("legal_basis"),
            required: texts("required_roles"),
            optional: texts("optional_roles"),
            accept: texts("media_types").join(","),
            schema: parsed(&found["schema"]),
        })
    }
}

/// A file that is asked for.
struct File {
    name: String,
    id: String,
    label: String,
    required: bool,
    wrong: Vec<String>,
}

/// A type that can be chosen.
struct Choice {
    href: String,
    title: String,
    purposes: Vec<String>,
}

#[derive(askama::Template)]
#[template(path = "clerk/choose.html")]
struct Choosing<'a> {
    v: &'a Visit,
    choices: Vec<Choice>,
}

#[derive(askama::Template)]
#[template(path = "clerk/new.html")]
struct Page<'a> {
    v: &'a Visit,
    kind: &'a Kindred,
    reply: String,
    /// The number the reply is to, in words.
    number: String,
    /// The same as JSON, which the form bears along.
    reference: String,
    asks_first: bool,
    envelope: Vec<Field>,
    pieces: Vec<Piece>,
    files: Vec<File>,
    kept: Vec<(String, String)>,
    fault: Option<Fault>,
    wrong: Vec<(String, String)>,
}

/// Type and recipient are chosen, and the form is shown.
///
/// # Errors
/// The visitor may not send, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    let mut values = Values::default();
    let reply = asked.get("reply");
    if !reply.is_empty() {
        answering(&visit, reply, &mut values).await?;
    }
    let chosen = match asked.some("type") {
        Some(name) => name.to_owned(),
        None if !reply.is_empty() && asked.some("choose").is_none() => GENERIC.to_owned(),
        None => return choose(&visit, reply).await,
    };
    let kind = Kindred::find(&visit, &chosen).await?;
    values.set("type", chosen);
    form(&visit, &kind, (values, Vec::new()), None).await
}

/// The types that agreements let the institution send.
async fn choose(visit: &Visit, reply: &str) -> Answer {
    let told = visit.get("/v1/messages/possible").value().await?;
    let mut choices: Vec<Choice> = Vec::new();
    for one in told["items"].as_array().into_iter().flatten() {
        let also = if reply.is_empty() { String::new() } else { format!("&reply={}", piece(reply)) };
        let href = format!("/console/new?type={}{also}", piece(text(one, "document_type")));
        let purpose = text(one, "purpose").to_owned();
        match choices.iter_mut().find(|held| held.href == href) {
            Some(held) => held.purposes.push(purpose),
            None => choices.push(Choice { href, title: title(visit, one), purposes: vec![purpose] }),
        }
    }
    choices.sort_by(|one, other| one.title.cmp(&other.title));
    page(&Choosing { v: visit, choices })
}

/// What a reply begins with: to whom, about what, to which number.
async fn answering(visit: &Visit, reply: &str, values: &mut Values) -> Result<(), Fault> {
    let told = visit.get(format!("/v1/messages/{}", piece(reply))).value().await?;
    let mine = told["deliveries"].as_array().into_iter().flatten().find(|one| one["mine"] == true);
    let own = mine.map(|one| &one["recipient_registration"]).filter(|own| own.is_object());
    let number = own.unwrap_or(&told["sender_registration"]);
    let theirs = &told["sender_registration"];
    let subject = format!("{}: {}", visit.say("Răspuns", "Reply"), text(&told, "subject"));
    values.set("/envelope/recipients/0/party", text(&told, "sender"));
    values.set("/envelope/subject", subject.clone());
    values.set("/envelope/purpose", text(&told, "purpose"));
    values.set("reply", reply);
    values.set("reference", number.to_string());
    values.set("/body/subiect", subject);
    values.set("/body/referinta", format!("{}/{}", text(theirs, "number"), crate::moment::day(text(theirs, "date"))));
    Ok(())
}

/// Sends the document, or shows the form again: with a row more or less, or with what is wrong.
///
/// # Errors
/// The hub cannot answer.
pub async fn send(visit: Visit, filled: Filled) -> Answer {
    let mut values = Values(filled.fields().to_vec());
    let kind = Kindred::find(&visit, values.get("type")).await?;
    let files = all_files(&filled);
    let (more, less) = (filled.get("add"), filled.get("drop"));
    if !(more.is_empty() && less.is_empty()) {
        if less.is_empty() {
            values.add(more)
        } else {
            values.drop(less)
        }
        return form(&visit, &kind, (values, files), None).await;
    }
    named(&visit, &kind, &mut values).await?;
    let envelope = envelope(&values, &kind, &files);
    let body = multipart(&envelope, &values.document(&kind.schema), &files, filled.key());
    let media_type = format!("multipart/form-data; boundary={}", boundary(filled.key()));
    let asked = visit.post("/v1/messages").form(filled.token()).key(filled.key()).body(&media_type, body);
    match asked.value().await {
        Ok(receipt) => Ok(done(&format!("/console/documents/{}", piece(text(&receipt, "message_id"))), "sent")),
        Err(fault) if matches!(fault.status.as_u16(), 400 | 403 | 409 | 413 | 422) => {
            form(&visit, &kind, (values, files), Some(fault)).await
        }
        Err(fault) => Err(fault),
    }
}

/// The form, filled in as it was.
async fn form(visit: &Visit, kind: &Kindred, (values, files): (Values, Vec<Sent>), fault: Option<Fault>) -> Answer {
    let possible = possible(visit, kind).await?;
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for broken in fault.iter().flat_map(|fault| &fault.violations) {
        wrong.entry(broken.field.clone()).or_default().push(broken.words(visit.language).to_owned());
    }
    let lists = lists(visit, &kind.schema).await?;
    let making = Making { visit, whole: &kind.schema, lists: &lists, values: &values, wrong: &wrong };
    let pieces = making.pieces();
    let room = files.iter().map(|file| file.bytes.len()).sum::<usize>() <= KEPT;
    let told = fault.iter().flat_map(|fault| &fault.violations);
    // What is wrong with files stands at the files.
    let place = |field: &str| if field.starts_with("/envelope/parts") { id("/envelope/parts") } else { id(field) };
    let told = told.map(|broken| (place(&broken.field), broken.words(visit.language).to_owned())).collect();
    let reference: Value = serde_json::from_str(values.get("reference")).unwrap_or_default();
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page {
        v: visit,
        kind,
        reply: values.get("reply").to_owned(),
        number: reference_words(visit, &reference),
        reference: values.get("reference").to_owned(),
        asks_first: values.get("/envelope/consignment") == "consent",
        envelope: outside(visit, kind, &possible, (&values, &wrong)),
        pieces,
        files: files_of(visit, kind, (&files, room), &wrong),
        kept: if room { files.iter().map(borne).collect() } else { Vec::new() },
        wrong: told,
        fault,
    };
    Ok(page_with(status, &page))
}

fn reference_words(visit: &Visit, reference: &Value) -> String {
    let number = text(reference, "number");
    if number.is_empty() {
        return String::new();
    }
    format!(
        "{} {number} {} {}",
        visit.say("nr.", "no."),
        visit.say("din", "of"),
        crate::moment::day(text(reference, "date"))
    )
}

/// The fields of the envelope.
fn outside(
    visit: &Visit,
    kind: &Kindred,
    possible: &Value,
    (values, wrong): (&Values, &BTreeMap<String, Vec<String>>),
) -> Vec<Field> {
    let items = possible["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let parties = parties(possible);
    let purposes: Vec<(String, String)> =
        items.iter().map(|one| (text(one, "purpose").to_owned(), text(one, "purpose").replace('-', " "))).collect();
    let field = |pointer: &str, (ro, en): (&str, &str), kind: Kind, usual: &str| Field {
        pointer: pointer.to_owned(),
        id: id(pointer),
        label: visit.say(ro, en).to_owned(),
        kind,
        required: true,
        hint: String::new(),
        value: either(values.get(pointer), usual).to_owned(),
        wrong: wrong.get(pointer).cloned().unwrap_or_default(),
    };
    let only = |options: &[(String, String)]| match options {
        [(value, _)] => value.clone(),
        _ => String::new(),
    };
    let listed = parties.len() <= LISTED;
    let one_party = only(&parties);
    let known = |party: &str| parties.iter().any(|(held, _)| held == party);
    let unreachable = listed && !values.get(RECIPIENT).is_empty() && !known(values.get(RECIPIENT));
    let name = visit.say("numele instituției, de exemplu Comuna Exemplu", "name of the institution");
    let none = visit.say(
        "Niciun acord în vigoare nu permite acest tip de document către această instituție; alegeți alt tip.",
        "No agreement in force allows this document type to this institution; choose another type.",
    );
    let hint = if unreachable {
        none
    } else if listed {
        ""
    } else {
        name
    };
    let recipient = if listed { Kind::Choice(parties) } else { Kind::Line(200, false) };
    let recipient = field(RECIPIENT, ("Destinatarul", "Recipient"), recipient, &one_party);
    let recipient = Field { hint: hint.to_owned(), ..recipient };
    let one_purpose = only(&purposes);
    vec![
        recipient,
        field("/envelope/subject", ("Obiectul, pe scurt", "Subject, in brief"), Kind::Line(500, false), &kind.title),
        field("/envelope/purpose", ("Scopul", "Purpose"), Kind::Choice(purposes), &one_purpose),
        field(
            "/envelope/legal_basis",
            ("Temeiul legal", "Legal basis"),
            Kind::Line(500, false),
            &kind.legal_basis.join("; "),
        ),
    ]
}

/// The files a type asks for and takes.
fn files_of(
    visit: &Visit,
    kind: &Kindred,
    (files, kept): (&[Sent], bool),
    wrong: &BTreeMap<String, Vec<String>>,
) -> Vec<File> {
    let of_parts: Vec<String> =
        wrong.iter().filter(|(at, _)| at.starts_with("/envelope/parts")).flat_map(|(_, told)| told.clone()).collect();
    let file = |role: &String, required: bool| {
        let name = format!("file:{role}");
        let there = kept && files.iter().any(|one| one.field == name);
        let wrong = of_parts.iter().filter(|told| told.contains(role.as_str())).cloned().collect();
        let note = if required { "" } else { visit.say(" (dacă este)", " (if there is one)") };
        File {
            id: id(&name),
            label: format!("{}{note}", role.replace('-', " ")),
            required: required && !there,
            name,
            wrong,
        }
    };
    kind.required
        .iter()
        .map(|role| file(role, true))
        .chain(kind.optional.iter().map(|role| file(role, false)))
        .collect()
}

/// The code lists of a schema that are short enough to choose from.
async fn lists(visit: &Visit, schema: &Value) -> Result<Lists, Fault> {
    let mut names = Vec::new();
    schema::lists(schema, &mut names);
    let mut lists = Lists::new();
    for name in names.into_iter().filter(|name| name != TYPED) {
        let asked = visit.get(format!("/v1/nomenclatures/{}/latest?limit=300", piece(&name)));
        let Some(told) = asked.maybe().await?.filter(|told| told["next"].is_null()) else { continue };
        let items = told["items"].as_array().into_iter().flatten();
        let option = |one: &Value| {
            let (ro, en) = (text(one, "ro"), text(one, "en"));
            (text(one, "code").to_owned(), visit.say(ro, either(en, ro)).to_owned())
        };
        lists.insert(name, items.map(option).collect());
    }
    Ok(lists)
}
