//! `/sign-in/second-factor`, `/sign-in/enrolment` and `/account/totp`: codes, and apps that make them.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hub_flow::identity::{Account, Change, SignInStep, StepKind, Token};
use qrcode::QrCode;
use qrcode::render::svg;

use crate::api::App;
use crate::api::problem::Problem;
use crate::sign_in::browser::{Cookie, Visitor, from_our_page};
use crate::sign_in::entering::{Entered, NotEntered, STEP_MINUTES, answer, enter, sent_to, write};
use crate::sign_in::second_factor::{begin, enrol, proved_twice, seed, step, with_code};
use crate::sign_in::session::signed;

use super::{Filled, page, told, why};

const WRONG: &str = "Codul nu este bun sau a fost folosit deja";
const OVER: &str = "Conectarea a durat prea mult sau s-a încheiat. Luați-o de la început";

#[derive(Template)]
#[template(path = "people/second_factor.html")]
struct CodePage<'a> {
    service: &'a str,
    message: Option<String>,
}

#[derive(Template)]
#[template(path = "people/enrolment.html")]
struct EnrolmentPage<'a> {
    service: &'a str,
    message: Option<String>,
    square: String,
    seed: String,
    action: &'a str,
}

#[derive(Template)]
#[template(path = "people/codes.html")]
struct CodesPage<'a> {
    service: &'a str,
    message: Option<String>,
    codes: &'a [String],
    next: &'a str,
}

/// The page that asks for a code.
///
/// # Errors
/// The database does not answer.
pub async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    match held(&app, &headers, StepKind::SecondFactor).await? {
        Some(_) => Ok(page(StatusCode::OK, &CodePage { service: &app.sign_in.service, message: None })),
        None => Ok(told(&app, "De la început", OVER)),
    }
}

/// Takes a code.
///
/// # Errors
/// Another site sent the form, or the hub cannot answer now.
pub async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    filled: Filled,
) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let Some((token, ..)) = held(&app, &headers, StepKind::SecondFactor).await? else {
        return Ok(told(&app, "De la început", OVER));
    };
    match with_code(&app, &visitor, &token, filled.get("code")).await {
        Ok(entered) => Ok(answer(&app, &entered)),
        Err(not) => {
            let message = Some(why(&app, not, WRONG)?);
            Ok(page(StatusCode::FORBIDDEN, &CodePage { service: &app.sign_in.service, message }))
        }
    }
}

/// The page of somebody whose role needs a second factor and who has none.
///
/// # Errors
/// The database does not answer.
pub async fn show_enrolment(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    match held(&app, &headers, StepKind::Enrolment).await? {
        Some((token, _, account)) => Ok(square(&app, (&token, &account), "/sign-in/enrolment", None)),
        None => Ok(told(&app, "De la început", OVER)),
    }
}

/// Takes the first code of an app, which lets in.
///
/// # Errors
/// Another site sent the form, or the hub cannot answer now.
pub async fn take_enrolment(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    filled: Filled,
) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let Some((token, step, account)) = held(&app, &headers, StepKind::Enrolment).await? else {
        return Ok(told(&app, "De la început", OVER));
    };
    let entered = async {
        let (changes, codes) = enrol(&app, &visitor, (&token, &step), &account, filled.get("code")).await?;
        let proved = proved_twice(&step, "totp")?;
        Ok((enter(&app, &visitor, &account, (proved, changes)).await?, codes))
    };
    match entered.await {
        Ok((entered, codes)) => {
            let next = if let Entered::In(_, next) = &entered { next.as_str() } else { "/account" };
            let service = &app.sign_in.service;
            let mut shown = page(StatusCode::OK, &CodesPage { service, message: None, codes: &codes, next });
            let cookies = answer(&app, &entered).headers().clone();
            shown.headers_mut().extend(
                cookies
                    .into_iter()
                    .filter(|(name, _)| name.as_ref().is_none_or(|name| name == axum::http::header::SET_COOKIE)),
            );
            Ok(shown)
        }
        Err(not) => Ok(square(&app, (&token, &account), "/sign-in/enrolment", Some(why(&app, not, WRONG)?))),
    }
}

/// Begins a new app of somebody who is signed in.
///
/// # Errors
/// The form is not of this session, or the hub cannot answer now.
pub async fn begin_own(State(app): State<App>, headers: HeaderMap, filled: Filled) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let Some(signed) = signed(&app, &headers).await? else { return Ok(sent_to("/sign-in", Vec::new())) };
    signed.made(Some(filled.get("form")))?;
    let token = begin(&app, &signed.account).await?;
    let cookie = Cookie::Step.give(&app.sign_in.place, &token, STEP_MINUTES as u64 * 60);
    Ok(sent_to("/account/totp", vec![cookie]))
}

/// The page of a new app.
///
/// # Errors
/// The database does not answer.
pub async fn show_own(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let signed = signed(&app, &headers).await?;
    let held = held(&app, &headers, StepKind::NewTotp).await?;
    match (signed, held) {
        (Some(signed), Some((token, _, account))) if signed.account.id == account.id => {
            Ok(square(&app, (&token, &account), "/account/totp/code", None))
        }
        _ => Ok(sent_to("/account", Vec::new())),
    }
}

/// Takes the first code of a new app of somebody who is signed in.
///
/// # Errors
/// The form is not of this session, or the hub cannot answer now.
pub async fn take_own(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    filled: Filled,
) -> Result<Response, Problem> {
    // The step cookie stands for the form token: nobody else was shown the seed its code is made of.
    from_our_page(&app.sign_in.place, &headers)?;
    let Some(signed) = signed(&app, &headers).await? else { return Ok(sent_to("/sign-in", Vec::new())) };
    let Some((token, step, account)) = held(&app, &headers, StepKind::NewTotp).await? else {
        return Ok(sent_to("/account", Vec::new()));
    };
    if account.id != signed.account.id {
        return Ok(sent_to("/account", Vec::new()));
    }
    match enrol(&app, &visitor, (&token, &step), &account, filled.get("code")).await {
        Ok((mut changes, codes)) => {
            changes.push(Change::EndSessions(account.id, Some(signed.session.id), "factor"));
            if !write(&app, changes).await? {
                return Ok(sent_to("/account", Vec::new()));
            }
            app.sign_in.known.forget(account.id);
            let service = &app.sign_in.service;
            Ok(page(StatusCode::OK, &CodesPage { service, message: None, codes: &codes, next: "/account" }))
        }
        Err(not) => Ok(square(&app, (&token, &account), "/account/totp/code", Some(why(&app, not, WRONG)?))),
    }
}

/// The step a browser holds, where it may go on.
async fn held(app: &App, headers: &HeaderMap, kind: StepKind) -> Result<Option<(Token, SignInStep, Account)>, Problem> {
    let Some(token) = Cookie::Step.read(&app.sign_in.place, headers) else { return Ok(None) };
    match step(app, &token, kind).await {
        Ok((step, account)) => Ok(Some((token, step, account))),
        Err(NotEntered::Problem(problem)) => Err(problem),
        Err(_) => Ok(None),
    }
}

fn square(app: &App, (token, account): (&Token, &Account), action: &str, message: Option<String>) -> Response {
    let seed = seed(token);
    let address = seed.address(&app.sign_in.service, &account.login);
    let Ok(code) = QrCode::new(address.as_bytes()) else {
        return Problem::of(&crate::problems::UNAVAILABLE).into_response();
    };
    let drawing = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    // Only the element: a declaration has no place in the middle of a page.
    let square = drawing.find("<svg").map_or_else(String::new, |begin| drawing[begin..].to_owned());
    let status = if message.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let service = &app.sign_in.service;
    page(status, &EnrolmentPage { service, message, square, seed: seed.to_base32(), action })
}
