//! A PDF/A-2b copy of a PDF, by Ghostscript; the PDF itself, signed or not, is not touched.

use std::fs;
use std::path::Path;

use openssl::sha::sha256;

use crate::NotConverted;
use crate::child::{self, Unended};
use crate::convert::{Converter, Copy, Scratch};
use crate::format::Format;

impl Converter {
    /// Makes a copy for keeping of whatever a document is: as [`Converter::convert`], and of PDF that does not claim to be
    /// PDF/A too. `id` names the scratch folder and is different for every call.
    ///
    /// # Errors
    /// [`NotConverted`] says why there is none; PDF that claims to be PDF/A is kept as it is.
    pub async fn archival(&self, id: &str, document: &[u8]) -> Result<Copy, NotConverted> {
        if Format::of(document) != Some(Format::Pdf) {
            return self.convert(id, document).await;
        }
        if document.len() as u64 > self.bounds.input {
            return Err(NotConverted::TooLarge);
        }
        let _place = self.places.acquire().await.expect("the places are never closed");
        let folder = Scratch::make(&self.scratch.join(id))?;
        match self.portable(&folder, document).await {
            NotConverted::Pdf(portable) if portable.claim.is_none() => {}
            other => return Err(other),
        }
        let Some((program, profile)) = &self.tools.ghostscript else { return Err(NotConverted::Absent("ghostscript")) };
        let bytes = self.copied(&folder, (program, profile)).await?;
        let portable = self.examine(&folder.0.join("out/document.pdf"), &bytes).await?;
        let (source_sha256, copied) = (sha256(document), sha256(&bytes));
        let software = "Ghostscript".to_owned();
        Ok(Copy { bytes, source_sha256, sha256: copied, format: Format::Pdf, pages: portable.pages, software })
    }

    async fn copied(&self, folder: &Scratch, (program, profile): (&Path, &Path)) -> Result<Vec<u8>, NotConverted> {
        let (out, intent) = (folder.0.join("out"), folder.0.join("intent.ps"));
        let prepared = fs::create_dir(&out).and_then(|()| fs::write(&intent, intent_of(profile)));
        prepared.map_err(|error| NotConverted::Unavailable(error.to_string()))?;
        let copy = out.join("document.pdf");
        // Policy 2: what cannot be written as PDF/A ends the run, and is not left out of the copy.
        let mut arguments: Vec<String> = [
            "-q",
            "-dSAFER",
            "-dBATCH",
            "-dNOPAUSE",
            "-dPDFA=2",
            "-dPDFACompatibilityPolicy=2",
            "-sColorConversionStrategy=RGB",
            "-sDEVICE=pdfwrite",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--permit-file-read={}", profile.display()));
        arguments.push(format!("-sOutputFile={}", copy.display()));
        arguments.push(intent.to_string_lossy().into_owned());
        arguments.push(folder.0.join("document.pdf").to_string_lossy().into_owned());
        let ended = child::run(&self.tools, &self.bounds, &folder.0, program, arguments).await;
        let ended = ended.map_err(|unended| match unended {
            Unended::TimedOut => NotConverted::TimedOut { seconds: self.bounds.time.as_secs() },
            Unended::NotStarted(error) => NotConverted::Unavailable(error.to_string()),
        })?;
        if !ended.status.success() {
            let said = ended.said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            return Err(NotConverted::Crashed(format!("{}: {said}", ended.status)));
        }
        match fs::read(copy) {
            Ok(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(NotConverted::NothingWritten),
        }
    }
}

/// The output intent PDF/A wants (ISO 19005-2, clause 6.2.3), as the program reads it.
fn intent_of(profile: &Path) -> String {
    format!(
        "%!\n[/_objdef {{icc}} /type /stream /OBJ pdfmark\n[{{icc}} << /N 3 >> /PUT pdfmark\n\
         [{{icc}} ({}) (r) file /PUT pdfmark\n[/_objdef {{intent}} /type /dict /OBJ pdfmark\n\
         [{{intent}} << /Type /OutputIntent /S /GTS_PDFA1 /DestOutputProfile {{icc}} \
         /OutputConditionIdentifier (sRGB) >> /PUT pdfmark\n\
         [{{Catalog}} << /OutputIntents [ {{intent}} ] >> /PUT pdfmark\n",
        profile.display()
    )
}
