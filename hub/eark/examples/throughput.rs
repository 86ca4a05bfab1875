//! How fast a dossier of 1,000 documents is laid out and read again, on the disk of a folder that is named:
//! `cargo run --release -p hub-eark --example throughput -- <folder> [bytes of a document]`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement takes the time of this machine")]

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use hub_eark::premis::Premis;
use hub_eark::source::{FolderSource, Source, ZipSource};
use hub_eark::target::{FolderTarget, Target, ZipTarget};
use hub_eark::{Agent, Content, DossierSheet, Header, Limits, PackageWriter, Status, read};

const DOCUMENTS: usize = 1_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    let size: usize = arguments.next().map_or(1 << 20, |size| size.parse().unwrap());
    let folder = Path::new(&folder).join("throughput");
    fs::create_dir_all(&folder).unwrap();
    let total = (DOCUMENTS * size) as f64 / 1e6;
    let tell = |what: &str, begun: Instant| {
        let seconds = begun.elapsed().as_secs_f64();
        println!("{what}: {total:.0} MB in {seconds:.2} s, {:.0} MB/s", total / seconds);
    };

    let begun = Instant::now();
    let probe = File::create(folder.join("probe")).unwrap();
    let mut writer = BufWriter::new(&probe);
    let block = vec![0x5A; size];
    (0..DOCUMENTS).for_each(|_| std::io::Write::write_all(&mut writer, &block).unwrap());
    drop(writer);
    probe.sync_all().unwrap();
    tell("the disk alone (one file, synced)", begun);
    fs::remove_file(folder.join("probe")).unwrap();

    let begun = Instant::now();
    let root = lay_out(FolderTarget::create(&folder, "p").unwrap(), size).root().to_owned();
    tell("written into a folder, each file synced", begun);
    let begun = Instant::now();
    check(&mut FolderSource::new(&root));
    tell("read from the folder, every byte hashed", begun);

    let path = folder.join("p.zip");
    let begun = Instant::now();
    let file = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
    let file = lay_out(ZipTarget::new(file, "p"), size).into_inner();
    file.into_inner().unwrap().sync_all().unwrap();
    tell("written into a zip file, synced", begun);
    let begun = Instant::now();
    check(&mut ZipSource::new(File::open(&path).unwrap()));
    tell("read from the zip file, every byte hashed", begun);
    fs::remove_dir_all(&folder).unwrap();
}

fn lay_out<T: Target>(target: T, size: usize) -> T {
    let agent = || Agent { name: "Comuna Exemplu (inventată)".to_owned(), code: "ro-exemplu".to_owned() };
    let created = jiff::Timestamp::UNIX_EPOCH;
    let (creator, submitter) = (agent(), agent());
    let (id, label, status) = ("p".to_owned(), "Probă".to_owned(), Status::Test);
    let header =
        Header { id, label, created, status, creator, submitter, preserver: None, agreement: None, reference: None };
    let mut package = PackageWriter::new(target, header).unwrap();
    let mut bytes = vec![0_u8; size];
    for number in 0..DOCUMENTS {
        bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
        let content = Content {
            path: &format!("{number:04}.pdf"),
            media_type: "application/pdf",
            size: size as u64,
            created,
            original_name: None,
            made_from: None,
            bytes: &mut bytes.as_slice(),
        };
        package.data("rep1", content).unwrap();
    }
    package.finish(&DossierSheet::default(), &Premis::default()).unwrap()
}

fn check(source: &mut dyn Source) {
    let package = read(source, &Limits::default()).unwrap();
    assert_eq!(package.files.len(), DOCUMENTS + 6);
}
