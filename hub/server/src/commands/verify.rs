//! `punte verify`: reads files, says what they are, hands them to the verifier, and prints the verdict.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hub_proofs::exhibits::{About, File, Head};
use hub_proofs::input::Input;
use hub_proofs::{Exhibits, Kind, Outcome, Trusted, Verdict, judge, register_proof, verify_package};
use hub_signatures::certificate::Certificate;
use hub_signatures::log::key::VerifierKey;

use crate::assembly::system_micros;

use super::{FAILED, NO};

/// Largest file that is read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Verifies evidence files, court packs, log proofs, time-stamps and evidence records of this or any other service
/// (EN 319 522). Needs no hub, no database and no network.
#[derive(clap::Args)]
pub(super) struct Verify {
    /// Evidence (.xml), court packs (.asice), log proofs (.tlog-proof), heads (.checkpoint), time-stamps (.tst), evidence
    /// records (.ers), register proofs (.jsonl), told by their content.
    #[arg(required_unless_present = "log")]
    files: Vec<PathBuf>,
    /// Certificate of the seal, or of the authority above it (PEM); may be repeated.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["integrity_only", "log"])]
    certificate: Vec<PathBuf>,
    /// Certificate of the time-stamping authority, or of the authority above it (PEM); may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(super) tsa_certificate: Vec<PathBuf>,
    /// Verifier keys of the log and its witnesses, one a line; may be repeated.
    #[arg(long, value_name = "FILE")]
    log_key: Vec<PathBuf>,
    /// How many known witnesses must have signed the head of the log.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    witnesses: usize,
    /// The evidence that a log proof, time-stamp or record is about; may be repeated.
    #[arg(long, value_name = "FILE")]
    evidence: Vec<PathBuf>,
    /// The data that a time-stamp or record is about; may be repeated.
    #[arg(long, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// A document to compare with the digests in the evidence; may be repeated.
    #[arg(long, value_name = "FILE")]
    content: Vec<PathBuf>,
    /// Claims that must be proven, such as log,time-stamp,content: not checked is then not enough.
    #[arg(long, value_name = "CLAIMS", value_delimiter = ',', value_parser = kind)]
    require: Vec<Kind>,
    /// Only whether the files are unchanged; whose signature it is, is then for you to judge.
    #[arg(long, conflicts_with_all = ["certificate", "tsa_certificate"])]
    integrity_only: bool,
    /// Print the verdicts as JSON lines.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) audit: super::audit::AuditArguments,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let at = system_micros().div_euclid(1_000_000);
        let trusted = self.trusted()?;
        let (mut failed, mut unreadable) = (false, false);
        let mut told = |verdict: Verdict, file: Option<&str>| {
            let verdict = self.required(verdict);
            failed |= verdict.outcome() == Outcome::Failed;
            self.print(&verdict, file);
        };
        let given = read_all(&self.files)?;
        let mut loose = Vec::new();
        for (name, bytes) in &given {
            match Input::of(bytes) {
                Input::Package => match verify_package(bytes, &trusted, at) {
                    Ok(verdict) => told(verdict, Some(name)),
                    Err(error) => {
                        unreadable = true;
                        self.print_unreadable(name, &error.to_string());
                    }
                },
                Input::RegisterProof => match register_proof::verify(bytes, &trusted, at) {
                    Ok(verdict) => told(verdict, Some(name)),
                    Err(error) => {
                        unreadable = true;
                        self.print_unreadable(name, &error.to_string());
                    }
                },
                Input::Other => {
                    unreadable = true;
                    self.print_unreadable(name, "it is none of the files that can be verified");
                }
                kind => loose.push((kind, File { name, bytes })),
            }
        }
        if !loose.is_empty() {
            let (evidence, data, content) =
                (read_all(&self.evidence)?, read_all(&self.data)?, read_all(&self.content)?);
            let exhibits = exhibits(&loose, [&evidence, &data], &content);
            told(judge(&exhibits, &trusted, at), None);
        }
        Ok(if failed {
            NO
        } else if unreadable {
            FAILED
        } else {
            0
        })
    }

    fn trusted(&self) -> anyhow::Result<Trusted> {
        let certificates = |paths: &[PathBuf]| -> anyhow::Result<Option<Vec<Certificate>>> {
            let mut all = Vec::new();
            for (name, bytes) in read_all(paths)? {
                all.extend(Certificate::all_from_pem(&bytes).with_context(|| format!("{name} is no certificate"))?);
            }
            Ok((!all.is_empty()).then_some(all))
        };
        let mut log_keys = Vec::new();
        for (name, bytes) in read_all(&self.log_key)? {
            let text = String::from_utf8(bytes).with_context(|| format!("{name} is not text"))?;
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                log_keys.push(VerifierKey::parse(line).with_context(|| format!("{name} holds no verifier key"))?);
            }
        }
        let (seals, authorities) = (certificates(&self.certificate)?, certificates(&self.tsa_certificate)?);
        Ok(Trusted { seals, authorities, log_keys, witnesses: self.witnesses, ..Trusted::default() })
    }

    fn required(&self, mut verdict: Verdict) -> Verdict {
        verdict.require(&self.require);
        verdict
    }

    fn print(&self, verdict: &Verdict, file: Option<&str>) {
        if self.json {
            let mut told = verdict.to_json();
            told["file"] = file.into();
            println!("{told}");
        } else {
            if let Some(file) = file {
                println!("{file}");
            }
            print!("{}", verdict.in_words());
        }
    }

    fn print_unreadable(&self, file: &str, why: &str) {
        if self.json {
            println!("{}", serde_json::json!({"file": file, "verdict": "unreadable", "verified": false, "error": why}));
        } else {
            println!("{file}: NU POATE FI CITIT: {why}");
        }
    }
}

/// What is given to be verified, and what it is about, each where the judge looks for it.
fn exhibits<'f>(
    loose: &[(Input, File<'f>)],
    companions: [&'f [(String, Vec<u8>)]; 2],
    contents: &'f [(String, Vec<u8>)],
) -> Exhibits<'f> {
    let companions = companions.into_iter().flatten().map(|(name, bytes)| {
        let file = File { name, bytes };
        match Input::of(bytes) {
            kind @ (Input::Evidence | Input::Head) => (kind, file),
            // Whatever else is stamped or preserved is a content.
            _ => (Input::Other, file),
        }
    });
    let mut exhibits = Exhibits::default();
    let mut tokens = Vec::new();
    for (kind, file) in loose.iter().copied().chain(companions) {
        match kind {
            Input::Evidence => exhibits.evidences.push(file),
            Input::LogProof => exhibits.proofs.push(About { file, evidence: None }),
            Input::Head => exhibits.heads.push(Head { file, tokens: Vec::new() }),
            Input::Record => exhibits.records.push(About { file, evidence: None }),
            Input::TimeStamp => tokens.push(file),
            Input::Package | Input::RegisterProof | Input::Other => exhibits.payloads.push(file),
        }
    }
    exhibits.payloads.extend(contents.iter().map(|(name, bytes)| File { name, bytes }));
    // A time-stamp given with one head is about the head; others are tried on everything else.
    match &mut exhibits.heads[..] {
        [head] if exhibits.evidences.is_empty() => head.tokens = tokens,
        _ => exhibits.tokens = tokens,
    }
    exhibits
}

fn read_all(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    paths.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect()
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).with_context(|| format!("{} cannot be read", path.display()))?;
    anyhow::ensure!(bytes.len() as u64 <= LARGEST, "{} is larger than {LARGEST} bytes", path.display());
    Ok(bytes)
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::from_name(word).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("one of {}", known.join(", "))
    })
}
