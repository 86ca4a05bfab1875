//! What the hub and its commands ask of the verifier: whom to believe, and one file at a time.

use hub_flow::clock::Timestamp;
use hub_flow::seal::SealRecord;
use hub_proofs::evidence::Evidence;
use hub_proofs::exhibits::File;
use hub_proofs::input::Input;
use hub_proofs::package::{Unreadable, verify_package_within};
use hub_proofs::{Exhibits, Period, Trusted, Verdict, judge, register_proof};
use hub_signatures::asice::Limits;
use hub_signatures::certificate::Certificate;

/// Most bytes of all files in a package that came over the network.
const UNPACKED_BYTES: usize = 64 * 1024 * 1024;

/// What the signer is held against.
pub enum Against<'a> {
    /// This very certificate (PEM), or the anchors in it.
    Certificate(&'a [u8]),
    /// The seals of a hub, each believed for the time in which it was in use.
    Seals(&'a [SealRecord]),
    /// Nothing: only that the file is unchanged since it was signed by whoever signed it.
    IntegrityOnly,
}

/// Why a file does not verify.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    /// The certificate file holds none.
    #[error("the certificate file cannot be read: {0}")]
    Certificate(String),
    /// The package cannot be opened.
    #[error(transparent)]
    Package(#[from] Unreadable),
    /// The proof of registers cannot be read.
    #[error("the proof of registers cannot be read: {0}")]
    RegisterProof(String),
    /// Something in it is wrong.
    #[error("{0}")]
    Failed(String),
}

/// The verdict on an evidence (XML), a package (ASiC-E) or a proof of registers (JSON lines).
///
/// # Errors
/// When the certificate or the package cannot be read.
pub fn of(file: &[u8], against: &Against<'_>, at: Timestamp) -> Result<Verdict, Unverified> {
    let trusted = trusted(against)?;
    let at = at.0.div_euclid(1_000_000);
    if Input::of(file) == Input::Package {
        let limits = Limits { file_bytes: UNPACKED_BYTES, total_bytes: UNPACKED_BYTES, ..Limits::default() };
        return Ok(verify_package_within(file, &limits, &trusted, at)?);
    }
    if Input::of(file) == Input::RegisterProof {
        return register_proof::verify(file, &trusted, at)
            .map_err(|error| Unverified::RegisterProof(error.to_string()));
    }
    let evidences = vec![File { name: "evidence.xml", bytes: file }];
    Ok(judge(&Exhibits { evidences, ..Exhibits::default() }, &trusted, at))
}

fn trusted(against: &Against<'_>) -> Result<Trusted, Unverified> {
    let read = |pem: &[u8]| Certificate::all_from_pem(pem).map_err(|error| Unverified::Certificate(error.to_string()));
    Ok(match against {
        Against::IntegrityOnly => Trusted::default(),
        Against::Certificate(pem) => Trusted { seals: Some(read(pem)?), ..Trusted::default() },
        Against::Seals(records) => {
            let mut seals = Vec::with_capacity(records.len());
            for record in *records {
                // Its own certificate alone: what else the authority above it issued is nobody's seal here.
                seals.extend(read(record.chain.as_bytes())?.into_iter().next());
            }
            let period = |record: &SealRecord| {
                let (from, until) = record.in_use();
                Period { certificate: record.sha256, from, until }
            };
            Trusted { seals: Some(seals), periods: records.iter().map(period).collect(), ..Trusted::default() }
        }
    })
}

/// One evidence whose seal is right: what it attests, and the verdict.
///
/// # Errors
/// [`Unverified`] says what fails.
pub fn proven(file: &[u8], against: &Against<'_>, at: Timestamp) -> Result<(Evidence, Verdict), Unverified> {
    let verdict = of(file, against, at)?;
    if let Some(failed) = verdict.failures().next() {
        return Err(Unverified::Failed(failed.reason.en.clone()));
    }
    let evidence = verdict.evidences.first().map(|(_, evidence)| evidence.clone());
    let evidence = evidence.ok_or_else(|| Unverified::Failed("there is no evidence in it".to_owned()))?;
    Ok((evidence, verdict))
}
