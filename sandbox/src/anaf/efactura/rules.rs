//! The document rules worth enforcing: totals, codes of places and of taxpayers, Romanian caps (contract sheet 3.10).
//!
//! A chosen part of the rules of validation package 1.0.9, with the numbers and the wording frame of its messages.

use roxmltree::Node;

use super::super::cui;
use super::super::reading::{child, children, text};
use super::amount::Amount;

const CUSTOMIZATION: &str = "urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1";
const COUNTIES: &str = "AB AR AG B BC BH BN BR BT BV BZ CJ CL CS CT CV DB DJ GJ GL GR HD HR IF IL IS MH MM MS NT OT PH \
                        SB SJ SM SV TL TM TR VL VN VS";

/// Everything that is wrong with an invoice or a credit note, in ANAF's words.
pub(super) fn problems(root: Node<'_, '_>) -> Vec<String> {
    let mut found = Vec::new();
    required(root, &mut found);
    parties(root, &mut found);
    totals(root, &mut found);
    caps(root, &mut found);
    found
}

fn global(found: &mut Vec<String>, rule: &str, words: &str) {
    found.push(format!("E: validari globale  SCHEMATRON   eroare: [{rule}]-{words}"));
}

fn required(root: Node<'_, '_>, found: &mut Vec<String>) {
    let customization = text(root, &["CustomizationID"]).unwrap_or_default();
    if customization != CUSTOMIZATION {
        let words = "Identificatorul specificatiei (BT-24) trebuie sa aiba valoarea CIUS-RO 1.0.1";
        global(found, "BR-RO-001", words);
    }
    let number = text(root, &["ID"]).unwrap_or_default();
    if number.is_empty() {
        global(found, "BR-02", "O factura trebuie sa aiba un numar de factura (BT-1).");
    } else if !number.bytes().any(|byte| byte.is_ascii_digit()) {
        global(found, "BR-RO-010", "Numarul facturii (BT-1) trebuie sa contina cel putin un caracter numeric.");
    }
    if text(root, &["IssueDate"]).is_none_or(|date| date.len() != 10) {
        global(found, "BR-03", "O factura trebuie sa aiba o data de emitere (BT-2).");
    }
    let currency = text(root, &["DocumentCurrencyCode"]).unwrap_or_default();
    if currency.is_empty() {
        global(found, "BR-05", "O factura trebuie sa aiba un cod al monedei (BT-5).");
    } else if currency != "RON" && !in_lei(root) {
        let words = "Daca moneda facturii (BT-5) nu este RON, codul monedei de contabilizare a TVA (BT-6) trebuie sa \
                     fie RON, cu valoarea totala a TVA in lei.";
        global(found, "BR-RO-030", words);
    }
}

fn in_lei(root: Node<'_, '_>) -> bool {
    let total = |tax: Node<'_, '_>| child(tax, "TaxAmount").and_then(|one| one.attribute("currencyID")) == Some("RON");
    text(root, &["TaxCurrencyCode"]).as_deref() == Some("RON") && children(root, "TaxTotal").any(total)
}

fn parties(root: Node<'_, '_>, found: &mut Vec<String>) {
    for (name, rules, who) in [
        ("AccountingSupplierParty", ["BR-RO-110", "BR-RO-100"], "Vanzatorului"),
        ("AccountingCustomerParty", ["BR-RO-111", "BR-RO-101"], "Cumparatorului"),
    ] {
        let Some(party) = child(root, name).and_then(|party| child(party, "Party")) else {
            global(found, "BR-CO-26", &format!("Lipsesc datele {who}."));
            continue;
        };
        address(party, rules, who, found);
    }
    let seller = ["AccountingSupplierParty", "Party", "PartyTaxScheme", "CompanyID"];
    let Some(vat) = text(root, &seller) else { return };
    if !vat.bytes().take(2).all(|byte| byte.is_ascii_uppercase()) {
        let words = "Codul de TVA al Vanzatorului (BT-31) trebuie sa aiba un prefix conform ISO 3166-1 alfa-2.";
        global(found, "BR-CO-09", words);
    } else if vat.starts_with("RO") && !cui::is_valid(cui::bare(&vat)) {
        found.push(format!(
            "E: AccountingSupplierParty (1) sectiune Party (1) PartyTaxScheme (1) eroare regula: R_BT_32_cui: Cui \
             vanzator incorect / validare CUI ({}) ",
            cui::bare(&vat)
        ));
    }
}

fn address(party: Node<'_, '_>, [county_rule, city_rule]: [&str; 2], who: &str, found: &mut Vec<String>) {
    let part = |path: &[&str]| child(party, "PostalAddress").and_then(|address| text(address, path));
    if part(&["Country", "IdentificationCode"]).as_deref() != Some("RO") {
        return;
    }
    let county = part(&["CountrySubentity"]).unwrap_or_default();
    let known = county.strip_prefix("RO-").is_some_and(|code| COUNTIES.split_whitespace().any(|one| one == code));
    if !known {
        let words = format!(
            "Daca Codul tarii {who} este RO, atunci Subdiviziunea tarii {who} trebuie sa fie codificata folosind lista \
             de coduri ISO 3166-2:RO"
        );
        global(found, county_rule, &words);
    }
    let city = part(&["CityName"]).unwrap_or_default();
    let is_sector =
        city.strip_prefix("SECTOR").is_some_and(|number| matches!(number, "1" | "2" | "3" | "4" | "5" | "6"));
    if county == "RO-B" && !is_sector {
        let words = format!(
            "Daca Subdiviziunea tarii {who} este RO-B, atunci Localitatea trebuie sa fie codificata SECTOR1 pana la \
             SECTOR6"
        );
        global(found, city_rule, &words);
    }
}

fn totals(root: Node<'_, '_>, found: &mut Vec<String>) {
    let currency = text(root, &["DocumentCurrencyCode"]).unwrap_or_default();
    let amount = |node: Node<'_, '_>, name: &str| text(node, &[name]).and_then(|text| Amount::read(&text));
    let in_currency = |tax: &Node<'_, '_>| {
        child(*tax, "TaxAmount").and_then(|one| one.attribute("currencyID")) == Some(currency.as_str())
    };
    let tax = children(root, "TaxTotal").find(in_currency);
    let tax_amount = tax.and_then(|tax| amount(tax, "TaxAmount")).unwrap_or(Amount::ZERO);
    if let Some(tax) = tax.filter(|tax| child(*tax, "TaxSubtotal").is_some()) {
        let sum = children(tax, "TaxSubtotal").filter_map(|part| amount(part, "TaxAmount"));
        if sum.fold(Amount::ZERO, Amount::plus) != tax_amount {
            let words = "Valoarea totala a TVA a facturii (BT-110) = suma valorilor TVA pe categorii (BT-117).";
            global(found, "BR-CO-14", words);
        }
    }
    let Some(total) = child(root, "LegalMonetaryTotal") else {
        global(found, "BR-12", "O factura trebuie sa aiba totaluri.");
        return;
    };
    let (without, with) = (amount(total, "TaxExclusiveAmount"), amount(total, "TaxInclusiveAmount"));
    if without.map(|without| without.plus(tax_amount)) != with || with.is_none() {
        let words =
            "Valoarea totala cu TVA (BT-112) = valoarea totala fara TVA (BT-109) + valoarea totala a TVA (BT-110).";
        global(found, "BR-CO-15", words);
    }
}

fn caps(root: Node<'_, '_>, found: &mut Vec<String>) {
    let attached = children(root, "AdditionalDocumentReference").filter(|one| child(*one, "Attachment").is_some());
    for (rule, what, count, most) in [
        ("BR-RO-A020", "note (BG-1)", children(root, "Note").count(), 20),
        ("BR-RO-A050", "documente atasate (BG-24)", attached.count(), 50),
        ("BR-RO-A500", "referinte la facturi anterioare (BG-3)", children(root, "BillingReference").count(), 500),
    ] {
        if count > most {
            global(found, rule, &format!("O factura poate avea cel mult {most} de {what}."));
        }
    }
}
