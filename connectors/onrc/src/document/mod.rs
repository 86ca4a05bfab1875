//! A certificat constatator as it is handed over: a signed PDF, verified, and its labelled lines read as a company.
//!
//! Only here a company's fields have legal effect: the register's signature must hold over the whole file, and its
//! certificate must lead to the anchors given. The layout of the register's documents is not published (contract sheet
//! section 11), so lines are read by their labels; what has no known label is left alone. It never follows a link and
//! never renders.

mod text;

use hub_signatures::instant;
use hub_signatures::pades::{PdfError, PdfSignature, PdfTrust, verify};
use hub_signatures::trust::Trust;
use schemas::{Caen, Cui, Euid, TradeRegisterNumber};
use serde_json::{Value, json};

use crate::company::{Company, Field, Provenance, Source, State, state_json};
use crate::snapshot::folded;

pub use text::{TextError, lines};

/// Longest certificate, in bytes.
pub const LONGEST: usize = 32 * 1024 * 1024;

/// Why a certificate is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is longer than any certificate.
    #[error("the document is longer than {LONGEST} bytes")]
    TooLong,
    /// Its signature does not hold.
    #[error("the signature does not hold: {0}")]
    Signature(#[from] PdfError),
    /// Its signature holds, but its text cannot be read by a program.
    #[error("the signature holds, but the text cannot be read: {0}")]
    Text(#[from] TextError),
    /// It names no company.
    #[error("the signature holds, but the document has no line with a register number or a tax code")]
    NoCompany,
}

impl DocumentError {
    /// What a clerk reads.
    #[must_use]
    pub fn in_romanian(&self) -> String {
        match self {
            DocumentError::TooLong => "Documentul este prea mare pentru un certificat constatator.".to_owned(),
            DocumentError::Signature(PdfError::Unsigned) => {
                "Documentul nu este semnat electronic; cereți originalul semnat de ONRC.".to_owned()
            }
            DocumentError::Signature(PdfError::ChangedAfterSigning { .. }) => {
                "Documentul a fost modificat după semnare; cereți originalul.".to_owned()
            }
            DocumentError::Signature(PdfError::Trust(_)) => {
                "Semnatarul nu este recunoscut sau certificatul lui nu este valabil la această dată.".to_owned()
            }
            DocumentError::Signature(_) => {
                "Semnătura documentului nu este validă: nu îl folosiți, cereți altul de la ONRC.".to_owned()
            }
            DocumentError::Text(_) | DocumentError::NoCompany => {
                "Semnătura este validă, dar datele firmei nu pot fi citite automat; citiți documentul.".to_owned()
            }
        }
    }
}

/// A certificate whose signature holds.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// What it says about the company.
    pub company: Company,
    /// Its signatures; the last one covers the whole file.
    pub signatures: Vec<PdfSignature>,
    /// The labelled lines, as they stand in it.
    pub lines: Vec<String>,
}

/// Verifies a certificate and reads it. `signers` are the register's anchors, `authorities` those of time-stamps, `at` is
/// the instant of the check, Unix seconds.
///
/// # Errors
/// A [`DocumentError`]; nothing of the document may be used then.
pub fn read(pdf: &[u8], signers: &Trust, authorities: &Trust, at: i64) -> Result<Certificate, DocumentError> {
    if pdf.len() > LONGEST {
        return Err(DocumentError::TooLong);
    }
    let signatures = verify(pdf, &PdfTrust { signers, authorities, at })?;
    let lines = lines(pdf)?;
    let signed_at =
        signatures.last().and_then(|one| one.time_stamp.as_ref().map(|stamp| stamp.time).or(one.claimed_time));
    let as_of = instant::to_date_time(signed_at.unwrap_or(at));
    let company = company(&lines, &Provenance { source: Source::Document, as_of, binding: true });
    if company.get(Field::NrReg).is_none() && company.get(Field::Cui).is_none() {
        return Err(DocumentError::NoCompany);
    }
    Ok(Certificate { company, signatures, lines })
}

/// Reads the labelled lines. A label that is there twice with different values counts for nothing: it cannot be told which
/// one is meant.
fn company(lines: &[String], from: &Provenance) -> Company {
    let value = |labels: &[&str]| -> Option<String> {
        let found = lines.iter().filter_map(|line| {
            let (label, value) = line.split_once(':')?;
            let label = folded(label);
            labels.contains(&label.trim()).then(|| value.trim().to_owned())
        });
        let mut values: Vec<String> = found.filter(|value| !value.is_empty() && value != "-").collect();
        values.dedup();
        match values.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    };
    let mut company = Company::default();
    let mut tell = |field, value: Value| company.tell(field, value, from);
    tell(Field::Denumire, value(&["denumire", "firma"]).into());
    let printed = value(&[
        "numar de ordine in registrul comertului",
        "numar de ordine in registrul comertului/euid",
        "numar de inregistrare",
    ]);
    if let Some(number) = printed.as_deref().and_then(|number| TradeRegisterNumber::parse(number).ok()) {
        tell(Field::NrReg, number.as_str().into());
        tell(Field::NrRegVechi, number.old_form().into());
    }
    tell(Field::NrRegAfisat, printed.into());
    let euid = value(&["euid", "identificator unic la nivel european"]);
    tell(Field::Euid, euid.and_then(|euid| Euid::parse(&euid).ok()).map(|euid| euid.to_string()).into());
    let cui = value(&["cod unic de inregistrare", "cui"]);
    tell(Field::Cui, cui.and_then(|cui| Cui::parse(&cui).ok()).map(|cui| cui.to_string()).into());
    if let Some(text) = value(&["stare firma", "stare"]) {
        let raw = [json!({ "cod": null, "denumire": text })];
        tell(Field::Stare, state_json(state(&text), &raw));
    }
    tell(Field::FormaJuridica, json!({ "cod": value(&["forma juridica"]) }));
    tell(Field::DataInmatriculare, value(&["data inmatricularii"]).into());
    tell(Field::DataRadiere, value(&["data radierii"]).into());
    tell(
        Field::Sediu,
        json!({
            "judet": value(&["judet"]), "localitate": value(&["localitate"]), "strada": value(&["strada"]),
            "numar": value(&["numar"]),
        }),
    );
    let activity = value(&["activitate principala"]).and_then(|text| Caen::parse(text.split(' ').next()?).ok());
    tell(Field::ActivitatePrincipala, json!({ "caen": activity.map(|caen| caen.to_string()) }));
    tell(Field::Capital, json!({ "subscris": value(&["capital subscris", "capital social subscris"]) }));
    company
}

/// The state printed on a certificate (contract sheet section 3).
fn state(text: &str) -> State {
    let text = folded(text);
    let table = [
        ("radiat", State::Radiata),
        ("faliment", State::Faliment),
        ("lichidare", State::Lichidare),
        ("reorganizare", State::Reorganizare),
        ("insolventa", State::Insolventa),
        ("dizolvare", State::Dizolvare),
        ("intrerupere temporara", State::Suspendata),
        ("suspendat", State::Suspendata),
        ("in functiune", State::InFunctiune),
        ("in_functiune", State::InFunctiune),
    ];
    table.iter().find(|(word, _)| text.contains(word)).map_or(State::Necunoscuta, |(_, state)| *state)
}
