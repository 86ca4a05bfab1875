//! Copies made by the real LibreOffice, and what is told when there can be none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shared;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use hub_conversion::{Bounds, Converter, Copy, Format, NotConverted};
use shared::{docx, odt, png, protected_odt, rtf, xlsx};
use tempfile::TempDir;

const TEXT: &str = "Anchetă socială în județul Dâmbovița, țară";

/// A converter and its scratch folder; none where LibreOffice is not installed.
async fn converter(bounds: Bounds) -> Option<(Converter, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    match Converter::find(&folder.path().join("scratch"), bounds, 2).await {
        Ok(converter) => Some((converter, folder)),
        Err(absent) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "CI runs every test, but {absent}");
            eprintln!("skipped: {absent}");
            None
        }
    }
}

/// The text of a copy, by another program.
fn text(folder: &Path, copy: &Copy) -> String {
    let file = folder.join("copy.pdf");
    fs::write(&file, &copy.bytes).unwrap();
    let output = Command::new("pdftotext").arg(&file).arg("-").output().expect("pdftotext is installed");
    String::from_utf8(output.stdout).unwrap()
}

fn left(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path().join("scratch")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // The profile LibreOffice makes when it is asked for its version.
    names.filter(|name| !matches!(name.as_str(), "version" | ".config" | ".cache")).collect()
}

#[tokio::test]
async fn office_documents_and_images_become_pdf_a_2b_with_their_letters() {
    let Some((converter, folder)) = converter(Bounds::default()).await else { return };
    let body = format!("<text:p>{TEXT}</text:p>");
    let documents = [
        (docx(TEXT), Format::Docx, TEXT),
        (xlsx(TEXT), Format::Xlsx, TEXT),
        (odt(&body), Format::Odt, TEXT),
        (rtf(TEXT), Format::Rtf, TEXT),
        (png(), Format::Png, ""),
    ];
    for (number, (document, format, expected)) in documents.into_iter().enumerate() {
        let copy =
            converter.convert(&number.to_string(), &document).await.unwrap_or_else(|why| panic!("{format:?}: {why}"));
        assert_eq!((copy.format, copy.pages), (format, 1));
        assert!(text(folder.path(), &copy).replace('\n', " ").contains(expected), "{format:?}");
        assert_eq!(copy.source_sha256, openssl::sha::sha256(&document));
        assert_eq!(copy.sha256, openssl::sha::sha256(&copy.bytes));
        assert!(copy.software.starts_with("LibreOffice "), "{}", copy.software);
        // A copy is PDF/A already, and is told so when somebody asks for a copy of it.
        let again = converter.convert("again", &copy.bytes).await;
        assert!(
            matches!(&again, Err(NotConverted::Pdf(portable)) if portable.claim.as_deref() == Some("2B")),
            "{again:?}"
        );
    }
    assert!(left(&folder).is_empty(), "{:?}", left(&folder));
}

#[tokio::test]
async fn what_is_damaged_or_protected_is_told_as_that() {
    let Some((converter, folder)) = converter(Bounds::default()).await else { return };
    let whole = docx(TEXT);
    let copy = converter.convert("whole", &rtf(TEXT)).await.unwrap();
    let mut cut = copy.bytes.clone();
    cut.truncate(cut.len() / 2);
    let encrypted = folder.path().join("protected.pdf");
    fs::write(folder.path().join("plain.pdf"), &copy.bytes).unwrap();
    let mut qpdf = Command::new("qpdf");
    qpdf.args(["--encrypt", "parola", "parola", "256", "--"]).arg(folder.path().join("plain.pdf")).arg(&encrypted);
    assert!(qpdf.status().unwrap().success());
    let told = async |document: &[u8]| converter.convert("told", document).await.unwrap_err();

    assert_eq!(told(b"gunoi").await, NotConverted::Unsupported);
    assert!(matches!(told(&whole[..whole.len() - 40]).await, NotConverted::Broken(_)));
    assert!(matches!(told(&cut).await, NotConverted::Broken(_)));
    assert_eq!(told(&fs::read(&encrypted).unwrap()).await, NotConverted::Encrypted);
    assert_eq!(told(&protected_odt()).await, NotConverted::Encrypted);
    let compound: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let office = [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 600], &compound].concat();
    assert_eq!(told(&office).await, NotConverted::Encrypted);
    assert!(left(&folder).is_empty(), "{:?}", left(&folder));
}

#[tokio::test]
async fn a_success_that_wrote_nothing_is_no_success() {
    let Some((converter, _folder)) = converter(Bounds::default()).await else { return };
    // A picture by its first bytes and nothing else: the program ends with exit code 0.
    let told = converter.convert("picture", b"\x89PNG\r\n\x1a\nnothing").await.unwrap_err();
    assert_eq!(told, NotConverted::NothingWritten);
    // Whole as a zip file, but no document inside.
    let told = converter.convert("text", &docx("<w:broken>")).await.unwrap_err();
    assert_eq!(told, NotConverted::NothingWritten);
}

#[tokio::test]
async fn a_document_cannot_show_in_its_copy_what_only_the_server_may_read() {
    let Some((converter, folder)) = converter(Bounds::default()).await else { return };
    let secret = folder.path().join("secret.txt");
    fs::write(&secret, "parola-serverului").unwrap();
    let linked = format!(
        "<text:p>înainte</text:p><text:section text:name=\"s\"><text:section-source xlink:href=\"file://{}\" \
         text:filter-name=\"Text\"/><text:p>vechi</text:p></text:section>",
        secret.display()
    );
    let copy = converter.convert("linked", &odt(&linked)).await.unwrap();
    let text = text(folder.path(), &copy);
    assert!(text.contains("înainte") && !text.contains("parola"), "{text}");
}

#[tokio::test]
async fn what_takes_too_long_is_ended_with_all_its_children() {
    let bounds = Bounds { time: Duration::from_millis(150), ..Bounds::default() };
    let Some((converter, folder)) = converter(bounds).await else { return };
    let told = converter.convert("slow", &docx(TEXT)).await.unwrap_err();
    assert_eq!(told, NotConverted::TimedOut { seconds: 0 });
    let marker = folder.path().to_string_lossy().into_owned();
    for entry in fs::read_dir("/proc").unwrap() {
        let command = fs::read(entry.unwrap().path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        assert!(!(command.contains("soffice") && command.contains(&marker)), "{command}");
    }
    assert!(left(&folder).is_empty(), "{:?}", left(&folder));
}

#[tokio::test]
async fn a_limit_of_memory_ends_the_program_and_not_the_hub() {
    let Some((converter, _folder)) = converter(Bounds { memory: 64 << 20, ..Bounds::default() }).await else { return };
    let told = converter.convert("small", &docx(TEXT)).await.unwrap_err();
    assert!(matches!(told, NotConverted::Crashed(_) | NotConverted::NothingWritten), "{told:?}");
    let Some((converter, _folder)) = self::converter(Bounds { input: 10, ..Bounds::default() }).await else { return };
    assert_eq!(converter.convert("large", &docx(TEXT)).await.unwrap_err(), NotConverted::TooLarge);
}

#[tokio::test]
async fn documents_are_converted_side_by_side() {
    let Some((converter, _folder)) = converter(Bounds::default()).await else { return };
    let (one, other) = (docx("unu"), docx("doi"));
    let (one, other) = tokio::join!(converter.convert("1", &one), converter.convert("2", &other));
    assert_ne!(one.unwrap().sha256, other.unwrap().sha256);
}
