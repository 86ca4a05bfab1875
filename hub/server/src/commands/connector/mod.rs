//! `punte connector`: the tools of whoever adds a system.

mod new;
mod record;
mod scrub;
mod test;

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::Config;

/// Makes, tries and records systems (see docs/integrators.md).
#[derive(clap::Args)]
pub(super) struct Connector {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Make the folder of a new system, which already passes.
    New(new::New),
    /// Try folders of systems against twins made of them, and say what to change.
    Test(test::Test),
    /// Print the JSON Schema of manifests, for editors.
    Schema,
    /// Stand between a client and a real system, and write what is exchanged as scrubbed exchanges.
    Record(record::Record),
}

impl Connector {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        match self.act {
            Act::New(new) => new.run(),
            Act::Test(test) => test.run(config).await,
            Act::Schema => {
                print!("{}", connectors_contract::manifest::SCHEMA);
                Ok(0)
            }
            Act::Record(record) => record.run(config).await,
        }
    }
}

/// Where the systems of this place are: the folders of the configuration, or `connectors/systems` of a checkout.
fn roots(config: &Config) -> Vec<PathBuf> {
    let checkout = PathBuf::from("connectors/systems");
    config.systems.iter().cloned().chain(checkout.is_dir().then_some(checkout)).collect()
}
