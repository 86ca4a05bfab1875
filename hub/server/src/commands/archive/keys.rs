//! `punte archive keys`: master keys of the vault.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;
use hub_flow::audit::{AuditEvent, Kind, RecordEvents};
use hub_flow::clock::Timestamp;
use hub_flow::db::Db;
use hub_vault::MasterKeys;

use crate::assembly::system_micros;
use crate::assembly::vault::{SystemWorld, key_file, vault, write_secret};
use crate::commands::NO;
use crate::config::Config;

/// Makes and rotates master keys.
#[derive(Debug, clap::Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make the key file, or add a key to it that wraps from the next start on.
    New {
        /// Id of the key, like 2026: small letters, digits and -.
        id: String,
    },
    /// Wrap every data key under the current master key; documents are not rewritten. It may be stopped and started again.
    Rotate,
}

impl Keys {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        match self.act {
            Act::New { id } => new(&key_file(config), &id),
            Act::Rotate => rotate(config).await,
        }
    }
}

fn new(path: &Path, id: &str) -> anyhow::Result<u8> {
    if !path.exists() {
        let text = MasterKeys::begin(id, &SystemWorld);
        MasterKeys::parse(&text)?;
        write_secret(path, &text).with_context(|| format!("{} cannot be written", path.display()))?;
        println!("Cheia {id} este în {}.", path.display());
        println!("Păstrați o copie a fișierului în alt loc: fără el, niciun document arhivat nu mai poate fi citit.");
        return Ok(0);
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let changed = MasterKeys::with_another(&text, id, &SystemWorld)?;
    // Beside the old one first: a crash leaves one of the two whole.
    let beside = path.with_extension("nou");
    write_secret(&beside, &changed).with_context(|| format!("{} cannot be written", beside.display()))?;
    std::fs::rename(&beside, path).with_context(|| format!("{} cannot be written", path.display()))?;
    println!("Cheia {id} este cea curentă. Reporniți hubul, apoi: punte archive keys rotate");
    Ok(0)
}

async fn rotate(config: &Config) -> anyhow::Result<u8> {
    let vault = vault(config)?;
    let mut rotation = vault.rotate();
    let told = loop {
        let (told, ended) = rotation.step().await.context("rotation stopped; run it again, it goes on")?;
        if ended {
            break told.clone();
        }
    };
    let db = Db::open(&config.database_url()).await.context("the rotation is not in the audit; run it again")?;
    let now = Timestamp(system_micros());
    let event = AuditEvent::of_hub(Kind::VaultKeyRotated, now, "command-line").on(vault.keys().current());
    db.write(&Arc::new(RecordEvents), vec![event]).await.context("the rotation is not in the audit; run it again")?;
    println!("{} chei de date sunt acum sub cheia {}, {} erau deja", told.wrapped, vault.keys().current(), told.before);
    for (id, count) in &told.left {
        println!("{count} chei de date NU au putut fi trecute: cheia {id} lipsește din fișier ori ele sunt stricate");
    }
    if !told.left.is_empty() {
        return Ok(NO);
    }
    for id in vault.keys().ids().skip(1) {
        println!(
            "cheia {id} nu mai este folosită: poate fi scoasă din fișierul de chei, după ce toate nodurile au repornit"
        );
    }
    Ok(0)
}
