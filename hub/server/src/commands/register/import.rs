//! `punte register import`: through the hub, with a verdict for each row.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::commands::NO;
use crate::commands::client::{Hub, told};

/// Which file, into which register.
#[derive(clap::Args)]
pub(super) struct Import {
    #[command(flatten)]
    hub: Hub,
    /// The file, CSV or XLSX, with the headings of the template.
    file: PathBuf,
    /// The register.
    #[arg(long, value_name = "ID", default_value = "general")]
    register: String,
    /// The year.
    #[arg(long)]
    year: i64,
    /// Pseudonym of the clerk who acts.
    #[arg(long, value_name = "PSEUDONYM")]
    clerk: String,
    /// Unit of the clerk.
    #[arg(long, value_name = "ID")]
    unit: Option<String>,
    /// Take the good rows although others are wrong.
    #[arg(long)]
    good_rows: bool,
    /// The hub goes on with this register's numbers: only into an empty series of the present year.
    #[arg(long, conflicts_with = "good_rows")]
    continuation: bool,
}

impl Import {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let mode = if self.good_rows { "good-rows" } else { "all-or-nothing" };
        let path = format!(
            "/v1/registers/{}/{}/import?mode={mode}&continuation={}",
            self.register, self.year, self.continuation
        );
        let mut request = self.hub.client()?.post(self.hub.at(&path)).header("Punte-Clerk", &self.clerk).body(bytes);
        if let Some(unit) = &self.unit {
            request = request.header("Punte-Unit", unit);
        }
        let response = request.send().await?;
        let (status, answer) = (response.status(), response.json::<serde_json::Value>().await?);
        for row in answer["rows"].as_array().into_iter().flatten().filter(|row| row["verdict"] != "taken") {
            println!(
                "rândul {} (nr. {}): {}",
                row["row"],
                row["number"].as_str().unwrap_or("-"),
                word(&row["verdict"])
            );
            for error in row["errors"].as_array().into_iter().flatten() {
                let text = |name: &str| error[name].as_str().unwrap_or_default();
                println!("    {}: {}; {}", text("column"), text("message"), text("way_out"));
            }
        }
        if !status.is_success() {
            if answer["rows"].is_array() {
                println!("{}", told(&answer));
                return Ok(NO);
            }
            bail!("{}", told(&answer));
        }
        let counts = &answer["counts"];
        println!(
            "Preluate: {}; preluate mai demult: {}; greșite: {}",
            counts["taken"], counts["again"], counts["refused"]
        );
        Ok(0)
    }
}

fn word(verdict: &serde_json::Value) -> &str {
    match verdict.as_str().unwrap_or_default() {
        "again" => "preluat mai demult",
        "refused" => "GREȘIT",
        "waiting" => "bun, dar nepreluat din cauza celorlalte",
        other => other,
    }
}
