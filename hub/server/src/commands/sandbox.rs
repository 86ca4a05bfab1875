//! `punte sandbox`

use std::net::SocketAddr;
use std::sync::Arc;

use clap::ValueEnum;
use sandbox::{Esocial, TownHall};

use crate::assembly::system_micros;
use crate::listen::wait_for_stop;

/// Plays an institution at an address, with its contract and its faults (see sandbox/README.md).
#[derive(clap::Args)]
pub(super) struct Sandbox {
    /// Which institution.
    institution: Institution,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// For the town hall: the webhook secret it shares with the hub (`whsec_…`).
    #[arg(long, env = "PUNTE_WEBHOOK_SECRET", hide_env_values = true)]
    secret: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Institution {
    /// The county platform eSocial.
    Esocial,
    /// A town hall's own system, reached by signed webhook.
    TownHall,
}

impl Sandbox {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let clock: sandbox::Clock = Arc::new(|| system_micros() / 1_000_000);
        match self.institution {
            Institution::Esocial => {
                let twin = Esocial::start(self.listen, clock).await?;
                println!("eSocial is played at {}; faults at {0}/_sandbox/faults", twin.url());
                wait_for_stop().await;
                twin.stop().await;
            }
            Institution::TownHall => {
                let secret = self.secret.ok_or_else(|| anyhow::anyhow!("a town hall needs --secret whsec_…"))?;
                let twin = TownHall::start(self.listen, clock, &secret).await?;
                println!("a town hall is played at {}; faults at {0}/_sandbox/faults", twin.url());
                wait_for_stop().await;
                twin.stop().await;
            }
        }
        Ok(0)
    }
}
