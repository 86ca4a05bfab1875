//! The course of an agreement: proposed, revised, approved by another, ended.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::directory::{Agreement, AgreementState, Expected, Kind, NoStep, Signature};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::directory::entry::{Said, Written, act, body, checked, make, of_id, put, version, wrong};
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

use super::list::{concerns, found, now};

/// Proposes an agreement; it lets nothing through before another approves it.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn propose(
    may: May<to::AgreementsChange>,
    clerk: Clerk,
    State(app): State<App>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let Written { entry, reason } = body(&bytes)?;
    let agreement = draft(&app, (&may, &clerk), entry)?;
    let id = agreement.id.clone();
    keep(&app, (&may, &clerk), agreement, (Expected::New, &reason)).await?;
    now(&app, &may, &id, StatusCode::CREATED)
}

/// Proposes a draft otherwise; who does so is its proposer. An approved one is ended and proposed anew under another id.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn revise(
    may: May<to::AgreementsChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path(id): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let held = found(&app, &may, &id)?;
    if held.entry.state != AgreementState::Draft {
        return Err(refused(NoStep::State(held.entry.state)));
    }
    let expected = Expected::Version(version(&headers)?);
    let Written { entry, reason } = body(&bytes)?;
    let agreement = draft(&app, (&may, &clerk), of_id(entry, &id))?;
    keep(&app, (&may, &clerk), agreement, (expected, &reason)).await?;
    now(&app, &may, &id, StatusCode::OK)
}

/// Approves the version in `If-Match`; from its first day on it lets documents through.
///
/// # Errors
/// A problem document; also where the same person proposed it, or what the national framework asks for is not written.
pub async fn approve(
    may: May<to::AgreementsChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path(id): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    step(&app, (&may, &clerk), &id, (&headers, &bytes), Agreement::approved).await
}

/// Ends the version in `If-Match`: from now on it lets nothing through.
///
/// # Errors
/// A problem document.
pub async fn end(
    may: May<to::AgreementsChange>,
    (clerk, headers): (Clerk, HeaderMap),
    State(app): State<App>,
    Path(id): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    step(&app, (&may, &clerk), &id, (&headers, &bytes), Agreement::ended).await
}

type Step = fn(Agreement, Signature) -> Result<Agreement, NoStep>;

async fn step(
    app: &App,
    (caller, clerk): (&Caller, &Clerk),
    id: &str,
    (headers, bytes): (&HeaderMap, &[u8]),
    step: Step,
) -> Result<Response, Problem> {
    let expected = Expected::Version(version(headers)?);
    let Said { reason } = body(bytes)?;
    let held = found(app, caller, id)?;
    let agreement = step(held.entry, signature(app, (caller, clerk))?).map_err(refused)?;
    keep(app, (caller, clerk), agreement, (expected, &reason)).await?;
    now(app, caller, id, StatusCode::OK)
}

/// What was sent, as a draft of who sends it; state and signatures are never the sender's to say.
fn draft(app: &App, (caller, clerk): (&Caller, &Clerk), mut written: Value) -> Result<Agreement, Problem> {
    if let Some(fields) = written.as_object_mut() {
        fields.remove("state");
        fields.remove("signatures");
    }
    let entry = checked(app, Kind::Agreement, written)?;
    let agreement: Agreement = serde_json::from_value(entry.document).expect("it was read as one just now");
    if !concerns(app, &app.hub.directory(), caller, &agreement) {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Propuneți acorduri în care instituția dumneavoastră trimite sau primește",
            "Propose agreements in which your institution sends or receives",
        ));
    }
    Ok(agreement.proposed(signature(app, (caller, clerk))?))
}

fn signature(app: &App, (caller, clerk): (&Caller, &Clerk)) -> Result<Signature, Problem> {
    let (party, clerk) = (caller.party.clone(), clerk.person()?.to_owned());
    Ok(Signature { act: String::new(), party, clerk, at: app.hub.clock.now().to_utc() })
}

async fn keep(
    app: &App,
    who: (&Caller, &Clerk),
    agreement: Agreement,
    (expected, reason): (Expected, &str),
) -> Result<(), Problem> {
    let act = act(app, who, reason)?;
    let document = serde_json::to_value(&agreement).expect("agreements are plain data");
    let entry = hub_flow::directory::Entry { kind: Kind::Agreement, id: agreement.id, document };
    make(app, &[put(entry, expected)], &act).await.map(|_| ())
}

fn refused(why: NoStep) -> Problem {
    match why {
        NoStep::State(state) => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                "Starea acordului nu permite pasul: doar un acord propus se schimbă și se aprobă; pentru altul, încetați-l și propuneți unul nou, cu alt id",
                "The agreement's state does not allow the step: only a draft is changed and approved; otherwise end it and propose another under a new id",
            )
            .with("state", json!(state)),
        NoStep::SamePerson => Problem::of(&problems::SECOND_CLERK_NEEDED).detail(
            "Cine a propus acordul nu îl poate și aproba; cereți altei persoane",
            "Who proposed the agreement cannot approve it too; ask another person",
        ),
        NoStep::Incomplete(fields) => {
            let violation = |field: &&str| {
                hub_flow::lookup::question::violation(
                    format!("/{field}"),
                    "required",
                    format!("Completați {field}: fără el fluxul nu respectă Cadrul Național de Interoperabilitate (HG 908/2017)"),
                    format!("Fill in {field}: without it the flow does not meet the national framework (HG 908/2017)"),
                )
            };
            wrong(&fields.iter().map(violation).collect::<Vec<_>>())
        }
    }
}
