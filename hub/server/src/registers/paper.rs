//! The register and its closing act on paper.

use hub_flow::clock::Timestamp;
use hub_flow::closing::{self, Closed};
use hub_flow::db::DbError;
use hub_flow::extract::{self, Span};
use hub_flow::old_registers;
use hub_proofs::register_proof::{Document, Series};
use hub_receipts::register::{self, ClosingAct, ClosingNote, MOST_ROWS, Mark, Print, Row};
use hub_receipts::{Moment, ReceiptError};
use hub_register_files::{Column, Record, State, day_in_words};

use super::{Source, old, record};

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum NotPrinted {
    /// There is no such volume.
    #[error("there are {volumes} volumes")]
    NoVolume {
        /// How many there are.
        volumes: i64,
    },
    /// The paper cannot be made.
    #[error(transparent)]
    Paper(#[from] ReceiptError),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// A volume of a register on paper.
pub struct Printed {
    /// The file, PDF/A.
    pub bytes: Vec<u8>,
    /// How many volumes there are.
    pub volumes: i64,
}

/// How many volumes a register, or a span of it, has on paper: at least one.
///
/// # Errors
/// The database does not answer.
pub async fn volumes(source: &Source, span: &Span) -> Result<i64, DbError> {
    let rows = old_registers::count(&source.db, &old::part(span)).await? + extract::count(&source.db, span).await?;
    Ok(((rows + most() - 1) / most()).max(1))
}

fn most() -> i64 {
    i64::try_from(MOST_ROWS).unwrap_or(i64::MAX)
}

/// A volume of the register, or of a span of it, from 1. What was imported stands before what the hub numbered. One volume
/// is in memory at a time.
///
/// # Errors
/// [`NotPrinted`] says why there is no paper.
pub async fn printed(source: &Source, span: &Span, volume: i64) -> Result<Printed, NotPrinted> {
    let volumes = volumes(source, span).await?;
    if !(1..=volumes).contains(&volume) {
        return Err(NotPrinted::NoVolume { volumes });
    }
    let (begin, end) = ((volume - 1) * most(), volume * most());
    let imported = old::part(span);
    let old_rows = old_registers::count(&source.db, &imported).await?;
    let mut rows = Vec::new();
    if begin < old_rows {
        let taken = old_registers::rows(&source.db, &imported, (begin, most())).await?;
        rows.extend(taken.iter().map(|row| imported_on_paper(&old::record(row))));
    }
    let left = (end - begin) - i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let first = extract::behind(&source.db, span, (begin - old_rows).max(0)).await?;
    if let Some(first) = first.filter(|_| left > 0) {
        let taken = extract::page(&source.db, span, first, left).await?;
        rows.extend(taken.iter().map(|row| on_paper(&record(source, &span.party, row))));
    }
    let mut said = part(span);
    if volumes > 1 {
        let named = format!("volumul {volume} din {volumes}");
        said = if said.is_empty() { named } else { format!("{said}, {named}") };
    }
    let series = Series { party: span.party.clone(), register: span.register.clone(), year: span.year };
    let closed = closing::closed(&source.db, &series).await?;
    let facts = Print {
        party: span.party.clone(),
        institution: source.institution(&span.party),
        register_id: span.register.clone(),
        register: source.title(&span.party, &span.register),
        year: span.year,
        span: said,
        made_at: moment(source.now),
        service: source.service.clone(),
        rows,
        closing: closed.map(|closed| ClosingNote { at: moment(closed.at), act: closed.id.to_string() }),
    };
    let made = tokio::task::spawn_blocking(move || register::print(&facts)).await;
    let bytes = made.map_err(|error| DbError::Unavailable(error.to_string()))??;
    Ok(Printed { bytes, volumes })
}

/// A row that the hub did not number: marked, whatever else is noted beside it.
fn imported_on_paper(record: &Record) -> Row {
    let noted = record.reason.clone().unwrap_or_default();
    let mark = match record.state {
        State::Annulled => Mark::Annulled(noted),
        State::Struck => Mark::Struck(noted),
        State::Used | State::Reserved => Mark::Imported(noted),
    };
    Row { mark, ..on_paper(record) }
}

/// Which part of the year it is, in words; nothing for all of it.
fn part(span: &Span) -> String {
    let mut said = Vec::new();
    match (span.from > 1, span.to < i64::MAX) {
        (true, true) => said.push(format!("numerele {}–{}", span.from, span.to)),
        (true, false) => said.push(format!("de la numărul {}", span.from)),
        (false, true) => said.push(format!("până la numărul {}", span.to)),
        (false, false) => {}
    }
    if span.since.0 > i64::MIN {
        said.push(format!("de la {}", day_in_words(span.since.romanian_date())));
    }
    if span.until.0 < i64::MAX {
        said.push(format!("până la {}", day_in_words(span.until.plus_micros(-1).romanian_date())));
    }
    said.join(", ")
}

fn on_paper(record: &Record) -> Row {
    let text = |column| record.text(column);
    let issuer_date = text(Column::IssuerDate);
    let issuer_number = match (text(Column::IssuerNumber), issuer_date) {
        (number, date) if date.is_empty() => number,
        (number, date) if number.is_empty() => date,
        (number, date) => format!("{number} / {date}"),
    };
    let reason = record.reason.clone().unwrap_or_default();
    Row {
        number: text(Column::Number),
        date: text(Column::Date),
        issuer_number,
        pages: text(Column::Pages),
        annexes: text(Column::Annexes),
        issuer: text(Column::Issuer),
        subject: text(Column::Subject),
        unit: text(Column::Unit),
        sent: text(Column::Sent),
        resolution: text(Column::Resolution),
        addressee: text(Column::Addressee),
        connected: text(Column::Connected),
        file_code: text(Column::FileCode),
        mark: match record.state {
            State::Used => Mark::None,
            State::Annulled => Mark::Annulled(reason),
            State::Struck => Mark::Struck(reason),
            State::Reserved => Mark::Reserved(record.unit.clone().unwrap_or_default()),
        },
    }
}

/// The closing act for people, PDF/A.
///
/// # Errors
/// [`NotPrinted`] says why there is no paper.
pub async fn closing_act(source: &Source, closed: &Closed) -> Result<Vec<u8>, NotPrinted> {
    let sealed = hub_signatures::xades::examine(closed.document.as_bytes());
    let read = sealed.map_err(|error| error.to_string()).and_then(|examined| {
        let document = Document::read(&examined.covered).map_err(|error| error.to_string())?;
        Ok((document, *examined.certificate.sha256()))
    });
    let (document, certificate) = read.map_err(|error| DbError::Inconsistent {
        column: "document".to_owned(),
        expected: "a sealed closing act",
        found: error,
    })?;
    let seals = hub_flow::seal::all(&source.db).await?;
    let development = seals.iter().any(|one| one.sha256 == certificate && one.development);
    let standing = &document.standing;
    Ok(register::closing_act(&ClosingAct {
        id: document.id.clone(),
        institution: source.institution(&closed.series.party),
        register: source.title(&closed.series.party, &closed.series.register),
        year: closed.series.year,
        at: moment(closed.at),
        first: standing.first,
        last: standing.last(),
        count: standing.count,
        annulled: standing.annulled.to_string(),
        annulled_count: standing.annulled.count(),
        struck: standing.struck.to_string(),
        struck_count: standing.struck.count(),
        newest_link: hex::encode(standing.newest),
        acts: (standing.acts, hex::encode(standing.acts_digest)),
        author: closed.author.clone(),
        approver: closed.approver.clone(),
        sha256: hex::encode(closed.sha256),
        service: document.service.clone(),
        development,
    })?)
}

fn moment(at: Timestamp) -> Moment {
    Moment { utc: at.to_utc(), local: format!("{} (ora României)", at.to_romanian()) }
}
