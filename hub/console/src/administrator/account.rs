//! `/console/accounts/{account}`: one account, its roles, and what administrators do with it.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::form::Filled;
use crate::page::{Answer, done, page};
use crate::visit::Visit;

use super::accounts::{ROLES, invited, role, roles, units};
use super::{items, text, worded};

#[derive(askama::Template)]
#[template(path = "administrator/account.html")]
struct Page<'a> {
    v: &'a Visit,
    id: String,
    name: String,
    login: String,
    pseudonym: String,
    state: String,
    state_words: String,
    units: String,
    roles: Vec<(&'static str, String, bool)>,
    narrowed: Vec<String>,
    factors: Vec<(String, String, String)>,
    acts: Vec<(String, String, String)>,
}

/// The account.
///
/// # Errors
/// It is none of the institution's, or the visitor may not see it.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let account = visit.get(format!("/v1/accounts/{}", piece(&id))).value().await?;
    let history = visit.get(format!("/v1/accounts/{}/history", piece(&id))).value().await?;
    let held: Vec<&str> = roles(&account).collect();
    let own: Vec<&str> = account["units"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let factors = account["factors"].as_array().into_iter().flatten();
    page(&Page {
        v: &visit,
        id: text(&account, "account"),
        name: text(&account, "display_name"),
        login: text(&account, "login"),
        pseudonym: text(&account, "pseudonym"),
        state: text(&account, "state"),
        state_words: worded(&visit, &account, "state"),
        units: own.join(", "),
        roles: ROLES.iter().map(|(code, ro, en)| (*code, visit.say(ro, en).to_owned(), held.contains(code))).collect(),
        narrowed: narrowed(&visit, &account),
        factors: factors.map(|one| (text(one, "kind"), text(one, "label"), text(one, "used_at"))).collect(),
        acts: items(&history).map(|one| (text(one, "at"), text(one, "act"), text(one, "by"))).collect(),
    })
}

/// Grants that hold only for some registers, units, groups or types, in words.
fn narrowed(visit: &Visit, account: &Value) -> Vec<String> {
    let places = |grant: &Value| {
        let lists =
            ["registers", "units", "dossier_groups", "document_types"].map(|name| grant[name].as_array().cloned());
        let all: Vec<String> =
            lists.into_iter().flatten().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect();
        all.join(", ")
    };
    let grants = account["grants"].as_array().into_iter().flatten();
    let told = |grant: &Value| {
        let places = places(grant);
        (!places.is_empty()).then(|| format!("{}: {places}", role(visit, grant["role"].as_str().unwrap_or_default())))
    };
    grants.filter_map(told).collect()
}

/// Gives units and roles. A grant that was narrowed stays as it is while its role stays ticked.
///
/// # Errors
/// The API refused.
pub async fn grant(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let path = format!("/v1/accounts/{}", piece(&id));
    let account = visit.get(&path).value().await?;
    let held = account["grants"].as_array().cloned().unwrap_or_default();
    let mut grants: Vec<Value> = Vec::new();
    for role in filled.all("role") {
        let before: Vec<Value> = held.iter().filter(|grant| grant["role"] == role).cloned().map(given).collect();
        if before.is_empty() { grants.push(json!({"role": role})) } else { grants.extend(before) }
    }
    let wanted = json!({"units": units(filled.get("units")), "grants": grants});
    let asked = visit.ask(axum::http::Method::PUT, format!("{path}/grants")).form(filled.token()).key(filled.key());
    asked.json(&wanted).value().await?;
    Ok(done(&format!("/console/accounts/{}", piece(&id)), "saved"))
}

/// A grant as it is given: the institution is the account's own and not said.
fn given(mut grant: Value) -> Value {
    if let Some(fields) = grant.as_object_mut() {
        fields.remove("party");
    }
    grant
}

/// Locks, unlocks, retires or resets the account.
///
/// # Errors
/// The API refused.
pub async fn state(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let act = match filled.get("act") {
        "lock" => "lock",
        "unlock" => "unlock",
        "retire" => "retire",
        _ => "reset",
    };
    let path = format!("/v1/accounts/{}/{act}", piece(&id));
    let changed = visit.post(path).form(filled.token()).key(filled.key()).json(&json!({})).value().await?;
    if act == "reset" {
        return Ok(invited(&visit, &changed));
    }
    Ok(done(&format!("/console/accounts/{}", piece(&id)), "saved"))
}
