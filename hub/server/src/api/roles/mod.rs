//! `/v1/roles`: the roles that can be given to people, those every hub has and those the institution makes.
//!
//! A role is defined and changed by who may give it, never by who holds it. What is withdrawn gives nothing any more, and its
//! id is not used again.

mod refusals;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use hub_flow::audit::Kind;
use hub_flow::authorization::{BuiltIn, Grant, Held, Permission, PermissionSet, Role, may_give, to};
use hub_flow::identity::{self, KeepRole, RoleChange, RoleVersion};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::audit::Trail;
use super::caller::Caller;
use super::directory::entry::{answer, version};
use super::door::Door;
use super::may::May;
use super::problem::Problem;
use super::request::{Path, SmallBody};

use refusals::{changed, id_wrong, malformed, name_wrong, no_permission, own_role, withdrawn};

/// Longest name, in characters.
const LONGEST_NAME: usize = 120;
/// Longest id, in characters.
const LONGEST_ID: usize = 64;

/// Roles.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/roles", list)
        .get("/v1/roles/{role}", show)
        .put("/v1/roles/{role}", define)
        .taking::<Definition>()
        .post("/v1/roles/{role}/withdraw", withdraw)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    name_en: String,
    permissions: Vec<Permission>,
    reason: Option<String>,
}

/// The roles for people, those of the hub first; withdrawn ones too, and said so.
///
/// # Errors
/// A problem document.
pub async fn list(may: May<to::AccountsRead>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let roles = identity::roles(&app.hub.db, &may.party).await?;
    let people = BuiltIn::ALL.into_iter().filter(|role| *role != BuiltIn::PartnerSystem);
    let items: Vec<Value> = people.map(of_the_hub).chain(roles.iter().map(described)).collect();
    Ok(Json(json!({ "items": items })))
}

/// A role of the institution, with all its versions.
///
/// # Errors
/// The institution has none of this id.
pub async fn show(
    may: May<to::AccountsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let role = found(&app, &may, &id).await?.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let versions = identity::role_versions(&app.hub.db, &may.party, &id).await?;
    let told = |one: &RoleVersion| {
        let mut told = described(&one.role);
        told["at"] = one.at.to_utc().into();
        told["by"] = one.by.as_str().into();
        told
    };
    let mut shown = described(&role);
    shown["versions"] = versions.iter().map(told).collect();
    Ok(answer(StatusCode::OK, &shown))
}

/// Defines a role, or changes the version in `If-Match`. Who holds it may do what it says now within two seconds.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn define(
    may: May<to::GrantsManage>,
    (trail, headers): (Trail, HeaderMap),
    State(app): State<App>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let wanted: Definition = serde_json::from_slice(&body).map_err(|error| malformed(&error))?;
    checked(&id, &wanted)?;
    let before = found(&app, &may, &id).await?;
    let version = match &before {
        None if headers.contains_key(header::IF_MATCH) => return Err(Problem::of(&problems::NOT_FOUND)),
        None => 1,
        Some(role) => next(role, &headers)?,
    };
    let role = Role {
        id,
        party: may.party.clone(),
        name_ro: wanted.name.trim().to_owned(),
        name_en: wanted.name_en.trim().to_owned(),
        permissions: wanted.permissions.iter().copied().collect::<PermissionSet>().iter().collect(),
        version,
        withdrawn: false,
    };
    let kind = if before.is_some() { Kind::RoleChanged } else { Kind::RoleDefined };
    keep(&app, &may, (&trail, kind, wanted.reason), role).await
}

/// Withdraws the version in `If-Match` for good: grants of it give nothing any more.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn withdraw(
    may: May<to::GrantsManage>,
    (trail, headers): (Trail, HeaderMap),
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let role = found(&app, &may, &id).await?.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let version = next(&role, &headers)?;
    keep(&app, &may, (&trail, Kind::RoleWithdrawn, None), Role { version, withdrawn: true, ..role }).await
}

async fn keep(
    app: &App,
    caller: &Caller,
    (trail, kind, reason): (&Trail, Kind, Option<String>),
    role: Role,
) -> Result<Response, Problem> {
    // Who could change a role it holds would give itself what it wants.
    if caller.principal.grants.iter().any(|held| held.grant.role == role.id) {
        return Err(own_role());
    }
    let permissions = if role.withdrawn { PermissionSet::NONE } else { role.permissions.iter().copied().collect() };
    let held = Held { grant: Grant::of(&role.id, &role.party), permissions };
    let today = app.hub.clock.now().romanian_date();
    may_give(&caller.principal, &held, today).map_err(|not| super::accounts::not_given(&role.id, &not))?;
    let details = json!({"version": role.version, "permissions": role.permissions});
    let event = trail.act(&app.hub, caller, kind).on(&role.id).because(reason).with(details);
    let shown = described(&role);
    let status = if role.version == 1 { StatusCode::CREATED } else { StatusCode::OK };
    let change = RoleChange { role, event, by: caller.principal.id() };
    if !app.hub.db.write(&Arc::new(KeepRole), change).await? {
        return Err(changed());
    }
    app.sign_in.known.forget_party(&caller.party);
    Ok(answer(status, &shown))
}

/// The version after the one that is named, where that is the one in force.
fn next(role: &Role, headers: &HeaderMap) -> Result<i64, Problem> {
    let named = version(headers)?;
    if role.withdrawn {
        return Err(withdrawn());
    }
    if named == role.version { Ok(named + 1) } else { Err(changed()) }
}

fn checked(id: &str, wanted: &Definition) -> Result<(), Problem> {
    let plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let begins = id.starts_with(|first: char| first.is_ascii_lowercase());
    if !plain || !begins || id.len() > LONGEST_ID || BuiltIn::parse(id).is_some() {
        return Err(id_wrong());
    }
    for (field, name) in [("name", &wanted.name), ("name_en", &wanted.name_en)] {
        let name = name.trim();
        if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(name_wrong(field));
        }
    }
    if wanted.permissions.is_empty() { Err(no_permission()) } else { Ok(()) }
}

async fn found(app: &App, caller: &Caller, id: &str) -> Result<Option<Role>, Problem> {
    let roles = identity::roles(&app.hub.db, &caller.party).await?;
    Ok(roles.into_iter().find(|role| role.id == id))
}

fn of_the_hub(role: BuiltIn) -> Value {
    let permissions: Vec<Permission> = role.permissions().iter().collect();
    json!({
        "role": role.as_str(),
        "built_in": true,
        "name": role.in_romanian(),
        "name_en": role.in_english(),
        "permissions": permissions,
    })
}

fn described(role: &Role) -> Value {
    json!({
        "role": role.id,
        "built_in": false,
        "name": role.name_ro,
        "name_en": role.name_en,
        "permissions": role.permissions,
        "withdrawn": role.withdrawn,
        "version": role.version,
    })
}
