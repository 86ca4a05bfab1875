//! Whether an evidence is preserved by an RFC 4998 evidence record.

use hub_signatures::evidence_record::{EvidenceRecord, Proven, RefusedRecord};
use hub_signatures::instant;

use super::Bench;
use super::evidence::sealed_form;
use crate::claim::{Claim, Kind, Status};
use crate::exhibits::About;
use crate::romanian;

/// The time by which the record shows the evidence, and the claim about it.
pub(super) fn judge(bench: &Bench<'_>, position: usize) -> (Option<i64>, Claim) {
    let file = bench.exhibits.evidences[position];
    let sealed = sealed_form(file.bytes);
    let speaks = |record: &&About<'_>| match record.evidence {
        Some(of) => of == position,
        None => verify(bench, record, &sealed).is_some_and(|outcome| is_about(&outcome)),
    };
    let Some(record) = bench.exhibits.records.iter().find(speaks) else {
        let (ro, en) = ("nu există un dosar de păstrare", "there is no evidence record");
        return (None, Claim::not_checked(Kind::Record, file.name, ro, en));
    };
    claim(bench, record, file.name, &sealed)
}

/// Records given without saying what they are about, that are about none of the evidences and contents here.
pub(super) fn unmatched(bench: &Bench<'_>) -> Vec<Claim> {
    let loose = bench.exhibits.records.iter().filter(|record| record.evidence.is_none());
    let objects = || bench.exhibits.evidences.iter().chain(&bench.exhibits.payloads);
    let claims = loose.filter_map(|record| {
        let about_evidence = bench
            .exhibits
            .evidences
            .iter()
            .any(|file| verify(bench, record, &sealed_form(file.bytes)).is_some_and(|outcome| is_about(&outcome)));
        if about_evidence {
            return None;
        }
        // Contents are preserved too.
        let payload = bench
            .exhibits
            .payloads
            .iter()
            .find(|file| verify(bench, record, file.bytes).is_some_and(|outcome| is_about(&outcome)));
        if let Some(payload) = payload {
            return Some(claim(bench, record, payload.name, payload.bytes).1);
        }
        let name = record.file.name;
        Some(match (objects().next(), EvidenceRecord::from_der(record.file.bytes)) {
            (_, Err(error)) => Claim::with(Kind::Record, name, Status::Failed, romanian::of_unreadable_record(&error)),
            (None, _) => Claim::not_checked(
                Kind::Record,
                name,
                "obiectul păstrat nu a fost dat",
                "the preserved object was not given",
            ),
            (Some(_), _) => Claim::failed(Kind::Record, name, "este despre altceva", "it is about something else"),
        })
    });
    claims.collect()
}

fn claim(bench: &Bench<'_>, record: &About<'_>, about: &str, bytes: &[u8]) -> (Option<i64>, Claim) {
    let record = match EvidenceRecord::from_der(record.file.bytes) {
        Ok(record) => record,
        Err(error) => {
            return (None, Claim::with(Kind::Record, about, Status::Failed, romanian::of_unreadable_record(&error)));
        }
    };
    match record.verify(&[bytes], &bench.trusted.authority_trust(), bench.at) {
        Err(error) => (None, Claim::with(Kind::Record, about, Status::Failed, romanian::of_record(&error))),
        Ok(Proven { existed_at, renew_before, time_stamps }) => {
            let by = time_stamps.first().map_or("", |stamp| stamp.authority.subject());
            let renew = instant::to_date_time(renew_before);
            if bench.trusted.authorities.is_none() {
                let ro = "dosarul este întreg; autoritatea care l-a marcat rămâne de judecat";
                let en = "the record is intact; whether its authority is trusted was not asked";
                return (None, Claim::not_checked(Kind::Record, about, ro, en).by(by).at(existed_at));
            }
            let (ro, en) = (
                format!("există de atunci; de reînnoit până la {renew}"),
                format!("it existed then; to be renewed before {renew}"),
            );
            (
                Some(existed_at),
                Claim::proven(Kind::Record, about, ro, en).by(by).at(existed_at).detail("renew_before", renew),
            )
        }
    }
}

fn verify(bench: &Bench<'_>, record: &About<'_>, bytes: &[u8]) -> Option<Result<Proven, RefusedRecord>> {
    let record = EvidenceRecord::from_der(record.file.bytes).ok()?;
    Some(record.verify(&[bytes], &bench.trusted.authority_trust(), bench.at))
}

/// Whether the record is about the object, right or wrong.
fn is_about(outcome: &Result<Proven, RefusedRecord>) -> bool {
    !matches!(outcome, Err(RefusedRecord::OtherObject { chain: 1 }))
}
