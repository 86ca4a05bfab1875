//! `punte register print` and `punte register export`.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use hub_flow::extract::Span;
use hub_receipts::register::MOST_ROWS;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::registers::{self, NotPrinted};

use super::{Data, source};

/// Which register, and which of its numbers.
#[derive(clap::Args)]
struct Which {
    /// The institution.
    #[arg(long, value_name = "ID")]
    party: String,
    /// The register.
    #[arg(long, value_name = "ID", default_value = "general")]
    register: String,
    /// The year.
    #[arg(long)]
    year: i64,
    /// From this number on.
    #[arg(long, value_name = "NUMBER")]
    from: Option<i64>,
    /// Up to this number.
    #[arg(long, value_name = "NUMBER")]
    to: Option<i64>,
}

impl Which {
    fn span(&self) -> Span {
        let whole = Span::whole(&self.party, &self.register, self.year);
        Span { from: self.from.unwrap_or(whole.from), to: self.to.unwrap_or(whole.to), ..whole }
    }
}

/// What to print, and where.
#[derive(clap::Args)]
pub(super) struct Print {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    data: Data,
    /// The file, PDF/A.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Print {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<u8> {
        let (config, db) = self.data.open(config).await?;
        let bytes = match registers::printed(&source(&config, db).await?, &self.which.span()).await {
            Err(NotPrinted::TooMany) => {
                bail!("a PDF has {MOST_ROWS} rows at most; print in parts, with --from and --to")
            }
            printed => printed?,
        };
        std::fs::write(&self.out, bytes).with_context(|| format!("{} cannot be written", self.out.display()))?;
        println!("Registrul este în {}", self.out.display());
        Ok(0)
    }
}

/// What to export, and where.
#[derive(clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    data: Data,
    /// The file; its ending says how: .csv or .xlsx.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Export {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<u8> {
        let cannot = || format!("{} cannot be written", self.out.display());
        let (config, db) = self.data.open(config).await?;
        let (source, span) = (source(&config, db).await?, self.which.span());
        match self.out.extension().and_then(std::ffi::OsStr::to_str) {
            Some("xlsx") => {
                let bytes = registers::xlsx(&source, &span).await?;
                std::fs::write(&self.out, bytes).with_context(cannot)?;
            }
            Some("csv") => {
                let (out, mut pieces) = mpsc::channel(4);
                let reading = tokio::spawn(async move { registers::csv(&source, &span, &out).await });
                let mut file = std::io::BufWriter::new(std::fs::File::create(&self.out).with_context(cannot)?);
                while let Some(piece) = pieces.recv().await {
                    file.write_all(piece?.as_bytes()).with_context(cannot)?;
                }
                reading.await?.context("the register cannot be read to its end")?;
                file.flush().with_context(cannot)?;
            }
            _ => bail!("{} ends neither in .csv nor in .xlsx", self.out.display()),
        }
        println!("Registrul este în {}", self.out.display());
        Ok(0)
    }
}
