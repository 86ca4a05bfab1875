//! `punte demo`
use crate::config::Config;
/// Demo.
#[derive(clap::Args)]
pub(super) struct Demo {}
impl Demo {
    pub(super) async fn run(self, _config: Config) -> anyhow::Result<u8> { Ok(0) }
}
