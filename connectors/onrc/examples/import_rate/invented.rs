//! An invented snapshot of any size, the same every time. No firm, number or street in it exists.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const HEADER: &str = "\u{feff}DENUMIRE^CUI^COD_INMATRICULARE^DATA_INMATRICULARE^EUID^FORMA_JURIDICA^ADR_TARA^ADR_JUDET^\
    ADR_LOCALITATE^ADR_DEN_STRADA^ADR_NR_STRADA^ADR_BLOC^ADR_SCARA^ADR_ETAJ^ADR_APARTAMENT^ADR_COD_POSTAL^ADR_SECTOR^\
    ADR_COMPLETARE^WEB^TARA_FIRMA_MAMA\r\n";
const TREES: [&str; 12] = [
    "STEJARUL",
    "FAGUL",
    "MESTEACĂNUL",
    "ŢUIA",
    "SALCIA",
    "LARICE",
    "ARŢARUL",
    "PLOPUL",
    "CARPENUL",
    "FRASINUL",
    "TEIUL",
    "ULMUL",
];
const TRADES: [&str; 8] = ["CONSTRUCT", "TRANS", "AGRO", "MOBILĂ", "TEXTIL", "CONSULT", "IMPEX", "SERV"];
const COUNTIES: [&str; 8] =
    ["Prahova", "Mehedinţi", "Bucureşti", "Cluj", "Iaşi", "Timiş", "Constanţa", "Bistriţa-Năsăud"];

/// A number that looks like chance and is always the same.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// The CUI of an invented firm, with its check digit.
pub fn cui(firm: u64) -> String {
    let body = format!("{:09}", 10_000_000 + firm);
    let weights = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{}{}", body.trim_start_matches('0'), sum * 10 % 11 % 10)
}

fn number(firm: u64) -> String {
    // A step without a common factor visits every place once: numbers are not in the order of the file.
    let place = firm.wrapping_mul(2_654_435_761) % (35 * 40 * 5_000);
    let (year, county, serial) = (1990 + place % 35, place / 35 % 40 + 1, place / 1_400 + 1);
    let letter = if mixed(firm).is_multiple_of(4) { 'F' } else { 'J' };
    format!("{letter}{county:02}/{serial}/{year}")
}

/// Writes the files; answers their bytes. With `later`, one firm in a hundred has changed.
pub fn write(folder: &Path, firms: u64, later: bool) -> io::Result<u64> {
    std::fs::create_dir_all(folder)?;
    let create = |name: &str| File::create(folder.join(name)).map(|file| BufWriter::with_capacity(1 << 20, file));
    let (mut names, mut states, mut activities) =
        (create("OD_FIRME.CSV")?, create("OD_STARE_FIRMA.CSV")?, create("OD_CAEN_AUTORIZAT.CSV")?);
    names.write_all(HEADER.as_bytes())?;
    states.write_all("\u{feff}COD_INMATRICULARE^COD\r\n".as_bytes())?;
    activities.write_all("\u{feff}COD_INMATRICULARE^COD_CAEN_AUTORIZAT^VER_CAEN_AUTORIZAT\r\n".as_bytes())?;
    for firm in 0..firms {
        let chance = mixed(firm);
        let pick = |from: &'static [&str], at: u32| from[(chance >> at) as usize % from.len()];
        let (tree, trade, county) = (pick(&TREES, 4), pick(&TRADES, 12), pick(&COUNTIES, 20));
        let (number, cui, changed) = (number(firm), cui(firm), later && chance % 100 == 7);
        let break_inside = if chance % 100_000 == 3 { "\r\n" } else { "" };
        let name = if changed { "DEMO SCHIMBAT" } else { "DEMO" };
        write!(
            names,
            "{name} {tree}{break_inside} {trade} {} SRL^{cui}^{number}^{:02}/{:02}/2003^ROONRC.{number}^SRL^România^{county}^\
             Municipiul Inventat^Strada Demonstraţiei^{}^B{}^A^{}^{}^{:06}^^Spaţiul comercial nr. {}^^\r\n",
            firm % 1_000,
            chance % 28 + 1,
            chance % 12 + 1,
            chance % 300,
            chance % 40,
            chance % 9,
            chance % 80,
            chance % 1_000_000,
            chance % 7
        )?;
        let state = if changed { 1084 } else { 1048 };
        write!(states, "{number}^{state}\r\n")?;
        if chance.is_multiple_of(12) {
            write!(states, "{number}^2069\r\n")?;
        }
        for activity in 0..3 + chance % 5 {
            write!(activities, "{number}^{:04}^{}\r\n", 111 + mixed(firm ^ activity << 40) % 9_000, 2 + activity % 2)?;
        }
    }
    std::fs::write(
        folder.join("N_STARE_FIRMA.CSV"),
        "\u{feff}COD^DENUMIRE\r\n1048^funcţiune\r\n1084^radiată\r\n2069^sediu expirat\r\n",
    )?;
    let mut bytes = 0;
    for file in [names, states, activities] {
        bytes += file.into_inner().map_err(io::IntoInnerError::into_error)?.metadata()?.len();
    }
    Ok(bytes)
}
