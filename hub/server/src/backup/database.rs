//! The database as it is at one moment, while the hub writes on: SQLite by its own copy of a snapshot, PostgreSQL by
//! `pg_dump`, and the way back.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use hub_flow::db;
use openssl::sha::Sha256;
use tokio::process::Command;
use url::Url;

use crate::config::Config;

use super::manifest::{DatabaseCopy, MARK};

/// The file of each engine in a copy.
const SQLITE: &str = "punte.db";
const POSTGRES: &str = "punte.pgdump";

/// Copies the database into the folder.
pub(super) async fn copy(config: &Config, to: &Path) -> anyhow::Result<DatabaseCopy> {
    File::create(to.join(MARK)).and_then(|mut mark| mark.write_all(b"punte\n"))?;
    let url = config.database_url();
    let (engine, name) = if url.starts_with("sqlite:") { ("sqlite", SQLITE) } else { ("postgres", POSTGRES) };
    let (file, beside) = (to.join(name), to.join(format!("{name}.new")));
    // Of one that was broken off.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    if let Some(path) = url.strip_prefix("sqlite:") {
        let (from, to) = (Path::new(path).to_owned(), beside.clone());
        tokio::task::spawn_blocking(move || db::snapshot(&from, &to)).await?.context("the database is not copied")?;
    } else {
        let mut command = client("pg_dump", &url)?;
        command.args(["--format=custom", "--no-owner", "--file"]).arg(&beside);
        run(command, "pg_dump").await?;
    }
    File::open(&beside)?.sync_all()?;
    let (sha256, bytes) = hashed(&beside)?;
    std::fs::rename(&beside, &file)?;
    Ok(DatabaseCopy { engine: engine.to_owned(), file: name.to_owned(), sha256, bytes })
}

/// Whether the place of the database is of the copy's engine, and empty.
pub(super) async fn empty(config: &Config, database: &DatabaseCopy) -> anyhow::Result<()> {
    let url = config.database_url();
    match (database.engine.as_str(), url.strip_prefix("sqlite:")) {
        ("sqlite", Some(path)) if !Path::new(path).exists() => Ok(()),
        ("sqlite", Some(path)) => bail!("there is a database already: {path}; a copy is restored into an empty hub"),
        ("postgres", None) => {
            let mut look = client("psql", &url)?;
            look.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command"]);
            look.arg("select count(*) from pg_tables where schemaname = current_schema()");
            if run(look, "psql").await?.trim() != "0" {
                bail!("the database is not empty; a copy is restored into an empty hub");
            }
            Ok(())
        }
        (engine, _) => bail!("the copy is of {engine}, and the configuration names another engine"),
    }
}

/// Puts the database of a copy into its place, which is empty.
pub(super) async fn restore(config: &Config, copy: &Path, database: &DatabaseCopy) -> anyhow::Result<()> {
    let url = config.database_url();
    let file = copy.join(&database.file);
    if let Some(path) = url.strip_prefix("sqlite:") {
        return super::folders::copied(&file, Path::new(path)).context("the database is not restored");
    }
    let mut command = client("pg_restore", &url)?;
    let name = Url::parse(&url)?.path().trim_start_matches('/').to_owned();
    command.args(["--no-owner", "--exit-on-error", "--single-transaction", "--dbname", &name]).arg(&file);
    run(command, "pg_restore").await.map(drop)
}

/// A program of PostgreSQL's, told by its environment where the server is: arguments are seen by everybody on a machine.
fn client(program: &str, url: &str) -> anyhow::Result<Command> {
    let url = Url::parse(url).context("the database URL is wrong")?;
    let mut command = Command::new(program);
    command.env("PGHOST", url.host_str().unwrap_or("localhost")).env("PGUSER", url.username());
    command.env("PGPORT", url.port().unwrap_or(5432).to_string());
    command.env("PGDATABASE", url.path().trim_start_matches('/'));
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", password);
    }
    for (key, value) in url.query_pairs() {
        if key == "sslmode" {
            command.env("PGSSLMODE", value.as_ref());
        }
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

async fn run(mut command: Command, program: &str) -> anyhow::Result<String> {
    let output = command.output().await.with_context(|| {
        format!("{program} cannot be started; it comes with PostgreSQL's clients (Debian: postgresql-client)")
    })?;
    if !output.status.success() {
        bail!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// SHA-256 of a file in hex, and its length.
pub(super) fn hashed(path: &Path) -> std::io::Result<(String, u64)> {
    let (mut file, mut hash, mut length) = (File::open(path)?, Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex::encode(hash.finish()), length));
        }
        hash.update(&buffer[..read]);
        length += read as u64;
    }
}
