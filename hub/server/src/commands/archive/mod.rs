//! `punte archive`: the archive and its vault.

mod keys;
mod audit;
mod findings;
mod carry;
mod export;
mod import;
mod package;
mod desk;

use clap::Subcommand;

use crate::config::Config;

/// Looks after the archive: its keys, and whether every document is still as it was.
#[derive(clap::Args)]
pub(super) struct Archive {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Work with nomenclator, dossiers and inventories.
    #[command(flatten)]
    Desk(desk::Task),
    /// Make and rotate master keys.
    Keys(keys::Keys),
    /// Read every document of the vault and say which are not as they were; mend them from the replica.
    Audit(audit::Audit),
    /// List archived documents that are damaged, and close what somebody acted on.
    Findings(findings::Findings),
    /// Write everything of an institution into a folder: plain files, a signed list of their hashes.
    Export(export::Export),
    /// Write dossiers as E-ARK packages, for an archive that takes them over.
    Package(package::Package),
    /// Read the folder of an export into this hub, which has nothing of the institution yet.
    Import(import::Import),
}

impl Archive {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        match self.act {
            Act::Desk(task) => task.run().await,
            Act::Keys(keys) => keys.run(config).await,
            Act::Audit(audit) => audit.run(config).await,
            Act::Findings(findings) => findings.run(config).await,
            Act::Export(export) => export.run(config).await,
            Act::Package(package) => package.run(config).await,
            Act::Import(import) => import.run(config).await,
        }
    }
}
