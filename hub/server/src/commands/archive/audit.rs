//! `punte archive audit`: every document of the vault is read and checked, now.

use anyhow::Context as _;
use hub_vault::{Examined, Fault, Flaw};

use crate::assembly::vault::vault;
use crate::commands::NO;
use crate::config::Config;

/// Reads every document of the vault and says which are not as they were; mends them from the replica.
#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    /// Megabytes read a second at most; as fast as it goes where absent.
    #[arg(long, value_name = "MB")]
    megabytes_per_second: Option<u64>,
}

impl Audit {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let vault = vault(config)?;
        let examination = vault.examine(self.megabytes_per_second.map(|megabytes| megabytes * 1_000_000));
        let (mut after, mut blobs, mut bytes, mut lost) = (String::new(), 0_u64, 0_u64, 0_u64);
        loop {
            let places = examination.places(&after, 500).await.context("the store does not answer")?;
            let Some(last) = places.last().cloned() else { break };
            for place in &places {
                let found = examination.blob_at(place).await.with_context(|| format!("la {place}"))?;
                blobs += 1;
                bytes += found.checked;
                lost += u64::from(tell(&found));
            }
            after = last;
        }
        println!("{blobs} documente verificate, {} MB citiți, {lost} stricate și nereparate", bytes / 1_000_000);
        Ok(if lost == 0 { 0 } else { NO })
    }
}

/// Prints what is wrong; answers whether it still is.
fn tell(found: &Examined) -> bool {
    for fault in &found.faults {
        let address = found.address.map_or_else(|| "necunoscută".to_owned(), hex::encode);
        let end = if fault.mended { "reparat din cealaltă copie" } else { "NEREPARAT" };
        println!("{}: {}, {end} (adresa {address})", found.name, words(fault));
    }
    found.faults.iter().any(|fault| !fault.mended)
}

fn words(fault: &Fault) -> String {
    let what = match &fault.flaw {
        Flaw::KeyMissing => "cheia documentului lipsește".to_owned(),
        Flaw::KeyDamaged => "cheia documentului este stricată".to_owned(),
        Flaw::MasterKeyMissing(id) => format!("cheia {id} lipsește din fișierul de chei"),
        Flaw::Missing => "documentul lipsește".to_owned(),
        Flaw::Damaged(what) => format!("documentul este stricat ({what})"),
    };
    format!("{what} în {}", fault.store)
}
