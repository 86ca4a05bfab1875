//! `punte credential`: what the systems of an institution prove themselves with.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde_json::{Value, json};

use super::client::{Hub, told};

/// Keys, secrets and certificates of systems.
#[derive(clap::Args)]
pub(super) struct Credential {
    #[command(flatten)]
    hub: Hub,
    /// Print the hub's answer as JSON.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Issue a key or secret, or register a public key or certificate; a secret is printed once.
    Issue {
        /// The system, by its id in the directory.
        #[arg(long)]
        system: String,
        /// `api_key`, `client_secret`, `client_key` or `certificate`.
        #[arg(long, default_value = "api_key")]
        kind: String,
        /// What it is for.
        #[arg(long)]
        label: String,
        /// Narrow it to this permission; may be given again.
        #[arg(long = "operation", value_name = "PERMISSION")]
        operations: Vec<String>,
        /// Days it lives.
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
        #[command(flatten)]
        material: Material,
    },
    /// Give one a successor; both count during the overlap.
    Rotate {
        /// Its id.
        id: String,
        /// Seconds in which both count.
        #[arg(long, value_name = "SECONDS")]
        overlap_seconds: Option<i64>,
        #[command(flatten)]
        material: Material,
    },
    /// Take one back, with the tokens that were given for it.
    Revoke {
        /// Its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List them.
    List {
        /// Of this system alone.
        #[arg(long)]
        system: Option<String>,
    },
}

/// What a client gives of itself.
#[derive(clap::Args)]
struct Material {
    /// Public key, a file with a JSON Web Key.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// Certificate, a PEM file.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Bind the certificate's public key, so that it may be renewed with the same one.
    #[arg(long)]
    bind_public_key: bool,
}

impl Material {
    fn read(&self) -> anyhow::Result<Value> {
        let text = |path: &PathBuf| {
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let mut material = json!({});
        if let Some(path) = &self.public_key {
            material["public_key"] =
                serde_json::from_str(&text(path)?).with_context(|| format!("{} is no JSON Web Key", path.display()))?;
        }
        if let Some(path) = &self.certificate {
            material["certificate"] = text(path)?.into();
            material["bind_public_key"] = self.bind_public_key.into();
        }
        Ok(material)
    }
}

impl Credential {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let (path, body) = match &self.act {
            Act::List { system } => {
                let query = system.as_ref().map_or(String::new(), |system| {
                    let encoded: String = url::form_urlencoded::byte_serialize(system.as_bytes()).collect();
                    format!("?system={encoded}")
                });
                let answer = self.hub.get(&format!("/v1/credentials{query}")).await?;
                self.print(&answer, &listed(&answer));
                return Ok(0);
            }
            Act::Issue { system, kind, label, operations, expires_in_days, material } => {
                let operations = (!operations.is_empty()).then_some(operations);
                let body = json!({
                    "system": system, "kind": kind, "label": label, "operations": operations,
                    "expires_in_days": expires_in_days, "material": material.read()?,
                });
                ("/v1/credentials".to_owned(), body)
            }
            Act::Rotate { id, overlap_seconds, material } => {
                let body = json!({"overlap_seconds": overlap_seconds, "material": material.read()?});
                (format!("/v1/credentials/{id}/rotate"), body)
            }
            Act::Revoke { id, reason } => (format!("/v1/credentials/{id}/revoke"), json!({"reason": reason})),
        };
        let answer = self.hub.post(&path, &body).await?;
        if !answer.status.is_success() {
            bail!("{}", told(&answer.body));
        }
        self.print(&answer.body, &one(&answer.body));
        Ok(0)
    }

    fn print(&self, answer: &Value, words: &str) {
        if self.json {
            println!("{answer:#}");
        } else {
            print!("{words}");
        }
    }
}

fn listed(answer: &Value) -> String {
    answer["items"].as_array().into_iter().flatten().map(one).collect()
}

/// A credential in words.
fn one(item: &Value) -> String {
    let text = |name: &str| item[name].as_str().unwrap_or("-");
    let state = match text("state") {
        "active" => "în vigoare",
        "expired" => "expirat",
        _ => "retras",
    };
    let mut told = format!(
        "{} {}: {} ({state} până la {})\n  {}; folosit ultima dată: {}\n",
        text("id"),
        text("system"),
        text("kind_ro"),
        text("expires_at"),
        text("label"),
        text("last_used_at"),
    );
    if let Some(operations) = item["operations"].as_array() {
        let names: Vec<&str> = operations.iter().filter_map(Value::as_str).collect();
        told += &format!("  numai pentru: {}\n", names.join(", "));
    }
    if let Some(secret) = item["secret"].as_str() {
        told += &format!("  secretul, arătat o singură dată: {secret}\n");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_told_with_its_secret_where_it_has_one() {
        let mut item = json!({
            "id": "0190", "system": "spas", "kind_ro": "cheie API", "state": "active", "label": "Registratura",
            "expires_at": "2027-11-22T00:00:00.000Z", "last_used_at": null, "operations": ["registers.read"],
        });
        let told = one(&item);
        assert!(told.contains("în vigoare") && told.contains("numai pentru: registers.read"), "{told}");
        assert!(!told.contains("secretul"));
        item["secret"] = "pk_x".into();
        assert!(one(&item).contains("o singură dată: pk_x"));
    }
}
