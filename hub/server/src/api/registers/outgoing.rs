//! What leaves a register: its proof, CSV, XLSX and paper.

use std::marker::PhantomData;

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hub_flow::authorization::{Permission, Permits, to};
use hub_flow::clock::Timestamp;
use hub_flow::closing::{self, Prover};
use hub_flow::db::DbError;
use hub_flow::directory::Right;
use hub_flow::extract::Span;
use jiff::civil::Date;
use serde::Deserialize;
use tokio::sync::mpsc::{self, Receiver};

use crate::api::App;
use crate::api::arguments::{Argument, Names};
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::openapi::Operation;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;
use crate::registers::{self, NotPrinted};

use super::source;

/// Pieces of a file that wait for whoever reads it.
const AHEAD: usize = 4;

/// Which rows: numbers, or days of registration, both ends included.
#[derive(Deserialize)]
pub struct Part {
    from: Option<i64>,
    to: Option<i64>,
    since: Option<String>,
    until: Option<String>,
    /// Of paper: which volume, from 1.
    volume: Option<i64>,
}

/// The proof of a year: numbers, digests, links, states, the closing act and a sealed statement; no personal data.
///
/// # Errors
/// A problem document.
pub async fn proof(
    (caller, clerk): (May<to::RegistersExport>, Clerk),
    State(app): State<App>,
    Path((register, year)): Path<(String, i64)>,
) -> Result<Response, Problem> {
    clerk.may(&app, &caller, &register, Right::See)?;
    if let Some(halt) = app.hub.halted() {
        return Err(halt.into());
    }
    let series = closing::series(&app.hub.db, Some(&caller.party), Some(&register), Some(year)).await?;
    if series.is_empty() {
        return Err(no_numbers(&register, year));
    }
    let (out, pieces) = mpsc::channel(AHEAD);
    let hub = &app.hub;
    let prover = Prover { db: hub.db.clone(), seal: hub.seal.clone(), clock: hub.clock.clone(), ids: hub.ids.clone() };
    tokio::spawn(async move {
        if let Err(error) = closing::prove(&prover, &series, &out).await {
            // The file breaks off: it has no statement, and proves nothing.
            let _ = out.send(Err(error)).await;
        }
    });
    Ok(file("application/jsonl", &format!("dovada-{register}-{year}.jsonl"), streamed(pieces)))
}

/// The rows a request asks for that may do `P`, of a register its clerk may see.
pub struct Extract<P> {
    app: App,
    span: Span,
    volume: Option<i64>,
    permission: PhantomData<P>,
}

impl<P: Permits> Argument for Extract<P> {
    fn describe(into: &mut Operation) {
        Path::<(String, i64)>::describe(into);
        Wanted::<Part>::describe(into);
        Clerk::describe(into);
    }
}

impl<P: Permits> Names for Extract<P> {
    const PERMISSION: Permission = P::PERMISSION;
}

impl<P: Permits> FromRequestParts<App> for Extract<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = May::<P>::from_request_parts(parts, app).await?;
        let clerk = Clerk::from_request_parts(parts, app).await?;
        let path: Result<Path<(String, i64)>, _> = Path::from_request_parts(parts, app).await;
        let Path((register, year)) = path.map_err(|_| Problem::of(&problems::NOT_FOUND))?;
        let Wanted(part) = Wanted::<Part>::from_request_parts(parts, app).await?;
        clerk.may(app, &caller, &register, Right::See)?;
        let span = span(&caller.party, (&register, year), &part)?;
        Ok(Self { app: app.clone(), span, volume: part.volume, permission: PhantomData })
    }
}

impl<P> Extract<P> {
    fn file(&self, kind: &str, ending: &str, body: Body) -> Response {
        file(kind, &format!("registru-{}-{}.{ending}", self.span.register, self.span.year), body)
    }
}

/// The register as CSV.
///
/// # Errors
/// A problem document.
pub async fn csv(extract: Extract<to::RegistersExport>) -> Result<Response, Problem> {
    let (out, pieces) = mpsc::channel(AHEAD);
    let (source, span) = (source(&extract.app), extract.span.clone());
    tokio::spawn(async move {
        if let Err(error) = registers::csv(&source, &span, &out).await {
            let _ = out.send(Err(error)).await;
        }
    });
    Ok(extract.file("text/csv; charset=utf-8", "csv", streamed(pieces)))
}

/// The register as XLSX.
///
/// # Errors
/// A problem document.
pub async fn xlsx(extract: Extract<to::RegistersExport>) -> Result<Response, Problem> {
    let bytes = registers::xlsx(&source(&extract.app), &extract.span).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(extract.file(kind, "xlsx", Body::from(bytes)))
}

/// The register on paper, PDF/A: one volume, the first where none is named. `Punte-Volumes` says how many there are, and
/// the head of every page which of them it is.
///
/// # Errors
/// A problem document.
pub async fn print(extract: Extract<to::RegistersExport>) -> Result<Response, Problem> {
    let volume = extract.volume.unwrap_or(1);
    let printed = registers::printed(&source(&extract.app), &extract.span, volume).await.map_err(not_printed)?;
    let ending = if printed.volumes > 1 { format!("vol-{volume}.pdf") } else { "pdf".to_owned() };
    let mut response = extract.file("application/pdf", &ending, Body::from(printed.bytes));
    response.headers_mut().insert("punte-volumes", printed.volumes.into());
    Ok(response)
}

pub(super) fn not_printed(why: NotPrinted) -> Problem {
    match why {
        NotPrinted::NoVolume { volumes } => Problem::of(&problems::NOT_FOUND)
            .detail(
                format!("Registrul are {volumes} volume; parametrul volume este între 1 și {volumes}"),
                format!("The register has {volumes} volumes; the parameter volume is between 1 and {volumes}"),
            )
            .with("volumes", volumes),
        NotPrinted::Database(error) => error.into(),
        NotPrinted::Paper(error) => {
            tracing::error!(%error, "a register could not be printed");
            Problem::of(&problems::UNAVAILABLE)
        }
    }
}

fn no_numbers(register: &str, year: i64) -> Problem {
    Problem::of(&problems::NOT_FOUND).detail(
        format!("Registrul {register} nu are niciun număr în anul {year}"),
        format!("The register {register} has no number in the year {year}"),
    )
}

/// The part of a year that a request names.
fn span(party: &str, (register, year): (&str, i64), part: &Part) -> Result<Span, Problem> {
    let whole = Span::whole(party, register, year);
    let day = |name: &'static str, text: &Option<String>| text.as_deref().map(|text| day(name, text)).transpose();
    Ok(Span {
        from: part.from.unwrap_or(whole.from).max(1),
        to: part.to.unwrap_or(whole.to),
        since: day("since", &part.since)?.map_or(whole.since, |(begins, _)| begins),
        until: day("until", &part.until)?.map_or(whole.until, |(_, ends)| ends),
        ..whole
    })
}

/// The first moment of a day in Romania, and that of the next day.
pub(super) fn day(name: &'static str, text: &str) -> Result<(Timestamp, Timestamp), Problem> {
    let noon = text.parse::<Date>().ok().and_then(|day| Timestamp::parse_utc(&format!("{day}T12:00:00Z")));
    noon.map(Timestamp::romanian_day).ok_or_else(|| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(
                format!("Parametrul {name} este o zi, scrisă 2026-03-31; nu {text:?}"),
                format!("The parameter {name} is a day, written 2026-03-31; not {text:?}"),
            )
            .with("field", name)
    })
}

fn streamed(pieces: Receiver<Result<String, DbError>>) -> Body {
    Body::from_stream(futures_util::stream::unfold(pieces, |mut pieces| async {
        let piece = pieces.recv().await?;
        let piece = piece.map(Bytes::from).map_err(|error| {
            tracing::error!(%error, "a register could not be sent to its end");
            std::io::Error::other(error.to_string())
        });
        Some((piece, pieces))
    }))
}

fn file(kind: &str, name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}
