//! What a document to be filed says about its filing: which standard, for whom, and with which flags.

use hub_signatures::tree::{Limits, Tree};
use roxmltree::Node;

use crate::settings::Settings;

/// The most bytes ANAF takes: 10 MB.
const LONGEST: usize = 10 * 1024 * 1024;
/// Self-billed invoice, UNTDID 1001.
const SELF_BILLED: &str = "389";

/// How a document is to be filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filing {
    /// The value of the parameter `standard`.
    pub(super) standard: &'static str,
    /// The code that gets the answer: of who issues, or of who self-bills.
    pub(super) cif: String,
    /// `uploadb2c` instead of `upload`: the buyer is a person.
    pub(super) to_person: bool,
    pub(super) extern_: bool,
    pub(super) self_billed: bool,
    pub(super) executare: bool,
    pub(super) seller: Option<String>,
    pub(super) buyer: Option<String>,
}

impl Filing {
    /// Reads a document, or says in a sentence why it cannot be filed.
    pub(super) fn read(xml: &[u8], own_cif: &str, settings: &Settings) -> Result<Self, String> {
        if xml.len() > LONGEST {
            return Err("Documentul are peste 10 MB, cât primește RO e-Factura.".to_owned());
        }
        let tree = Tree::parse(xml, &Limits::default()).map_err(|error| format!("Documentul nu este XML: {error}."))?;
        let root = tree.root();
        let standard = match root.tag_name().name() {
            "Invoice" => "UBL",
            "CreditNote" => "CN",
            "CrossIndustryInvoice" => "CII",
            "header" => "RASP",
            other => {
                return Err(format!("Documentul începe cu {other}, iar RO e-Factura primește Invoice sau CreditNote."));
            }
        };
        let party = |name: &str| Party::read(child(root, name));
        let (seller, buyer) = (party("AccountingSupplierParty"), party("AccountingCustomerParty"));
        let kind = child(root, "InvoiceTypeCode").and_then(|node| node.text()).unwrap_or_default().trim();
        let self_billed = settings.autofactura.unwrap_or(kind == SELF_BILLED);
        let is_abroad = buyer.country.as_deref().is_some_and(|country| country != "RO");
        Ok(Self {
            standard,
            cif: own_cif.to_owned(),
            to_person: !is_abroad && buyer.code.as_deref().is_some_and(|code| code.len() == 13),
            extern_: settings.r#extern.unwrap_or(is_abroad),
            self_billed,
            executare: settings.executare,
            seller: seller.code,
            buyer: buyer.code,
        })
    }

    /// The operation and its parameters.
    pub(super) fn operation(&self) -> &'static str {
        if self.to_person { "uploadb2c" } else { "upload" }
    }

    pub(super) fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters = vec![("standard", self.standard), ("cif", self.cif.as_str())];
        let flags = [("extern", self.extern_), ("autofactura", self.self_billed), ("executare", self.executare)];
        parameters.extend(flags.iter().filter(|(_, set)| *set).map(|(name, _)| (*name, "DA")));
        parameters
    }
}

#[derive(Default)]
struct Party {
    code: Option<String>,
    country: Option<String>,
}

impl Party {
    fn read(role: Option<Node<'_, '_>>) -> Self {
        let Some(party) = role.and_then(|role| child(role, "Party")) else { return Self::default() };
        let text = |path: [&str; 2]| -> Option<String> {
            child(child(party, path[0])?, path[1])?.text().map(|text| text.trim().to_owned())
        };
        let codes = [
            text(["PartyTaxScheme", "CompanyID"]),
            text(["PartyLegalEntity", "CompanyID"]),
            text(["PartyIdentification", "ID"]),
        ];
        let bare = |code: String| code.strip_prefix("RO").unwrap_or(&code).trim().to_owned();
        let is_code = |code: &String| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        let country = child(party, "PostalAddress").and_then(|address| child(address, "Country"));
        let country = country.and_then(|country| child(country, "IdentificationCode")).and_then(|code| code.text());
        Self {
            code: codes.into_iter().flatten().map(bare).find(is_code),
            country: country.map(|text| text.trim().to_owned()),
        }
    }
}

fn child<'a, 'd>(of: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    of.children().find(|node| node.is_element() && node.tag_name().name() == name)
}
