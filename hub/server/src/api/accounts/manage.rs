//! What changes accounts: invitation, roles, lock, and a new beginning.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hub_flow::authorization::{BuiltIn, Grant, Held, NotGiven, Who, may_give, to};
use hub_flow::clock::Timestamp;
use hub_flow::identity::{self, Account, AccountState, Token};
use serde::Deserialize;
use serde_json::Value;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::sign_in::managing::{Desk, NewAccount, link_path};

use super::refusals::{malformed, not_given, own_account, problem};
use super::{described, find};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    login: String,
    display_name: String,
    pseudonym: String,
    #[serde(default)]
    units: Vec<String>,
    #[serde(default)]
    grants: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grants {
    #[serde(default)]
    units: Vec<String>,
    grants: Vec<Given>,
}

/// A role as it is given: always in the caller's own institution.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    role: String,
    #[serde(default)]
    units: Vec<String>,
    #[serde(default)]
    registers: Vec<String>,
    #[serde(default)]
    dossier_groups: Vec<String>,
    #[serde(default)]
    document_types: Vec<String>,
    valid_from: Option<jiff::civil::Date>,
    valid_to: Option<jiff::civil::Date>,
}

impl Given {
    fn in_party(self, party: &str) -> Grant {
        Grant {
            role: self.role,
            party: party.to_owned(),
            units: self.units,
            registers: self.registers,
            dossier_groups: self.dossier_groups,
            document_types: self.document_types,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

/// Makes an account; its one-time link is in this answer and nowhere else.
///
/// # Errors
/// A problem document.
pub async fn invite(
    may: May<to::AccountsManage>,
    State(app): State<App>,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let new: Invitation = serde_json::from_slice(&body).map_err(|error| malformed(&error))?;
    let grants = given(&app, &may, new.grants, &[]).await?;
    let new = NewAccount {
        party: may.party.clone(),
        login: new.login,
        display_name: new.display_name,
        pseudonym: new.pseudonym,
        units: new.units,
        grants,
    };
    let by = may.principal.id();
    let (account, token, ends_at) = desk(&app, &by).invite(new).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(linked(&app, &account, (&token, ends_at)))))
}

/// Gives units and roles; the account's sessions end.
///
/// # Errors
/// A problem document.
pub async fn grant(
    may: May<to::GrantsManage>,
    State(app): State<App>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let account = others(&app, &may, &id).await?;
    let Grants { units, grants } = serde_json::from_slice(&body).map_err(|error| malformed(&error))?;
    let grants = given(&app, &may, grants, &account.grants).await?;
    let by = may.principal.id();
    let account = desk(&app, &by).grant(&account, units, grants).await.map_err(problem)?;
    app.sign_in.known.forget(account.id);
    Ok(Json(described(&account)))
}

/// Locks an account.
///
/// # Errors
/// A problem document.
pub async fn lock(
    may: May<to::AccountsManage>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    set(&app, &may, &id, AccountState::Locked).await
}

/// Unlocks an account.
///
/// # Errors
/// A problem document.
pub async fn unlock(
    may: May<to::AccountsManage>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    set(&app, &may, &id, AccountState::Active).await
}

/// Retires an account for good.
///
/// # Errors
/// A problem document.
pub async fn retire(
    may: May<to::AccountsManage>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    set(&app, &may, &id, AccountState::Retired).await
}

/// Takes away all an account proves itself with and gives a new one-time link.
///
/// # Errors
/// A problem document.
pub async fn reset(
    may: May<to::AccountsManage>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let account = others(&app, &may, &id).await?;
    // The link stands for all the account may do: it is for who could give that.
    givable(&app, &may, &account.grants).await?;
    let by = may.principal.id();
    let (account, token, ends_at) = desk(&app, &by).reset(&account).await.map_err(problem)?;
    app.sign_in.known.forget(account.id);
    Ok(Json(linked(&app, &account, (&token, ends_at))))
}

async fn set(app: &App, caller: &Caller, id: &str, state: AccountState) -> Result<Json<Value>, Problem> {
    let account = others(app, caller, id).await?;
    let by = caller.principal.id();
    let account = desk(app, &by).set_state(&account, state).await.map_err(problem)?;
    app.sign_in.known.forget(account.id);
    Ok(Json(described(&account)))
}

fn desk<'a>(app: &'a App, by: &'a str) -> Desk<'a> {
    Desk { hub: &app.hub, by, link_hours: app.sign_in.settings.invitation_hours.get() }
}

/// An account of the institution that is not the caller's own, and not of more weight than the caller.
async fn others(app: &App, caller: &Caller, id: &str) -> Result<Account, Problem> {
    let account = find(app, &caller.party, id).await?;
    if matches!(&caller.principal.who, Who::Person { account: own, .. } if *own == account.id.to_string()) {
        return Err(own_account());
    }
    // Who could reset an operator's account would be an operator a minute later.
    if account.has_role(BuiltIn::Operator.as_str()) && !caller.operator {
        return Err(not_given(BuiltIn::Operator.as_str(), &NotGiven::OfTheHub));
    }
    Ok(account)
}

/// Roles the caller may give, in its own institution; what the account holds already stays as it is.
async fn given(app: &App, caller: &Caller, wanted: Vec<Given>, before: &[Grant]) -> Result<Vec<Grant>, Problem> {
    let wanted: Vec<Grant> = wanted.into_iter().map(|given| given.in_party(&caller.party)).collect();
    let new: Vec<Grant> = wanted.iter().filter(|grant| !before.contains(grant)).cloned().collect();
    givable(app, caller, &new).await?;
    Ok(wanted)
}

/// Whether the caller may give all of this. What is no role for people is told by who keeps accounts.
async fn givable(app: &App, caller: &Caller, grants: &[Grant]) -> Result<(), Problem> {
    let today = app.hub.clock.now().romanian_date();
    let roles = identity::roles(&app.hub.db, &caller.party).await?;
    for held in grants.iter().filter_map(|grant| Held::of(grant.clone(), &roles)) {
        match may_give(&caller.principal, &held, today) {
            Ok(()) | Err(NotGiven::OfPrograms) => {}
            Err(not) => return Err(not_given(&held.grant.role, &not)),
        }
    }
    Ok(())
}

fn linked(app: &App, account: &Account, (token, ends_at): (&Token, Timestamp)) -> Value {
    let mut shown = described(account);
    shown["link"] = app.sign_in.place.at(&link_path(token)).into();
    shown["link_ends_at"] = ends_at.to_utc().into();
    shown
}
