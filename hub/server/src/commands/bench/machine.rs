//! What the machine can do at all, measured in the same run.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use hub_signatures::signer::{FileSigner, Signer as _, development_seal};

const EACH: Duration = Duration::from_secs(1);
const ROWS: usize = 100;

/// The machine's own limits, per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    /// `fdatasync` of 4 KiB.
    pub(super) fdatasyncs: f64,
    /// Rows of 2 KiB, a hundred per durable SQLite commit.
    pub(super) batched_inserts: f64,
    /// P-256 signatures on one core.
    pub(super) signatures: f64,
}

impl Machine {
    pub(super) fn measure(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            fdatasyncs: fdatasyncs(folder)?,
            batched_inserts: batched_inserts(folder)?,
            signatures: signatures()?,
        })
    }
}

fn per_second(mut act: impl FnMut() -> anyhow::Result<usize>) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < EACH {
        count += act()?;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

fn fdatasyncs(folder: &Path) -> anyhow::Result<f64> {
    let path = folder.join("fdatasync");
    let mut file = std::fs::File::create(&path)?;
    let rate = per_second(|| {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        Ok(1)
    })?;
    std::fs::remove_file(path)?;
    Ok(rate)
}

fn batched_inserts(folder: &Path) -> anyhow::Result<f64> {
    let path = folder.join("inserts.db");
    let connection = rusqlite::Connection::open(&path)?;
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; create table held (id blob primary key, body text);",
    )?;
    let body = "x".repeat(2048);
    let mut next = 0_u128;
    let rate = per_second(|| {
        connection.execute_batch("begin immediate")?;
        let mut insert = connection.prepare_cached("insert into held (id, body) values (?1, ?2)")?;
        for _ in 0..ROWS {
            next += 1;
            insert.execute((next.to_be_bytes(), &body))?;
        }
        connection.execute_batch("commit")?;
        Ok(ROWS)
    })?;
    drop(connection);
    for suffix in ["", "-wal", "-shm"] {
        // The write-ahead log goes with its database when the last connection closes.
        let _ = std::fs::remove_file(folder.join(format!("inserts.db{suffix}")));
    }
    Ok(rate)
}

fn signatures() -> anyhow::Result<f64> {
    let (key, certificate) = development_seal("bench", 0, 1, 1)?;
    let signer = FileSigner::from_pem(&key, &certificate)?;
    let message = [7; 2048];
    per_second(|| {
        signer.sign(&message)?;
        Ok(1)
    })
}
