//! The routes that open personal data. What shows states and numbers alone opens none.

use hub_flow::access_journal::{AccessKind, Rule};

/// How the persons behind a route are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Those of the message the path names.
    Message(&'static str),
    /// Those of the message of the delivery the path names.
    Delivery,
    /// Those of the message of the register's entry the path names.
    Entry,
    /// Those of all messages of the register's year the path names.
    Year,
    /// Those of the message an archived document came with.
    Archived,
    /// Those whose code is searched for.
    Searched,
    /// They are not known one by one: a page of a list.
    List,
}

/// A route that opens personal data.
#[derive(Debug)]
pub struct Opening {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, as the door knows it.
    pub path: &'static str,
    /// What is done.
    pub kind: AccessKind,
    /// The word in the journal.
    pub operation: &'static str,
    /// The same for people.
    pub ro: &'static str,
    /// Whether a reason must be given.
    pub rule: Rule,
    /// About whom.
    pub behind: Behind,
}

const REGISTRY: Rule = Rule::People {
    purpose: "registratură",
    legal_basis: "Instrucțiunile Arhivelor Naționale aprobate prin Ordinul 217/1996, art. 9",
};
const CORRECTING: Rule = Rule::People {
    purpose: "corectarea rândurilor refuzate ale unui lot propriu",
    legal_basis: "Regulamentul (UE) 2016/679, art. 5 alin. (1) lit. d)",
};
const ARCHIVE: Rule = Rule::People { purpose: "arhivă", legal_basis: "Legea Arhivelor Naționale nr. 16/1996" };

const fn route(
    (method, path): (&'static str, &'static str),
    kind: AccessKind,
    (operation, ro): (&'static str, &'static str),
    rule: Rule,
    behind: Behind,
) -> Opening {
    Opening { method, path, kind, operation, ro, rule, behind }
}

/// All of them.
pub static OPENINGS: &[Opening] = &[
    route(
        ("GET", "/v1/persons/export"),
        AccessKind::Export,
        ("persons.export", "tabelul persoanelor instituției"),
        Rule::Always,
        Behind::List,
    ),
    route(
        ("GET", "/v1/messages/{id}/parts/{name}"),
        AccessKind::Access,
        ("message.part", "conținutul unui mesaj"),
        Rule::Own,
        Behind::Message("id"),
    ),
    route(
        ("GET", "/v1/messages/{id}/exchanges"),
        AccessKind::Access,
        ("message.exchanges", "schimburile unui mesaj"),
        Rule::Own,
        Behind::Message("id"),
    ),
    route(
        ("GET", "/v1/messages/{id}/package"),
        AccessKind::Export,
        ("message.package", "pachetul de dovezi al unui mesaj"),
        Rule::Own,
        Behind::Message("id"),
    ),
    route(
        ("GET", "/v1/batches/{id}/corrections.csv"),
        AccessKind::Export,
        ("batch.corrections.csv", "rândurile refuzate ale unui lot, pentru corectare"),
        CORRECTING,
        Behind::List,
    ),
    route(
        ("GET", "/v1/batches/{id}/corrections.xlsx"),
        AccessKind::Export,
        ("batch.corrections.xlsx", "rândurile refuzate ale unui lot, pentru corectare"),
        CORRECTING,
        Behind::List,
    ),
    route(
        ("GET", "/v1/inbox/{delivery}"),
        AccessKind::Access,
        ("inbox.document", "un document primit"),
        Rule::Own,
        Behind::Delivery,
    ),
    route(
        ("GET", "/v1/registers/{register}/entries"),
        AccessKind::Access,
        ("register.list", "lista unui registru"),
        REGISTRY,
        Behind::List,
    ),
    route(
        ("GET", "/v1/registers/{register}/{year}/{number}"),
        AccessKind::Access,
        ("register.entry", "o înregistrare"),
        REGISTRY,
        Behind::Entry,
    ),
    route(
        ("GET", "/v1/registers/{register}/{year}/entries.csv"),
        AccessKind::Export,
        ("register.csv", "registrul ca fișier CSV"),
        Rule::Always,
        Behind::Year,
    ),
    route(
        ("GET", "/v1/registers/{register}/{year}/entries.xlsx"),
        AccessKind::Export,
        ("register.xlsx", "registrul ca fișier XLSX"),
        Rule::Always,
        Behind::Year,
    ),
    route(
        ("GET", "/v1/registers/{register}/{year}/print.pdf"),
        AccessKind::Export,
        ("register.print", "registrul tipărit"),
        Rule::Always,
        Behind::Year,
    ),
    route(
        ("GET", "/v1/correspondents"),
        AccessKind::Search,
        ("correspondents", "lista corespondenților"),
        REGISTRY,
        Behind::List,
    ),
    route(
        ("GET", "/v1/search"),
        AccessKind::Search,
        ("search", "căutare în registre și arhivă"),
        REGISTRY,
        Behind::Searched,
    ),
    route(
        ("GET", "/v1/search/hits.csv"),
        AccessKind::Export,
        ("search.csv", "rezultatele unei căutări ca fișier CSV"),
        Rule::Always,
        Behind::Searched,
    ),
    route(
        ("GET", "/v1/search/hits.xlsx"),
        AccessKind::Export,
        ("search.xlsx", "rezultatele unei căutări ca fișier XLSX"),
        Rule::Always,
        Behind::Searched,
    ),
    route(
        ("GET", "/v1/archive/documents/{id}"),
        AccessKind::Access,
        ("archive.document", "fișa unui document arhivat"),
        ARCHIVE,
        Behind::Archived,
    ),
    route(
        ("GET", "/v1/archive/documents/{id}/sheet"),
        AccessKind::Access,
        ("archive.sheet", "fișa unui document arhivat"),
        ARCHIVE,
        Behind::Archived,
    ),
    route(
        ("GET", "/v1/archive/documents/{id}/content"),
        AccessKind::Access,
        ("archive.content", "conținutul unui document arhivat"),
        ARCHIVE,
        Behind::Archived,
    ),
];

/// The opening of a route; none where it opens no personal data.
#[must_use]
pub fn opening(method: &str, path: &str) -> Option<&'static Opening> {
    OPENINGS.iter().find(|one| (one.method, one.path) == (method, path))
}

/// What an operation of the journal is called; the word itself where the table does not know it.
#[must_use]
pub fn in_romanian(operation: &str) -> &str {
    let known = [
        ("delivery", "transmitere către destinatar"),
        ("my-data", "raportul „datele mele”"),
        ("evidence.search", "căutarea documentelor despre o persoană"),
        ("institution.export", "exportul instituției"),
        ("person.unmask", "afișarea unui identificator personal în clar"),
        ("person.validate", "compararea unei persoane cu un registru național"),
        ("archive.package", "pachete de arhivă (E-ARK) scoase prin linia de comandă"),
    ];
    let listed = OPENINGS.iter().map(|one| (one.operation, one.ro));
    listed.chain(known).find(|(word, _)| *word == operation).map_or(operation, |(_, ro)| ro)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api;

    #[test]
    fn every_opening_is_a_route_and_has_its_own_word() {
        let door = api::door();
        for one in OPENINGS {
            let there = door.routes().iter().any(|route| (route.method, route.path) == (one.method, one.path));
            assert!(there, "{} {} is no route", one.method, one.path);
        }
        let words: BTreeSet<&str> = OPENINGS.iter().map(|one| one.operation).collect();
        assert_eq!(words.len(), OPENINGS.len());
    }

    #[test]
    fn what_leaves_the_hub_as_a_register_needs_a_reason_from_everybody() {
        let exports =
            OPENINGS.iter().filter(|one| one.operation.starts_with("register.") && one.kind == AccessKind::Export);
        assert_eq!(exports.clone().count(), 3);
        assert!(exports.into_iter().all(|one| one.rule == Rule::Always));
    }
}
