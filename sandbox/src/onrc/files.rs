//! The CSV files of a snapshot, with every defect the real ones are known to have (contract sheet section 5.2): a byte-order
//! mark, no quoting, line breaks inside fields, letters with cedilla and broken letters, empty dates, CUI 0, numbers in
//! both forms and dirty, a number of two firms, a delimiter inside a field, a cut record, several states, unknown codes.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::code_lists::{CAEN, STATES};
use super::firms::Firm;
use super::register::Register;

const FIRMS: &str = "DENUMIRE^CUI^COD_INMATRICULARE^DATA_INMATRICULARE^EUID^FORMA_JURIDICA^ADR_TARA^ADR_JUDET^ADR_LOCALITATE^\
    ADR_DEN_STRADA^ADR_NR_STRADA^ADR_BLOC^ADR_SCARA^ADR_ETAJ^ADR_APARTAMENT^ADR_COD_POSTAL^ADR_SECTOR^ADR_COMPLETARE^WEB^\
    TARA_FIRMA_MAMA";
const REPRESENTATIVES: &str = "COD_INMATRICULARE^PERSOANA_IMPUTERNICITA^CALITATE^DATA_NASTERE^LOCALITATE_NASTERE^\
    JUDET_NASTERE^TARA_NASTERE^LOCALITATE^JUDET^TARA";

/// All files of a snapshot, by name.
pub(super) fn of(register: &Register) -> BTreeMap<&'static str, Bytes> {
    let mut files: BTreeMap<&'static str, Bytes> = BTreeMap::new();
    let mut write = |name, header: &str, rows: &mut dyn Iterator<Item = String>| {
        let mut text = format!("\u{feff}{header}\r\n");
        rows.for_each(|row| {
            text.push_str(&row);
            text.push_str("\r\n");
        });
        files.insert(name, Bytes::from(text));
    };
    let firms = || register.firms.iter().enumerate();
    let defects = [
        "DEMO CU DELIMITATOR^IN NUME SRL^90099993^J29/95002/2001^^^SRL^România^Prahova^^^^^^^^^^^^",
        "DEMO TRUNCHIAT SRL^90099985^J25/95001",
    ];
    write("OD_FIRME.CSV", FIRMS, &mut firms().map(|(at, firm)| row(at, firm)).chain(defects.map(str::to_owned)).chain(
        // A good record after the cut one, so that the cut one can be told from a broken one.
        std::iter::once("DEMO ULTIMA SRL^90000111^J2025900007009^01/02/2025^ROONRC.J2025900007009^SRL^România^Prahova^^^^^^^^^^^^".to_owned()),
    ));
    let states = firms().flat_map(|(_, firm)| firm.states.iter().map(|code| format!("{}^{code}", firm.printed)));
    let odd = ["J2026900999000^1048", "J2025900007009^9999"];
    write("OD_STARE_FIRMA.CSV", "COD_INMATRICULARE^COD", &mut states.chain(odd.map(str::to_owned)));
    let activities = firms().flat_map(|(at, firm)| {
        firm.activities.iter().map(move |(class, revision)| match at % 50 {
            0 => format!("{}^{}^{revision}", firm.printed, class.trim_start_matches('0')),
            1 => format!("{}^{class}^Versiunea {}", firm.printed, [1998, 2003, 2008, 2025][usize::from(*revision) % 4]),
            _ => format!("{}^{class}^{revision}", firm.printed),
        })
    });
    write("OD_CAEN_AUTORIZAT.CSV", "COD_INMATRICULARE^COD_CAEN_AUTORIZAT^VER_CAEN_AUTORIZAT", &mut { activities });
    let persons = firms().flat_map(|(_, firm)| {
        firm.persons.iter().filter(|one| one.role == "administrator").map(|one| {
            let name = format!("{} {}", one.surname, one.first_name);
            let birth = format!("{}^Localitate Demo^{}^România", one.born_on, firm.county);
            format!("{}^{name}^{}^{birth}^{}^{}^România", firm.printed, one.role, firm.place, firm.county)
        })
    });
    write("OD_REPREZENTANTI_LEGALI.CSV", REPRESENTATIVES, &mut { persons });
    let family = "COD_INMATRICULARE^NUME^DATA_NASTERE^LOCALITATE_NASTERE^JUDET_NASTERE^TARA_NASTERE^CALITATE";
    write("OD_REPREZENTANTI_IF.CSV", family, &mut std::iter::empty());
    let branches = "COD_INMATRICULARE^TIP_UNITATE^DENUMIRE_SUCURSALA^EUID^COD_FISCAL^TARA";
    let branch = "J2025900001003^SUCURSALA^DEMO MESTEACĂNUL ZWEIGNIEDERLASSUNG^DEX0000.HRB000001^DE999999999^Germania";
    write("OD_SUCURSALE_ALTE_STATE_MEMBRE.CSV", branches, &mut std::iter::once(branch.to_owned()));
    write("N_STARE_FIRMA.CSV", "COD^DENUMIRE", &mut STATES.iter().map(|(code, name)| format!("{code}^{name}")));
    let caen = CAEN
        .iter()
        .map(|(class, name, revision)| format!("^^{}^{}^{class}^{name}^{revision}", &class[..2], &class[..3]));
    write("N_CAEN.CSV", "SECTIUNEA^SUBSECTIUNEA^DIVIZIUNEA^GRUPA^CLASA^DENUMIRE^VERSIUNE_CAEN", &mut { caen });
    let revisions = [1998, 2003, 2008, 2025].into_iter().enumerate();
    let revisions = revisions.map(|(code, year)| format!("{code}^Versiunea {year}"));
    write("N_VERSIUNE_CAEN.CSV", "COD^DENUMIRE", &mut { revisions });
    files
}

/// One record; every fiftieth firm has one of the defects that do not hide it.
fn row(position: usize, firm: &Firm) -> String {
    let mut name = firm.name.clone();
    let mut printed = firm.printed.clone();
    let mut county = firm.county.to_owned();
    let mut date = firm.registered_on.as_deref().map(day).unwrap_or_default();
    match position % 50 {
        10 => name = name.replacen(' ', "\r\n", 1),
        20 => name = format!("\"{name}"),
        30 => county = broken(&county),
        35 => county = county.replace(['ţ', 'ş'], "?"),
        40 if printed.contains('/') => printed = printed.replacen('/', " /", 1),
        45 => date = String::new(),
        _ => {}
    }
    let cui = firm.cui.as_deref().unwrap_or(if position.is_multiple_of(2) { "" } else { "0" });
    let euid = format!("ROONRC.{}", firm.printed);
    format!(
        "{name}^{cui}^{printed}^{date}^{euid}^{}^România^{county}^{}^{}^{}^^^^^{}^^^^",
        firm.form, firm.place, firm.street, firm.street_number, firm.postal_code
    )
}

/// `2025-03-14` as the files write it.
fn day(iso: &str) -> String {
    format!("{}/{}/{}", &iso[8..10], &iso[5..7], &iso[..4])
}

/// A text whose UTF-8 was read as windows-1252.
fn broken(text: &str) -> String {
    text.replace('ş', "ÅŸ").replace('ţ', "Å£").replace('ă', "Äƒ")
}
