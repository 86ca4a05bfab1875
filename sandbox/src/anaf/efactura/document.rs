//! What the institution reads in a filed document: who, to whom, which number, of which day.

use roxmltree::{Document, Node};

use super::super::reading::{child, text};
use super::super::{cui, reading};

const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
const CREDIT_NOTE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";
const CROSS_INDUSTRY: &str = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";
pub(super) const BUYER_MESSAGE: &str = "mfp:anaf:dgti:spv:reqMesaj:v1";

/// What is read in a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) seller: Option<String>,
    pub(super) buyer: Option<String>,
    pub(super) number: Option<String>,
    pub(super) issued: Option<String>,
}

/// Parses a document as the standard wants it, or says what the schema validator says.
pub(super) fn parse<'x>(xml: &'x [u8], standard: &str) -> Result<Document<'x>, String> {
    let invalid = |line: u32, column: u32, what: &str| {
        format!(
            "Fisierul transmis nu este valid. org.xml.sax.SAXParseException; lineNumber: {line}; columnNumber: \
             {column}; {what} "
        )
    };
    let document = reading::parse(xml).map_err(|problem| invalid(1, 1, &problem))?;
    let root = document.root_element();
    let expected = match standard {
        "CN" => ("CreditNote", CREDIT_NOTE),
        "CII" => ("CrossIndustryInvoice", CROSS_INDUSTRY),
        "RASP" => ("header", BUYER_MESSAGE),
        _ => ("Invoice", INVOICE),
    };
    if (root.tag_name().name(), root.tag_name().namespace().unwrap_or_default()) != expected {
        let name = root.tag_name().name();
        // The parser points behind the start tag of the root.
        let end = document.input_text()[root.range().start..].find('>').map_or(0, |at| root.range().start + at + 1);
        let place = document.text_pos_at(end);
        let what = format!("cvc-elt.1.a: Cannot find the declaration of element '{name}'.");
        return Err(invalid(place.row, place.col, &what));
    }
    Ok(document)
}

/// Who sends what to whom.
pub(super) fn heading(document: &Document<'_>, standard: &str) -> Heading {
    let root = document.root_element();
    if standard == "RASP" {
        return Heading { number: root.attribute("index_incarcare").map(str::to_owned), ..Heading::default() };
    }
    if standard == "CII" {
        return Heading::default();
    }
    Heading {
        seller: party(root, "AccountingSupplierParty"),
        buyer: party(root, "AccountingCustomerParty"),
        number: text(root, &["ID"]),
        issued: text(root, &["IssueDate"]),
    }
}

/// The fiscal code of a party: its VAT number, else its legal registration, else its identification.
fn party(root: Node<'_, '_>, name: &str) -> Option<String> {
    let party = child(child(root, name)?, "Party")?;
    let candidates = [
        text(party, &["PartyTaxScheme", "CompanyID"]),
        text(party, &["PartyLegalEntity", "CompanyID"]),
        text(party, &["PartyIdentification", "ID"]),
    ];
    let is_code = |code: &String| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    candidates.into_iter().flatten().map(|code| cui::bare(&code).to_owned()).find(is_code)
}
