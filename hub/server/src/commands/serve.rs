//! `punte serve`

use crate::config::Config;
use crate::listen;

pub(super) async fn run(config: Config) -> anyhow::Result<u8> {
    let stop = listen::stop_asked();
    let running = listen::start(&config).await?;
    tracing::info!(address = %running.address, "the hub is open");
    stop.await;
    tracing::info!("stopping: no new work, ending what is under way");
    running.stop().await;
    Ok(0)
}
