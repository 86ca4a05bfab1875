//! Sign-in with a passkey: which alone is two factors, the device and what opens it.

use hub_flow::db::DbError;
use hub_flow::identity::{
    self, Account, AccountState, Assertion, Attempt, Challenge, Change, FactorId, FactorKind, Registered, SignInStep,
    StepKind, Token,
};
use openssl::sha::Sha256;

use crate::api::App;
use crate::api::problem::Problem;

use super::browser::{Visitor, next};
use super::entering::{Entered, NotEntered, Proved, enter, factor, token, write, wrong};

/// Seconds a question is good for.
pub const SECONDS: u64 = 180;

/// The random bytes a device signs: of the step, so that an answer is good in this browser alone.
#[must_use]
pub fn challenge(token: &Token) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(b"punte passkey 1\0");
    digest.update(&token.bytes());
    digest.finish()
}

/// Begins a sign-in with a passkey, in place of one that waits for the second factor.
///
/// # Errors
/// The database refused it.
pub async fn ask(app: &App, before: Option<&Token>, wanted: Option<&str>) -> Result<Token, Problem> {
    let now = app.hub.clock.now();
    let waiting = match before {
        Some(token) => identity::step(&app.hub.db, token.digest(), StepKind::SecondFactor, now).await?,
        None => None,
    };
    let waited: Option<Proved> = waiting.as_ref().and_then(|step| serde_json::from_str(&step.content).ok());
    let begun = Proved { method: "passkey".into(), twice: true, provider: None, next: next(wanted).to_owned() };
    // Where a first factor was proved, the key must be of the same account.
    let account = waiting.and_then(|step| step.account);
    let proved = match waited {
        Some(waited) => Proved { method: format!("{}+passkey", waited.method), twice: true, ..waited },
        None => begun,
    };
    let content = serde_json::to_string(&proved).expect("plain data");
    step(app, StepKind::Passkey, (account, content)).await
}

/// Begins the registration of a passkey.
///
/// # Errors
/// The database refused it.
pub async fn ask_new(app: &App, account: &Account) -> Result<Token, Problem> {
    step(app, StepKind::NewPasskey, (Some(account.id), "{}".to_owned())).await
}

async fn step(
    app: &App,
    kind: StepKind,
    (account, content): (Option<identity::AccountId>, String),
) -> Result<Token, Problem> {
    let token = token(app);
    let ends_at = app.hub.clock.now().plus_seconds(SECONDS as i64);
    let step = SignInStep { id: token.digest(), kind, account, content, ends_at };
    write(app, vec![Change::BeginStep(step)]).await?;
    Ok(token)
}

/// Signs in with what a device said.
///
/// # Errors
/// [`NotEntered`] says why not.
pub async fn enter_with_key(
    app: &App,
    visitor: &Visitor,
    token: &Token,
    said: &Assertion,
) -> Result<Entered, NotEntered> {
    let (db, now) = (&app.hub.db, app.hub.clock.now());
    let step = identity::step(db, token.digest(), StepKind::Passkey, now).await?.ok_or(NotEntered::Wrong)?;
    let key = identity::factor_by_name(db, FactorKind::Passkey, &said.id).await?.ok_or(NotEntered::Wrong)?;
    if step.account.is_some_and(|account| account != key.account) {
        return Err(NotEntered::Wrong);
    }
    let bytes = challenge(token);
    let place = &app.sign_in.place;
    let challenge = Challenge { bytes: &bytes, origin: &place.origin, domain: &place.host };
    let account = identity::account(db, key.account).await?.ok_or(NotEntered::Wrong)?;
    let count = match identity::verify_passkey(challenge, said, &key.material, key.counter) {
        Ok(count) if account.state == AccountState::Active => count,
        Ok(_) => return Err(wrong(app, Some(&account), "passkey").await),
        Err(why) => {
            tracing::info!(%why, "a passkey was not believed");
            return Err(wrong(app, Some(&account), "passkey").await);
        }
    };
    let proved: Proved = serde_json::from_str(&step.content).map_err(|_| NotEntered::Wrong)?;
    let used = Change::UseFactor(key.id, (count > 0).then_some(count));
    let forgiven = Attempt::of(&account.login, &visitor.address, now).forgiven();
    let changes = vec![Change::TakeStep(step.id), used, Change::Forgive(forgiven)];
    enter(app, visitor, &account, (proved, changes)).await
}

/// Why a new key is not taken.
pub enum NotTaken {
    /// The question is over, or the key is known.
    Known,
    /// A problem of the hub.
    Problem(Problem),
}

/// Keeps a new key.
///
/// # Errors
/// [`NotTaken`] says why not.
pub async fn keep(
    app: &App,
    account: &Account,
    (token, registered): (&Token, Registered),
    end: Change,
) -> Result<(), NotTaken> {
    let now = app.hub.clock.now();
    let step = identity::step(&app.hub.db, token.digest(), StepKind::NewPasskey, now).await;
    let step = step.map_err(|error| NotTaken::Problem(error.into()))?;
    let step = step.filter(|step| step.account == Some(account.id)).ok_or(NotTaken::Known)?;
    let id = FactorId(app.hub.ids.uuid(now));
    let label = format!("din {}", now.to_romanian());
    let mut key = factor(app, account, (id, FactorKind::Passkey), (registered.id, label, registered.key));
    key.counter = registered.counter;
    let changes = vec![Change::TakeStep(step.id), Change::AddFactor(Box::new(key)), end];
    let act = identity::Act { changes, at: now };
    match app.hub.db.write(&std::sync::Arc::new(identity::Record), act).await {
        Ok(true) => {
            app.sign_in.known.forget(account.id);
            Ok(())
        }
        Ok(false) | Err(DbError::Constraint { .. }) => Err(NotTaken::Known),
        Err(error) => Err(NotTaken::Problem(error.into())),
    }
}
