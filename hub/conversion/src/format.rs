//! What a document is, told from its bytes: a name and a media type are what somebody said.

/// A format that can be converted, or that is told apart to be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Word 2007 and later.
    Docx,
    /// Excel 2007 and later.
    Xlsx,
    /// PowerPoint 2007 and later.
    Pptx,
    /// OpenDocument text.
    Odt,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument presentation.
    Odp,
    /// Word 97 to 2003.
    Doc,
    /// Excel 97 to 2003.
    Xls,
    /// Rich text.
    Rtf,
    /// Portable network graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// Tagged image file: scans.
    Tiff,
    /// PDF, which is kept as it is.
    Pdf,
    /// A compound file that holds an encrypted package of Office.
    EncryptedOffice,
}

/// How LibreOffice loads and writes a format.
pub(crate) struct Filters {
    /// The ending its copy in the scratch folder gets.
    pub(crate) ending: &'static str,
    /// The import filter, forced, so that rubbish is not taken for text.
    pub(crate) import: &'static str,
    /// The export filter.
    pub(crate) export: &'static str,
}

/// The first bytes of a compound file (MS-CFB, section 2.2).
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

impl Format {
    /// The format of these bytes; none when it is none of these.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            _ if bytes.starts_with(b"%PDF-") => Some(Self::Pdf),
            _ if bytes.starts_with(b"{\\rtf") => Some(Self::Rtf),
            _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            _ if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) => Some(Self::Jpeg),
            _ if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") => Some(Self::Tiff),
            _ if bytes.starts_with(b"PK\x03\x04") => Self::of_package(bytes),
            _ if bytes.starts_with(COMPOUND) => Self::of_compound(bytes),
            _ => None,
        }
    }

    fn of_package(bytes: &[u8]) -> Option<Self> {
        const OPEN: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.";
        if let Some(rest) = bytes.get(30..).and_then(|rest| rest.strip_prefix(OPEN)) {
            return match rest {
                _ if rest.starts_with(b"text") => Some(Self::Odt),
                _ if rest.starts_with(b"spreadsheet") => Some(Self::Ods),
                _ if rest.starts_with(b"presentation") => Some(Self::Odp),
                _ => None,
            };
        }
        let parts =
            [("word/document.xml", Self::Docx), ("xl/workbook.xml", Self::Xlsx), ("ppt/presentation.xml", Self::Pptx)];
        parts.into_iter().find(|(part, _)| contains(bytes, part.as_bytes())).map(|(_, format)| format)
    }

    /// Names of streams stand in the directory of a compound file as UTF-16.
    fn of_compound(bytes: &[u8]) -> Option<Self> {
        let has = |name: &str| contains(bytes, &name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        match () {
            () if has("EncryptedPackage") => Some(Self::EncryptedOffice),
            () if has("WordDocument") => Some(Self::Doc),
            () if has("Workbook") => Some(Self::Xls),
            () => None,
        }
    }

    pub(crate) const fn filters(self) -> Option<Filters> {
        let (ending, import, export) = match self {
            Self::Docx => ("docx", "MS Word 2007 XML", "writer_pdf_Export"),
            Self::Xlsx => ("xlsx", "Calc MS Excel 2007 XML", "calc_pdf_Export"),
            Self::Pptx => ("pptx", "Impress MS PowerPoint 2007 XML", "impress_pdf_Export"),
            Self::Odt => ("odt", "writer8", "writer_pdf_Export"),
            Self::Ods => ("ods", "calc8", "calc_pdf_Export"),
            Self::Odp => ("odp", "impress8", "impress_pdf_Export"),
            Self::Doc => ("doc", "MS Word 97", "writer_pdf_Export"),
            Self::Xls => ("xls", "MS Excel 97", "calc_pdf_Export"),
            Self::Rtf => ("rtf", "Rich Text Format", "writer_pdf_Export"),
            Self::Png => ("png", "PNG - Portable Network Graphic", "draw_pdf_Export"),
            Self::Jpeg => ("jpg", "JPEG - Joint Photographic Experts Group", "draw_pdf_Export"),
            Self::Tiff => ("tif", "TIFF - Tagged Image File Format", "draw_pdf_Export"),
            Self::Pdf | Self::EncryptedOffice => return None,
        };
        Some(Filters { ending, import, export })
    }

    /// Whether it is a zip file inside.
    pub(crate) const fn is_package(self) -> bool {
        matches!(self, Self::Docx | Self::Xlsx | Self::Pptx | Self::Odt | Self::Ods | Self::Odp)
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    // The first byte alone tells most places apart.
    let first = wanted[0];
    bytes.windows(wanted.len()).any(|window| window[0] == first && window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_calls_a_document_does_not_make_it_one() {
        assert_eq!(Format::of(b"gunoi"), None);
        assert_eq!(Format::of(b"<html>"), None);
        assert_eq!(Format::of(b"PK\x03\x04 other"), None);
        assert_eq!(Format::of(b"PK\x03\x04..................word/document.xml"), Some(Format::Docx));
        assert_eq!(Format::of(b"%PDF-1.7"), Some(Format::Pdf));
        assert_eq!(Format::of(b""), None);
    }

    #[test]
    fn an_encrypted_package_of_office_is_told_from_an_old_document() {
        let utf16 = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let compound = |name: &str| [COMPOUND, &[0; 512], &utf16(name)].concat();
        assert_eq!(Format::of(&compound("EncryptedPackage")), Some(Format::EncryptedOffice));
        assert_eq!(Format::of(&compound("WordDocument")), Some(Format::Doc));
        assert_eq!(Format::of(&compound("Altceva")), None);
    }
}
