//! `punte sealed`: documents sealed and opened where they belong, at the parties; the hub only carries them.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hub_flow::encryption::{PrivateKey, PublicKey, Sealed, open, seal};
use reqwest::Method;
use serde_json::{Value, json};

use super::NO;
use super::client::{Hub, told};

/// Seals documents for their recipients, opens them, and looks after the keys.
#[derive(clap::Args)]
pub(super) struct SealedCommand {
    #[command(subcommand)]
    step: Step,
}

#[derive(clap::Subcommand)]
enum Step {
    /// Makes a pair of keys: the private one into a file that only you read, the public one to the screen.
    New {
        /// File of the private key; one that is there is not overwritten.
        #[arg(long)]
        out: PathBuf,
    },
    /// Registers a key at the hub, with the proof that you hold it.
    Register {
        #[command(flatten)]
        hub: Hub,
        /// Your party.
        #[arg(long)]
        party: String,
        /// File of the private key.
        #[arg(long)]
        private: PathBuf,
        /// Last moment, such as 2028-01-31T00:00:00Z.
        #[arg(long)]
        valid_to: String,
    },
    /// Seals a file for the keys of parties, as the hub tells them or as files hold them.
    Seal {
        /// Base URL of the hub.
        #[arg(long, env = "PUNTE_URL", default_value = "http://127.0.0.1:8080")]
        url: String,
        /// A recipient whose keys are asked of the hub.
        #[arg(long)]
        to: Vec<String>,
        /// A file with a JWK or a JWK set.
        #[arg(long)]
        jwk: Vec<PathBuf>,
        /// What is sealed.
        file: PathBuf,
        /// Where the sealed document goes.
        #[arg(long)]
        out: PathBuf,
    },
    /// Opens a sealed file.
    Open {
        /// File of the private key.
        #[arg(long)]
        private: PathBuf,
        /// What is opened.
        file: PathBuf,
        /// Where the document goes.
        #[arg(long)]
        out: PathBuf,
    },
}

impl SealedCommand {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        match self.step {
            Step::New { out } => new(&out),
            Step::Register { hub, party, private, valid_to } => register(&hub, &party, &private, &valid_to).await,
            Step::Seal { url, to, jwk, file, out } => {
                let mut keys = Vec::new();
                for path in &jwk {
                    keys.extend(of_set(&serde_json::from_slice(&read(path)?).context("the key is not JSON")?)?);
                }
                for party in &to {
                    keys.extend(asked(&url, party).await?);
                }
                let sealed = seal(&read(&file)?, &keys).context("cannot be sealed")?;
                write(&out, sealed.to_string().as_bytes(), 0o644)?;
                println!("{}: cifrat pentru {} chei", out.display(), keys.len());
                Ok(0)
            }
            Step::Open { private, file, out } => {
                let document = serde_json::from_slice(&read(&file)?).context("the sealed file is not JSON")?;
                match Sealed::read(&document).and_then(|sealed| open(&sealed, &key(&private).map_err(|_| closed())?)) {
                    Ok(content) => write(&out, &content, 0o600).map(|()| 0),
                    Err(error) => {
                        eprintln!("Nu se deschide: {error}");
                        Ok(NO)
                    }
                }
            }
        }
    }
}

fn closed() -> hub_flow::encryption::JweError {
    hub_flow::encryption::JweError::NotForUs
}

fn new(out: &Path) -> anyhow::Result<u8> {
    let pair = PrivateKey::generate()?;
    write(out, &pair.to_pem()?, 0o600)?;
    println!("{}", serde_json::to_string_pretty(pair.public.jwk())?);
    Ok(0)
}

async fn register(hub: &Hub, party: &str, private: &Path, valid_to: &str) -> anyhow::Result<u8> {
    let key = key(private)?;
    let path = format!("/v1/parties/{party}/keys");
    let asked = hub.post(&format!("{path}/challenge"), &json!({"jwk": key.public.jwk()})).await?;
    if !asked.status.is_success() {
        eprintln!("{}", told(&asked.body));
        return Ok(NO);
    }
    let answer = open(&Sealed::read(&asked.body["challenge"])?, &key).context("the challenge does not open")?;
    let body = json!({
        "jwk": key.public.jwk(), "valid_to": valid_to, "until": asked.body["until"], "answer": String::from_utf8(answer)?,
    });
    let url = hub.at(&format!("{path}/{}", key.public.kid()));
    let response = hub.client()?.request(Method::PUT, url).json(&body).send().await?;
    let (status, body): (_, Value) = (response.status(), response.json().await?);
    if !status.is_success() {
        eprintln!("{}", told(&body));
        return Ok(NO);
    }
    println!("Cheia {} este înregistrată până la {valid_to}", key.public.kid());
    Ok(0)
}

async fn asked(url: &str, party: &str) -> anyhow::Result<Vec<PublicKey>> {
    let url = format!("{}/v1/parties/{party}/keys", url.trim_end_matches('/'));
    let response = reqwest::get(&url).await.with_context(|| format!("the hub does not answer at {url}"))?;
    let (status, set): (_, Value) = (response.status(), response.json().await?);
    if !status.is_success() {
        bail!("{}", told(&set));
    }
    let keys = of_set(&set)?;
    if keys.is_empty() {
        bail!("{party} nu are nicio cheie în vigoare; cereți-i să înregistreze una (punte sealed register)");
    }
    Ok(keys)
}

fn of_set(set: &Value) -> anyhow::Result<Vec<PublicKey>> {
    let alone = std::slice::from_ref(set);
    let all = set["keys"].as_array().map_or(alone, Vec::as_slice);
    all.iter().map(|jwk| PublicKey::read(jwk).map_err(Into::into)).collect()
}

fn key(path: &Path) -> anyhow::Result<PrivateKey> {
    PrivateKey::from_pem(&read(path)?).with_context(|| format!("{} holds no private key", path.display()))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let file = File::options().create_new(true).write(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(bytes)).with_context(|| format!("{} cannot be written", path.display()))
}
