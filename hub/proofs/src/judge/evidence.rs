//! One evidence: unchanged, well formed, by whom, when, in which log, preserved by what.

use std::borrow::Cow;

use hub_signatures::digest;
use hub_signatures::xades::{self, Examined};

use super::heads::Heads;
use super::seal::{Seal, Uses, judge_stamp};
use super::{Bench, inclusion, preservation};
use crate::claim::{Claim, Kind, Status};
use crate::evidence::Evidence;
use crate::exhibits::File;
use crate::romanian;
use crate::rules::{self, Variant};

pub(super) fn judge(
    bench: &Bench<'_>,
    position: usize,
    heads: &mut Heads,
    uses: &mut Uses,
) -> (Option<Evidence>, Vec<Claim>) {
    let file = bench.exhibits.evidences[position];
    let sha256 = digest::sha256(&sealed_form(file.bytes));
    let (logged, mut log_claims) = inclusion::judge(bench, position, &sha256, heads);
    let (preserved, record_claim) = preservation::judge(bench, position);
    log_claims.push(record_claim);

    let examined = match xades::examine(file.bytes) {
        Ok(examined) => examined,
        Err(error) => {
            let changed = Claim::with(Kind::Integrity, file.name, Status::Failed, romanian::of_signature(&error));
            return (None, [vec![changed], log_claims].concat());
        }
    };
    let mut claims = vec![integrity(file, &examined).detail("sha256", hex::encode(sha256))];
    let (evidence, form) = form(file, &examined.covered);
    claims.push(form);
    let (stamped, stamp_claim) = time_stamp(bench, file, &examined, uses);
    let seal = Seal {
        about: file.name,
        certificate: &examined.certificate,
        companions: &examined.certificates,
        signing_time: examined.signing_time_unix,
        proven_time: [stamped, logged, preserved].into_iter().flatten().min(),
    };
    claims.extend(seal.judge(bench, uses).1);
    claims.push(stamp_claim);
    claims.extend(log_claims);
    (evidence, claims)
}

/// What is logged and preserved: the form that was sealed, without the unsigned properties that were added since.
pub(super) fn sealed_form(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Cow::Borrowed(bytes) };
    match xades::without_unsigned(text) {
        Ok(Cow::Owned(sealed)) => Cow::Owned(sealed.into_bytes()),
        // Nothing was added, or another service wrote it in its own way.
        Ok(Cow::Borrowed(_)) | Err(_) => Cow::Borrowed(bytes),
    }
}

fn integrity(file: File<'_>, examined: &Examined) -> Claim {
    let (ro, en) = ("documentul este așa cum a fost sigilat", "the document is as it was sealed");
    Claim::proven(Kind::Integrity, file.name, ro, en).by(examined.certificate.subject()).at(examined.signing_time_unix)
}

/// The evidence, read from what the signature covers and never from what surrounds it.
fn form(file: File<'_>, covered: &[u8]) -> (Option<Evidence>, Claim) {
    let evidence = match Evidence::read(covered) {
        Ok(evidence) => evidence,
        Err(error) => {
            return (None, Claim::with(Kind::Form, file.name, Status::Failed, romanian::of_evidence(&error)));
        }
    };
    let variant = if evidence.is_rem() { Variant::Rem } else { Variant::General };
    let findings = rules::check(&evidence, variant);
    let (ro, en): (Vec<&str>, Vec<&str>) =
        findings.iter().map(|finding| (finding.words.ro.as_str(), finding.words.en.as_str())).unzip();
    let (ro, en) = (ro.join("; "), en.join("; "));
    let claim = if findings.is_empty() {
        let (ro, en) = ("cum cere EN 319 522", "as EN 319 522 asks");
        Claim::proven(Kind::Form, file.name, ro, en)
    } else if evidence.is_ours() {
        Claim::failed(Kind::Form, file.name, ro, en)
    } else {
        // Another service's evidence says what it says, whatever it leaves out.
        let ro = format!("se citește după schemă; abateri: {ro}");
        Claim::proven(Kind::Form, file.name, ro, format!("it reads by the schema; findings: {en}"))
    };
    (Some(evidence), claim.detail("findings", findings.len()))
}

fn time_stamp(bench: &Bench<'_>, file: File<'_>, examined: &Examined, uses: &mut Uses) -> (Option<i64>, Claim) {
    match &examined.time_stamp {
        Ok(Some(stamp)) => {
            let (claim, time) = judge_stamp(bench, Kind::TimeStamp, file.name, stamp, uses);
            (time, claim)
        }
        Ok(None) => {
            let (ro, en) = ("dovada nu poartă o marcă temporală a ei", "the evidence carries no time-stamp of its own");
            (None, Claim::not_checked(Kind::TimeStamp, file.name, ro, en))
        }
        Err(error) => (None, Claim::with(Kind::TimeStamp, file.name, Status::Failed, romanian::of_signature(error))),
    }
}
