//! What is sent about a person, read strictly; nothing of what stood in it is ever in an error.

use hub_flow::lookup::question::violation;
use hub_flow::persons::{
    Act, Draft, Identifier, NotKept, Person, PersonId, PersonKind, Scheme, SealedIdentifier, load,
};
use schemas::Violation;
use serde::Deserialize;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::problem::Problem;
use crate::problems;

/// Most identifiers of one person.
const MOST: usize = 20;

/// An identifier as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub scheme: Scheme,
    pub value: String,
}

/// Reads a body; the parser's own words may quote what it found, so only the place is told.
pub(super) fn body<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::of(&problems::MALFORMED_REQUEST).detail(
            format!("Corpul nu are forma cerută, la rândul {line}, coloana {column}; vedeți docs/guides/directory.md"),
            format!("The body does not have the form asked for, at line {line}, column {column}; see docs/guides/directory.md"),
        )
    })
}

/// The id in an address.
pub(super) fn id(text: &str) -> Result<PersonId, Problem> {
    text.parse().map(PersonId).map_err(|_| Problem::of(&problems::NOT_FOUND))
}

/// A person of the caller's institution.
pub(super) async fn found(app: &App, caller: &Caller, text: &str) -> Result<Person, Problem> {
    let person = load(&app.hub.db, &caller.party, id(text)?).await?;
    person.ok_or_else(|| Problem::of(&problems::NOT_FOUND))
}

/// Who acts and why.
pub(super) fn act(app: &App, clerk: &Clerk, reason: &str) -> Result<Act, Problem> {
    let clerk = clerk.person()?.to_owned();
    let reason = words("/reason", reason, 500).map_err(|found| wrong(&[*found]))?;
    Ok(Act { clerk, reason, at: app.hub.clock.now() })
}

/// A line of text that says something.
pub(super) fn words(pointer: &str, text: &str, most: usize) -> Result<String, Box<Violation>> {
    let text = text.trim();
    if (3..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Box::new(violation(
        pointer.to_owned(),
        "text",
        format!("Scrieți 3 până la {most} de caractere pe un rând"),
        format!("Write 3 to {most} characters on one line"),
    )))
}

/// Identifiers in the form in which they are kept; or every rule they break.
pub(super) fn sealed(
    app: &App,
    caller: &Caller,
    (kind, pointer): (PersonKind, &str),
    told: &[Told],
) -> Result<Vec<SealedIdentifier>, Vec<Violation>> {
    let (mut sealed, mut found) = (Vec::with_capacity(told.len()), Vec::new());
    if told.len() > MOST {
        let (ro, en) = (format!("Cel mult {MOST} identificatori"), format!("At most {MOST} identifiers"));
        return Err(vec![violation(pointer.to_owned(), "count", ro, en)]);
    }
    for (place, one) in told.iter().enumerate() {
        let pointer = format!("{pointer}/{place}/value");
        let scheme = one.scheme.as_str();
        let of_legal = matches!(one.scheme, Scheme::Cui | Scheme::Euid);
        if of_legal == (kind == PersonKind::Natural) && one.scheme != Scheme::Nif {
            found.push(violation(
                pointer,
                "scheme",
                "CNP, NIF și pașaportul sunt ale persoanelor fizice; CUI și EUID ale celor juridice",
                "CNP, NIF and passport are of natural persons; CUI and EUID of legal ones",
            ));
            continue;
        }
        match Identifier::parse(one.scheme, &one.value) {
            Ok(identifier) => {
                sealed.push(app.hub.person_keys.seal(&caller.party, &identifier, app.hub.ids.salt()));
            }
            Err(_) => found.push(violation(
                pointer,
                &format!("format.{scheme}"),
                format!("Identificatorul nu are forma {scheme}: verificați lungimea și cifra de control (pașaport: ȚARĂ-NUMĂR, ca MD-A1234567)"),
                format!("The identifier does not have the form {scheme}: check length and control digit (passport: COUNTRY-NUMBER, as MD-A1234567)"),
            )),
        }
    }
    if found.is_empty() { Ok(sealed) } else { Err(found) }
}

/// Every rule a draft breaks.
pub(super) fn check(app: &App, draft: &Draft) -> Vec<Violation> {
    let mut found = Vec::new();
    let lines = [
        ("/name", Some(&draft.name), 300),
        ("/address", draft.address.as_ref(), 500),
        ("/contact", draft.contact.as_ref(), 200),
    ];
    for (pointer, text, most) in lines {
        found.extend(text.and_then(|text| words(pointer, text, most).err()).map(|found| *found));
    }
    let day = app.hub.clock.now().romanian_date();
    let lists = app.hub.code_lists();
    for (pointer, list, code) in
        [("/siruta", "siruta", &draft.siruta), ("/legal_form", "forma-juridica", &draft.legal_form)]
    {
        let known = |code: &String| lists.get(list).is_none_or(|list| list.at(day).contains(code));
        if code.as_ref().is_some_and(|code| !known(code)) {
            found.push(violation(
                pointer.to_owned(),
                &format!("code-list.{list}"),
                format!("Codul nu este în nomenclatorul {list}; căutați-l la /v1/nomenclatures/{list}"),
                format!("The code is not in the nomenclature {list}; look for it at /v1/nomenclatures/{list}"),
            ));
        }
    }
    if draft.legal_form.is_some() && draft.kind == PersonKind::Natural {
        found.push(violation(
            "/legal_form".to_owned(),
            "kind",
            "O persoană fizică nu are formă juridică",
            "A natural person has no legal form",
        ));
    }
    found
}

/// The data break rules.
pub(super) fn wrong(found: &[Violation]) -> Problem {
    Problem::of(&problems::INVALID_PERSON).violations(found)
}

/// Why nothing was written, as the caller is told.
pub(super) fn refused(why: &NotKept) -> Problem {
    match why {
        NotKept::Missing => Problem::of(&problems::NOT_FOUND),
        NotKept::Stale(version) => Problem::of(&problems::VERSION_CHANGED)
            .detail(
                format!("Persoana are între timp versiunea {version}; citiți-o din nou și repetați schimbarea"),
                format!("The person has version {version} by now; read it again and repeat the change"),
            )
            .with("version", *version),
        NotKept::Merged(into) => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                "Înregistrarea a fost unită cu alta; lucrați cu aceea",
                "The record was merged into another; work with that one",
            )
            .with("merged_into", into.to_string()),
        NotKept::Duplicate { scheme, of } => Problem::of(&problems::DUPLICATE_PERSON)
            .detail(
                format!("Un identificator {} este deja al altei persoane din evidența instituției; folosiți-o pe aceea sau uniți-le", scheme.as_str()),
                format!("An identifier {} is already that of another person of the institution; use that one or merge them", scheme.as_str()),
            )
            .with("person", of.to_string()),
    }
}
