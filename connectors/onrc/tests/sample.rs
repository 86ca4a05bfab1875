//! The synthetic sample of the open data, with every defect the real files are known to have.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use connectors_onrc::company::State;
use connectors_onrc::snapshot::{Change, ImportError, NameQuestion, Store, events_after, import};
use schemas::{Cui, Euid, TradeRegisterNumber};
use serde_json::Value;

use support::{day, order, sample};

fn number(text: &str) -> TradeRegisterNumber {
    TradeRegisterNumber::parse(text).unwrap()
}

/// The sample imported; none where it is not here.
fn imported(persons: bool) -> Option<(tempfile::TempDir, Store, Value)> {
    let files = sample()?;
    let folder = tempfile::tempdir().unwrap();
    let mut order = order(&files, folder.path(), day(8, 7));
    if persons {
        order.persons = Some(support::purpose());
    }
    import(&order, &mut |_| {}).unwrap();
    let expected = serde_json::from_slice(&std::fs::read(files.join("expected.json")).unwrap()).unwrap();
    let store = Store::open(folder.path()).unwrap();
    Some((folder, store, expected))
}

#[test]
fn every_defect_of_the_sample_is_counted_as_its_maker_counted_it() {
    let Some((_folder, store, expected)) = imported(true) else { return };
    let counts = &store.facts().counts;
    let number = |name: &str| expected[name].as_u64().unwrap();
    let defect = |name: &str| expected["defects"][name].as_array().unwrap().len() as u64;
    // One complete record has a delimiter inside a field; it is refused and does not take part in the counts.
    assert_eq!(counts.firms, number("firms_records_written") - defect("delimiter_inside_field"));
    assert_eq!(counts.joined, defect("broken_line"));
    assert_eq!((counts.cui_zero, counts.cui_empty), (number("cui_zero"), number("cui_empty")));
    assert_eq!(counts.cui_doubtful, 0);
    // The refused record is one of those without a date.
    assert_eq!(counts.without_date, defect("no_date") - 1);
    assert_eq!(counts.shared_number, 2 * defect("duplicate_number"));
    assert_eq!(counts.unknown_state_code, defect("unknown_state_code"));
    assert_eq!(counts.revision_in_words, defect("caen_version_as_text"));
    assert_eq!(counts.activity_zero_restored, defect("caen_lost_zero"));
    // The sample has rows twice beside the one its maker put there, so they are counted here once more.
    let text = std::fs::read_to_string(sample().unwrap().join("OD_CAEN_AUTORIZAT.CSV")).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let distinct: std::collections::BTreeSet<&str> = rows.iter().copied().collect();
    assert!(rows.len() - distinct.len() >= defect("caen_duplicate_row") as usize);
    assert_eq!(counts.activity_twice, (rows.len() - distinct.len()) as u64);
    assert_eq!(counts.unreadable_number, 0);
    let refused: Vec<u64> = counts.refused.values().copied().collect();
    assert_eq!(refused, [1, 1], "{:?}", counts.refused);
    let rows = |file: &str| store.facts().files.iter().find(|one| one.name == file).unwrap().rows;
    assert_eq!(rows("OD_STARE_FIRMA"), number("state_rows"));
    assert_eq!(rows("OD_CAEN_AUTORIZAT"), number("caen_rows"));
    assert_eq!(rows("OD_REPREZENTANTI_LEGALI"), number("representative_rows"));
    assert_eq!(rows("OD_REPREZENTANTI_IF"), number("if_rows"));
}

#[test]
fn every_firm_of_the_sample_is_found_by_its_number_and_by_its_cui() {
    let Some((_folder, store, _)) = imported(false) else { return };
    let text = String::from_utf8(std::fs::read(sample().unwrap().join("OD_FIRME.CSV")).unwrap()).unwrap();
    let mut looked_at = 0;
    for row in text.lines().skip(1).map(|line| line.split('^').collect::<Vec<_>>()).filter(|row| row.len() == 20) {
        let by_number = store.by_number(&number(row[2])).unwrap();
        assert!(by_number.iter().any(|one| one.firm.text("CUI") == row[1]), "{row:?}");
        if let Ok(cui) = Cui::parse(row[1]) {
            let by_cui = store.by_cui(&cui).unwrap();
            assert_eq!(by_cui.len(), 1, "{row:?}");
            assert_eq!(by_cui[0].number, Some(number(row[2])), "{row:?}");
        }
        looked_at += 1;
    }
    assert!(looked_at > 190, "{looked_at}");
}

#[test]
fn one_firm_answers_to_the_old_number_the_new_number_and_both_forms_of_its_euid() {
    let Some((_folder, store, _)) = imported(false) else { return };
    let one = store.by_number(&number("J24/99901/2019")).unwrap();
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].firm.text("DENUMIRE"), "\"DEMO GHILIMELE\" SRL");
    assert_eq!(one[0].firm.text("ADR_JUDET"), "Maramureş", "the original letters are kept");
    assert_eq!(store.by_number(&number("J2019099901240")).unwrap(), one);
    for euid in ["ROONRC.J24/99901/2019", "ROONRC.J24%2F99901%2F2019", "ROONRC.J2019099901240"] {
        assert_eq!(store.by_euid(&Euid::parse(euid).unwrap()).unwrap(), one, "{euid}");
    }
    assert_eq!(store.by_number(&number("J24/99999/2019")).unwrap(), []);
    assert_eq!(store.by_cui(&Cui::parse("18547290").unwrap()).unwrap(), []);
}

#[test]
fn contradicting_states_are_decided_on_the_whole_set_and_codes_the_nomenclature_lacks_get_no_name() {
    let Some((_folder, store, _)) = imported(false) else { return };
    let table: [(&str, State, &[u32]); 4] = [
        ("J2025900001003", State::InFunctiune, &[1048]),
        ("J24/99901/2019", State::InFunctiune, &[1048, 2069]),
        ("J12/99902/2003", State::Radiata, &[1049, 1084]),
        ("F08/99903/2021", State::Suspendata, &[1048, 1074]),
    ];
    for (text, state, codes) in table {
        let found = &store.by_number(&number(text)).unwrap()[0];
        let found_codes: Vec<u32> = found.codes.iter().map(|(code, _)| *code).collect();
        assert_eq!((found.state, found_codes.as_slice()), (state, codes), "{text}");
        assert!(found.codes.iter().all(|(_, name)| name.is_some()), "{text}");
    }
    let odd = &store.by_number(&number("J25/99054/2001")).unwrap()[0];
    assert!(odd.codes.contains(&(9999, None)), "{:?}", odd.codes);
    assert_eq!(store.by_number(&number("J2007099053526")).unwrap()[0].state, State::Necunoscuta);
}

#[test]
fn a_number_that_several_firms_share_gives_all_of_them_and_says_so() {
    let Some((_folder, store, _)) = imported(false) else { return };
    let found = store.by_number(&number("J1993099001128")).unwrap();
    let cuis: Vec<&str> = found.iter().map(|one| one.firm.text("CUI")).collect();
    assert_eq!(cuis, ["90000030", "90000049"]);
    assert!(found.iter().all(|one| one.sharing_number == 2));
    // By CUI only one of them is meant, and it still tells that its number is shared.
    let one = store.by_cui(&Cui::parse("90000049").unwrap()).unwrap();
    assert_eq!((one.len(), one[0].sharing_number), (1, 2));
}

#[test]
fn names_are_found_in_any_spelling_and_counties_with_broken_letters_too() {
    let Some((_folder, store, _)) = imported(false) else { return };
    let ask = |name: &str, county: Option<&str>| {
        let page = store.by_name(&NameQuestion { name, county, page: 1, size: 50 }).unwrap();
        page.firms.iter().map(|one| one.firm.text("CUI").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ask("demo mesteacanul", Some("Maramureș")), ["90000006", "90001532", "90001931"]);
    assert_eq!(ask("PAN mesteacanul", Some("MARAMUREŞ")), ["90001931"]);
    assert_eq!(ask("Dunărea mobila", None), ["90000235"]);
    assert_eq!(ask("GRÂU serv 028", Some("MEHEDINȚI")), ["90000308"], "the file says Mehedin?i");
    assert_eq!(ask("linie ruptă", None), ["90000316"], "the name was broken into two lines");
    assert_eq!(ask("mesteac", Some("Olt")), Vec::<String>::new());
    assert_eq!(ask("mesteac", Some("Atlantida")), Vec::<String>::new());
    let all = store.by_name(&NameQuestion { name: "demo", county: None, page: 2, size: 50 }).unwrap();
    assert_eq!((all.all, all.firms.len()), (199, 50));
    assert!(store.by_name(&NameQuestion { name: "d x", county: None, page: 1, size: 50 }).is_err());
}

#[test]
fn activities_have_their_zero_and_their_revision_back() {
    let Some((_folder, store, _)) = imported(false) else { return };
    let activities = |text: &str| {
        let found = store.by_number(&number(text)).unwrap().remove(0).activities;
        found.into_iter().map(|one| (one.class, one.revision)).collect::<Vec<_>>()
    };
    assert!(activities("J2025900001003").contains(&("0111".to_owned(), Some(3))));
    assert!(activities("J12/99902/2003").contains(&("6201".to_owned(), Some(2))));
    assert!(activities("J2024900020003").contains(&("6311".to_owned(), Some(1))));
}

#[test]
fn persons_are_there_only_when_a_purpose_was_documented() {
    let Some((_folder, without, _)) = imported(false) else { return };
    assert!(without.representatives(&number("J2025900001003")).is_err());
    assert!(!without.facts().files.iter().any(|file| file.name.contains("REPREZENTANTI")));
    let Some((_folder, with, _)) = imported(true) else { return };
    let persons = with.representatives(&number("J2025900001003")).unwrap();
    // The person is invented.
    assert!(persons[0].fields.contains(&("PERSOANA_IMPUTERNICITA".to_owned(), "PROBESCU VASILE".to_owned())));
    assert_eq!(with.facts().persons, Some(support::purpose()));
    assert_eq!(with.branches(&number("J12/99902/2003")).unwrap().len(), 1);
    let family = with.representatives(&number("F29/99128/1996")).unwrap();
    assert_eq!(family.len(), 2, "the file of family businesses is read too");
}

#[test]
fn the_reject_file_names_lines_and_reasons() {
    let Some((folder, ..)) = imported(true) else { return };
    let rejects = std::fs::read_to_string(folder.path().join("firme-2026-07-08.respinse.txt")).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 3, "{rejects}");
    assert!(lines[1].starts_with("OD_FIRME\t41-41\tprea multe coloane"), "{}", lines[1]);
    assert!(
        lines[2].starts_with("OD_FIRME\t126-126\tînregistrare trunchiată\tDEMO RECORD TRUNCHIAT SRL"),
        "{}",
        lines[2]
    );
}

#[test]
fn what_changed_between_two_snapshots_becomes_events_and_what_was_left_out_does_not() {
    let Some(files) = sample() else { return };
    let folder = tempfile::tempdir().unwrap();
    import(&order(&files, folder.path(), day(8, 7)), &mut |_| {}).unwrap();
    let changed = tempfile::tempdir().unwrap();
    support::copy(&files, changed.path());
    let replace = |file: &str, from: &str, to: &str| support::replace(&changed.path().join(file), from, to);
    replace("OD_FIRME.CSV", "DEMO MESTEACĂNUL SRL", "DEMO MOLIDUL SRL");
    replace("OD_FIRME.CSV", "^Victoriei^12^", "^Păcii^14^");
    replace("OD_FIRME.CSV", "Maramureş^Oraş Baia Sprie^Gutinului^3", "Maramureș^Oraș Baia Sprie^Gutinului^3");
    replace("OD_FIRME.CSV", "^90000022^J12/99902/2003^", "^90000022^J2003099902121^");
    replace("OD_FIRME.CSV", "DEMO NORD 035 PFA^90000375^", "DEMO NOU 035 PFA^90000375^F51/99036/1999^");
    replace("OD_FIRME.CSV", "^F51/99036/1999^F51/99035/1999^", "^F51/99036/1999^");
    replace("OD_STARE_FIRMA.CSV", "J25/99180/2017^1048", "J25/99180/2017^1084");
    replace("OD_CAEN_AUTORIZAT.CSV", "J2025900001003^1071^3", "J2025900001003^1072^3");
    let report = import(&order(changed.path(), folder.path(), day(2, 9)), &mut |_| {}).unwrap();
    let (events, cursor) = events_after(folder.path(), None, 100).unwrap();
    let mut seen: Vec<(String, Change)> = events.iter().map(|one| (one.nr_reg.clone(), one.eveniment)).collect();
    seen.sort_unstable();
    let expected = [
        ("F1999099036511", Change::Inmatriculare),
        ("J2003099902121", Change::ConversieNumar),
        ("J2017099180258", Change::Radiere),
        ("J2025900001003", Change::SchimbareDenumire),
        ("J2025900001003", Change::SchimbareSediu),
        ("J2025900001003", Change::SchimbareCaen),
    ];
    assert_eq!(seen, expected.map(|(number, change)| (number.to_owned(), change)));
    assert_eq!(report.gone, 1, "the firm whose number became another is gone, without an event");
    assert_eq!(cursor.as_deref(), Some("2026-09-02:6"));
    let (rest, _) = events_after(folder.path(), Some("2026-09-02:4"), 100).unwrap();
    assert_eq!(rest.len(), 2);
    assert_eq!(events_after(folder.path(), cursor.as_deref(), 100).unwrap(), (vec![], cursor));
}

#[test]
fn a_snapshot_that_is_older_damaged_or_cut_short_leaves_what_is_there_untouched() {
    let Some(files) = sample() else { return };
    let folder = tempfile::tempdir().unwrap();
    import(&order(&files, folder.path(), day(8, 7)), &mut |_| {}).unwrap();
    let refused = |damage: &dyn Fn(&std::path::Path), snapshot| {
        let copy = tempfile::tempdir().unwrap();
        support::copy(&files, copy.path());
        damage(copy.path());
        let error = import(&order(copy.path(), folder.path(), snapshot), &mut |_| {}).unwrap_err();
        let current = Store::open(folder.path()).unwrap();
        assert_eq!((current.facts().snapshot, current.facts().counts.firms), (day(8, 7), 199), "{error}");
        error
    };
    let rewrite = |path: &std::path::Path, change: &dyn Fn(String) -> String| {
        let text = std::fs::read_to_string(path).unwrap();
        std::fs::write(path, change(text)).unwrap();
    };
    let error = refused(&|_| {}, day(8, 7));
    assert!(matches!(error, ImportError::NotNewer { .. }), "{error}");
    let error = refused(&|copy| std::fs::remove_file(copy.join("N_STARE_FIRMA.CSV")).unwrap(), day(2, 9));
    assert!(matches!(error, ImportError::MissingFile { .. }), "{error}");
    let error = refused(&|copy| support::replace(&copy.join("OD_FIRME.CSV"), "^EUID^", "^ALTCEVA^"), day(2, 9));
    assert!(matches!(&error, ImportError::MissingColumn { column, .. } if column == "EUID"), "{error}");
    let half = |text: String| text.lines().take(100).collect::<Vec<_>>().join("\r\n");
    let error = refused(&|copy| rewrite(&copy.join("OD_FIRME.CSV"), &half), day(2, 9));
    assert!(matches!(error, ImportError::Shrunk { current: 199, .. }), "{error}");
    let other_layout = |text: String| text.replace("^J2025", "^XX25");
    let error =
        refused(&|copy| rewrite(&copy.join("OD_STARE_FIRMA.CSV"), &|text| text.replace("\nJ", "\nX")), day(2, 9));
    assert!(matches!(error, ImportError::TooManyRefused { .. }), "{error}");
    // Unreadable numbers in the firms themselves hide no firm: they are found by code and name.
    let copy = tempfile::tempdir().unwrap();
    support::copy(&files, copy.path());
    rewrite(&copy.path().join("OD_FIRME.CSV"), &other_layout);
    import(&order(copy.path(), folder.path(), day(2, 9)), &mut |_| {}).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.facts().counts.unreadable_number > 5);
    let found = store.by_cui(&Cui::parse("90000006").unwrap()).unwrap();
    assert_eq!((found.len(), &found[0].number, found[0].state), (1, &None, State::Necunoscuta));
}

#[test]
fn two_imports_at_once_are_one_too_many_and_progress_is_told_for_every_file() {
    let Some(files) = sample() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    let mut under_way = false;
    import(&order(&files, folder.path(), day(8, 7)), &mut |progress| {
        if progress.bytes == progress.size && progress.size > 0 {
            told.push((progress.file.to_owned(), progress.rows));
        }
        let second = import(&order(&files, folder.path(), day(9, 7)), &mut |_| {});
        under_way |= matches!(second, Err(ImportError::UnderWay));
    })
    .unwrap();
    assert!(under_way);
    assert!(
        told.contains(&("OD_FIRME".to_owned(), 201)) && told.contains(&("OD_CAEN_AUTORIZAT".to_owned(), 800)),
        "{told:?}"
    );
}
