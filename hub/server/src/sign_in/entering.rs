//! The way in: passwords and one-time links, up to the session.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::audit::{AuditEvent, Kind as Told, Outcome};
use hub_flow::authorization::{BuiltIn, Held, Permission};
use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::identity::{
    self, Account, AccountState, Act, Attempt, Change, Factor, FactorId, FactorKind, Password, PasswordWeak, Record,
    Session, SignInStep, StepKind, TakeAttempt, Token,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::App;
use crate::api::problem::Problem;
use crate::problems;

use super::browser::{Cookie, Visitor, next};
use super::session::held;

/// Minutes a sign-in may take.
pub const STEP_MINUTES: i64 = 10;
/// How long who wants to hash a password waits for its turn.
const TURN: Duration = Duration::from_secs(5);

/// How somebody proved itself so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proved {
    /// `password`, `passkey`, `provider:<id>`.
    pub method: String,
    /// Whether by more than one factor.
    pub twice: bool,
    /// What an identity provider told, as JSON.
    #[serde(default)]
    pub provider: Option<String>,
    /// Where to go then.
    pub next: String,
}

/// What became of a sign-in.
pub enum Entered {
    /// A session.
    In(Token, String),
    /// Something more is needed: what the browser holds meanwhile, and what.
    More(Token, StepKind),
}

/// Why somebody does not come in.
#[derive(Debug)]
pub enum NotEntered {
    /// Login, password or code is wrong, or the account may not be used: not told which.
    Wrong,
    /// Too many attempts; not before then.
    Wait(Timestamp),
    /// A problem of the hub.
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for NotEntered {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

/// A new token.
#[must_use]
pub fn token(app: &App) -> Token {
    Token::of(app.hub.ids.salt(), app.hub.ids.salt())
}

/// Writes changes that belong together.
///
/// # Errors
/// The database refused them.
pub async fn write(app: &App, changes: Vec<Change>) -> Result<bool, Problem> {
    match app.hub.db.write(&Arc::new(Record), Act { changes, at: app.hub.clock.now() }).await {
        Err(DbError::Constraint { rule }) if rule == identity::ONCE => Ok(false),
        written => Ok(written?),
    }
}

/// Signs in with a password.
///
/// The same work is done and the same answer given whether the account exists or not.
///
/// # Errors
/// [`NotEntered`] says why not.
pub async fn with_password(
    app: &App,
    visitor: &Visitor,
    (login, password): (&str, String),
    wanted: Option<&str>,
) -> Result<Entered, NotEntered> {
    let login = identity::login(login).unwrap_or_default();
    let now = app.hub.clock.now();
    let attempt = Attempt::of(&login, &visitor.address, now);
    if let Some(until) = app.hub.db.write(&Arc::new(TakeAttempt), attempt.clone()).await? {
        return Err(NotEntered::Wait(until));
    }
    let account = identity::account_by_login(&app.hub.db, &login).await?;
    let factors = match &account {
        Some(account) => identity::factors(&app.hub.db, account.id).await?,
        // As many questions as for an account that exists.
        None => identity::factors(&app.hub.db, identity::AccountId(uuid::Uuid::nil())).await?,
    };
    let kept = factors.iter().find(|factor| factor.kind == FactorKind::Password).map(|factor| factor.material.clone());
    let right = verify(app, password, kept).await?;
    let Some(account) = account.as_ref().filter(|account| right && account.state == AccountState::Active).cloned()
    else {
        return Err(wrong(app, account.as_ref(), "password").await);
    };
    let proved = Proved { method: "password".to_owned(), twice: false, provider: None, next: next(wanted).to_owned() };
    let forgiven = Change::Forgive(attempt.forgiven());
    enter(app, visitor, &account, (proved, vec![forgiven])).await
}

/// A proof was wrong: the audit is told by what it was tried, and at which account where there is one. Never the name that was
/// typed, which may be a password in the wrong field.
pub(super) async fn wrong(app: &App, account: Option<&Account>, by: &str) -> NotEntered {
    let mut event = AuditEvent::of_hub(Told::SignInFailed, app.hub.clock.now(), "sign-in");
    if let Some(account) = account {
        event = event.on(account.id.to_string());
        event.on_behalf = Some(account.party.clone());
    }
    let event = event.ended(Outcome::Refused).with(json!({"by": by}));
    app.hub.record(vec![event]).await.map_or_else(NotEntered::from, |()| NotEntered::Wrong)
}

/// Goes on with what was proved: to the second factor where there is or must be one, else into a session with a new id.
///
/// # Errors
/// [`NotEntered`] says why not.
pub async fn enter(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    (proved, mut changes): (Proved, Vec<Change>),
) -> Result<Entered, NotEntered> {
    let token = token(app);
    if !proved.twice {
        let has = has_second_factor(app, account).await?;
        if has || needs_second_factor(app, account).await? {
            let kind = if has { StepKind::SecondFactor } else { StepKind::Enrolment };
            let content = serde_json::to_string(&proved).expect("plain data");
            let ends_at = app.hub.clock.now().plus_seconds(STEP_MINUTES * 60);
            let step = SignInStep { id: token.digest(), kind, account: Some(account.id), content, ends_at };
            // Forgiving waits until the second factor is right, else its guesses would be free.
            changes.retain(|change| !matches!(change, Change::Forgive(_)));
            changes.push(Change::BeginStep(step));
            write(app, changes).await?;
            return Ok(Entered::More(token, kind));
        }
    }
    changes.push(Change::OpenSession(Box::new(session(app, visitor, account, (&token, &proved)))));
    if write(app, changes).await? { Ok(Entered::In(token, proved.next)) } else { Err(NotEntered::Wrong) }
}

/// A session as it begins.
#[must_use]
pub fn session(app: &App, visitor: &Visitor, account: &Account, (token, proved): (&Token, &Proved)) -> Session {
    let now = app.hub.clock.now();
    let seconds = i64::from(app.sign_in.settings.hours.get()) * 3600;
    Session {
        id: token.digest(),
        account: account.id,
        method: proved.method.clone(),
        second_factor: proved.twice,
        unit: None,
        address: visitor.address.clone(),
        agent: visitor.agent.clone(),
        provider: proved.provider.clone(),
        opened_at: now,
        used_at: now,
        ends_at: now.plus_seconds(seconds),
        ended_at: None,
    }
}

/// Whether a role of the account asks for a second factor: one that is named, or one of the institution's own that lets do
/// something dangerous, whatever it is called. Where none is named nobody is asked.
///
/// # Errors
/// The database does not answer.
pub async fn needs_second_factor(app: &App, account: &Account) -> Result<bool, Problem> {
    let named = &app.sign_in.settings.second_factor_roles;
    if named.iter().any(|role| account.has_role(role)) {
        return Ok(true);
    }
    let own = |held: &Held| BuiltIn::parse(&held.grant.role).is_none();
    let dangerous = |held: &Held| held.permissions.iter().any(Permission::is_dangerous);
    Ok(!named.is_empty() && held(app, account).await?.iter().any(|held| own(held) && dangerous(held)))
}

async fn has_second_factor(app: &App, account: &Account) -> Result<bool, Problem> {
    let factors = identity::factors(&app.hub.db, account.id).await?;
    Ok(factors.iter().any(|factor| matches!(factor.kind, FactorKind::Totp | FactorKind::Passkey)))
}

/// Sets the password of somebody with a one-time link, makes the account active and ends its sessions.
///
/// # Errors
/// The link opens nothing (any more), or the password is weak.
pub async fn accept_invitation(
    app: &App,
    visitor: &Visitor,
    link: &Token,
    password: String,
) -> Result<Result<Entered, PasswordWeak>, NotEntered> {
    let now = app.hub.clock.now();
    let invitation = identity::invitation(&app.hub.db, link.digest(), now).await?.ok_or(NotEntered::Wrong)?;
    let account = identity::account(&app.hub.db, invitation.account).await?.ok_or(NotEntered::Wrong)?;
    if account.state != AccountState::Invited {
        return Err(NotEntered::Wrong);
    }
    let factor = match new_password(app, &account, password).await? {
        Ok(factor) => factor,
        Err(weak) => return Ok(Err(weak)),
    };
    let active = Account { state: AccountState::Active, version: account.version + 1, ..account };
    let changes = vec![
        Change::UseInvitation(link.digest()),
        Change::Account(Box::new(active.clone()), "activated", format!("person:{}", active.id)),
        Change::AddFactor(Box::new(factor)),
        Change::EndSessions(active.id, None, "reset"),
    ];
    if !write(app, changes).await? {
        return Err(NotEntered::Wrong);
    }
    app.sign_in.known.forget(active.id);
    let proved = Proved { method: "password".into(), twice: false, provider: None, next: next(None).to_owned() };
    Ok(Ok(enter(app, visitor, &active, (proved, Vec::new())).await?))
}

/// A password as a factor, where it is strong enough.
///
/// # Errors
/// The hub has too much to do now.
pub async fn new_password(
    app: &App,
    account: &Account,
    password: String,
) -> Result<Result<Factor, PasswordWeak>, Problem> {
    let Some(password) = Password::typed(password) else { return Ok(Err(PasswordWeak::Pattern)) };
    let names = [account.login.as_str(), account.display_name.as_str()];
    if let Err(weak) = identity::check_password(&password, names, &app.sign_in.breaches) {
        return Ok(Err(weak));
    }
    let salt = app.hub.ids.salt();
    let material = hashing(app, move || identity::hash_password(&password, salt)).await?;
    let id = FactorId(app.hub.ids.uuid(app.hub.clock.now()));
    Ok(Ok(factor(app, account, (id, FactorKind::Password), (id.to_string(), "parolă".to_owned(), material))))
}

/// A factor as it begins: its name, label and material.
#[must_use]
pub fn factor(
    app: &App,
    account: &Account,
    (id, kind): (FactorId, FactorKind),
    (name, label, material): (String, String, String),
) -> Factor {
    let created_at = app.hub.clock.now();
    Factor { id, account: account.id, kind, name, label, material, counter: 0, created_at, used_at: None }
}

/// Whether a password is the one kept; the work is done whether one is kept or not.
///
/// # Errors
/// The hub has too much to do now.
pub async fn verify(app: &App, password: String, kept: Option<String>) -> Result<bool, Problem> {
    // What nobody types is wrong, after the same work.
    let (password, kept) = match Password::typed(password) {
        Some(password) => (password, kept),
        None => (Password::typed(String::new()).expect("nothing is short enough"), None),
    };
    hashing(app, move || identity::verify_password(&password, kept.as_deref())).await
}

/// Hashes beside the threads that serve, a few at once.
async fn hashing<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let busy = || Problem::of(&problems::UNAVAILABLE).retry_after(5);
    let turn = tokio::time::timeout(TURN, app.sign_in.hashes.acquire()).await.map_err(|_| busy())?;
    let _turn = turn.map_err(|_| busy())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| busy())
}

/// The answer to a browser that was let in, or asked for more.
#[must_use]
pub fn answer(app: &App, entered: &Entered) -> Response {
    let place = &app.sign_in.place;
    let (cookies, to) = match entered {
        Entered::In(token, next) => {
            let seconds = app.sign_in.longest().as_secs();
            (vec![Cookie::Session.give(place, token, seconds), Cookie::Step.take(place)], next.as_str())
        }
        Entered::More(token, kind) => {
            let to = if *kind == StepKind::Enrolment { "/sign-in/enrolment" } else { "/sign-in/second-factor" };
            (vec![Cookie::Step.give(place, token, STEP_MINUTES as u64 * 60)], to)
        }
    };
    sent_to(to, cookies)
}

/// Sends a browser to a path of the hub, with cookies.
#[must_use]
pub fn sent_to(path: &str, cookies: Vec<HeaderValue>) -> Response {
    let to = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/account"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
