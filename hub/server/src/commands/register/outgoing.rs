//! `punte register print` and `punte register export`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hub_flow::extract::Span;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::registers;

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
    /// The file, PDF/A; of a register of several volumes, a file for each (`r-vol-1.pdf`, …).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Print {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<u8> {
        let (config, db) = self.data.open(config).await?;
        let (source, span) = (source(&config, db).await?, self.which.span());
        let volumes = registers::volumes(&source, &span).await?;
        for volume in 1..=volumes {
            let printed = registers::printed(&source, &span, volume).await?;
            let file = if volumes > 1 { volume_of(&self.out, volume) } else { self.out.clone() };
            std::fs::write(&file, printed.bytes).with_context(|| format!("{} cannot be written", file.display()))?;
            println!("Registrul{} este în {}", said(volume, volumes), file.display());
        }
        Ok(0)
    }
}

/// `r.pdf` as `r-vol-2.pdf`.
fn volume_of(file: &Path, volume: i64) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}-vol-{volume}.pdf"))
}

fn said(volume: i64, volumes: i64) -> String {
    if volumes > 1 { format!(", volumul {volume} din {volumes},") } else { String::new() }
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
