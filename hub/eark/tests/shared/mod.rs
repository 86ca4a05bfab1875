//! A dossier of an invented commune, for the tests of packages.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use hub_eark::premis::{Actor, Entity, Event, Premis, Right};
use hub_eark::target::{FolderTarget, Target, ZipTarget};
use hub_eark::{Agent, Content, DossierSheet, Header, PackageWriter, Sheet, Status};
use jiff::Timestamp;

pub const ID: &str = "punte-comuna-exemplu-2026-V-B-3-1";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn header() -> Header {
    Header {
        id: ID.to_owned(),
        label: "Anchete sociale 2026, volumul 1".to_owned(),
        created: at("2026-11-22T12:00:00Z"),
        status: Status::New,
        creator: Agent { name: "Comuna Exemplu (inventată)".to_owned(), code: "ro-exemplu".to_owned() },
        submitter: Agent { name: "Comuna Exemplu (inventată)".to_owned(), code: "ro-exemplu".to_owned() },
        preserver: Some(Agent { name: "Arhiva de Probă".to_owned(), code: "RO-AP".to_owned() }),
        agreement: Some("protocol 12/2026".to_owned()),
        reference: Some("2026/V/B/3/1".to_owned()),
    }
}

/// The documents: a name as people write it, its media type, its bytes.
pub fn documents() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("Anchetă socială „Țăndărei” & co.pdf", "application/pdf", vec![b'x'; 300_000]),
        ("Cerere.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"cerere".to_vec()),
    ]
}

fn sheets(files: &[String]) -> DossierSheet {
    let sheet = |(number, file): (usize, &String)| Sheet {
        owner: "Comuna Exemplu (inventată)".to_owned(),
        issuer: "DGASPC Exemplu (inventată)".to_owned(),
        holder: "Comuna Exemplu (inventată)".to_owned(),
        history: vec!["2026-11-20 înregistrat la nr. 17/2026".to_owned()],
        document_type: "anchetă socială".to_owned(),
        classification: "neclasificat".to_owned(),
        format: "application/pdf".to_owned(),
        keywords: vec!["anchetă".to_owned(), "handicap".to_owned()],
        physical_location: (number == 0).then(|| "raft 3, cutia 2".to_owned()),
        identifier: format!("ro-exemplu/2026/{number}"),
        issued: "2026-11-19".to_owned(),
        archived: "2026-11-22".to_owned(),
        retention: if number == 0 { "permanent" } else { "10" }.to_owned(),
        files: vec![file.clone()],
    };
    DossierSheet {
        code: "V/B/3".to_owned(),
        year: 2026,
        volume: 1,
        title: "Anchete sociale".to_owned(),
        nomenclator: "2026-01-05, dispoziția 4".to_owned(),
        sheets: files.iter().enumerate().map(sheet).collect(),
    }
}

fn premis(files: &[String], copy: &str) -> Premis {
    let event = |id: &str, kind: &str, detail: &str, objects: Vec<(String, String)>| Event {
        id: id.to_owned(),
        kind: kind.to_owned(),
        at: at("2026-11-20T08:00:00Z"),
        detail: Some(detail.to_owned()),
        outcome: Some("success".to_owned()),
        agents: vec![("ro-exemplu".to_owned(), "implementer".to_owned())],
        objects,
    };
    let (source, outcome) = (files[0].clone(), copy.to_owned());
    Premis {
        entities: vec![Entity { id: "ro-exemplu/2026/V/B/3/1".to_owned(), title: "Anchete sociale".to_owned() }],
        files: Vec::new(),
        events: vec![
            event("e1", "registration", "nr. 17/2026 în registrul general", vec![(source.clone(), String::new())]),
            event("e2", "migration", "PDF/A-2b", vec![(source, "source".into()), (outcome, "outcome".into())]),
        ],
        actors: vec![Actor {
            id: "ro-exemplu".to_owned(),
            name: "Comuna Exemplu (inventată)".to_owned(),
            kind: "organization".to_owned(),
            version: None,
        }],
        rights: vec![Right {
            id: "r1".to_owned(),
            citation: "Legea 16/1996, art. 20".to_owned(),
            note: Some("accesul se dă după anonimizare".to_owned()),
            act: "disseminate".to_owned(),
            restriction: Some("date cu caracter personal".to_owned()),
        }],
    }
}

/// Lays the dossier out over a target.
pub fn lay_out<T: Target>(target: T) -> T {
    let mut package = PackageWriter::new(target, header()).unwrap();
    let mut files = Vec::new();
    for (number, (name, media_type, bytes)) in documents().into_iter().enumerate() {
        let path = format!("{:04}_{}", number + 1, hub_eark::path::plain(name));
        let content = Content {
            path: &path,
            media_type,
            size: bytes.len() as u64,
            created: at("2026-11-20T08:00:00Z"),
            original_name: Some(name),
            made_from: None,
            bytes: &mut bytes.as_slice(),
        };
        files.push(package.data("rep1", content).unwrap().path);
    }
    let copy = Content {
        path: "0001_copie.pdf",
        media_type: "application/pdf",
        size: 5,
        created: at("2026-11-21T08:00:00Z"),
        original_name: None,
        made_from: Some(&files[0]),
        bytes: &mut b"copie".as_slice(),
    };
    let copy = package.data("rep2", copy).unwrap().path;
    package.documentation("recipisa.txt", "text/plain", "recipisă".as_bytes()).unwrap();
    package.finish(&sheets(&files), &premis(&files, &copy)).unwrap()
}

/// The dossier as a folder; answers its root.
pub fn in_folder(parent: &Path) -> PathBuf {
    lay_out(FolderTarget::create(parent, ID).unwrap()).root().to_owned()
}

/// The dossier as a zip file.
pub fn in_zip() -> Vec<u8> {
    lay_out(ZipTarget::new(Cursor::new(Vec::new()), ID)).into_inner().into_inner()
}
