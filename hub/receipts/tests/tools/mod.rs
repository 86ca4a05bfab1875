//! Programs of others that read what we print: poppler, qpdf, zbar, PDFBox. `tests/run` installs them.

#![allow(dead_code, reason = "each test takes the programs it needs")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is gone after the test, with files in it.
pub struct Desk(tempfile::TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn lay(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Runs a program; one that is missing fails the test with the way out.
pub fn run(program: &str, arguments: &[&std::ffi::OsStr]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{program} does not start ({error}): tests/run installs it"))
}

/// The text of a PDF, in the order of the page.
pub fn text(pdf: &Path) -> String {
    let output = run("pdftotext", &["-layout".as_ref(), pdf.as_ref(), "-".as_ref()]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn pages(pdf: &Path) -> usize {
    let output = run("pdfinfo", &[pdf.as_ref()]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("Pages:"));
    line.unwrap_or_else(|| panic!("no number of pages in {said}")).trim().parse().unwrap()
}

/// A word on a page: left, top, right, bottom in points, and its letters.
pub type Word = (f32, f32, f32, f32, String);

/// The words of each page, where an independent reader finds them.
pub fn words(pdf: &Path) -> Vec<Vec<Word>> {
    let output = run("pdftotext", &["-bbox".as_ref(), pdf.as_ref(), "-".as_ref()]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let mut pages = Vec::new();
    for line in said.lines().map(str::trim) {
        if line.starts_with("<page ") {
            pages.push(Vec::new());
        } else if line.starts_with("<word ") {
            let value = |name: &str| {
                let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse::<f32>().unwrap()
            };
            let letters = line.split_once('>').unwrap().1.trim_end_matches("</word>").to_owned();
            pages.last_mut().unwrap().push((value("xMin"), value("yMin"), value("xMax"), value("yMax"), letters));
        }
    }
    pages
}

/// What PDFBox preflight says of files that claim PDF/A-1b.
pub fn preflight(files: &[PathBuf]) -> Output {
    let jars = ["preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "jaxb-api", "javax.activation"];
    let path: Vec<String> = jars.iter().map(|jar| format!("/usr/share/java/{jar}.jar")).collect();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/Preflight.java");
    let path = path.join(":");
    let mut arguments: Vec<&std::ffi::OsStr> = vec!["-cp".as_ref(), path.as_ref(), program.as_ref()];
    arguments.extend(files.iter().map(|file| file.as_os_str()));
    run("java", &arguments)
}
