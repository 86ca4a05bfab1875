//! `punte archive nomenclator|dossiers|unclassified|inventory|due`: the archive through a hub, for people at a terminal.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::NO;
use crate::commands::client::{Hub, told};

/// Where the hub is, and who acts there.
#[derive(clap::Args)]
pub(super) struct Desk {
    #[command(flatten)]
    hub: Hub,
    /// The institution's pseudonym of the clerk who acts (not a name).
    #[arg(long, env = "PUNTE_CLERK")]
    clerk: Option<String>,
    /// Id of the clerk's unit.
    #[arg(long, env = "PUNTE_UNIT")]
    unit: Option<String>,
}

/// What a person wants of the archive through a hub.
#[derive(Subcommand)]
pub(super) enum Task {
    /// Import or list the nomenclator.
    #[command(subcommand)]
    Nomenclator(NomenclatorTask),
    /// List dossiers.
    Dossiers {
        #[command(flatten)]
        desk: Desk,
        /// Of this year.
        #[arg(long)]
        year: Option<i64>,
        /// In this state: open, closed, inventoried, handed_over, selected, destroyed, kept.
        #[arg(long)]
        state: Option<String>,
    },
    /// List what waits for a clerk to say its code; with a filing and a code, say it.
    Unclassified {
        #[command(flatten)]
        desk: Desk,
        /// The filing.
        #[arg(requires = "code")]
        filing: Option<String>,
        /// Its code.
        code: Option<String>,
    },
    /// Inventory the closed dossiers of a year, and write the inventory as PDF/A.
    Inventory {
        #[command(flatten)]
        desk: Desk,
        /// The year of the dossiers.
        year: i64,
        /// Those kept permanently; those kept for years otherwise.
        #[arg(long)]
        permanent: bool,
        /// Where the paper goes.
        #[arg(long, default_value = "inventar.pdf")]
        out: PathBuf,
    },
    /// List the dossiers whose term is over.
    Due {
        #[command(flatten)]
        desk: Desk,
    },
}

#[derive(Subcommand)]
pub(super) enum NomenclatorTask {
    /// Import a nomenclator: TOML, JSON, or a CSV table whose approval is said by options.
    Import {
        #[command(flatten)]
        desk: Desk,
        /// The file.
        file: PathBuf,
        /// First day in force, for a table.
        #[arg(long)]
        valid_from: Option<String>,
        /// Number of the approving order, for a table.
        #[arg(long)]
        approval_number: Option<String>,
        /// Date of the approving order, for a table.
        #[arg(long)]
        approval_date: Option<String>,
    },
    /// List the versions.
    List {
        #[command(flatten)]
        desk: Desk,
    },
}

impl Task {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        match &self {
            Self::Nomenclator(NomenclatorTask::List { desk }) => {
                for one in items(&desk.get("/v1/archive/nomenclator").await?) {
                    println!("{}  din {}  {} grupe", one["version"], text(&one["valid_from"]), one["groups"]);
                }
                Ok(0)
            }
            Self::Nomenclator(NomenclatorTask::Import { desk, file, valid_from, approval_number, approval_date }) => {
                desk.import(file, [valid_from, approval_number, approval_date]).await
            }
            Self::Dossiers { desk, year, state } => {
                let mut path = "/v1/archive/dossiers?limit=1000".to_owned();
                path += &year.map_or_else(String::new, |year| format!("&year={year}"));
                path += &state.as_ref().map_or_else(String::new, |state| format!("&state={state}"));
                items(&desk.get(&path).await?).iter().for_each(dossier);
                Ok(0)
            }
            Self::Due { desk } => {
                items(&desk.get("/v1/archive/due?limit=1000").await?).iter().for_each(dossier);
                Ok(0)
            }
            Self::Unclassified { desk, filing: Some(filing), code } => {
                let body = json!({"code": code});
                let done = desk.act(&format!("/v1/archive/filings/{filing}/classify"), &body).await?;
                Ok(done.map_or(NO, |_| 0))
            }
            Self::Unclassified { desk, filing: None, .. } => {
                for one in items(&desk.get("/v1/archive/filings?limit=1000").await?) {
                    println!("{}  mesaj {}  {}", text(&one["id"]), text(&one["message_id"]), text(&one["reason"]));
                }
                Ok(0)
            }
            Self::Inventory { desk, year, permanent, out } => desk.inventory((*year, *permanent), out).await,
        }
    }
}

impl Desk {
    async fn inventory(&self, (year, permanent): (i64, bool), out: &Path) -> anyhow::Result<u8> {
        let body = json!({"year": year, "permanent": permanent});
        let Some(made) = self.act("/v1/archive/inventories", &body).await? else { return Ok(NO) };
        let path = format!("/v1/archive/inventories/{}/paper", text(&made["id"]));
        let paper = self.request(Method::GET, &path)?.send().await?.error_for_status()?.bytes().await?;
        std::fs::write(out, &paper).with_context(|| format!("{} cannot be written", out.display()))?;
        let lines = made["lines"].as_array().map_or(0, Vec::len);
        println!("inventarul nr. {} / {year}: {lines} dosare, {}", made["number"], out.display());
        Ok(0)
    }

    async fn import(&self, file: &Path, head: [&Option<String>; 3]) -> anyhow::Result<u8> {
        let read = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let media_type = match file.extension().and_then(|ending| ending.to_str()) {
            Some("toml") => "application/toml",
            Some("json") => "application/json",
            Some("csv") => "text/csv",
            _ => bail!("the nomenclator is a file .toml, .json or .csv"),
        };
        let names = ["valid_from", "approval_number", "approval_date"];
        let query: Vec<(&str, &String)> =
            names.into_iter().zip(head).filter_map(|(name, value)| Some((name, value.as_ref()?))).collect();
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = self.request(Method::POST, &format!("/v1/archive/nomenclator?{}", query.join("&")))?;
        let request = request.header("content-type", media_type).header("idempotency-key", key());
        let answer: Value = request.body(read).send().await?.json().await.context("the answer is not JSON")?;
        if answer["code"].is_string() {
            eprintln!("{}", told(&answer));
            for row in answer["rows"].as_array().into_iter().flatten() {
                eprintln!("  {} {} ({}): {}", text(&row["kind"]), row["row"], text(&row["code"]), text(&row["ro"]));
            }
            return Ok(NO);
        }
        println!(
            "nomenclatorul, versiunea {}: {} grupe, în vigoare din {}",
            answer["version"],
            answer["groups"],
            text(&answer["valid_from"])
        );
        Ok(0)
    }

    fn request(&self, method: Method, path: &str) -> anyhow::Result<reqwest::RequestBuilder> {
        let mut request = self.hub.client()?.request(method, self.hub.at(path));
        for (name, value) in [("punte-clerk", &self.clerk), ("punte-unit", &self.unit)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        Ok(request)
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer: Value =
            self.request(Method::GET, path)?.send().await?.json().await.context("the answer is not JSON")?;
        if answer["code"].is_string() && answer["status"].is_number() {
            bail!("{}", told(&answer));
        }
        Ok(answer)
    }

    /// The answer, or nothing where the hub refused and said why.
    async fn act(&self, path: &str, body: &Value) -> anyhow::Result<Option<Value>> {
        let request = self.request(Method::POST, path)?.header("idempotency-key", key()).json(body);
        let answer = request.send().await?;
        let done = answer.status().is_success();
        let answer: Value = answer.json().await.context("the answer is not JSON")?;
        if !done {
            eprintln!("{}", told(&answer));
        }
        Ok(done.then_some(answer))
    }
}

/// One command is one request.
fn key() -> String {
    Uuid::from_bytes(crate::assembly::random()).to_string()
}

fn escaped(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

fn items(answer: &Value) -> Vec<Value> {
    answer["items"].as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn dossier(one: &Value) {
    println!(
        "{}  {} / {}, vol. {}  {}  {}  {} file  {}",
        text(&one["id"]),
        text(&one["code"]),
        one["year"],
        one["volume"],
        text(&one["state"]),
        text(&one["term"]),
        one["pages"],
        text(&one["title"]),
    );
}
