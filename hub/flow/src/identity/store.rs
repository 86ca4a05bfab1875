//! The SQL of people: what is changed, in one transaction with what belongs to it.

mod read;
mod roles;
mod telling;

pub use roles::{KeepRole, RoleChange, RoleVersion, role_versions, roles};

pub use read::{
    Version, account, account_by_login, accounts, factor_by_name, factors, invitation, session, sessions,
    sessions_of_providers, step, versions,
};

use crate::audit;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, Value, WriteVerb};
use crate::params;

use super::model::{Account, AccountId, Factor, FactorId, FactorKind};
use super::session::Session;

/// A one-time link.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Digest of its token.
    pub token: [u8; 32],
    /// For whom.
    pub account: AccountId,
    /// Until when.
    pub ends_at: Timestamp,
}

/// What a sign-in under way waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// The second factor.
    SecondFactor,
    /// The first second factor of somebody who needs one.
    Enrolment,
    /// The answer of an identity provider.
    Provider,
    /// The signature of a passkey.
    Passkey,
    /// A new key of somebody who is signed in.
    NewPasskey,
    /// The first code of an app of somebody who is signed in.
    NewTotp,
}

impl StepKind {
    /// The word used in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecondFactor => "second_factor",
            Self::Enrolment => "enrolment",
            Self::Provider => "provider",
            Self::Passkey => "passkey",
            Self::NewPasskey => "new_passkey",
            Self::NewTotp => "new_totp",
        }
    }
}

/// A sign-in under way.
#[derive(Debug, Clone)]
pub struct SignInStep {
    /// Digest of what the browser holds.
    pub id: [u8; 32],
    /// What it waits for.
    pub kind: StepKind,
    /// Who, where it is known.
    pub account: Option<AccountId>,
    /// JSON: challenge, nonce, where to go then.
    pub content: String,
    /// Until when.
    pub ends_at: Timestamp,
}

/// One change.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new account, or the next version of one: act, and who did it. Fails to take where somebody else was faster.
    Account(Box<Account>, &'static str, String),
    /// A new one-time link; the ones before no longer open anything.
    Invite(Invitation),
    /// A link is used. Takes once.
    UseInvitation([u8; 32]),
    /// A new factor; a password or an app takes the place of the one before.
    AddFactor(Box<Factor>),
    /// A factor goes. Takes where there was one.
    RemoveFactor(AccountId, FactorId),
    /// All factors of a kind go.
    RemoveFactors(AccountId, FactorKind),
    /// A factor was used with this step or count. Takes where it is later than the last (`Some`), or always.
    UseFactor(FactorId, Option<i64>),
    /// A session begins.
    OpenSession(Box<Session>),
    /// A session is used.
    TouchSession([u8; 32]),
    /// A session goes on for another unit.
    ChooseUnit([u8; 32], String),
    /// Sessions of an account end: this one, or all but that one.
    EndSession(AccountId, [u8; 32], &'static str),
    /// All of an account but one.
    EndSessions(AccountId, Option<[u8; 32]>, &'static str),
    /// A sign-in is under way.
    BeginStep(SignInStep),
    /// It goes on. Takes once.
    TakeStep([u8; 32]),
    /// What was counted under these names is forgotten.
    Forgive(Vec<String>),
}

/// The rule that refuses what was used before, where it is not the first change of an act.
pub const ONCE: &str = "identity_once";

impl Change {
    /// Whether all is off where it does not take.
    const fn takes_once(&self) -> bool {
        matches!(self, Self::Account(..) | Self::UseInvitation(_) | Self::UseFactor(_, Some(_)) | Self::TakeStep(_))
    }
}

/// Changes that belong together: all or none. Where the first does not take, the others are not tried.
#[derive(Debug, Clone)]
pub struct Act {
    /// What is changed, in order.
    pub changes: Vec<Change>,
    /// When.
    pub at: Timestamp,
}

/// Writes acts.
pub struct Record;

impl WriteVerb for Record {
    type Item = Act;
    /// Whether it took: it does not where the first change was made by somebody else before, or its time is over.
    type Output = bool;
    const ORDER: u16 = 61;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Act]) -> Result<Vec<bool>, DbError> {
        let mut took = Vec::with_capacity(items.len());
        // One after the other: of two that use the same link or code, the second must see the first.
        for act in items {
            took.push(record(tx, act).await?);
        }
        Ok(took)
    }
}

async fn record(tx: &mut Tx<'_>, act: &Act) -> Result<bool, DbError> {
    // Before anything is changed: of a factor that is removed nothing is left to tell.
    let acts = telling::told(tx, act).await?;
    let mut taken = Vec::with_capacity(act.changes.len());
    for (index, change) in act.changes.iter().enumerate() {
        let changed = make(tx, change, act.at).await?;
        if changed == 0 && index == 0 {
            return Ok(false);
        }
        if changed == 0 && change.takes_once() {
            // Undoes what came before it.
            return Err(DbError::Constraint { rule: ONCE.to_owned() });
        }
        taken.push(changed > 0);
    }
    let acts = acts.into_iter().filter(|(index, _)| taken[*index]).map(|(_, event)| event);
    audit::append(tx, &acts.collect::<Vec<_>>()).await?;
    Ok(true)
}

async fn make(tx: &mut Tx<'_>, change: &Change, at: Timestamp) -> Result<u64, DbError> {
    match change {
        Change::Account(account, act, by) => keep(tx, account, (act, by), at).await,
        Change::Invite(invitation) => invite(tx, invitation, at).await,
        Change::AddFactor(factor) => add_factor(tx, factor, at).await,
        Change::OpenSession(session) => open_session(tx, session, at).await,
        Change::BeginStep(step) => begin_step(tx, step, at).await,
        Change::Forgive(names) => {
            let sql = "delete from sign_in_failure where name = $1";
            tx.execute_each(sql, names.iter().map(|name| params![name]).collect()).await?;
            Ok(1)
        }
        other => {
            let (sql, parameters) = simple(other, at);
            one(tx, sql, parameters).await
        }
    }
}

/// The changes that are one statement.
fn simple(change: &Change, at: Timestamp) -> (&'static str, Vec<Value>) {
    match change {
        Change::UseInvitation(token) => (
            "update account_invitation set used_at = $2 where token_sha256 = $1 and used_at is null and ends_at > $2",
            params![*token, at.0],
        ),
        Change::RemoveFactor(account, id) => {
            ("delete from account_factor where account_id = $1 and id = $2", params![*account, *id])
        }
        Change::RemoveFactors(account, kind) => {
            ("delete from account_factor where account_id = $1 and kind = $2", params![*account, kind.as_str()])
        }
        Change::UseFactor(id, Some(counter)) => (
            "update account_factor set counter = $2, used_at = $3 where id = $1 and counter < $2",
            params![*id, *counter, at.0],
        ),
        Change::UseFactor(id, None) => ("update account_factor set used_at = $2 where id = $1", params![*id, at.0]),
        Change::TouchSession(id) => {
            ("update session set used_at = $2 where id_sha256 = $1 and used_at < $2", params![*id, at.0])
        }
        Change::ChooseUnit(id, unit) => ("update session set unit = $2 where id_sha256 = $1", params![*id, unit]),
        Change::EndSession(account, id, why) => (
            "update session set ended_at = $3, ended_why = $4, provider = null
             where account_id = $1 and id_sha256 = $2 and ended_at is null",
            params![*account, *id, at.0, *why],
        ),
        Change::EndSessions(account, but, why) => (
            "update session set ended_at = $2, ended_why = $3, provider = null
             where account_id = $1 and ended_at is null and id_sha256 <> $4",
            params![*account, at.0, *why, but.unwrap_or_default()],
        ),
        Change::TakeStep(id) => ("delete from sign_in_step where id_sha256 = $1 and ends_at > $2", params![*id, at.0]),
        Change::Account(..)
        | Change::Invite(_)
        | Change::AddFactor(_)
        | Change::OpenSession(_)
        | Change::BeginStep(_)
        | Change::Forgive(_) => unreachable!("made before"),
    }
}

async fn one(tx: &mut Tx<'_>, sql: &'static str, parameters: Vec<Value>) -> Result<u64, DbError> {
    Ok(tx.execute_each(sql, vec![parameters]).await?.into_iter().sum())
}

/// A new account or the next version of one, and the version itself.
async fn keep(tx: &mut Tx<'_>, account: &Account, (act, by): (&str, &str), at: Timestamp) -> Result<u64, DbError> {
    let units = serde_json::json!(account.units).to_string();
    let grants = serde_json::json!(account.grants).to_string();
    let sql = if account.version == 1 {
        "insert into account (id, party, login, display_name, pseudonym, units, grants, state, version, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    } else {
        "update account set party = $2, login = $3, display_name = $4, pseudonym = $5, units = $6, grants = $7, state = $8,
         version = $9, changed_at = $10 where id = $1 and party = $2 and version = $9 - 1"
    };
    let row = params![
        account.id,
        &account.party,
        &account.login,
        &account.display_name,
        &account.pseudonym,
        &units,
        &grants,
        account.state.as_str(),
        account.version,
        at.0,
    ];
    let changed = one(tx, sql, row).await?;
    if changed == 0 {
        return Ok(0);
    }
    let content = serde_json::json!({
        "login": account.login,
        "display_name": account.display_name,
        "pseudonym": account.pseudonym,
        "units": account.units,
        "grants": account.grants,
        "state": account.state,
    });
    let sql =
        "insert into account_version (account_id, version, at, act, by_whom, content) values ($1, $2, $3, $4, $5, $6)";
    one(tx, sql, params![account.id, account.version, at.0, act, by, content.to_string()]).await
}

async fn invite(tx: &mut Tx<'_>, invitation: &Invitation, at: Timestamp) -> Result<u64, DbError> {
    let sql = "update account_invitation set used_at = $2 where account_id = $1 and used_at is null";
    one(tx, sql, params![invitation.account, at.0]).await?;
    let sql = "insert into account_invitation (token_sha256, account_id, made_at, ends_at) values ($1, $2, $3, $4)";
    one(tx, sql, params![invitation.token, invitation.account, at.0, invitation.ends_at.0]).await
}

async fn add_factor(tx: &mut Tx<'_>, factor: &Factor, at: Timestamp) -> Result<u64, DbError> {
    if matches!(factor.kind, FactorKind::Password | FactorKind::Totp) {
        let sql = "delete from account_factor where account_id = $1 and kind = $2";
        one(tx, sql, params![factor.account, factor.kind.as_str()]).await?;
    }
    let sql = "insert into account_factor (id, account_id, kind, name, label, material, counter, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let row = params![
        factor.id,
        factor.account,
        factor.kind.as_str(),
        &factor.name,
        &factor.label,
        &factor.material,
        factor.counter,
        at.0,
    ];
    one(tx, sql, row).await
}

async fn open_session(tx: &mut Tx<'_>, session: &Session, at: Timestamp) -> Result<u64, DbError> {
    // What ended a month ago is of no use to anybody.
    let old = at.plus_seconds(-30 * 86_400).0;
    one(tx, "delete from session where account_id = $1 and ends_at < $2", params![session.account, old]).await?;
    let sql =
        "insert into session (id_sha256, account_id, method, second_factor, unit, address, agent, provider, opened_at,
               used_at, ends_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let row = params![
        session.id,
        session.account,
        &session.method,
        i64::from(session.second_factor),
        session.unit.as_ref(),
        &session.address,
        &session.agent,
        session.provider.as_ref(),
        at.0,
        at.0,
        session.ends_at.0,
    ];
    one(tx, sql, row).await
}

async fn begin_step(tx: &mut Tx<'_>, step: &SignInStep, at: Timestamp) -> Result<u64, DbError> {
    one(tx, "delete from sign_in_step where ends_at < $1", params![at.0]).await?;
    let sql = "insert into sign_in_step (id_sha256, kind, account_id, content, ends_at) values ($1, $2, $3, $4, $5)";
    one(tx, sql, params![step.id, step.kind.as_str(), step.account, &step.content, step.ends_at.0]).await
}
