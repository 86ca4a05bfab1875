//! The identifiers agree with the shared table of right and wrong ones, and no text makes them panic.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use proptest::prelude::*;
use schemas::{Caen, Cnp, CodeLists, Cui, Euid, Iban, Siruta, TradeRegisterNumber, identifiers::CaenRevision};
use serde_json::Value;

mod shared;

fn table() -> Option<Value> {
    shared::read("identifiers.json").map(|text| serde_json::from_str(&text).unwrap())
}

fn texts<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|row| row.as_str().unwrap_or_else(|| row[name].as_str().unwrap())).collect()
}

/// Every row of `valid` parses to its normalised form, every row of `invalid` does not parse.
fn agrees<T: std::fmt::Display, E: std::fmt::Debug>(table: &Value, parse: impl Fn(&str) -> Result<T, E>) {
    for row in table["valid"].as_array().unwrap() {
        let value = row["value"].as_str().unwrap();
        let normalised = row["normalised"].as_str().unwrap_or(value);
        assert_eq!(parse(value).unwrap().to_string(), normalised, "{row}");
    }
    for row in table["invalid"].as_array().unwrap() {
        assert!(parse(row["value"].as_str().unwrap()).is_err(), "{row}");
    }
}

#[test]
fn fiscal_codes_and_accounts_agree_with_the_table() {
    let Some(table) = table() else { return };
    agrees(&table["cui"], Cui::parse);
    agrees(&table["iban_ro"], Iban::parse);
}

#[test]
fn personal_numbers_agree_with_the_table() {
    let Some(table) = table() else { return };
    agrees(&table["cnp"], Cnp::parse);
    for row in table["cnp"]["valid"].as_array().unwrap() {
        let cnp = Cnp::parse(row["value"].as_str().unwrap()).unwrap();
        assert_eq!(cnp.county_code(), row["county"].as_str().unwrap(), "{row}");
        if let Some(birth) = row["birth"].as_str() {
            assert_eq!(cnp.birth_date().unwrap().to_string(), birth, "{row}");
            assert_eq!(cnp.sex().unwrap().letter().to_string(), row["sex"].as_str().unwrap(), "{row}");
        } else {
            assert_eq!(cnp.birth_date(), None, "{row}");
        }
        assert!(!format!("{cnp:?}").contains(cnp.as_str()), "a log would show the number");
    }
}

#[test]
fn trade_register_numbers_agree_with_the_table() {
    let Some(table) = table() else { return };
    let table = &table["trade_register"];
    for row in table["conversions"].as_array().unwrap() {
        let number = TradeRegisterNumber::parse(row["old"].as_str().unwrap()).unwrap();
        assert_eq!(number.as_str(), row["new"].as_str().unwrap(), "{row}");
        let back = TradeRegisterNumber::parse(&number.old_form().unwrap()).unwrap();
        assert_eq!(back, number);
    }
    for value in texts(&table["valid_new"], "value") {
        assert_eq!(TradeRegisterNumber::parse(value).unwrap().as_str(), value);
    }
    for row in table["dirty_old"].as_array().unwrap() {
        let number = TradeRegisterNumber::parse(row["value"].as_str().unwrap()).unwrap();
        assert_eq!(number.as_str(), row["new"].as_str().unwrap(), "{row}");
        assert_eq!(number.old_form().unwrap(), row["old"].as_str().unwrap(), "{row}");
    }
    for value in texts(&table["invalid_new"], "value").into_iter().chain(texts(&table["invalid_old"], "value")) {
        assert!(TradeRegisterNumber::parse(value).is_err(), "{value}");
    }
}

#[test]
fn european_names_of_firms_agree_with_the_table() {
    let Some(table) = table() else { return };
    let table = &table["euid"];
    for pair in table["equal_pairs"].as_array().unwrap() {
        let [old, new] = [0, 1].map(|side| Euid::parse(pair[side].as_str().unwrap()).unwrap());
        assert_eq!(old, new);
    }
    for (plain, encoded) in table["url_encoded"].as_object().unwrap() {
        let encoded = encoded.as_str().unwrap();
        assert_eq!(Euid::parse(plain).unwrap(), Euid::parse(encoded).unwrap());
        assert_eq!(Euid::parse(plain).unwrap().old_form_in_url().unwrap(), encoded);
    }
    for value in texts(&table["invalid"], "value") {
        assert!(Euid::parse(value).is_err(), "{value}");
    }
}

#[test]
fn siruta_codes_exist_when_the_list_says_so_whatever_the_check_digit() {
    let Some(table) = table() else { return };
    let table = &table["siruta"];
    let lists = CodeLists::builtin();
    let list = lists.get("siruta").unwrap().at("2026-01-01".parse().unwrap());
    for value in texts(&table["valid"], "value") {
        assert!(Siruta::parse(value).unwrap().check_digit_matches() && list.contains(value), "{value}");
    }
    for value in texts(&table["invalid"], "value") {
        assert!(!Siruta::parse(value).unwrap().check_digit_matches() && !list.contains(value), "{value}");
    }
    for value in texts(&table["official_but_check_digit_fails"], "value") {
        assert!(!Siruta::parse(value).unwrap().check_digit_matches() && list.contains(value), "{value}");
    }
    let failing = list.entries().filter(|entry| !Siruta::parse(&entry.code).unwrap().check_digit_matches()).count();
    assert_eq!(failing as u64, table["official_with_failing_check_digit_total"].as_u64().unwrap());
}

#[test]
fn activity_classes_agree_with_the_table() {
    let Some(table) = table() else { return };
    let table = &table["caen"];
    agrees(table, Caen::parse);
    for row in table["normalise"].as_array().unwrap() {
        let class = Caen::parse(row["value"].as_str().unwrap()).unwrap();
        assert_eq!(class.as_str(), row["expected"].as_str().unwrap());
    }
    for row in table["version_text"].as_array().unwrap() {
        let revision = CaenRevision::parse(row["value"].as_str().unwrap()).unwrap();
        assert_eq!(u64::from(revision.number()), row["expected"].as_u64().unwrap());
    }
}

#[test]
fn an_identifier_travels_as_its_text() {
    let cui: Cui = serde_json::from_str("\"RO 90000006\"").unwrap();
    assert_eq!(serde_json::to_string(&cui).unwrap(), "\"90000006\"");
    assert!(serde_json::from_str::<Cui>("\"90000007\"").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_an_identifier_panic(text in "\\PC{0,40}") {
        parse_all(&text);
    }

    #[test]
    fn no_text_of_likely_letters_makes_an_identifier_panic(text in "(RO|ROONRC\\.|J|F|ș|%2F)?[0-9A-ZaȚ ./\\\\-]{0,26}") {
        parse_all(&text);
    }

    #[test]
    fn every_fiscal_code_with_its_check_digit_is_right_and_no_other_digit_is(body in 1u64..=999_999_999) {
        let right: Vec<String> = (0..10).map(|digit| format!("{body}{digit}")).filter(|text| Cui::parse(text).is_ok()).collect();
        prop_assert_eq!(right.len(), 1);
        let cui = Cui::parse(&format!(" ro{} ", right[0])).unwrap();
        prop_assert_eq!(cui.as_str(), right[0].as_str());
    }

    #[test]
    fn every_personal_number_with_its_check_digit_is_right_and_no_other_digit_is(
        first in 1u8..=6, year in 0u8..=99, month in 1u8..=12, day in 1u8..=28, county in 1u8..=46, serial in 1u16..=999,
    ) {
        let body = format!("{first}{year:02}{month:02}{day:02}{county:02}{serial:03}");
        let right: Vec<Cnp> = (0..10).filter_map(|digit| Cnp::parse(&format!("{body}{digit}")).ok()).collect();
        prop_assert_eq!(right.len(), 1);
        let birth = right[0].birth_date().unwrap();
        prop_assert_eq!((birth.month(), birth.day()), (month as i8, day as i8));
    }

    #[test]
    fn every_old_trade_register_number_survives_the_way_to_the_new_form_and_back(
        letter in "[JFC]", county in 1u8..=40, serial in 1u32..=99_999, year in 1990u16..=2024,
    ) {
        let old = format!("{letter}{county:02}/{serial}/{year}");
        let number = TradeRegisterNumber::parse(&old).unwrap();
        prop_assert_eq!(TradeRegisterNumber::parse(number.as_str()).unwrap(), number.clone());
        prop_assert_eq!(number.old_form().unwrap(), old);
        let euid = Euid::parse(&format!("ROONRC.{number}")).unwrap();
        prop_assert_eq!(euid.trade_register_number(), number);
    }

    #[test]
    fn every_account_has_one_pair_of_check_digits(bank in "[A-Z]{4}", account in "[A-Z0-9]{16}") {
        let right = (2..=98).filter(|digits| Iban::parse(&format!("ro{digits:02} {bank}{account}")).is_ok()).count();
        prop_assert_eq!(right, 1);
    }
}

fn parse_all(text: &str) {
    let _ = (Cui::parse(text), Cnp::parse(text), Siruta::parse(text).map(|code| code.check_digit_matches()));
    let _ = (Iban::parse(text), Caen::parse(text), CaenRevision::parse(text));
    let _ = (
        TradeRegisterNumber::parse(text).map(|number| number.old_form()),
        Euid::parse(text).map(|euid| euid.old_form_in_url()),
    );
}
