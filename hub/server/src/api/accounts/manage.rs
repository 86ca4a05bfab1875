//! What changes accounts: invitation, roles, lock, and a new beginning.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hub_flow::authorization::{Asked, BuiltIn, Grant, Permission, Scope, Who, allows, to};
use hub_flow::clock::Timestamp;
use hub_flow::identity::{Account, AccountState, Token};
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
struct Invitation {
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
struct Grants {
    #[serde(default)]
    units: Vec<String>,
    grants: Vec<Given>,
}

/// A role as it is given: always in the caller's own institution.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
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
    let grants = given(&app, &may, new.grants)?;
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
    let grants = given(&app, &may, grants)?;
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
        return Err(not_given(BuiltIn::Operator.as_str()));
    }
    Ok(account)
}

/// Roles the caller may give: in its own institution, and those of the hub only where it runs the hub.
fn given(app: &App, caller: &Caller, wanted: Vec<Given>) -> Result<Vec<Grant>, Problem> {
    let today = app.hub.clock.now().romanian_date();
    let asked = Asked { permission: Permission::GrantsManage, scope: Scope::default(), today };
    let may_give = allows(&caller.principal, &asked).is_allowed();
    let give = |given: Given| {
        let of_the_hub = given.role == BuiltIn::Operator.as_str() && !caller.operator;
        if of_the_hub || !may_give { Err(not_given(&given.role)) } else { Ok(given.in_party(&caller.party)) }
    };
    wanted.into_iter().map(give).collect()
}

fn linked(app: &App, account: &Account, (token, ends_at): (&Token, Timestamp)) -> Value {
    let mut shown = described(account);
    shown["link"] = app.sign_in.place.at(&link_path(token)).into();
    shown["link_ends_at"] = ends_at.to_utc().into();
    shown
}
