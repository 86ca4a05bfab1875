//! One conversion, from the bytes of a document to a copy that was looked at.

use std::fs;
use std::path::{Path, PathBuf};

use openssl::sha::sha256;
use tokio::sync::Semaphore;

use crate::child::{self, Bounds, Unended};
use crate::format::{Filters, Format};
use crate::pdf::{self, PdfProblem, Portable};
use crate::tools::{Absent, Tools};
use crate::{NotConverted, package, profile};

/// PDF/A-2b, tagged where the document has a structure; the words are LibreOffice's.
const OPTIONS: &str = r#":{"SelectPdfVersion":{"type":"long","value":"2"},"UseTaggedPDF":{"type":"boolean","value":"true"},"ExportFormFields":{"type":"boolean","value":"false"}}"#;
/// What a copy must say of itself.
const CLAIM: &str = "2B";

/// Converts documents, few at a time.
pub struct Converter {
    pub(crate) tools: Tools,
    pub(crate) bounds: Bounds,
    pub(crate) scratch: PathBuf,
    pub(crate) places: Semaphore,
}

/// A PDF/A-2b copy of a document, and what is needed to tell of it as an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the document it was made from.
    pub source_sha256: [u8; 32],
    /// SHA-256 of its own bytes.
    pub sha256: [u8; 32],
    /// What the document is.
    pub format: Format,
    /// Pages of the copy.
    pub pages: u32,
    /// The program that made it, with its version.
    pub software: String,
}

impl Converter {
    /// Finds the programs; `scratch` is a folder of ours for profiles and files under way, cleared of what was left.
    ///
    /// # Errors
    /// Which program is [`Absent`]; then there are no copies.
    pub async fn find(scratch: &Path, bounds: Bounds, at_once: usize) -> Result<Self, Absent> {
        drop(fs::remove_dir_all(scratch));
        // A folder that cannot be made is told by the first conversion.
        drop(fs::create_dir_all(scratch));
        let tools = Tools::find(scratch).await?;
        Ok(Self { tools, bounds, scratch: scratch.to_owned(), places: Semaphore::new(at_once.max(1)) })
    }

    /// The programs that were found.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Makes a copy of a document. `id` names the scratch folder and is different for every call.
    ///
    /// # Errors
    /// [`NotConverted`] says why there is none; the document is kept as it is in any case.
    pub async fn convert(&self, id: &str, document: &[u8]) -> Result<Copy, NotConverted> {
        if document.len() as u64 > self.bounds.input {
            return Err(NotConverted::TooLarge);
        }
        let format = Format::of(document).ok_or(NotConverted::Unsupported)?;
        let _place = self.places.acquire().await.expect("the places are never closed");
        let folder = Scratch::make(&self.scratch.join(id))?;
        if format == Format::Pdf {
            return Err(self.portable(&folder, document).await);
        }
        let filters = format.filters().ok_or(NotConverted::Encrypted)?;
        package::look(format, document)?;
        let bytes = self.run(&folder, &filters, document).await?;
        let portable = self.examine(&folder.0.join("out/document.pdf"), &bytes).await?;
        let (source_sha256, copied) = (sha256(document), sha256(&bytes));
        let software = self.tools.software.clone();
        Ok(Copy { bytes, source_sha256, sha256: copied, format, pages: portable.pages, software })
    }

    /// A PDF is not converted: what it is, is told.
    pub(crate) async fn portable(&self, folder: &Scratch, document: &[u8]) -> NotConverted {
        let file = folder.0.join("document.pdf");
        if let Err(error) = fs::write(&file, document) {
            return NotConverted::Unavailable(error.to_string());
        }
        match pdf::examine(&self.tools, &self.bounds, &file, document).await {
            Ok(portable) => NotConverted::Pdf(portable),
            Err(PdfProblem::Encrypted) => NotConverted::Encrypted,
            Err(PdfProblem::Broken(why)) => NotConverted::Broken(why),
            Err(PdfProblem::Unavailable(why)) => NotConverted::Unavailable(why),
        }
    }

    async fn run(&self, folder: &Scratch, filters: &Filters, document: &[u8]) -> Result<Vec<u8>, NotConverted> {
        let source = folder.0.join(format!("document.{}", filters.ending));
        let (home, out) = (folder.0.join("profile"), folder.0.join("out"));
        let prepared =
            fs::write(&source, document).and_then(|()| profile::make(&home)).and_then(|()| fs::create_dir(&out));
        prepared.map_err(|error| NotConverted::Unavailable(error.to_string()))?;
        let words = ["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"];
        let mut arguments = vec![profile::argument(&home)];
        arguments.extend(words.map(str::to_owned));
        arguments.push(format!("--infilter={}", filters.import));
        arguments.extend(["--convert-to".to_owned(), format!("pdf:{}{OPTIONS}", filters.export)]);
        arguments.extend(["--outdir".to_owned(), out.to_string_lossy().into_owned()]);
        arguments.push(source.to_string_lossy().into_owned());
        let ended = child::run(&self.tools, &self.bounds, &folder.0, &self.tools.soffice, arguments).await;
        let ended = ended.map_err(|unended| match unended {
            Unended::TimedOut => NotConverted::TimedOut { seconds: self.bounds.time.as_secs() },
            Unended::NotStarted(error) => NotConverted::Unavailable(error.to_string()),
        })?;
        if !ended.status.success() {
            return Err(NotConverted::Crashed(ended.status.to_string()));
        }
        // Success says nothing: only the file does.
        match fs::read(out.join("document.pdf")) {
            Ok(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(NotConverted::NothingWritten),
        }
    }

    pub(crate) async fn examine(&self, file: &Path, bytes: &[u8]) -> Result<Portable, NotConverted> {
        match pdf::examine(&self.tools, &self.bounds, file, bytes).await {
            Ok(portable) if portable.claim.as_deref() == Some(CLAIM) => Ok(portable),
            Ok(portable) => Err(NotConverted::WrongCopy(portable.to_string())),
            Err(PdfProblem::Unavailable(why)) => Err(NotConverted::Unavailable(why)),
            Err(problem) => Err(NotConverted::WrongCopy(problem.to_string())),
        }
    }
}

/// A folder that is removed with everything in it, whatever happens.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn make(folder: &Path) -> Result<Self, NotConverted> {
        match fs::create_dir_all(folder) {
            Ok(()) => Ok(Self(folder.to_owned())),
            Err(error) => Err(NotConverted::Unavailable(error.to_string())),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is cleared when the converter is made the next time.
        drop(fs::remove_dir_all(&self.0));
    }
}
