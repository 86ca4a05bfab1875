//! `punte onrc`: the open data of the trade register on this machine.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use connectors_onrc::open_data::fetch_newest;
use connectors_onrc::snapshot::{Order, Progress, Purpose, Report, Stage, import};
use jiff::civil::Date;

use crate::assembly::system_micros;
use crate::config::Config;

/// Imports the open data of the trade register (see connectors/systems/onrc/README.md).
#[derive(clap::Args)]
pub(super) struct OnrcCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Import a snapshot from a folder with its CSV files, or the newest one of a catalogue (https://data.gov.ro).
    Import {
        /// The folder, or the address of the catalogue.
        source: String,
        /// The day of the snapshot, where the folder is not named firme-<day>.
        #[arg(long)]
        snapshot: Option<Date>,
        /// Import the files about persons too, for this purpose.
        #[arg(long, requires = "legal_base")]
        purpose: Option<String>,
        /// The law that allows it.
        #[arg(long, requires = "purpose")]
        legal_base: Option<String>,
        /// Take a snapshot that is older, much smaller or much worse than what is there.
        #[arg(long)]
        force: bool,
    },
}

impl OnrcCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<u8> {
        let Act::Import { source, snapshot, purpose, legal_base, force } = self.act;
        let store = config.data.join("onrc");
        let persons = purpose.zip(legal_base).map(|(purpose, legal_base)| Purpose { purpose, legal_base });
        let (files, day) = if source.starts_with("https://") || source.starts_with("http://") {
            let address = source.parse().context("the address of the catalogue")?;
            let fetched = fetch_newest(&address, &store.join("descarcat"), persons.is_some(), &mut tell_bytes).await?;
            (fetched.folder, Some(fetched.snapshot))
        } else {
            let day = day_of(Path::new(&source));
            (PathBuf::from(&source), day)
        };
        let Some(day) = snapshot.or(day) else {
            bail!("the folder's name does not tell the day of the snapshot; give it: --snapshot 2026-09-02");
        };
        let order_store = store.clone();
        let imported_at = system_micros() / 1_000_000;
        let report = tokio::task::spawn_blocking(move || {
            let order = Order {
                files: &files,
                store: &order_store,
                snapshot: day,
                imported_at,
                source,
                persons,
                forced: force,
            };
            import(&order, &mut tell)
        });
        summarise(&report.await.context("the import was interrupted")??);
        Ok(0)
    }
}

/// The day at the end of a folder's name: `firme-2026-09-02` or `firme-02-09-2026`.
fn day_of(folder: &Path) -> Option<Date> {
    let name = folder.file_name()?.to_str()?.strip_prefix("firme-")?;
    name.parse().ok().or_else(|| Date::strptime("%d-%m-%Y", name).ok())
}

fn tell_bytes(file: &str, have: u64, all: Option<u64>) {
    if std::io::stderr().is_terminal() {
        let all = all.map_or_else(String::new, |all| format!(" din {}", all / 1_000_000));
        eprint!("\r{file}: {}{all} MB   ", have / 1_000_000);
    }
}

fn tell(progress: &Progress<'_>) {
    let line = match progress.stage {
        Stage::Reading => {
            let rate = progress.rows as f64 / progress.took.as_secs_f64().max(0.001);
            let done = progress.bytes * 100 / progress.size.max(1);
            format!(
                "{}: {} rânduri ({done}%), {rate:.0}/s, respinse {}",
                progress.file, progress.rows, progress.refused
            )
        }
        Stage::Joining => "se sortează și se leagă fișierele".to_owned(),
        Stage::Comparing => "se compară cu instantaneul dinainte".to_owned(),
    };
    let finished = progress.stage != Stage::Reading || progress.bytes == progress.size;
    if std::io::stderr().is_terminal() {
        eprint!("\r{line:<78}{}", if finished { "\n" } else { "" });
        // A progress that cannot be shown is no reason to stop.
        let _shown = std::io::stderr().flush();
    } else if finished {
        eprintln!("{line}");
    }
}

fn summarise(report: &Report) {
    let counts = &report.facts.counts;
    println!(
        "Instantaneul din {} este importat: {} firme în {:.1?}.",
        report.facts.snapshot, counts.firms, report.took
    );
    for (reason, count) in &counts.refused {
        println!("  respinse: {count} – {reason}");
    }
    if !counts.refused.is_empty() {
        println!("  rândurile respinse: {}", report.rejects.display());
    }
    for (event, count) in &report.events {
        println!("  {event}: {count}");
    }
    if report.gone > 0 {
        println!("  firme care nu mai apar: {}", report.gone);
    }
}
