//! `punte preserve` and `punte proofs`: renew hash trees, and show what weakens.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hub_flow::clock::Timestamp;
use hub_flow::db::Db;
use hub_flow::log::Lease;
use hub_flow::preservation::{Preserver, Turn, board, parse_algorithm, weakening};
use schemas::Catalogue;

use crate::assembly::{self, assemble, system_micros};
use crate::config::Config;
use crate::proofs::{advice, cause, group};

use super::NO;

/// Renews the hash trees of all batches to a stronger algorithm. It may be stopped and started again at any moment.
#[derive(Debug, clap::Args)]
pub(super) struct Preserve {
    /// The algorithm: sha384 or sha512.
    #[arg(long, value_name = "ALGORITHM")]
    renew_hash: String,
}

/// Lists the proofs that weaken before their documents may be forgotten.
#[derive(Debug, clap::Args)]
pub(super) struct Proofs {
    /// Days to look ahead.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    within_days: u32,
}

impl Preserve {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let wanted = parse_algorithm(&self.renew_hash)
            .with_context(|| format!("{:?} is not sha256, sha384 or sha512", self.renew_hash))?;
        let assembled = assemble(config).await?;
        let (hub, preservation) = (assembled.hub, assembled.preservation);
        if !preservation.is_on() {
            bail!("there is no time-stamping authority; configure [time_stamping]");
        }
        let lease = Arc::new(Lease::of(hub.ids.uuid(hub.clock.now())));
        let mut preserver = Preserver::new(Arc::clone(&hub), Arc::clone(&preservation), lease);
        let (mut renewed, mut damaged) = (0_u64, 0_u64);
        while let Some(turn) = preserver.renew_hash_tree(hub.clock.now(), wanted).await? {
            match turn {
                Turn::Renewed { batch, .. } => {
                    renewed += 1;
                    println!("lotul {batch}: reînnoit la {}", self.renew_hash);
                }
                Turn::Damaged { batch } => {
                    damaged += 1;
                    println!("lotul {batch}: STRICAT, nu se reînnoiește; rulați punte verify --log");
                }
                Turn::Waiting => bail!(
                    "the authority does not stamp: {}; run the command again, it goes on where it stopped",
                    preservation.trouble().unwrap_or_default()
                ),
                Turn::Elsewhere | Turn::Idle | Turn::Closed { .. } => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
        println!("{renewed} loturi reînnoite, {damaged} stricate");
        if config.preservation.algorithm != self.renew_hash {
            println!(
                "loturile noi folosesc încă {}: schimbați [preservation] algorithm",
                config.preservation.algorithm
            );
        }
        Ok(if damaged == 0 { 0 } else { NO })
    }
}

impl Proofs {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let db = Db::open(&config.database_url()).await.context("the database cannot be opened")?;
        let catalogue = Catalogue::builtin().context("the catalogue of document types is wrong")?;
        let preservation = assembly::preservation::preservation(config)?;
        let now = Timestamp(system_micros());
        let until = now.plus_seconds(i64::from(self.within_days) * 86_400);
        let lines = board(&db, (&preservation, &catalogue), now).await?;
        println!("Dovezi a căror putere slăbește în {} de zile", self.within_days);
        for line in lines.iter().filter(|line| line.weakens_at <= until) {
            let ((_, kind), id) = group(&line.group);
            let day = |at: Timestamp| at.romanian_date().strftime("%d.%m.%Y").to_string();
            let needed = line.needed_until.map_or_else(|| "permanent".to_owned(), |at| format!("până la {}", day(at)));
            let assumed = if line.assumed { " (termen presupus)" } else { "" };
            println!("  {}  {kind} {id}: {} dovezi, {}", day(line.weakens_at), line.evidences, cause(line.cause).1);
            println!("              păstrare {needed}{assumed}; {}", advice(line.advice).1);
        }
        println!("{} dovezi de îngrijit", weakening(&lines, until));
        Ok(0)
    }
}
