//! Small documents of each kind; all names in them are invented.

use hub_signatures::asice::zip;

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn pack(parts: &[(&str, String)]) -> Vec<u8> {
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (*name, content.as_bytes())).collect();
    zip::write(&parts).unwrap()
}

fn open_xml(main: &str, kind: &str, parts: Vec<(&'static str, String)>) -> Vec<u8> {
    let types = format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/{main}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}.main+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>\
         </Types>"
    );
    let root = format!(
        "{XML}<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"{main}\"/></Relationships>"
    );
    let mut all = vec![("[Content_Types].xml", types), ("_rels/.rels", root)];
    all.extend(parts);
    pack(&all)
}

/// A Word document with one paragraph.
pub fn docx(text: &str) -> Vec<u8> {
    let namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let document = format!(
        "{XML}<w:document xmlns:w=\"{namespace}\"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    );
    open_xml("word/document.xml", "wordprocessingml.document", vec![("word/document.xml", document)])
}

/// An Excel workbook with one cell.
pub fn xlsx(text: &str) -> Vec<u8> {
    let namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let workbook = format!(
        "{XML}<workbook xmlns=\"{namespace}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"Foaie\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let relations = format!(
        "{XML}<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let sheet = format!(
        "{XML}<worksheet xmlns=\"{namespace}\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c></row></sheetData></worksheet>"
    );
    let parts = vec![
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    open_xml("xl/workbook.xml", "spreadsheetml.sheet", parts)
}

/// An OpenDocument text with this body.
pub fn odt(body: &str) -> Vec<u8> {
    let content = format!(
        "{XML}<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         office:version=\"1.2\"><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    pack(&[
        ("mimetype", "application/vnd.oasis.opendocument.text".to_owned()),
        ("content.xml", content),
        ("META-INF/manifest.xml", manifest("")),
    ])
}

/// The manifest of an OpenDocument file; `inside` stands in the entry of its content.
pub fn manifest(inside: &str) -> String {
    format!(
        "{XML}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.2\">\
         <manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.oasis.opendocument.text\"/>\
         <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\">{inside}</manifest:file-entry></manifest:manifest>"
    )
}

/// An OpenDocument text protected with a password, as far as it can be told without it.
pub fn protected_odt() -> Vec<u8> {
    let inside = "<manifest:encryption-data manifest:checksum-type=\"urn:x\" manifest:checksum=\"eA==\"/>";
    pack(&[
        ("mimetype", "application/vnd.oasis.opendocument.text".to_owned()),
        ("content.xml", "neciteț".to_owned()),
        ("META-INF/manifest.xml", manifest(inside)),
    ])
}

/// Rich text; letters beyond ASCII are written by their number.
pub fn rtf(text: &str) -> Vec<u8> {
    let letter = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\u{}?", c as u32) };
    format!("{{\\rtf1\\ansi {}\\par}}", text.chars().map(letter).collect::<String>()).into_bytes()
}

/// A grey square of 2 by 2 points.
pub fn png() -> Vec<u8> {
    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let named = [kind, data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], &named, &zip::checksum::extend(0, &named).to_be_bytes()].concat()
    }
    // One stored block of deflate around two rows of a filter byte and two points each.
    let rows = [0_u8, 128, 128, 0, 128, 128];
    let adler = rows.iter().fold((1_u32, 0_u32), |(a, b), byte| (a + u32::from(*byte), b + a + u32::from(*byte)));
    let data = [&[0x78, 1, 1, 6, 0, 0xF9, 0xFF][..], &rows, &(adler.1 << 16 | adler.0).to_be_bytes()].concat();
    let header = [0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 0];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &data), chunk(b"IEND", b"")].concat()
}
