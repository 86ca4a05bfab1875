//! Judges an ASiC-E file: its seal over all files, then what lies in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::asice::{self, Container, Limits, OpenError, SignatureVerdict};
use hub_signatures::certificate::Certificate;
use hub_signatures::log::inclusion::MAX_PATH;
use hub_signatures::log::key::VerifierKey;
use hub_signatures::log::tree::Hash;
use hub_signatures::remembered;
use hub_signatures::trust::Trust;
use serde_json::Value;

use super::layout::{
    CERTIFICATES, CONSISTENCY, DIGESTS, EVIDENCE, HEADS, KEYS, LOG, PAYLOADS, RECORDS, REVOCATION, number,
};
use crate::claim::{Claim, Kind, Status};
use crate::exhibits::{About, Continuation, Exhibits, File, Head};
use crate::judge::seal::{Seal, Uses, judge_stamp};
use crate::judge::{Bench, judge_with};
use crate::romanian;
use crate::trusted::Trusted;
use crate::verdict::Verdict;

/// Most evidences in one package that are judged.
const MAX_EVIDENCES: usize = 500;

/// Why there can be no verdict.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not an acceptable container.
    #[error(transparent)]
    Container(#[from] OpenError),
    /// It holds more than anybody sends.
    #[error("the package holds more than the {MAX_EVIDENCES} evidences that are judged")]
    TooMany,
}

/// Judges a court pack, or any other ASiC-E package, at the time `at` (Unix seconds).
///
/// # Errors
/// [`Unreadable`] when the container itself is not acceptable.
pub fn verify_package(bytes: &[u8], trusted: &Trusted, at: i64) -> Result<Verdict, Unreadable> {
    verify_package_within(bytes, &Limits::default(), trusted, at)
}

/// The same within other limits than the general ones.
///
/// # Errors
/// As [`verify_package`].
pub fn verify_package_within(bytes: &[u8], limits: &Limits, trusted: &Trusted, at: i64) -> Result<Verdict, Unreadable> {
    remembered::within(|| verify_all(bytes, limits, trusted, at))
}

fn verify_all(bytes: &[u8], limits: &Limits, trusted: &Trusted, at: i64) -> Result<Verdict, Unreadable> {
    let container = Container::open(bytes, limits)?;
    let mut exhibits = sort(&container)?;
    let mut uses = Uses::default();
    let mut claims = Vec::new();
    let mut is_believed = false;
    {
        let bench = Bench { exhibits: &exhibits, trusted, at };
        // Whom to believe is asked afterwards, so that a foreign seal is told apart from a changed file.
        let verdict = container.verify(&Trust::IntegrityOnly, &Trust::IntegrityOnly);
        claims.extend(coverage(&verdict));
        for signature in &verdict.signatures {
            is_believed |= seal(&bench, signature, &mut claims, &mut uses);
        }
    }
    let keys = keys(&container);
    if is_believed {
        exhibits.vouched_keys = keys;
    }
    let mut verdict = judge_with(&exhibits, trusted, at, uses);
    claims.extend(digests(&container, &verdict));
    verdict.claims.splice(0..0, claims);
    Ok(verdict)
}

/// Whether the files are those that were sealed.
fn coverage(verdict: &asice::Verdict) -> Vec<Claim> {
    let failed = |about: &str, ro: &str, en: &str| Claim::failed(Kind::Package, about, ro, en);
    let mut claims = Vec::new();
    if verdict.signatures.is_empty() {
        claims.push(failed("META-INF", "nimeni nu a sigilat pachetul", "nobody sealed the package"));
    }
    for file in verdict.uncovered() {
        let ro = "nu este acoperit de sigiliu așa cum este: a fost schimbat sau adăugat";
        claims.push(failed(file, ro, "the seal does not cover it as it is: it was changed or added"));
    }
    for stamped in &verdict.time_stamps {
        if let Err(error) = &stamped.outcome {
            let words = romanian::of_package_signature(error);
            claims.push(Claim::with(Kind::Package, &stamped.entry, Status::Failed, words));
        }
    }
    if let Some(problem) = &verdict.manifest_problem {
        let ro = "lista de fișiere nu se potrivește cu pachetul";
        claims.push(failed("META-INF/manifest.xml", ro, problem));
    }
    for entry in &verdict.unchecked {
        let (ro, en) = ("nu este acoperit de nimic și nu a fost verificat", "nothing covers it and it was not checked");
        claims.push(Claim::not_checked(Kind::Package, entry, ro, en));
    }
    claims
}

/// The claims about one signature over the package; `true` when its seal is believed.
fn seal(bench: &Bench<'_>, signature: &SignatureVerdict, claims: &mut Vec<Claim>, uses: &mut Uses) -> bool {
    let about = signature.entry.as_str();
    let signed = match &signature.outcome {
        Ok(signed) => signed,
        Err(error) => {
            let words = romanian::of_package_signature(error);
            claims.push(Claim::with(Kind::Package, about, Status::Failed, words));
            return false;
        }
    };
    let (ro, en) =
        ("toate fișierele numite în el sunt așa cum au fost sigilate", "all files it names are as they were sealed");
    claims.push(
        Claim::proven(Kind::Package, about, ro, en).by(signed.certificate.subject()).at(signed.signing_time_unix),
    );
    let (stamp_claim, proven_time) = match &signed.time_stamp {
        Some(stamp) => judge_stamp(bench, Kind::TimeStamp, about, stamp, uses),
        None => {
            let (ro, en) =
                ("sigiliul pachetului nu poartă marcă temporală", "the seal of the package carries no time-stamp");
            (Claim::not_checked(Kind::TimeStamp, about, ro, en), None)
        }
    };
    let seal = Seal {
        about,
        certificate: &signed.certificate,
        companions: &signed.certificates,
        signing_time: signed.signing_time_unix,
        proven_time,
    };
    let (is_believed, told) = seal.judge(bench, uses);
    claims.extend(told);
    claims.push(stamp_claim);
    is_believed
}

/// Lays the files of the container before the judge, by their folders.
fn sort<'c>(container: &'c Container<'_>) -> Result<Exhibits<'c>, Unreadable> {
    let mut exhibits = Exhibits::default();
    let mut tokens = Vec::new();
    let (mut proofs, mut records, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (name, bytes) in container.files() {
        let file = File { name, bytes };
        if let Some(rest) = name.strip_prefix(EVIDENCE) {
            numbers.push(number(rest));
            exhibits.evidences.push(file);
        } else if name.starts_with(HEADS) && name.ends_with(".checkpoint") {
            exhibits.heads.push(Head { file, tokens: Vec::new() });
        } else if name.starts_with(HEADS) && name.ends_with(".tst") {
            tokens.push(file);
        } else if let Some(rest) = name.strip_prefix(CONSISTENCY) {
            exhibits.consistency.extend(continuation(rest, bytes));
        } else if let Some(rest) = name.strip_prefix(LOG).filter(|rest| rest.ends_with(".tlog-proof")) {
            proofs.push((number(rest), file));
        } else if let Some(rest) = name.strip_prefix(RECORDS) {
            records.push((number(rest), file));
        } else if name.starts_with(CERTIFICATES) {
            exhibits.certificates.extend(certificates(bytes));
        } else if name.starts_with(REVOCATION) {
            exhibits.revocation.push(file);
        } else if name.starts_with(PAYLOADS) {
            exhibits.payloads.push(file);
        }
    }
    if exhibits.evidences.len() > MAX_EVIDENCES {
        return Err(Unreadable::TooMany);
    }
    for head in &mut exhibits.heads {
        let stem = head.file.name.trim_end_matches(".checkpoint");
        let own = |token: &&File<'_>| token.name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'));
        head.tokens = tokens.iter().filter(own).copied().collect();
    }
    // A number without its evidence stays loose, and is then about none of them.
    let of = |wanted: Option<usize>| numbers.iter().position(|number| number.is_some() && *number == wanted);
    let about = |(number, file): (Option<usize>, File<'c>)| About { file, evidence: of(number) };
    exhibits.proofs = proofs.into_iter().map(about).collect();
    exhibits.records = records.into_iter().map(about).collect();
    exhibits.whole = !exhibits.evidences.is_empty();
    Ok(exhibits)
}

fn certificates(bytes: &[u8]) -> Vec<Certificate> {
    let pem = Certificate::all_from_pem(bytes);
    pem.or_else(|_| Certificate::from_der(bytes).map(|one| vec![one])).unwrap_or_default()
}

/// The verifier keys that the package names, one a line.
fn keys(container: &Container<'_>) -> Vec<VerifierKey> {
    let text = container.entry(KEYS).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    text.lines().filter_map(|line| VerifierKey::parse(line.trim()).ok()).collect()
}

/// `<old>-<new>.txt` with one base64 hash a line.
fn continuation(name: &str, bytes: &[u8]) -> Option<Continuation> {
    let (old, new) = name.strip_suffix(".txt")?.split_once('-')?;
    let text = std::str::from_utf8(bytes).ok()?;
    let hash = |line: &str| -> Option<Hash> { BASE64.decode(line).ok()?.try_into().ok() };
    let path = text.lines().take(MAX_PATH + 2).map(hash).collect::<Option<Vec<_>>>()?;
    Some(Continuation { old: old.parse().ok()?, new: new.parse().ok()?, path })
}

/// The list of digests may say nothing that the evidences do not.
fn digests(container: &Container<'_>, verdict: &Verdict) -> Option<Claim> {
    let list: Value = serde_json::from_slice(container.entry(DIGESTS)?).unwrap_or(Value::Null);
    let contents = verdict.evidences.iter().filter_map(|(_, evidence)| evidence.content.as_ref());
    let attested: Vec<String> = contents
        .flat_map(|content| &content.parts)
        .filter_map(|part| part.digest.as_ref().map(|(_, value)| hex::encode(value)))
        .collect();
    let Some(parts) = list["parts"].as_array() else {
        let (ro, en) = ("lista amprentelor nu poate fi citită", "the list of digests is not readable");
        return Some(Claim::failed(Kind::Content, DIGESTS, ro, en));
    };
    let is_attested =
        |part: &Value| part["sha256"].as_str().is_some_and(|digest| attested.iter().any(|one| one == digest));
    if parts.iter().all(is_attested) {
        return None;
    }
    let (ro, en) =
        ("lista numește o amprentă pe care nicio dovadă nu o spune", "the list names a digest that no evidence tells");
    Some(Claim::failed(Kind::Content, DIGESTS, ro, en))
}
