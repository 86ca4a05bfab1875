//! `punte verify`

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::Value;

use crate::verdict::{self, Against};

use super::NO;

/// Verifies evidence files of this or any other service (EN 319 522). Needs no hub, no database and no network.
#[derive(clap::Args)]
pub(super) struct Verify {
    /// Evidence files (XML).
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Certificate of the seal, or of the authority above it (PEM).
    #[arg(long, value_name = "FILE", required_unless_present = "integrity_only")]
    certificate: Option<PathBuf>,
    /// Only whether the file is unchanged; whose signature it is, is then for you to judge.
    #[arg(long, conflicts_with = "certificate")]
    integrity_only: bool,
    /// Print the verdicts as JSON lines.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let certificate = self
            .certificate
            .as_ref()
            .map(|path| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display())))
            .transpose()?;
        let against = certificate.as_deref().map_or(Against::IntegrityOnly, Against::Certificate);
        let mut refused = 0;
        for path in &self.files {
            let file = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            let verdict = verdict::of(&file, &against);
            refused += u32::from(verdict.is_err());
            match (self.json, verdict) {
                (true, Ok(verdict)) => println!("{}", with_file(verdict, path)),
                (true, Err(error)) => {
                    let verdict = serde_json::json!({"verified": false, "error": error.to_string()});
                    println!("{}", with_file(verdict, path));
                }
                (false, Ok(verdict)) => print!("{}: VERIFICAT\n{}", path.display(), in_words(&verdict)),
                (false, Err(error)) => println!("{}: NU SE VERIFICĂ: {error}", path.display()),
            }
        }
        Ok(if refused == 0 { 0 } else { NO })
    }
}

fn with_file(mut verdict: Value, path: &std::path::Path) -> Value {
    verdict["file"] = path.display().to_string().into();
    verdict
}

fn in_words(verdict: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let evidence = &verdict["evidence"];
    let number = |value: &Value| {
        value["number"].as_str().map_or("-".to_owned(), |number| format!("{number} din {}", text(&value["date"])))
    };
    let names = |party: &Value| format!("{} ({})", party["name"].as_str().unwrap_or("-"), text(&party["id"]));
    let mut told = String::new();
    let mut line = |label: &str, value: String| told += &format!("  {label:<24} {value}\n");
    line("eveniment", text(&evidence["event"]));
    line("la", text(&evidence["event_time"]));
    line("emis de", text(&evidence["issuer"]));
    line("expeditor", names(&evidence["sender"]));
    for recipient in evidence["recipients"].as_array().into_iter().flatten() {
        line("destinatar", names(recipient));
    }
    line("mesaj", text(&evidence["message_id"]));
    line("nr. la expeditor", number(&evidence["sender_registration"]));
    line("nr. la destinatar", number(&evidence["recipient_registration"]));
    for part in evidence["parts"].as_array().into_iter().flatten() {
        line("conținut", format!("{} sha256 {}", text(&part["name"]), text(&part["digest"])));
    }
    line("sigiliu", text(&verdict["signer"]));
    if verdict["trusted"] == Value::Bool(false) {
        line("atenție", "doar integritatea a fost verificată, nu și a cui este semnătura".to_owned());
    }
    told
}
