//! `punte bench`
use crate::config::Config;
/// Measures.
#[derive(clap::Args)]
pub(super) struct Bench {}
impl Bench {
    pub(super) async fn run(self, _config: Config) -> anyhow::Result<u8> {
        Ok(0)
    }
}
