//! `/account` and `/sign-out`: who am I, for which unit, where am I signed in, with what, and the end of it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hub_flow::authorization::BuiltIn;
use hub_flow::identity::{self, Account, Attempt, Change, Factor, FactorKind, Session, TakeAttempt};
use std::sync::Arc;

use crate::api::App;
use crate::api::problem::Problem;
use crate::sign_in::browser::{Cookie, Visitor, from_our_page};
use crate::sign_in::entering::{needs_second_factor, new_password, sent_to, verify, write};
use crate::sign_in::provider;
use crate::sign_in::session::{Signed, signed};

use super::{Filled, day, page};

#[derive(Template)]
#[template(path = "people/account.html")]
struct Page<'a> {
    service: &'a str,
    message: Option<String>,
    account: &'a Account,
    party: String,
    roles: Vec<&'a str>,
    unit: &'a str,
    form: String,
    sessions: Vec<Line>,
    factors: Vec<FactorLine>,
}

struct Line {
    opened: String,
    address: String,
    agent: String,
    name: String,
    own: bool,
}

struct FactorLine {
    kind: &'static str,
    label: String,
    since: String,
    id: String,
    removable: bool,
}

/// The page.
///
/// # Errors
/// The database does not answer.
pub async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    match signed(&app, &headers).await? {
        Some(signed) => shown(&app, &signed, None).await,
        None => Ok(to_sign_in(&app)),
    }
}

fn to_sign_in(app: &App) -> Response {
    sent_to("/sign-in?next=/account", vec![Cookie::Session.take(&app.sign_in.place)])
}

async fn shown(app: &App, signed: &Signed, message: Option<&str>) -> Result<Response, Problem> {
    let account = &signed.account;
    let sessions = identity::sessions(&app.hub.db, account.id).await?;
    let (now, idle) = (app.hub.clock.now(), app.sign_in.idle());
    let open = |session: &&Session| session.verdict(now, idle) == identity::Verdict::Open;
    let line = |session: &Session| Line {
        opened: day(session.opened_at),
        address: session.address.clone(),
        agent: session.agent.clone(),
        name: session.name(),
        own: session.id == signed.session.id,
    };
    let factors = identity::factors(&app.hub.db, account.id).await?;
    let shown = factors.iter().filter(|factor| factor.kind != FactorKind::Recovery);
    let factor_line = |factor: &Factor| FactorLine {
        kind: factor.kind.in_romanian(),
        label: factor.label.clone(),
        since: day(factor.created_at),
        id: factor.id.to_string(),
        removable: factor.kind != FactorKind::Password,
    };
    let directory = app.hub.directory();
    let page_of = Page {
        service: &app.sign_in.service,
        message: message.map(str::to_owned),
        account,
        party: directory.party(&account.party).map_or_else(|| account.party.clone(), |party| party.name.clone()),
        roles: account
            .grants
            .iter()
            .map(|grant| BuiltIn::parse(&grant.role).map_or(grant.role.as_str(), |role| role.in_romanian()))
            .collect(),
        unit: signed.unit().unwrap_or_default(),
        form: signed.token.form_token(),
        sessions: sessions.iter().filter(open).map(line).collect(),
        factors: shown.map(factor_line).collect(),
    };
    let status = if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(status, &page_of))
}

/// Who sent a form of this session; nobody where the session is over.
async fn sender(app: &App, headers: &HeaderMap, filled: &Filled) -> Result<Option<Signed>, Problem> {
    from_our_page(&app.sign_in.place, headers)?;
    let Some(signed) = signed(app, headers).await? else { return Ok(None) };
    signed.made(Some(filled.get("form")))?;
    Ok(Some(signed))
}

/// Chooses the unit.
///
/// # Errors
/// The form is not of this session, the unit is not the person's, or the hub cannot answer now.
pub async fn choose_unit(State(app): State<App>, headers: HeaderMap, filled: Filled) -> Result<Response, Problem> {
    let Some(signed) = sender(&app, &headers, &filled).await? else { return Ok(to_sign_in(&app)) };
    choose(&app, &signed, filled.get("unit")).await?;
    Ok(sent_to("/account", Vec::new()))
}

/// Goes on for another unit of the person's own.
///
/// # Errors
/// The unit is not the person's, or the hub cannot answer now.
pub(crate) async fn choose(app: &App, signed: &Signed, unit: &str) -> Result<(), Problem> {
    if !signed.account.units.iter().any(|own| own == unit) {
        return Err(crate::api::authentication::not_yours(&signed.account.units));
    }
    write(app, vec![Change::ChooseUnit(signed.session.id, unit.to_owned())]).await?;
    app.sign_in.known.forget(signed.account.id);
    Ok(())
}

/// Ends another session of the same person.
///
/// # Errors
/// The form is not of this session, or the hub cannot answer now.
pub async fn end_session(State(app): State<App>, headers: HeaderMap, filled: Filled) -> Result<Response, Problem> {
    let Some(signed) = sender(&app, &headers, &filled).await? else { return Ok(to_sign_in(&app)) };
    end(&app, &signed, filled.get("session")).await?;
    Ok(sent_to("/account", Vec::new()))
}

/// Ends the person's session with a name; answers whether there was one.
///
/// # Errors
/// The hub cannot answer now.
pub(crate) async fn end(app: &App, signed: &Signed, name: &str) -> Result<bool, Problem> {
    let sessions = identity::sessions(&app.hub.db, signed.account.id).await?;
    let Some(session) = sessions.iter().find(|session| session.name() == name) else { return Ok(false) };
    let ended = write(app, vec![Change::EndSession(signed.account.id, session.id, "by_its_person")]).await?;
    app.sign_in.known.forget(signed.account.id);
    Ok(ended)
}

/// Changes the password; every other session ends.
///
/// # Errors
/// The form is not of this session, or the hub cannot answer now.
pub async fn change_password(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    mut filled: Filled,
) -> Result<Response, Problem> {
    let Some(signed) = sender(&app, &headers, &filled).await? else { return Ok(to_sign_in(&app)) };
    let attempt = Attempt::of(&signed.account.login, &visitor.address, app.hub.clock.now());
    if app.hub.db.write(&Arc::new(TakeAttempt), attempt.clone()).await?.is_some() {
        return shown(&app, &signed, Some("Prea multe încercări. Mai așteptați puțin")).await;
    }
    let factors = identity::factors(&app.hub.db, signed.account.id).await?;
    let kept = factors.iter().find(|factor| factor.kind == FactorKind::Password).map(|one| one.material.clone());
    if !verify(&app, filled.take("old"), kept).await? {
        return shown(&app, &signed, Some("Parola de acum nu este bună")).await;
    }
    let factor = match new_password(&app, &signed.account, filled.take("new")).await? {
        Ok(factor) => factor,
        Err(weak) => return shown(&app, &signed, Some(weak.in_romanian())).await,
    };
    let changes = vec![
        Change::Forgive(attempt.forgiven()),
        Change::AddFactor(Box::new(factor)),
        Change::EndSessions(signed.account.id, Some(signed.session.id), "password"),
    ];
    write(&app, changes).await?;
    app.sign_in.known.forget(signed.account.id);
    Ok(sent_to("/account", Vec::new()))
}

/// Removes a factor; the last second factor of somebody who needs one stays.
///
/// # Errors
/// The form is not of this session, or the hub cannot answer now.
pub async fn remove_factor(State(app): State<App>, headers: HeaderMap, filled: Filled) -> Result<Response, Problem> {
    let Some(signed) = sender(&app, &headers, &filled).await? else { return Ok(to_sign_in(&app)) };
    let factors = identity::factors(&app.hub.db, signed.account.id).await?;
    let wanted = factors.iter().find(|factor| factor.id.to_string() == filled.get("factor"));
    let Some(wanted) = wanted.filter(|factor| factor.kind != FactorKind::Password) else {
        return Ok(sent_to("/account", Vec::new()));
    };
    let second = |factor: &&Factor| matches!(factor.kind, FactorKind::Totp | FactorKind::Passkey);
    let last = second(&wanted) && factors.iter().filter(second).count() == 1;
    if last && needs_second_factor(&app, &signed.account).await? {
        return shown(&app, &signed, Some("Rolul dumneavoastră cere un al doilea factor: adăugați altul înainte"))
            .await;
    }
    let mut changes = vec![Change::RemoveFactor(signed.account.id, wanted.id)];
    if wanted.kind == FactorKind::Totp {
        changes.push(Change::RemoveFactors(signed.account.id, FactorKind::Recovery));
    }
    changes.push(Change::EndSessions(signed.account.id, Some(signed.session.id), "factor"));
    write(&app, changes).await?;
    app.sign_in.known.forget(signed.account.id);
    Ok(sent_to("/account", Vec::new()))
}

/// Signs out, here and at the identity provider the session came from.
///
/// # Errors
/// The form is not of this session, or the hub cannot answer now.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap, filled: Filled) -> Result<Response, Problem> {
    let Some(signed) = sender(&app, &headers, &filled).await? else { return Ok(to_sign_in(&app)) };
    write(&app, vec![Change::EndSession(signed.account.id, signed.session.id, "signed_out")]).await?;
    app.sign_in.known.forget(signed.account.id);
    let there = provider::sign_out_address(&app, &signed.session).await;
    let to = there.unwrap_or_else(|| "/sign-in".to_owned());
    Ok(sent_to(&to, vec![Cookie::Session.take(&app.sign_in.place)]))
}
