//! `punte register proof`.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use hub_flow::closing::{self, Prover};
use hub_flow::evidence::{Issuer, Seal};
use tokio::sync::mpsc;

use crate::assembly::SystemIds;
use crate::config::Config;
use crate::{commands::NO, seal};

use super::{Data, clock};

/// What to prove, and where to write it.
#[derive(clap::Args)]
pub(super) struct Proof {
    /// Every register of every institution, in every year.
    #[arg(long, conflicts_with_all = ["register", "year", "party"], required_unless_present_any = ["register", "year", "party"])]
    all: bool,
    /// Only this register.
    #[arg(long, value_name = "ID")]
    register: Option<String>,
    /// Only this year.
    #[arg(long)]
    year: Option<i64>,
    /// Only this institution.
    #[arg(long, value_name = "ID")]
    party: Option<String>,
    #[command(flatten)]
    data: Data,
    /// The file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Proof {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<u8> {
        let (config, db) = self.data.open(config).await?;
        let wanted = closing::series(&db, self.party.as_deref(), self.register.as_deref(), self.year).await?;
        if wanted.is_empty() {
            println!("Niciun registru nu are numere aici.");
            return Ok(NO);
        }
        let clock = clock(&db).await?;
        let opened = seal::open(&config, clock.now())?;
        let service = &config.service;
        let issuer = Issuer {
            name: service.name.clone(),
            cui: service.cui.clone(),
            policy: service.policy.clone(),
            delivery_policy: service.delivery_policy.clone(),
        };
        let prover = Prover { db, seal: Seal::new(opened.signer, issuer), clock, ids: Arc::new(SystemIds) };
        let numbers: i64 = wanted.iter().map(closing::SeriesRow::count).sum();
        let series = wanted.len();
        // Written beside and renamed, so that a file of this name is always whole.
        let beside = self.out.with_extension("part");
        let cannot = || format!("{} cannot be written", self.out.display());
        let mut file = std::io::BufWriter::new(std::fs::File::create(&beside).with_context(cannot)?);
        let (out, mut pieces) = mpsc::channel(4);
        let proving = tokio::spawn(async move { closing::prove(&prover, &wanted, &out).await });
        while let Some(piece) = pieces.recv().await {
            file.write_all(piece?.as_bytes()).with_context(cannot)?;
        }
        proving.await?.context("the proof cannot be read from the database")?;
        file.into_inner().map_err(|error| error.into_error()).with_context(cannot)?.sync_all().with_context(cannot)?;
        std::fs::rename(&beside, &self.out).with_context(cannot)?;
        println!("Dovada a {series} serii cu {numbers} numere este în {}", self.out.display());
        println!("Se verifică oriunde: punte verify --certificate SIGILIU.pem {}", self.out.display());
        Ok(0)
    }
}
