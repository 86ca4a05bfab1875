//! A row becomes a document: its envelope and its body, in the form the door takes. Pure.

use bytes::Bytes;
use jiff::civil::Date;
use openssl::sha::Sha256;
use schemas::DocumentType;
use schemas::text::fold;
use serde_json::{Map, Value as Json};

use crate::message::{BODY, ConsignmentMode, Envelope, PartDescription, Recipient, Registration};

use super::columns::{Column, Kind, general, is_place};
use super::model::{FileFault, Form, Source, Verdict};

/// Name of a body that is made here.
const NAME_OF_BODY: &str = "document.json";

/// A document made of a row.
#[derive(Debug)]
pub struct Composed {
    /// Its envelope, parts included.
    pub envelope: Envelope,
    /// Its body, parsed.
    pub body: Json,
    /// Contents by the names of the parts, body first.
    pub contents: Vec<(String, Bytes)>,
    /// Whether the sender numbered it: then this number is what tells it from others.
    pub numbered: bool,
}

/// Makes the document of a row. `fetch` gives a file that came along.
///
/// # Errors
/// Everything of ours that keeps the row from being a document; what the document itself breaks is said by the road.
pub fn compose(
    (kind, columns): (&DocumentType, &[Column]),
    form: &Form,
    source: &Source,
    fetch: &dyn Fn(&str) -> Result<Bytes, FileFault>,
) -> Result<Composed, Vec<Verdict>> {
    let mut wrong = Vec::new();
    let cell = |name: &str| match source {
        Source::Cells(cells) => cells.get(name).map(String::as_str),
        _ => None,
    };
    let named = |cell: Option<&str>, of_form: &Option<String>| cell.map(str::to_owned).or_else(|| of_form.clone());
    let subject = named(cell("@obiect"), &form.subject);
    let (name_of_body, body) = match source {
        Source::Cells(cells) => {
            let fields = cells.iter().filter(|(path, _)| !path.starts_with('@'));
            let body = body(kind.schema(), columns, fields);
            (NAME_OF_BODY.to_owned(), Some((bytes(&body), body)))
        }
        Source::Entry(name) => (last(name).to_owned(), hear(&mut wrong, entry(name, fetch))),
        Source::Paper(name) => {
            let body = form.body.clone().unwrap_or_else(|| paper(kind, subject.as_deref(), last(name)));
            (NAME_OF_BODY.to_owned(), Some((bytes(&body), body)))
        }
    };
    let mut contents = Vec::new();
    let mut parts = vec![part(&name_of_body, BODY)];
    let files = match source {
        Source::Paper(name) => vec![(name.clone(), role(kind, &["original", "anexa"]))],
        _ => cell("@fisiere").map(|text| files(kind, text)).unwrap_or_default(),
    };
    for (name, role) in files {
        match fetch(&name) {
            Ok(content) => {
                let name = match source {
                    // A paper is told by its content; its name may say nothing of it.
                    Source::Paper(_) if !last(&name).to_ascii_lowercase().ends_with(".pdf") => {
                        format!("{}.pdf", last(&name))
                    }
                    _ => last(&name).to_owned(),
                };
                parts.push(part(&name, &role));
                contents.push((name, content));
            }
            Err(fault) => wrong.push(Verdict::refusal("@fisiere", "batch.file", (fault.ro, fault.en))),
        }
    }
    let recipients: Vec<Recipient> = match cell("@destinatar") {
        Some(text) => text.split(['|', ',']).map(str::trim).filter(|one| !one.is_empty()).map(recipient).collect(),
        None => form.recipients.iter().map(|one| recipient(one)).collect(),
    };
    if recipients.is_empty() {
        let said = (
            "Lipsește destinatarul; scrieți codul instituției din director, aici sau pentru tot fișierul",
            "The recipient is missing; write the party id of the directory, here or for the whole file",
        );
        wrong.push(Verdict::refusal("@destinatar", "required", said));
    }
    let registration = hear(&mut wrong, registration(cell("@numar"), cell("@data"))).flatten();
    let Some((raw, body)) = body.filter(|_| wrong.is_empty()) else { return Err(wrong) };
    contents.insert(0, (name_of_body, raw));
    let only = |list: &[String]| list.first().filter(|_| list.len() == 1).cloned();
    Ok(Composed {
        numbered: registration.is_some(),
        envelope: Envelope {
            recipients,
            document_type: kind.name().to_owned(),
            document_version: kind.version().to_owned(),
            subject: subject.unwrap_or_else(|| kind.title().ro.clone()),
            purpose: named(cell("@scop"), &form.purpose).or_else(|| only(kind.purposes())).unwrap_or_default(),
            legal_basis: named(cell("@temei"), &form.legal_basis).unwrap_or_else(|| kind.legal_basis().join("; ")),
            territory: named(cell("@teritoriu"), &form.territory),
            sender_registration: registration,
            references: Vec::new(),
            consignment: ConsignmentMode::Basic,
            on_behalf_of: form.on_behalf_of.clone(),
            origin: None,
            parts,
        },
        body,
        contents,
    })
}

/// The key under which a row is sent: that of its number where the sender numbered it, whichever file it came in; else that
/// of its content within the push. The same row is the same document, however often it is tried.
#[must_use]
pub fn key(sender: &str, batch: uuid::Uuid, (composed, content): (&Composed, [u8; 32])) -> String {
    let mut hash = Sha256::new();
    let mut add = |piece: &[u8]| {
        hash.update(&(piece.len() as u64).to_be_bytes());
        hash.update(piece);
    };
    add(sender.as_bytes());
    match &composed.envelope.sender_registration {
        Some(Registration { register, number, date }) => {
            for piece in [register, number, date, &composed.envelope.document_type] {
                add(piece.as_bytes());
            }
            let mut to: Vec<&str> = composed.envelope.recipients.iter().map(|one| one.party.as_str()).collect();
            to.sort_unstable();
            to.into_iter().for_each(|party| add(party.as_bytes()));
        }
        None => {
            add(batch.as_bytes());
            add(&content);
        }
    }
    format!("batch-{}", hex::encode(&hash.finish()[..20]))
}

fn hear<T>(wrong: &mut Vec<Verdict>, read: Result<T, Box<Verdict>>) -> Option<T> {
    read.map_err(|verdict| wrong.push(*verdict)).ok()
}

fn bytes(body: &Json) -> Bytes {
    serde_json::to_vec(body).expect("a JSON value is written to memory").into()
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn recipient(party: &str) -> Recipient {
    Recipient { party: party.to_owned() }
}

fn entry(name: &str, fetch: &dyn Fn(&str) -> Result<Bytes, FileFault>) -> Result<(Bytes, Json), Box<Verdict>> {
    let raw = fetch(name).map_err(|fault| Box::new(Verdict::refusal("", "batch.file", (fault.ro, fault.en))))?;
    let text = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw);
    let body = serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let said = (
            format!("„{name}” nu este JSON corect (linia {line}, coloana {column}); corectați fișierul"),
            format!("\"{name}\" is not valid JSON (line {line}, column {column}); correct the file"),
        );
        Box::new(Verdict::refusal("", "json", said))
    })?;
    Ok((raw, body))
}

/// The body of a paper that has none of its own: what the generic type asks for.
fn paper(kind: &DocumentType, subject: Option<&str>, name: &str) -> Json {
    let subject: String = subject.unwrap_or(&kind.title().ro).chars().take(300).collect();
    serde_json::json!({"subiect": subject, "text": format!("Documentul este în fișierul „{name}”.")})
}

/// A role of the type: one of these where it has it, else its first.
fn role(kind: &DocumentType, wanted: &[&str]) -> String {
    let parts = kind.parts();
    let all = || parts.required_roles.iter().chain(&parts.optional_roles);
    let found = wanted.iter().find(|role| all().any(|one| one == *role)).map(|role| (*role).to_owned());
    found.or_else(|| all().next().cloned()).unwrap_or_else(|| "anexa".to_owned())
}

/// `scan.pdf=original|plan.pdf`.
fn files(kind: &DocumentType, text: &str) -> Vec<(String, String)> {
    let usual = kind.parts().required_roles.first().cloned().unwrap_or_else(|| role(kind, &["anexa"]));
    let named = text.split('|').map(str::trim).filter(|one| !one.is_empty());
    named
        .map(|one| match one.rsplit_once('=') {
            Some((name, role)) => (name.trim().to_owned(), role.trim().to_owned()),
            None => (one.to_owned(), usual.clone()),
        })
        .collect()
}

fn part(name: &str, role: &str) -> PartDescription {
    let media_type = match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("asice") => "application/vnd.etsi.asic-e+zip",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("xml") => "application/xml",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    };
    PartDescription { name: name.to_owned(), role: role.to_owned(), content_type: media_type.to_owned(), sha256: None }
}

fn registration(number: Option<&str>, date: Option<&str>) -> Result<Option<Registration>, Box<Verdict>> {
    let Some(number) = number else { return Ok(None) };
    let day = date.and_then(day).ok_or_else(|| {
        let said = (
            "Numărul dumneavoastră are nevoie de data lui; scrieți-o ca zz.ll.aaaa",
            "Your number needs its date; write it as dd.mm.yyyy",
        );
        Box::new(Verdict::refusal("@data", "required", said))
    })?;
    Ok(Some(Registration { register: "general".to_owned(), number: number.to_owned(), date: day }))
}

/// A day as the API writes it, of one as Romanians write it; none where it is no day.
fn day(text: &str) -> Option<String> {
    if let Ok(day) = text.parse::<Date>() {
        return Some(day.to_string());
    }
    let pieces: Vec<&str> = text.split(['.', '/']).map(str::trim).collect();
    let [day, month, year] = pieces[..] else { return None };
    let date = Date::new(year.parse().ok().filter(|_| year.len() == 4)?, month.parse().ok()?, day.parse().ok()?);
    date.ok().map(|date| date.to_string())
}

/// The body that cells say, in the order and with the empty lists its schema asks for.
fn body<'a>(schema: &Json, columns: &[Column], cells: impl Iterator<Item = (&'a String, &'a String)>) -> Json {
    let mut body = Json::Object(Map::new());
    for (path, text) in cells {
        let wanted = general(path);
        let kind = columns.iter().find(|one| one.path == wanted).map_or(Kind::Text, |one| one.kind);
        put(&mut body, path, value(kind, text));
    }
    let mut body = with_lists(body);
    empty_lists(schema, schema, &mut body);
    body
}

/// What a cell means; what cannot be read as its kind stays text, for the check to name it.
fn value(kind: Kind, text: &str) -> Json {
    let plain = || Json::from(text);
    match kind {
        Kind::Text => plain(),
        Kind::Day => day(text).map_or_else(plain, Json::from),
        Kind::Whole => text.replace([' ', '\u{a0}'], "").parse::<i64>().map_or_else(|_| plain(), Json::from),
        Kind::Number => {
            text.replace(',', ".").parse::<f64>().ok().filter(|one| one.is_finite()).map_or_else(plain, Json::from)
        }
        Kind::YesNo => match fold(text).as_str() {
            "da" | "x" | "1" | "adevarat" | "true" => Json::from(true),
            "nu" | "0" | "fals" | "false" => Json::from(false),
            _ => plain(),
        },
        Kind::Several => text.split('|').map(str::trim).filter(|one| !one.is_empty()).map(Json::from).collect(),
    }
}

/// Puts a value at its path; places among several are names for the moment.
fn put(body: &mut Json, path: &str, value: Json) {
    let mut at = body;
    for piece in path.split('.') {
        if !at.is_object() {
            return;
        }
        at = &mut at[piece];
        if at.is_null() {
            *at = Json::Object(Map::new());
        }
    }
    *at = value;
}

/// Objects whose names are places become lists, in the order of the places.
fn with_lists(value: Json) -> Json {
    let Json::Object(map) = value else { return value };
    if !map.is_empty() && map.keys().all(|name| is_place(name)) {
        let mut places: Vec<(u32, Json)> =
            map.into_iter().map(|(name, value)| (name.parse().unwrap_or(0), with_lists(value))).collect();
        places.sort_by_key(|(place, _)| *place);
        return places.into_iter().map(|(_, value)| value).collect();
    }
    Json::Object(map.into_iter().map(|(name, value)| (name, with_lists(value))).collect())
}

/// A list that must be there and of which nothing was said is empty.
fn empty_lists(root: &Json, node: &Json, value: &mut Json) {
    let node = match node["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/")) {
        Some(named) => &root["$defs"][named],
        None => node,
    };
    let (Some(properties), Some(held)) = (node["properties"].as_object(), value.as_object_mut()) else { return };
    for (name, field) in properties {
        let required = node["required"].as_array().is_some_and(|list| list.iter().any(|one| one == name.as_str()));
        match held.get_mut(name) {
            Some(below) => empty_lists(root, field, below),
            None if required && field["type"] == "array" => drop(held.insert(name.clone(), Json::Array(Vec::new()))),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemas::Catalogue;
    use serde_json::json;
    use uuid::Uuid;

    use super::super::columns;
    use super::*;

    fn made(name: &str, form: &Form, source: &Source) -> Result<Composed, Vec<Verdict>> {
        let catalogue = Catalogue::builtin().unwrap();
        let kind = catalogue.document_type(name, "1.0").unwrap();
        let fetch = |name: &str| match name {
            "scan.pdf" => Ok(Bytes::from_static(b"%PDF")),
            "a.json" => Ok(Bytes::from_static(b"{\"subiect\": \"A\", \"text\": \"B\"}")),
            _ => Err(FileFault::of("lipsește", "missing")),
        };
        compose((kind, &columns::of(kind)), form, source, &fetch)
    }

    fn cells(given: &[(&str, &str)]) -> Source {
        Source::Cells(
            given.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>(),
        )
    }

    #[test]
    fn cells_become_the_document_their_type_asks_for() {
        let row = cells(&[
            ("@destinatar", "uat-1 | uat-2"),
            ("@numar", "45"),
            ("@data", "3.2.2026"),
            ("@fisiere", "scan.pdf=anexa"),
            ("expeditor.nume", "Comuna Inventată"),
            ("destinatar.nume", "Orașul Inventat"),
            ("numar", "45"),
            ("data", "03.02.2026"),
            ("obiect", "Adresă"),
            ("anexe.2.nume", "b.pdf"),
            ("anexe.1.nume", "a.pdf"),
            ("anexe.1.pagini", "2"),
        ]);
        let form = Form { purpose: Some("corespondenta".to_owned()), ..Form::default() };
        let made = made("adresa-inaintare", &form, &row).unwrap();
        let expected = json!({
            "expeditor": {"nume": "Comuna Inventată"}, "destinatar": {"nume": "Orașul Inventat"}, "numar": "45",
            "data": "2026-02-03", "obiect": "Adresă", "anexe": [{"nume": "a.pdf", "pagini": 2}, {"nume": "b.pdf"}],
        });
        assert_eq!(made.body, expected);
        assert_eq!(made.envelope.recipients.len(), 2);
        assert_eq!(made.envelope.sender_registration.as_ref().unwrap().date, "2026-02-03");
        let parts: Vec<_> = made.envelope.parts.iter().map(|part| (part.name.as_str(), part.role.as_str())).collect();
        assert_eq!(parts, [("document.json", "body"), ("scan.pdf", "anexa")]);
        let catalogue = Catalogue::builtin().unwrap();
        let day = jiff::civil::date(2026, 2, 3);
        assert_eq!(catalogue.document_type("adresa-inaintare", "1.0").unwrap().validate(&made.body, day), []);
        let without = cells(&[("@destinatar", "uat-1"), ("numar", "45")]);
        assert_eq!(super::tests::made("adresa-inaintare", &form, &without).unwrap().body["anexe"], json!([]));
    }

    #[test]
    fn what_keeps_a_row_from_being_a_document_is_told_at_once() {
        let row = cells(&[("@numar", "45"), ("@fisiere", "nu-este.pdf")]);
        let wrong = made("document-generic", &Form::default(), &row).unwrap_err();
        let columns: Vec<&str> = wrong.iter().map(|one| one.column.as_str()).collect();
        assert_eq!(columns, ["@fisiere", "@destinatar", "@data"]);
    }

    #[test]
    fn papers_and_entries_are_documents_with_the_words_of_the_form() {
        let form =
            Form { recipients: vec!["uat-1".to_owned()], subject: Some("Hotărâre".to_owned()), ..Form::default() };
        let paper = made("document-generic", &form, &Source::Paper("scan.pdf".to_owned())).unwrap();
        assert_eq!(paper.body["subiect"], "Hotărâre");
        assert_eq!(paper.envelope.purpose, "corespondenta");
        assert_eq!(paper.envelope.parts[1].role, "original");
        let entry = made("document-generic", &form, &Source::Entry("a.json".to_owned())).unwrap();
        assert_eq!(entry.contents[0].1, Bytes::from_static(b"{\"subiect\": \"A\", \"text\": \"B\"}"));
    }

    #[test]
    fn a_numbered_row_has_the_same_key_in_every_file_and_another_only_in_its_own() {
        let form = Form { recipients: vec!["uat-1".to_owned()], ..Form::default() };
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let plain = made("document-generic", &form, &cells(&[("text", "a")])).unwrap();
        let of = |batch, made: &Composed, content| key("uat-9", batch, (made, content));
        assert_eq!(of(one, &plain, [1; 32]), of(one, &plain, [1; 32]));
        assert_ne!(of(one, &plain, [1; 32]), of(other, &plain, [1; 32]));
        assert_ne!(of(one, &plain, [1; 32]), of(one, &plain, [2; 32]));
        let numbered = cells(&[("text", "a"), ("@numar", "4"), ("@data", "2026-01-02")]);
        let numbered = made("document-generic", &form, &numbered).unwrap();
        assert_eq!(of(one, &numbered, [1; 32]), of(other, &numbered, [2; 32]));
    }
}
