//! Whether the contents at hand are those that the evidences speak of.

use super::Bench;
use crate::claim::{Claim, Kind};
use crate::evidence::{Evidence, Part};
use crate::exhibits::File;

pub(super) fn judge(bench: &Bench<'_>, evidences: &[(String, Evidence)]) -> Vec<Claim> {
    let payloads = &bench.exhibits.payloads;
    let mut parts: Vec<&Part> = Vec::new();
    for part in
        evidences.iter().filter_map(|(_, evidence)| evidence.content.as_ref()).flat_map(|content| &content.parts)
    {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let mut claims: Vec<Claim> = parts.iter().map(|part| claim(part, payloads)).collect();
    let transformed = |file: &File<'_>| {
        evidences.iter().any(|(_, evidence)| {
            let target = evidence.disclosed().transformation.and_then(|made| made.target);
            target.is_some_and(|target| target == hub_signatures::digest::sha256(file.bytes))
        })
    };
    for file in payloads {
        if parts.iter().any(|part| part.matches(file.bytes) == Some(true)) {
            continue;
        }
        let (name, ro, en) = (
            file.name,
            "este forma tradusă, declarată în dovadă",
            "it is the translated form that the evidence discloses",
        );
        claims.push(if transformed(file) {
            Claim::proven(Kind::Content, name, ro, en)
        } else if evidences.is_empty() {
            Claim::not_checked(Kind::Content, name, "nu există o dovadă despre el", "there is no evidence about it")
        } else {
            let ro = "nu este niciunul dintre conținuturile despre care vorbesc dovezile";
            Claim::failed(Kind::Content, name, ro, "it is none of the contents that the evidences speak of")
        });
    }
    claims
}

fn claim(part: &Part, payloads: &[File<'_>]) -> Claim {
    let about = &part.identifier;
    let digest = part.digest.as_ref().map(|(_, value)| hex::encode(value)).unwrap_or_default();
    let found = payloads.iter().find(|file| part.matches(file.bytes) == Some(true));
    let claim = match (&part.digest, found) {
        (None, _) => Claim::not_checked(
            Kind::Content,
            about,
            "dovada nu îi spune amprenta",
            "the evidence tells no digest of it",
        ),
        (Some(_), Some(file)) => {
            let (ro, en) = (format!("este {}", file.name), format!("it is {}", file.name));
            Claim::proven(Kind::Content, about, ro, en)
        }
        (Some(_), None) => {
            Claim::not_checked(Kind::Content, about, "conținutul nu este de față", "the content is not in the package")
        }
    };
    claim.detail("digest", digest)
}
