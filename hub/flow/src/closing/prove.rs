//! A proof, written line by line while registrations go on: it covers the numbers there were when it began.

use std::sync::Arc;

use hub_proofs::register_proof::{Closing, Gathering, Header, Nature, SeriesProof};
use tokio::sync::mpsc::Sender;

use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::message::Ids;
use crate::seal::Seal;

use super::model::SeriesRow;
use super::{sealing, store};

/// What a proof is read from and sealed with.
#[derive(Clone)]
pub struct Prover {
    /// The database.
    pub db: Db,
    /// The seal.
    pub seal: Seal,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
}

/// Writes the proof of these series, piece by piece. Whoever no longer listens ends it.
///
/// # Errors
/// The database does not answer, or nothing can be sealed now. What was written until then proves nothing.
pub async fn prove(
    prover: &Prover,
    wanted: &[SeriesRow],
    out: &Sender<Result<String, DbError>>,
) -> Result<(), DbError> {
    let at = prover.clock.now().to_utc();
    let header = Header { service: prover.seal.issuer.name.clone(), at };
    if out.send(Ok(header.to_line())).await.is_err() {
        return Ok(());
    }
    for row in wanted {
        if !prove_series(prover, row, out).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether somebody still listens.
async fn prove_series(
    prover: &Prover,
    row: &SeriesRow,
    out: &Sender<Result<String, DbError>>,
) -> Result<bool, DbError> {
    let first = row.first.unsigned_abs();
    if out.send(Ok(row.series.to_line(first))).await.is_err() {
        return Ok(false);
    }
    let mut gathering = Gathering::new(&row.series, first, row.count().unsigned_abs());
    let mut from = row.first;
    while from < row.next {
        let lines = store::page(&prover.db, &row.series, (from, row.next)).await?;
        let Some(last) = lines.last() else { break };
        from = i64::try_from(last.number).unwrap_or(i64::MAX).saturating_add(1);
        let mut piece = String::new();
        for line in &lines {
            gathering.add(line);
            piece += &line.to_line();
        }
        if out.send(Ok(piece)).await.is_err() {
            return Ok(false);
        }
    }
    // Read last: a year closed meanwhile is shown closed.
    if let Some(closed) = store::closed(&prover.db, &row.series).await? {
        let closing = Closing { document: closed.document, acts: closed.acts };
        if out.send(Ok(closing.to_line())).await.is_err() {
            return Ok(false);
        }
    }
    let now = prover.clock.now();
    let standing = gathering.finish();
    let sealed = sealing::seal(&prover.seal, (prover.ids.uuid(now), now), Nature::Statement, &row.series, standing)?;
    Ok(out.send(Ok(SeriesProof::statement_line(&sealed.document))).await.is_ok())
}
