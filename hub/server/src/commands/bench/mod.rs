//! `punte bench`: the hub as a process of its own, measured over HTTP, beside what this machine can do at all.
//!
//! Six verbs per document: accept durably, validate, route to one of eight targets, translate, deliver over HTTP, and
//! a sealed receipt for both ends. The load and the targets run in this process and share the machine with the hub.

mod machine;
mod load;
mod process;
mod road;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use crate::config::Config;

use super::NO;
use machine::Machine;
use process::HubProcess;
use report::Report;

/// Measures this hub on this machine, in ratios to the machine's own limits.
#[derive(clap::Args)]
pub(super) struct Bench {
    /// Length of each of the measured phases.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Measure in this folder instead of a temporary one; choose the disk that will hold the data.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Parallel connections of the load.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Offer documents at this rate instead of looking for the highest that holds.
    #[arg(long, value_name = "PER_SECOND")]
    rate: Option<f64>,
    /// Store this many documents before measuring, to see whether cost grows with what is stored.
    #[arg(long, default_value_t = 0)]
    stored: u64,
}

impl Bench {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<u8> {
        let folder = self
            .data
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join(format!("punte-bench-{}", std::process::id())));
        std::fs::create_dir_all(&folder)?;
        let measured = self.measure(&config, &folder).await;
        if self.data.is_none() {
            // What cannot be removed is left to the system's own cleaning.
            let _ = std::fs::remove_dir_all(&folder);
        }
        let report = measured?;
        if self.json {
            println!("{}", report.to_json())
        } else {
            print!("{report}")
        }
        Ok(if report.lost == 0 && report.doubled == 0 { 0 } else { NO })
    }

    async fn measure(&self, config: &Config, folder: &std::path::Path) -> anyhow::Result<Report> {
        let phase = Duration::from_secs(self.seconds);
        let machine = Machine::measure(folder)?;
        let target = sandbox::Sink::start("127.0.0.1:0".parse()?).await?;

        // The door alone: accepted and sealed, nothing delivered yet.
        let door = HubProcess::start(folder, "door", config, &target.url(), 0).await?;
        if self.stored > 0 {
            load::store(door.address, self.connections, self.stored).await?;
        }
        let accepts = load::find_rate(door.address, self.connections, phase, self.rate).await?;
        let at_the_door = door.stop().await?;

        // The whole road.
        let hub = HubProcess::start(folder, "road", config, &target.url(), config.workers.max(1)).await?;
        let road = road::travel(&hub, &target, self.connections, phase, self.rate).await?;
        let on_the_road = hub.stop().await?;
        target.stop().await;
        Ok(Report::new(machine, accepts, at_the_door, road, on_the_road))
    }
}
