//! Reasons of the libraries below, in both languages: a Romanian sentence for each decision, their own words in English.

use hub_signatures::asice::SignatureProblem;
use hub_signatures::evidence_record::{RecordError, RefusedRecord};
use hub_signatures::log::proof::LogProofError;
use hub_signatures::time_stamp::TimeStampError;
use hub_signatures::trust::TrustError;
use hub_signatures::xades::VerifyError;

use crate::claim::Words;
use crate::evidence::EvidenceError;

fn words(ro: &str, error: &impl std::fmt::Display) -> Words {
    Words::new(ro, error.to_string())
}

pub(crate) fn of_signature(error: &VerifyError) -> Words {
    let ro = match error {
        VerifyError::Document(_) => "documentul nu este un XML acceptat",
        VerifyError::SignatureCount(_) => "documentul trebuie să aibă exact o semnătură",
        VerifyError::SignatureNotLast => "semnătura nu este la locul ei, la sfârșitul documentului",
        VerifyError::CommentInValue(_) => "un comentariu ascunde o parte dintr-o valoare",
        VerifyError::Signature(_) => "semnătura nu se potrivește cu documentul: a fost schimbat după sigilare",
        VerifyError::Properties(_) | VerifyError::PropertiesReference => "proprietățile semnate nu sunt cum cere XAdES",
        VerifyError::NoCertificate => "semnătura nu are certificat",
        VerifyError::OtherCertificate { .. } => "proprietățile semnate numesc alt certificat",
        VerifyError::TimeStamp(error) => return of_time_stamp(error),
        VerifyError::Trust(error) => return of_trust(error),
    };
    words(ro, error)
}

pub(crate) fn of_package_signature(error: &SignatureProblem) -> Words {
    match error {
        SignatureProblem::Signature(error) => of_signature(error),
        SignatureProblem::TimeStamp(error) => of_time_stamp(error),
        SignatureProblem::NotInPackage(name) => words(&format!("lipsește fișierul {name}, care a fost sigilat"), error),
        SignatureProblem::Changed(name) => words(&format!("fișierul {name} a fost schimbat după sigilare"), error),
        SignatureProblem::Repeated(_) | SignatureProblem::Structure(_) | SignatureProblem::Document(_) => {
            words("semnătura pachetului nu este construită cum cere ASiC", error)
        }
    }
}

pub(crate) fn of_time_stamp(error: &TimeStampError) -> Words {
    let ro = match error {
        TimeStampError::Unreadable(_) | TimeStampError::Certificate(_) => "marca temporală nu poate fi citită",
        TimeStampError::OtherCertificate { .. } => "marca temporală nu numește certificatul care a semnat-o",
        TimeStampError::Signature(_) => "semnătura mărcii temporale este greșită",
        TimeStampError::Imprint => "marca temporală a fost făcută pentru alte date",
        TimeStampError::NotForTimeStamps { .. } => {
            "certificatul mărcii temporale nu a fost emis pentru mărci temporale"
        }
        TimeStampError::Trust(error) => return of_trust(error),
    };
    words(ro, error)
}

pub(crate) fn of_trust(error: &TrustError) -> Words {
    let ro = match error {
        TrustError::NotAnchored { .. } => "certificatul nu duce la o autoritate în care aveți încredere",
        TrustError::NotPinned { .. } => "certificatul este altul decât cel așteptat",
        TrustError::OutsideValidity { .. } => "certificatul nu era valabil la acea oră",
        TrustError::NotForSealing { .. } => "certificatul nu a fost emis pentru semnare sau sigilare",
    };
    words(ro, error)
}

pub(crate) fn of_log(error: &LogProofError) -> Words {
    let ro = match error {
        LogProofError::Malformed(_) => "dovada includerii nu poate fi citită",
        LogProofError::Note(_) | LogProofError::Checkpoint(_) => "capul jurnalului nu este semnat de jurnalul cunoscut",
        LogProofError::Inclusion(_) => "dovada nu este în jurnal la locul spus",
        LogProofError::Witnesses { .. } => "prea puțini martori cunoscuți au semnat capul jurnalului",
    };
    words(ro, error)
}

pub(crate) fn of_record(error: &RefusedRecord) -> Words {
    let ro = match error {
        RefusedRecord::OtherObject { .. } | RefusedRecord::NoDocument => "dosarul de păstrare este despre altceva",
        RefusedRecord::TimeStamp { .. } => "o marcă temporală din dosarul de păstrare nu este acceptată",
        RefusedRecord::TooLate { .. } => "dosarul de păstrare nu a fost reînnoit la timp",
        _ => "lanțul dosarului de păstrare este rupt",
    };
    words(ro, error)
}

pub(crate) fn of_unreadable_record(error: &RecordError) -> Words {
    words("dosarul de păstrare nu poate fi citit", error)
}

pub(crate) fn of_evidence(error: &EvidenceError) -> Words {
    let ro = match error {
        EvidenceError::Xml(_) => "documentul nu este un XML acceptat".to_owned(),
        EvidenceError::NotEvidence(_) => "documentul nu este o dovadă ERDS (EN 319 522)".to_owned(),
        EvidenceError::Version(version) => format!("versiunea {version:?} nu este cunoscută"),
        EvidenceError::Missing { element, parent } => format!("lipsește {element} din {parent}"),
        EvidenceError::Unexpected { element, parent } => format!("{element} nu are loc aici, în {parent}"),
        EvidenceError::MustBeBare { element } => format!("{element} trebuie scris fără spațiu de nume"),
        EvidenceError::MustBeQualified { element } => format!("{element} trebuie scris în spațiul de nume ERDS"),
        EvidenceError::ForeignNamespace { element } => format!("{element} este în alt spațiu de nume"),
        EvidenceError::Value { element, .. } => format!("valoarea din {element} nu este una acceptată"),
        EvidenceError::UnknownEvent(_) => "evenimentul nu este cunoscut".to_owned(),
        EvidenceError::Critical(name) => format!("are o extensie critică necunoscută: {name}"),
    };
    words(&ro, error)
}
