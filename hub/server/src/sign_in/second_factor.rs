//! The second factor: codes of an app, codes on paper, and the first code of a new app.

use std::sync::Arc;

use hub_flow::identity::{
    self, Account, Attempt, Change, FactorId, FactorKind, Seed, SignInStep, StepKind, TakeAttempt, Token,
};
use openssl::sha::Sha256;

use crate::api::App;
use crate::api::problem::Problem;

use super::browser::Visitor;
use super::entering::{Entered, NotEntered, Proved, STEP_MINUTES, enter, factor, write, wrong};

/// Codes on paper that are given at once.
const RECOVERY_CODES: usize = 8;

/// The step a browser holds, of a kind, with its account.
///
/// # Errors
/// There is none, or its time is over.
pub async fn step(app: &App, token: &Token, kind: StepKind) -> Result<(SignInStep, Account), NotEntered> {
    let now = app.hub.clock.now();
    let step = identity::step(&app.hub.db, token.digest(), kind, now).await?.ok_or(NotEntered::Wrong)?;
    let account = step.account.ok_or(NotEntered::Wrong)?;
    let account = identity::account(&app.hub.db, account).await?.ok_or(NotEntered::Wrong)?;
    if account.state != identity::AccountState::Active {
        return Err(NotEntered::Wrong);
    }
    Ok((step, account))
}

/// Signs in with a code of an app or on paper, after the first factor.
///
/// # Errors
/// [`NotEntered`] says why not.
pub async fn with_code(app: &App, visitor: &Visitor, token: &Token, code: &str) -> Result<Entered, NotEntered> {
    let (step, account) = step(app, token, StepKind::SecondFactor).await?;
    let attempt = count(app, visitor, &account).await?;
    let Some(used) = used(app, &account, code).await? else {
        return Err(wrong(app, Some(&account), "second-factor").await);
    };
    let proved = proved_twice(&step, if matches!(used, Change::RemoveFactor(..)) { "recovery" } else { "totp" })?;
    // The factor first: a code that was used meanwhile is wrong, and the sign-in stays where it was.
    let changes = vec![
        used,
        Change::TakeStep(step.id),
        Change::Forgive(attempt.forgiven()),
        forgive_password(visitor, &account, app),
    ];
    enter(app, visitor, &account, (proved, changes)).await
}

/// What taking a code changes, where it is right.
async fn used(app: &App, account: &Account, code: &str) -> Result<Option<Change>, Problem> {
    let factors = identity::factors(&app.hub.db, account.id).await?;
    let now = app.hub.clock.now();
    if let Some(totp) = factors.iter().find(|factor| factor.kind == FactorKind::Totp) {
        let seed = app.sign_in.seeds.open(account.id, &totp.material);
        if let Some(step) = seed.and_then(|seed| seed.taken_step(code, now, totp.counter)) {
            return Ok(Some(Change::UseFactor(totp.id, Some(step))));
        }
    }
    let digest = identity::recovery_digest(account.id, code);
    let on_paper = factors.iter().find(|factor| factor.kind == FactorKind::Recovery && factor.material == digest);
    Ok(on_paper.map(|factor| Change::RemoveFactor(account.id, factor.id)))
}

/// Counts an attempt at the second factor.
async fn count(app: &App, visitor: &Visitor, account: &Account) -> Result<Attempt, NotEntered> {
    let attempt = Attempt::of(&format!("second {}", account.id), &visitor.address, app.hub.clock.now());
    match app.hub.db.write(&Arc::new(TakeAttempt), attempt.clone()).await? {
        Some(until) => Err(NotEntered::Wait(until)),
        None => Ok(attempt),
    }
}

fn forgive_password(visitor: &Visitor, account: &Account, app: &App) -> Change {
    Change::Forgive(Attempt::of(&account.login, &visitor.address, app.hub.clock.now()).forgiven())
}

/// What was proved in a step, once more.
///
/// # Errors
/// The step holds something else.
pub fn proved_twice(step: &SignInStep, by: &str) -> Result<Proved, NotEntered> {
    let proved: Proved = serde_json::from_str(&step.content).map_err(|_| NotEntered::Wrong)?;
    Ok(Proved { method: format!("{}+{by}", proved.method), twice: true, ..proved })
}

/// The seed of an app that is being enrolled: of what the browser holds during it and nobody keeps.
#[must_use]
pub fn seed(token: &Token) -> Seed {
    let mut digest = Sha256::new();
    digest.update(b"punte enrolment 1\0");
    digest.update(&token.bytes());
    Seed::of(digest.finish())
}

/// Begins the enrolment of an app by somebody who is signed in.
///
/// # Errors
/// The database refused it.
pub async fn begin(app: &App, account: &Account) -> Result<Token, Problem> {
    let token = super::entering::token(app);
    let ends_at = app.hub.clock.now().plus_seconds(STEP_MINUTES * 60);
    let (id, account) = (token.digest(), Some(account.id));
    let step = SignInStep { id, kind: StepKind::NewTotp, account, content: "{}".to_owned(), ends_at };
    write(app, vec![Change::BeginStep(step)]).await?;
    Ok(token)
}

/// What takes a new app where its first code is right, and the codes on paper that go with it.
///
/// # Errors
/// The code is wrong, or was tried too often.
pub async fn enrol(
    app: &App,
    visitor: &Visitor,
    (token, step): (&Token, &SignInStep),
    account: &Account,
    code: &str,
) -> Result<(Vec<Change>, Vec<String>), NotEntered> {
    let attempt = count(app, visitor, account).await?;
    let (seed, now) = (seed(token), app.hub.clock.now());
    let taken = seed.taken_step(code, now, 0).ok_or(NotEntered::Wrong)?;
    let id = || FactorId(app.hub.ids.uuid(now));
    let sealed = app.sign_in.seeds.seal(account.id, &seed, app.hub.ids.salt());
    let totp = id();
    let named = |id: FactorId, label: &str, material| (id.to_string(), label.to_owned(), material);
    let mut app_factor = factor(app, account, (totp, FactorKind::Totp), named(totp, "aplicație cu coduri", sealed));
    app_factor.counter = taken;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| identity::recovery_code(app.hub.ids.salt())).collect();
    let on_paper = codes.iter().map(|code| {
        let id = id();
        let material = identity::recovery_digest(account.id, code);
        Change::AddFactor(Box::new(factor(
            app,
            account,
            (id, FactorKind::Recovery),
            named(id, "cod de rezervă", material),
        )))
    });
    let mut changes = vec![
        Change::TakeStep(step.id),
        Change::RemoveFactors(account.id, FactorKind::Recovery),
        Change::AddFactor(Box::new(app_factor)),
        Change::Forgive(attempt.forgiven()),
    ];
    changes.extend(on_paper);
    Ok((changes, codes))
}
