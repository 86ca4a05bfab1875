//! `/sign-in` and `/sign-in/invitation`: the beginning of a session, and of an account.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hub_flow::identity::{self, AccountState, Token};
use serde::Deserialize;

use crate::api::App;
use crate::api::problem::Problem;
use crate::sign_in::browser::{Visitor, from_our_page, next};
use crate::sign_in::entering::{NotEntered, accept_invitation, answer, sent_to, with_password};
use crate::sign_in::session::signed;

use super::{Filled, page, told, why};

/// One answer for all that can be wrong.
const WRONG: &str = "Numele de conectare sau parola nu sunt bune, sau contul nu poate fi folosit acum";
const LINK_OVER: &str = "Linkul a fost folosit sau a expirat. Cereți altul administratorului instituției";

/// What leads to the page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "people/sign_in.html")]
struct Page<'a> {
    service: &'a str,
    message: Option<String>,
    next: &'a str,
    providers: Vec<(&'a str, &'a str)>,
}

#[derive(Template)]
#[template(path = "people/invitation.html")]
struct InvitationPage<'a> {
    service: &'a str,
    message: Option<String>,
    token: String,
    login: &'a str,
}

/// The sign-in page; who is signed in goes on.
///
/// # Errors
/// The database does not answer.
pub async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.unwrap_or_default();
    let next = next(Some(&asked.next));
    if signed(&app, &headers).await?.is_some() {
        return Ok(sent_to(next, Vec::new()));
    }
    Ok(form(&app, StatusCode::OK, next, None))
}

fn form(app: &App, status: StatusCode, next: &str, message: Option<String>) -> Response {
    let providers = app.sign_in.providers.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
    page(status, &Page { service: &app.sign_in.service, message, next, providers })
}

/// Takes login and password.
///
/// # Errors
/// Another site sent the form, or the hub cannot answer now.
pub async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    mut filled: Filled,
) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let password = filled.take("password");
    let wanted = Some(filled.get("next"));
    match with_password(&app, &visitor, (filled.get("login"), password), wanted).await {
        Ok(entered) => Ok(answer(&app, &entered)),
        Err(not) => Ok(form(&app, StatusCode::FORBIDDEN, next(wanted), Some(why(&app, not, WRONG)?))),
    }
}

/// The page of a one-time link.
///
/// # Errors
/// The database does not answer.
pub async fn show_invitation(
    State(app): State<App>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.unwrap_or_default();
    invitation(&app, &asked.token, None).await
}

async fn invitation(app: &App, link: &str, message: Option<String>) -> Result<Response, Problem> {
    let over = || told(app, "Link nefolosibil", LINK_OVER);
    let Some(token) = Token::parse(link) else { return Ok(over()) };
    let found = identity::invitation(&app.hub.db, token.digest(), app.hub.clock.now()).await?;
    let Some(found) = found else { return Ok(over()) };
    let account = identity::account(&app.hub.db, found.account).await?;
    let Some(account) = account.filter(|account| account.state == AccountState::Invited) else { return Ok(over()) };
    let status = if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let service = &app.sign_in.service;
    Ok(page(status, &InvitationPage { service, message, token: token.to_text(), login: &account.login }))
}

/// Takes the password of somebody with a one-time link.
///
/// # Errors
/// Another site sent the form, or the hub cannot answer now.
pub async fn take_invitation(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    mut filled: Filled,
) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let password = filled.take("password");
    let Some(token) = Token::parse(filled.get("token")) else { return Ok(told(&app, "Link nefolosibil", LINK_OVER)) };
    match accept_invitation(&app, &visitor, &token, password).await {
        Ok(Ok(entered)) => Ok(answer(&app, &entered)),
        Ok(Err(weak)) => invitation(&app, filled.get("token"), Some(weak.in_romanian().to_owned())).await,
        Err(NotEntered::Problem(problem)) => Err(problem),
        Err(_) => Ok(told(&app, "Link nefolosibil", LINK_OVER)),
    }
}
