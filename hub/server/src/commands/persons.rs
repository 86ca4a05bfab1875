//! `punte persons`: the keys of persons' identifiers.

use std::sync::Arc;

use anyhow::bail;
use clap::Subcommand;
use hub_flow::persons::{Rekey, under_others};

use crate::assembly::open_beside;
use crate::config::Config;

/// Identifiers of one lot.
const LOT: i64 = 500;

/// The keys of persons' identifiers.
#[derive(clap::Args)]
pub(super) struct PersonsCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Put every identifier under the current key of the key file. On PostgreSQL the hub may run; it opens both meanwhile.
    Rekey,
}

impl PersonsCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let Act::Rekey = self.act;
        let keys = config.person_keys()?;
        let (db, _held) = open_beside(config).await?;
        let verb = Arc::new(Rekey);
        let mut done = 0;
        loop {
            let lot = under_others(&db, keys.current(), LOT).await?;
            if lot.is_empty() {
                println!("{done} identificatori trecuți sub cheia {}", keys.current());
                return Ok(0);
            }
            for (party, old) in lot {
                let random = crate::assembly::random();
                let Some(new) = keys.again(&party, &old, random) else {
                    bail!(
                        "an identifier of {party} is under the key {}, which is not in the key file or does not open it; add that key",
                        old.key_id
                    );
                };
                done += usize::from(db.write(&verb, (party, new, old)).await?);
            }
        }
    }
}
