//! The collected answers of lists and downloads, each understood as what it is.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{download, listing};
use crate::api::readable;
use crate::shape::Header;
use crate::wire::Reply;
use crate::words::{Meaning, meaning};

/// 15 January 2026, 10:00 in Bucharest: midnight is 50,400 seconds away.
const MORNING: i64 = 1_768_464_000;

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/efactura/responses");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").is_err(), "the collected answers are missing: {}", folder.display());
    eprintln!("SKIPPED: the collected answers are not here: {}", folder.display());
    None
}

/// Reads every collected answer of the operations, and compares with the table, which must name each of them.
fn compare(operations: &[&str], table: &[(&str, &str)], read: impl Fn(Reply) -> String) {
    let Some(folder) = folder() else { return };
    let index: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
    let is_asked = |entry: &&Value| operations.contains(&entry["operation"].as_str().unwrap());
    let mut seen = 0;
    for entry in index.iter().filter(is_asked) {
        let file = entry["file"].as_str().unwrap();
        let (_, expected) = table.iter().find(|(name, _)| *name == file).unwrap_or_else(|| panic!("{file} is new"));
        let reply = Reply {
            status: u16::try_from(entry["http_status"].as_u64().unwrap()).unwrap(),
            content_type: entry["content_type"].as_str().unwrap().to_owned(),
            retry_after: None,
            body: std::fs::read(folder.join(file)).unwrap().into(),
        };
        assert_eq!(read(reply), *expected, "{file}");
        seen += 1;
    }
    assert_eq!(seen, table.len(), "a file of the table is not there any more");
}

#[test]
fn every_collected_list_is_entries_an_empty_window_a_clock_or_a_wait() {
    let table = [
        ("lista-ok.json", "6 entries, 6 with id, 18446744073709551615 pages"),
        ("lista-fara-id.json", "1 entries, 0 with id, 18446744073709551615 pages"),
        ("lista-paginata-ok.json", "3 entries, 3 with id, 2 pages"),
        ("lista-eroare-goala-zile.json", "0 entries, 0 with id, 0 pages"),
        ("lista-eroare-goala-interval.json", "0 entries, 0 with id, 0 pages"),
        ("lista-eroare-pagina.json", "0 entries, 0 with id, 0 pages"),
        // 15 January 2026, 15:15:27 in Bucharest.
        ("lista-eroare-viitor.json", "ahead of Some(1768482927)"),
        ("lista-eroare-prea-vechi.json", "too old"),
        ("lista-eroare-limita.json", "wait Some(50400)"),
        ("lista-eroare-peste-500.json", "wait None"),
        ("lista-eroare-cif.json", "wait None"),
        ("lista-eroare-cif-paginat.json", "wait None"),
        ("lista-eroare-zile-nenumeric.json", "wait None"),
        ("lista-eroare-zile-interval.json", "wait None"),
        ("lista-eroare-filtru.json", "wait None"),
        ("lista-eroare-fara-drept-cif.json", "wait None"),
        ("lista-eroare-fara-drepturi.json", "wait None"),
        ("lista-eroare-start-nenumeric.json", "wait None"),
        ("lista-eroare-ordine.json", "wait None"),
        ("lista-400.json", "wait None"),
        ("lista-paginata-400.json", "wait None"),
        ("waf-blocat.html", "wait None"),
    ];
    compare(&["listaMesajeFactura", "listaMesajePaginatieFactura", "any"], &table, |reply| match readable(reply) {
        Ok((_, shape)) => listing::described(shape, MORNING),
        Err(trouble) => format!("wait {:?}", trouble.wait().1),
    });
}

#[test]
fn every_collected_download_is_an_archive_a_refusal_or_a_wait() {
    let table = [
        ("descarcare-ok.zip", "archive with 5001234501.xml"),
        ("descarcare-cu-pdf.zip", "archive with 5001234501.xml"),
        ("descarcare-erori.zip", "archive with 5001234503.xml"),
        ("descarcare-eroare-id-nenumeric.json", "refused efactura.respins"),
        ("descarcare-eroare-fara-drept.json", "refused efactura.drepturi"),
        ("descarcare-eroare-inexistent.json", "refused efactura.respins"),
        ("descarcare-eroare-expirat.json", "refused efactura.expirat"),
        ("descarcare-eroare-limita-acolada.json", "wait Some(50400)"),
        ("descarcare-400.json", "wait None"),
        ("waf-blocat.html", "wait None"),
    ];
    compare(&["descarcare", "any"], &table, |reply| match readable(reply) {
        Ok((reply, shape)) => download::described(reply.body, shape, MORNING),
        Err(trouble) => format!("wait {:?}", trouble.wait().1),
    });
}

#[test]
fn the_documents_of_errors_tell_what_was_wrong_and_which_invoice_is_repeated() {
    let table = [("arhiva-erori-validare.xml", "Other"), ("arhiva-erori-duplicat.xml", "Duplicate(\"5001234501\")")];
    compare(&["descarcare (member of the ZIP)"], &table, |reply| {
        let header = Header::read(&reply.body).unwrap();
        assert_eq!(header.namespace, "mfp:anaf:dgti:efactura:mesajEroriFactuta:v1");
        let said: Meaning = meaning(&header.errors[0]);
        format!("{said:?}")
    });
}
