//! `/v1/accounts`: the people of the caller's institution.

mod manage;
mod refusals;

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::identity::{self, Account, AccountId, Factor};
use serde_json::{Value, json};

use crate::api::request::Path;
use crate::problems;

pub(super) use refusals::not_given;

use super::App;
use super::door::Door;
use super::may::May;
use super::problem::Problem;

/// Accounts.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/accounts", list)
        .post("/v1/accounts", manage::invite)
        .taking::<manage::Invitation>()
        .get("/v1/accounts/{account}", show)
        .get("/v1/accounts/{account}/history", history)
        .put("/v1/accounts/{account}/grants", manage::grant)
        .taking::<manage::Grants>()
        .post("/v1/accounts/{account}/lock", manage::lock)
        .post("/v1/accounts/{account}/unlock", manage::unlock)
        .post("/v1/accounts/{account}/retire", manage::retire)
        .post("/v1/accounts/{account}/reset", manage::reset)
}

/// The accounts of the institution, by login.
///
/// # Errors
/// A problem document.
pub async fn list(may: May<to::AccountsRead>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let accounts = identity::accounts(&app.hub.db, &may.party, 1000).await?;
    Ok(Json(json!({"items": accounts.iter().map(described).collect::<Vec<_>>()})))
}

/// An account, with the kinds of what it proves itself with.
///
/// # Errors
/// A problem document.
pub async fn show(
    may: May<to::AccountsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &may.party, &id).await?;
    let factors = identity::factors(&app.hub.db, account.id).await?;
    let told = |factor: &Factor| {
        json!({
            "kind": factor.kind,
            "label": factor.label,
            "created_at": factor.created_at.to_utc(),
            "used_at": factor.used_at.map(|at| at.to_utc()),
        })
    };
    let mut shown = described(&account);
    shown["factors"] = factors.iter().map(told).collect();
    Ok(Json(shown))
}

/// Who changed what of an account, oldest first.
///
/// # Errors
/// A problem document.
pub async fn history(
    may: May<to::AccountsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &may.party, &id).await?;
    let versions = identity::versions(&app.hub.db, account.id).await?;
    let told = versions.into_iter().map(|version| {
        let content: Value = serde_json::from_str(&version.content).unwrap_or_default();
        json!({"version": version.version, "at": version.at.to_utc(), "act": version.act, "by": version.by, "account": content})
    });
    Ok(Json(json!({"items": told.collect::<Vec<_>>()})))
}

/// An account of an institution; what is another's does not exist.
async fn find(app: &App, party: &str, id: &str) -> Result<Account, Problem> {
    let absent = || Problem::of(&problems::NOT_FOUND);
    let id: AccountId = id.parse().map_err(|_| absent())?;
    let account = identity::account(&app.hub.db, id).await?;
    account.filter(|account| account.party == party).ok_or_else(absent)
}

fn described(account: &Account) -> Value {
    json!({
        "account": account.id,
        "party": account.party,
        "login": account.login,
        "display_name": account.display_name,
        "pseudonym": account.pseudonym,
        "units": account.units,
        "grants": account.grants,
        "state": account.state,
        "state_ro": account.state.in_romanian(),
        "version": account.version,
        "changed_at": account.changed_at.to_utc(),
    })
}
