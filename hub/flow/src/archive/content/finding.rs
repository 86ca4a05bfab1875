//! What is wrong with a document, told from its bytes: it is kept all the same.
//!
//! Only the end of a PDF and the place its end points at are looked at (ISO 32000-1, 7.5): whoever opens it later finds more.

/// What was found in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It is encrypted: it opens only with a password, or not everything may be done with it.
    Protected,
    /// Its structure does not hold: it was cut off or changed on the way.
    Damaged,
    /// It is said to be a PDF and is none.
    NotPdf,
}

impl Finding {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Damaged => "damaged",
            Self::NotPdf => "not_pdf",
        }
    }

    /// What a clerk reads, with the way out.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Protected => {
                "PDF protejat cu parolă sau cu restricții: se păstrează așa; cereți emitentului și forma neprotejată"
            }
            Self::Damaged => "PDF stricat sau trunchiat: se păstrează așa; scanați-l sau cereți-l din nou",
            Self::NotPdf => "se dă drept PDF și nu este: se păstrează așa; verificați fișierul trimis",
        }
    }
}

/// Pages and what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Pages that can be counted without unpacking; 1 where they cannot.
    pub pages: i64,
    /// What is wrong; none: nothing was found.
    pub finding: Option<Finding>,
}

const HEADER: usize = 1024;
const TAIL: usize = 4096;
/// Longest dictionary that is looked at where a PDF points at its own end.
const DICTIONARY: usize = 16 * 1024;

/// Looks at a document that is said to be of a media type.
#[must_use]
pub fn examine(content_type: &str, bytes: &[u8]) -> Found {
    let is = find(&bytes[..bytes.len().min(HEADER)], b"%PDF-").is_some();
    let said = content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/pdf");
    if !is {
        return Found { pages: 1, finding: said.then_some(Finding::NotPdf) };
    }
    Found { pages: pages(bytes), finding: finding(bytes) }
}

fn finding(pdf: &[u8]) -> Option<Finding> {
    let tail = &pdf[pdf.len().saturating_sub(TAIL)..];
    let (Some(start), Some(_)) = (last(tail, b"startxref"), last(tail, b"%%EOF")) else {
        return Some(Finding::Damaged);
    };
    let number = tail[start + 9..].iter().skip_while(|byte| byte.is_ascii_whitespace());
    let digits: String = number.take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
    let Some(at) = digits.parse().ok().and_then(|at: usize| pdf.get(at..)) else { return Some(Finding::Damaged) };
    let at = &at[at.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0)..];
    let stream = at.first().is_some_and(u8::is_ascii_digit);
    if !stream && !at.starts_with(b"xref") {
        return Some(Finding::Damaged);
    }
    // The trailer stands before `startxref`; of a cross-reference stream it is the dictionary it begins with.
    let dictionary = if stream {
        let near = &at[..at.len().min(DICTIONARY)];
        &near[..find(near, b"stream").unwrap_or(near.len())]
    } else {
        let before = &tail[..start];
        &before[last(before, b"trailer").unwrap_or(0)..]
    };
    find(dictionary, b"/Encrypt").map(|_| Finding::Protected)
}

/// Pages of a PDF whose pages can be seen without unpacking it; one where they cannot.
fn pages(pdf: &[u8]) -> i64 {
    const PAGE: &[u8] = b"/Type";
    let mut count = 0;
    let mut rest = pdf;
    while let Some(at) = find(rest, PAGE) {
        rest = &rest[at + PAGE.len()..];
        let value = rest.iter().position(|byte| !byte.is_ascii_whitespace()).map_or(rest, |skip| &rest[skip..]);
        let page = value.strip_prefix(b"/Page").and_then(|after| after.first());
        // `/Pages` is the tree above them.
        if page.is_some_and(|next| !next.is_ascii_alphanumeric()) {
            count += 1;
        }
    }
    count.max(1)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pdf(trailer: &str) -> Vec<u8> {
        let mut text =
            "%PDF-1.4\n1 0 obj << /Type /Pages /Count 2 >> endobj << /Type /Page /X 1>> << /Type/Page>>\n".to_owned();
        let at = text.len();
        text +=
            &format!("xref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R {trailer} >>\nstartxref\n{at}\n%%EOF\n");
        text.into_bytes()
    }

    #[test]
    fn what_is_wrong_with_a_pdf_is_told_and_what_is_right_is_not() {
        let of = |bytes: &[u8]| examine("application/pdf", bytes).finding;
        assert_eq!(examine("application/pdf", &pdf("")), Found { pages: 2, finding: None });
        assert_eq!(of(&pdf("/Encrypt 5 0 R")), Some(Finding::Protected));
        let whole = pdf("");
        assert_eq!(of(&whole[..whole.len() - 30]), Some(Finding::Damaged));
        assert_eq!(of(b"gunoi"), Some(Finding::NotPdf));
        assert_eq!(examine("image/png", b"gunoi").finding, None);
        // The bytes count, not what somebody says.
        assert_eq!(examine("text/plain", &pdf("/Encrypt 5 0 R")).finding, Some(Finding::Protected));
        let stream = b"%PDF-1.5\n9 0 obj << /Type /XRef /Encrypt 3 0 R >> stream\nendobj\nstartxref\n9\n%%EOF";
        assert_eq!(of(stream), Some(Finding::Protected));
    }
}
