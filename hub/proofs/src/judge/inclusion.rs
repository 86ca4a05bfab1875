//! Whether an evidence is in the log, by the proof that travels with it.

use hub_signatures::digest;
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::proof::{BelievedHead, LogProof, LogProofError};

use super::Bench;
use super::heads::Heads;
use crate::claim::{Claim, Kind, Status};
use crate::exhibits::About;
use crate::romanian;

/// The time by which the log had the evidence, and the claims about it.
pub(super) fn judge(
    bench: &Bench<'_>,
    position: usize,
    sha256: &[u8; 32],
    heads: &mut Heads,
) -> (Option<i64>, Vec<Claim>) {
    let about = bench.exhibits.evidences[position].name;
    let speaks = |proof: &&About<'_>| match proof.evidence {
        Some(of) => of == position,
        None => read(proof).is_ok_and(|proof| leads(&proof, sha256)),
    };
    let Some(proof) = bench.exhibits.proofs.iter().find(speaks) else {
        let (ro, en) = ("nu există o dovadă că ar fi în jurnal", "there is no proof that it is in a log");
        return (None, vec![Claim::not_checked(Kind::Log, about, ro, en)]);
    };
    let failed =
        |error: &LogProofError| (None, vec![Claim::with(Kind::Log, about, Status::Failed, romanian::of_log(error))]);
    let proof = match read(proof) {
        Ok(proof) => proof,
        Err(error) => return failed(&error),
    };
    if !heads.has_keys() {
        if !leads(&proof, sha256) {
            let (ro, en) = ("dovada nu duce la capul jurnalului", "the proof does not lead to the head of the log");
            return (None, vec![Claim::failed(Kind::Log, about, ro, en)]);
        }
        let ro = "dovada duce la un cap de jurnal, dar nu ați dat cheia jurnalului";
        let en = "the proof leads to a head, but no key of the log was given";
        return (None, vec![Claim::not_checked(Kind::Log, about, ro, en)]);
    }
    let head = match heads.believe(&proof.checkpoint) {
        Ok(head) => head,
        Err(error) => return failed(&error),
    };
    if let Err(error) = proof.included(sha256, &head.checkpoint) {
        return failed(&error);
    }
    let time = heads.stamped_by(&head.checkpoint);
    (time, claims(about, &proof, &head, time))
}

fn claims(about: &str, proof: &LogProof, head: &BelievedHead, time: Option<i64>) -> Vec<Claim> {
    let Checkpoint { origin, size, .. } = &head.checkpoint;
    let ro = format!("înscrierea {} din {size}", proof.index + 1);
    let mut logged = Claim::proven(Kind::Log, about, ro, format!("record {} of {size}", proof.index + 1)).by(origin);
    logged = logged.detail("index", proof.index).detail("size", size).detail("origin", origin);
    logged.at = time;
    let names: Vec<&str> = head.witnesses.iter().map(|(name, _)| name.as_str()).collect();
    let witnessed = if names.is_empty() {
        let (ro, en) = ("niciun martor cunoscut nu a semnat capul", "no known witness signed the head");
        Claim::not_checked(Kind::Witness, about, ro, en)
    } else {
        let earliest = head.witnesses.iter().filter_map(|(_, time)| i64::try_from(*time).ok()).min();
        let (ro, en) = (format!("{} au semnat capul", names.len()), format!("{} signed the head", names.len()));
        let mut claim = Claim::proven(Kind::Witness, about, ro, en).by(&names.join(", "));
        claim.at = earliest;
        claim
    };
    vec![logged, witnessed]
}

/// Proofs given without their evidence, that belong to none of those here.
pub(super) fn unmatched(bench: &Bench<'_>) -> Vec<Claim> {
    let loose = bench.exhibits.proofs.iter().filter(|proof| proof.evidence.is_none());
    let unmatched = loose.filter_map(|loose| {
        let about = loose.file.name;
        let proof = match read(loose) {
            Ok(proof) => proof,
            Err(error) => return Some(Claim::with(Kind::Log, about, Status::Failed, romanian::of_log(&error))),
        };
        if bench.exhibits.evidences.is_empty() {
            let (ro, en) = ("dovada despre care vorbește nu a fost dată", "the evidence it is about was not given");
            return Some(Claim::not_checked(Kind::Log, about, ro, en));
        }
        let matches = |one: &crate::exhibits::File<'_>| leads(&proof, &digest::sha256(one.bytes));
        let (ro, en) = ("nu este despre niciuna dintre dovezile date", "it is about none of the evidences given");
        (!bench.exhibits.evidences.iter().any(matches)).then(|| Claim::failed(Kind::Log, about, ro, en))
    });
    unmatched.collect()
}

fn read(proof: &About<'_>) -> Result<LogProof, LogProofError> {
    let text = std::str::from_utf8(proof.file.bytes).map_err(|_| LogProofError::Malformed("it is not UTF-8 text"))?;
    LogProof::from_text(text)
}

/// Whether the path leads from the evidence to the head that the proof holds, whoever signed it.
fn leads(proof: &LogProof, sha256: &[u8; 32]) -> bool {
    Checkpoint::from_text(proof.checkpoint.text()).is_ok_and(|head| proof.included(sha256, &head).is_ok())
}
