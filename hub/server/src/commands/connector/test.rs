//! `punte connector test`

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use connectors_contract::SystemFolder;

use crate::assembly;
use crate::commands::NO;
use crate::config::Config;

/// Tries folders of systems against twins made of them. Nothing leaves this machine.
#[derive(clap::Args)]
pub(super) struct Test {
    /// Names of systems, or paths of their folders.
    systems: Vec<String>,
    /// Every system there is.
    #[arg(long, conflicts_with = "systems")]
    all: bool,
}

impl Test {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let folders = self.folders(config)?;
        let engines = assembly::engines(config)?;
        let (mut clean, mut wrong) = (0, 0);
        for path in &folders {
            let folder = match SystemFolder::read(path) {
                Ok(folder) => folder,
                Err(error) => {
                    wrong += 1;
                    println!(
                        "Sistemul {}\n  greșit    manifestul și schimburile se pot citi\n            {error}",
                        path.display()
                    );
                    continue;
                }
            };
            let wanted = &folder.manifest.engine;
            let Some(engine) = engines.iter().find(|engine| engine.name() == wanted) else {
                wrong += 1;
                let there: Vec<_> = engines.iter().map(|engine| engine.name()).collect();
                println!(
                    "Sistemul {}\n  greșit    motorul {wanted} există\n            există: {}",
                    path.display(),
                    there.join(", ")
                );
                continue;
            };
            let report = connectors_conformance::check(&**engine, &folder).await;
            print!("{report}");
            if report.is_clean() { clean += 1 } else { wrong += 1 }
        }
        println!("{clean} sisteme în regulă, {wrong} de îndreptat");
        Ok(if wrong == 0 { 0 } else { NO })
    }

    fn folders(&self, config: &Config) -> anyhow::Result<Vec<PathBuf>> {
        let roots = super::roots(config);
        let mut folders = Vec::new();
        if self.all {
            for root in &roots {
                let entries =
                    std::fs::read_dir(root).with_context(|| format!("{} nu se poate citi", root.display()))?;
                for entry in entries {
                    let path = entry?.path();
                    if path.join("manifest.toml").exists() {
                        folders.push(path);
                    }
                }
            }
            folders.sort();
        }
        for system in &self.systems {
            let named = roots.iter().map(|root| root.join(system)).find(|path| path.join("manifest.toml").exists());
            let path = named.unwrap_or_else(|| PathBuf::from(system));
            if !path.join("manifest.toml").exists() {
                bail!("{system} nu este nici un sistem din {roots:?}, nici un dosar cu manifest.toml");
            }
            folders.push(path);
        }
        if folders.is_empty() {
            bail!("numiți sisteme sau dosare, sau --all într-un loc care are connectors/systems");
        }
        Ok(folders)
    }
}
