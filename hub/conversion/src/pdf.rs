//! What a PDF file is: whether it opens, whether it is protected, and what it claims in its XMP metadata.

use std::fmt;
use std::path::Path;

use crate::child::{self, Bounds, Unended};
use crate::tools::Tools;

/// What a PDF file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portable {
    /// Part and level of PDF/A it claims, such as `2B`; none when it claims nothing. A claim, not a proof.
    pub claim: Option<String>,
    /// Pages.
    pub pages: u32,
}

impl fmt::Display for Portable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.claim {
            Some(claim) => write!(formatter, "it says that it is PDF/A-{}, {} pages", claim.to_lowercase(), self.pages),
            None => write!(formatter, "it does not say that it is PDF/A, {} pages", self.pages),
        }
    }
}

/// Why a PDF file cannot be kept for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfProblem {
    /// It is protected with a password.
    #[error("it is protected with a password")]
    Encrypted,
    /// It is damaged, in the words of the program that looked.
    #[error("it is damaged: {0}")]
    Broken(String),
    /// The program did not finish, or could not be started.
    #[error("it could not be looked at: {0}")]
    Unavailable(String),
}

/// Opens a PDF file with qpdf, strictly: a file that has to be repaired is damaged.
pub(crate) async fn examine(tools: &Tools, bounds: &Bounds, file: &Path, bytes: &[u8]) -> Result<Portable, PdfProblem> {
    let folder = file.parent().expect("a file lies in a folder");
    let name = file.to_string_lossy().into_owned();
    let qpdf = |arguments: Vec<String>| child::run(tools, bounds, folder, &tools.qpdf, arguments);
    let told = |unended: Unended| match unended {
        Unended::TimedOut => PdfProblem::Broken("the program that checks it did not finish".to_owned()),
        Unended::NotStarted(error) => PdfProblem::Unavailable(error.to_string()),
    };
    // 0: encrypted, 2: not (qpdf, section «Exit Status»); a broken file is told by the check below.
    let asked = qpdf(vec!["--is-encrypted".to_owned(), name.clone()]).await.map_err(told)?;
    if asked.status.code() == Some(0) {
        return Err(PdfProblem::Encrypted);
    }
    let checked = qpdf(vec!["--check".to_owned(), name.clone()]).await.map_err(told)?;
    if !checked.status.success() {
        let said = checked
            .said
            .lines()
            .filter(|line| line.contains("WARNING") || line.contains("ERROR") || line.contains(": "));
        let said = said.map(|line| line.replace(&name, "PDF")).take(2).collect::<Vec<_>>().join("; ");
        return Err(PdfProblem::Broken(said));
    }
    let counted = qpdf(vec!["--show-npages".to_owned(), name]).await.map_err(told)?;
    let pages = counted.said.trim().parse().unwrap_or(0);
    if pages == 0 {
        return Err(PdfProblem::Broken("it has no page".to_owned()));
    }
    Ok(Portable { claim: claim(bytes), pages })
}

/// The claim in the XMP metadata, which PDF/A wants uncompressed (ISO 19005-2, clause 6.6.2).
fn claim(bytes: &[u8]) -> Option<String> {
    let part = value(bytes, b"pdfaid:part")?;
    let level = value(bytes, b"pdfaid:conformance").unwrap_or_default();
    Some(format!("{part}{level}").to_uppercase())
}

/// The short value of a property, written as an element or as an attribute.
fn value(bytes: &[u8], property: &[u8]) -> Option<String> {
    let at = bytes.windows(property.len()).position(|window| window == property)? + property.len();
    let rest = bytes.get(at..)?.split_at_checked(8).map(|(near, _)| near)?;
    let rest = rest.strip_prefix(b">").or(rest.strip_prefix(b"=\"")).or(rest.strip_prefix(b"='"))?;
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claim_is_read_in_both_ways_of_writing_it() {
        let element = b"... <pdfaid:part>2</pdfaid:part> <pdfaid:conformance>B</pdfaid:conformance> ...";
        assert_eq!(claim(element).as_deref(), Some("2B"));
        assert_eq!(claim(b"x pdfaid:part=\"3\" pdfaid:conformance=\"u\" yyyyyyy").as_deref(), Some("3U"));
        assert_eq!(claim(b"no claim at all"), None);
        assert_eq!(claim(b"pdfaid:part"), None);
    }
}
