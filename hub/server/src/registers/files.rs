//! Registers as files, what was imported first: read a page at a time, so that a large one is never whole in memory.

use hub_flow::db::DbError;
use hub_flow::extract::{self, Span};
use hub_flow::old_registers;
use hub_register_files::{CsvWriter, XlsxWriter};
use tokio::sync::mpsc::Sender;

use super::{Source, old, record};

/// Rows read at once.
const PAGE: i64 = 1_000;

/// Writes CSV, piece by piece; whoever no longer listens ends it.
///
/// # Errors
/// The database does not answer: the file is then not whole.
pub async fn csv(source: &Source, span: &Span, out: &Sender<Result<String, DbError>>) -> Result<(), DbError> {
    if out.send(Ok(CsvWriter::beginning())).await.is_err() {
        return Ok(());
    }
    let mut before = 0;
    loop {
        let rows = old_registers::rows(&source.db, &old::part(span), (before, PAGE)).await?;
        if rows.is_empty() {
            break;
        }
        before += PAGE;
        if out.send(Ok(rows.iter().map(|row| CsvWriter::row(&old::record(row))).collect())).await.is_err() {
            return Ok(());
        }
    }
    let mut from = span.from;
    loop {
        let rows = extract::page(&source.db, span, from, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        from = last.number + 1;
        let piece = rows.iter().map(|row| CsvWriter::row(&record(source, &span.party, row))).collect();
        if out.send(Ok(piece)).await.is_err() {
            return Ok(());
        }
    }
}

/// The same as XLSX: rows go through a temporary file, and only the packed file is in memory.
///
/// # Errors
/// The database does not answer, or the temporary file cannot be written.
pub async fn xlsx(source: &Source, span: &Span) -> Result<Vec<u8>, DbError> {
    let full = |error: std::io::Error| DbError::Unavailable(format!("the file cannot be written: {error}"));
    let title = format!("{} {}", source.title(&span.party, &span.register), span.year);
    let mut file = XlsxWriter::new(&title).map_err(full)?;
    let mut before = 0;
    loop {
        let rows = old_registers::rows(&source.db, &old::part(span), (before, PAGE)).await?;
        if rows.is_empty() {
            break;
        }
        before += PAGE;
        for row in &rows {
            file.add(&old::record(row)).map_err(full)?;
        }
    }
    let mut from = span.from;
    loop {
        let rows = extract::page(&source.db, span, from, PAGE).await?;
        let Some(last) = rows.last() else { break };
        from = last.number + 1;
        for row in &rows {
            file.add(&record(source, &span.party, row)).map_err(full)?;
        }
    }
    tokio::task::spawn_blocking(move || file.finish())
        .await
        .map_err(|error| DbError::Unavailable(error.to_string()))?
        .map_err(full)
}
