//! `punte serve`

use crate::config::Config;
use crate::listen::{self, wait_for_stop};

pub(super) async fn run(config: Config) -> anyhow::Result<u8> {
    let running = listen::start(&config).await?;
    tracing::info!(address = %running.address, "the hub is open");
    wait_for_stop().await;
    tracing::info!("stopping: no new work, ending what is under way");
    running.stop().await;
    Ok(0)
}
