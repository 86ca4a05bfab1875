//! `/v1/registers/{register}/{year}/closing`: a year is closed by two clerks, and the act is kept.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hub_flow::audit::{Audited, Kind, Outcome};
use hub_flow::authorization::to;
use hub_flow::closing::{self, Closed, NotClosed, Proposal};
use hub_flow::directory::Right;
use hub_flow::flow::{Proposed, approve_closing, propose_closing};
use hub_proofs::register_proof::Series;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;
use crate::registers;

use super::source;

/// In which form.
#[derive(Deserialize)]
pub struct Choice {
    format: Option<String>,
}

/// What the first clerk decides.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wish {
    strike_unused: bool,
}

/// How the year stands; of a closed one the act, as JSON, as the sealed XML (`?format=xml`) or as PDF for people
/// (`?format=pdf`).
///
/// # Errors
/// A problem document.
pub async fn show(
    (caller, clerk): (May<to::RegistersRead>, Clerk),
    State(app): State<App>,
    Path((register, year)): Path<(String, i64)>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Response, Problem> {
    clerk.may(&app, &caller, &register, Right::See)?;
    let series = Series { party: caller.party.clone(), register, year };
    let format = wanted.format.as_deref().unwrap_or("json");
    let Some(closed) = closing::closed(&app.hub.db, &series).await? else {
        return if format == "json" { open(&app, &series).await } else { Err(not_closed(&series)) };
    };
    let file = |kind: &'static str, ending: &str, bytes: Vec<u8>| {
        let name = format!("inchidere-{}-{}.{ending}", closed.series.register, closed.series.year);
        let disposition = format!("attachment; filename=\"{name}\"");
        ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
    };
    match format {
        "json" => Ok(Json(told(&closed)).into_response()),
        "xml" => Ok(file("application/xml", "xml", closed.document.clone().into_bytes())),
        "pdf" => {
            let paper = registers::closing_act(&source(&app), &closed).await.map_err(super::outgoing::not_printed)?;
            Ok(file("application/pdf", "pdf", paper))
        }
        other => Err(Problem::of(&problems::MALFORMED_REQUEST)
            .detail(
                format!("Parametrul format nu poate fi {other:?}; scrieți json, xml sau pdf"),
                format!("The parameter format cannot be {other:?}; write json, xml or pdf"),
            )
            .with("field", "format")),
    }
}

async fn open(app: &App, series: &Series) -> Result<Response, Problem> {
    let row = closing::series(&app.hub.db, Some(&series.party), Some(&series.register), Some(series.year)).await?;
    let unused = closing::unused(&app.hub.db, series).await?;
    let annulments = closing::annulments(&app.hub.db, series).await?;
    let proposal = closing::proposal(&app.hub.db, series).await?;
    Ok(Json(json!({
        "party": series.party,
        "register": series.register,
        "year": series.year,
        "state": if proposal.is_some() { "proposed" } else { "open" },
        "first": row.first().map(|row| row.first),
        "last": row.first().map(|row| row.next - 1),
        "count": row.first().map_or(0, closing::SeriesRow::count),
        "annulled_count": closing::annulled(&app.hub.db, series).await?,
        "unused": unused,
        "annulments": annulments,
        "proposal": proposal.as_ref().map(proposed),
    }))
    .into_response())
}

/// A clerk draws the closing up (`{"strike_unused": true}` has numbers kept and never used struck out); it waits for another
/// clerk. A closed year answers its act.
///
/// # Errors
/// A problem document that lists what stands in the way.
pub async fn propose(
    (caller, clerk): (May<to::RegistersClose>, Clerk),
    State(app): State<App>,
    Path((register, year)): Path<(String, i64)>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    clerk.may(&app, &caller, &register, Right::Register)?;
    let wish: Wish = if body.is_empty() { Wish::default() } else { read(&body)? };
    let series = Series { party: caller.party.clone(), register, year };
    let author = clerk.person()?.to_owned();
    let proposal = Proposal { series, author, strike_unused: wish.strike_unused, at: app.hub.clock.now() };
    match propose_closing(&app.hub, proposal).await?.map_err(refused)? {
        Proposed::Waiting(proposal) => {
            let row = closing::series(
                &app.hub.db,
                Some(&proposal.series.party),
                Some(&proposal.series.register),
                Some(proposal.series.year),
            );
            let count = row.await?.first().map_or(0, closing::SeriesRow::count);
            let unused = closing::unused(&app.hub.db, &proposal.series).await?;
            let mut answer = proposed(&proposal);
            answer["count"] = count.into();
            answer["to_be_struck"] = json!(unused);
            Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
        }
        Proposed::Closed(closed) => Ok(Json(told(&closed)).into_response()),
    }
}

/// Another clerk approves it, and the year is closed. Approved again, it answers the same act.
///
/// # Errors
/// A problem document that lists what stands in the way.
pub async fn approve(
    (caller, clerk): (May<to::RegistersApproveClosing>, Clerk),
    State(app): State<App>,
    Path((register, year)): Path<(String, i64)>,
) -> Result<Json<Value>, Problem> {
    clerk.may(&app, &caller, &register, Right::Approve)?;
    clerk.person()?;
    if let Some(halt) = app.hub.halted() {
        return Err(halt.into());
    }
    let series = Series { party: caller.party.clone(), register, year };
    let closed = approve_closing(&app.hub, series, clerk.author()).await?.map_err(refused)?;
    Ok(Json(told(&closed)))
}

/// Takes a closing that waits back.
///
/// # Errors
/// A problem document.
pub async fn withdraw(
    (caller, clerk): (May<to::RegistersClose>, Clerk),
    (State(app), trail): (State<App>, Trail),
    Path((register, year)): Path<(String, i64)>,
) -> Result<StatusCode, Problem> {
    clerk.may(&app, &caller, &register, Right::Register)?;
    clerk.person()?;
    let event = trail.act(&app.hub, &caller, Kind::ClosingWithdrawn).on(format!("{register}/{year}"));
    let series = Series { party: caller.party.clone(), register, year };
    let withdraw = Audited::new(std::sync::Arc::new(closing::Withdraw), |gone| gone.then_some(Outcome::Done));
    let gone = app.hub.db.write(&withdraw, (series, event)).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(refused(NotClosed::NotProposed)) }
}

fn read(body: &[u8]) -> Result<Wish, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST).detail(
            format!("Corpul cererii este gol sau {{\"strike_unused\": true}}; nu se citește: {error}"),
            format!("The body is empty or {{\"strike_unused\": true}}; it cannot be read: {error}"),
        )
    })
}

fn proposed(proposal: &Proposal) -> Value {
    json!({
        "party": proposal.series.party,
        "register": proposal.series.register,
        "year": proposal.series.year,
        "state": "proposed",
        "author": proposal.author,
        "strike_unused": proposal.strike_unused,
        "proposed_at": proposal.at.to_utc(),
    })
}

/// The act; author and approver with the salt that binds them to the sealed document, which names nobody.
fn told(closed: &Closed) -> Value {
    json!({
        "party": closed.series.party,
        "register": closed.series.register,
        "year": closed.series.year,
        "state": "closed",
        "id": closed.id,
        "closed_at": closed.at.to_utc(),
        "author": closed.author,
        "approver": closed.approver,
        "persons_salt": hex::encode(closed.salt),
        "sha256": hex::encode(closed.sha256),
        "numbers": numbers(closed),
        "document": closed.document,
    })
}

/// What the sealed act says of the numbers.
fn numbers(closed: &Closed) -> Value {
    let read = hub_signatures::xades::examine(closed.document.as_bytes()).ok();
    let read = read.and_then(|one| hub_proofs::register_proof::Document::read(&one.covered).ok());
    let Some(standing) = read.map(|document| document.standing) else { return Value::Null };
    json!({
        "first": standing.first,
        "last": standing.last(),
        "count": standing.count,
        "annulled": standing.annulled.to_string(),
        "annulled_count": standing.annulled.count(),
        "struck": standing.struck.to_string(),
        "struck_count": standing.struck.count(),
        "newest_link": hex::encode(standing.newest),
        "acts": standing.acts,
        "acts_digest": hex::encode(standing.acts_digest),
    })
}

fn not_closed(series: &Series) -> Problem {
    Problem::of(&problems::NOT_FOUND).detail(
        format!("Anul {} al registrului {} nu este închis", series.year, series.register),
        format!("The year {} of the register {} is not closed", series.year, series.register),
    )
}

fn refused(why: NotClosed) -> Problem {
    let problem = Problem::of(&problems::CLOSING_REFUSED);
    match why {
        NotClosed::NotEnded { year } => problem
            .detail(
                format!("Anul {year} nu s-a încheiat (ora României); închideți-l după 31 decembrie"),
                format!("The year {year} has not ended (Romanian time); close it after 31 December"),
            )
            .with("cause", "not-ended"),
        NotClosed::NotProposed => problem
            .detail(
                "Nimeni nu a întocmit închiderea; un funcționar o întocmește cu POST …/closing, apoi altul o aprobă",
                "Nobody has drawn up the closing; one clerk does with POST …/closing, then another approves it",
            )
            .with("cause", "not-proposed"),
        NotClosed::SameClerk => problem
            .detail(
                "Închiderea o aprobă alt funcționar decât cel care a întocmit-o (antetul Punte-Clerk)",
                "The closing is approved by another clerk than the one who drew it up (header Punte-Clerk)",
            )
            .with("cause", "same-clerk")
            .with("field", "Punte-Clerk"),
        NotClosed::Unused(unused) => problem
            .detail(
                format!(
                    "{} numere rezervate sau alocate nu au document; completați-le, anulați-le, sau întocmiți închiderea cu \
                     {{\"strike_unused\": true}}",
                    unused.len()
                ),
                format!(
                    "{} reserved or allocated numbers have no document; fill them, annul them, or draw the closing up with \
                     {{\"strike_unused\": true}}",
                    unused.len()
                ),
            )
            .with("cause", "unused-numbers")
            .with("unused", json!(unused)),
        NotClosed::Annulments(numbers) => problem
            .detail(
                format!(
                    "Anularea a {} numere așteaptă al doilea funcționar; aprobați-o sau respingeți-o întâi, cu POST …/approve-annulment sau …/refuse-annulment",
                    numbers.len()
                ),
                format!(
                    "The annulment of {} numbers waits for a second clerk; approve or refuse it first, with POST …/approve-annulment or …/refuse-annulment",
                    numbers.len()
                ),
            )
            .with("cause", "pending-annulments")
            .with("annulments", json!(numbers)),
    }
}
