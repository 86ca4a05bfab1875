//! `punte migrate`

use hub_flow::db::Db;

use crate::config::Config;

pub(super) async fn run(config: Config) -> anyhow::Result<u8> {
    std::fs::create_dir_all(&config.data)?;
    Db::open(&config.database_url()).await?;
    println!("the database schema is up to date");
    Ok(0)
}
