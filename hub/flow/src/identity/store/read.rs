//! The SQL that reads people.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;

use super::super::model::{Account, AccountId, AccountState, Factor, FactorKind};
use super::super::session::Session;
use super::{Invitation, SignInStep, StepKind};

/// A version of an account.
#[derive(Debug, Clone)]
pub struct Version {
    /// From 1.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub act: String,
    /// Who did it.
    pub by: String,
    /// The account after it, as JSON.
    pub content: String,
}

/// An account.
///
/// # Errors
/// The database does not answer.
pub async fn account(db: &Db, id: AccountId) -> Result<Option<Account>, DbError> {
    let sql = "select id, party, login, display_name, pseudonym, units, grants, state, version, changed_at from account
               where id = $1";
    first(db.query(sql, params![id]).await?, read_account)
}

/// The account with a login.
///
/// # Errors
/// The database does not answer.
pub async fn account_by_login(db: &Db, login: &str) -> Result<Option<Account>, DbError> {
    let sql = "select id, party, login, display_name, pseudonym, units, grants, state, version, changed_at from account
               where login = $1";
    first(db.query(sql, params![login]).await?, read_account)
}

/// The accounts of an institution, by login.
///
/// # Errors
/// The database does not answer.
pub async fn accounts(db: &Db, party: &str, limit: i64) -> Result<Vec<Account>, DbError> {
    let sql = "select id, party, login, display_name, pseudonym, units, grants, state, version, changed_at from account
               where party = $1 order by login limit $2";
    db.query(sql, params![party, limit]).await?.into_iter().map(read_account).collect()
}

/// The history of an account, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn versions(db: &Db, id: AccountId) -> Result<Vec<Version>, DbError> {
    let sql = "select version, at, act, by_whom, content from account_version where account_id = $1 order by version";
    let read = |mut row: Row| {
        Ok(Version {
            version: row.take("version")?,
            at: Timestamp(row.take("at")?),
            act: row.take("act")?,
            by: row.take("by_whom")?,
            content: row.take("content")?,
        })
    };
    db.query(sql, params![id]).await?.into_iter().map(read).collect()
}

/// What an account proves itself with, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn factors(db: &Db, account: AccountId) -> Result<Vec<Factor>, DbError> {
    let sql = "select id, account_id, kind, name, label, material, counter, created_at, used_at from account_factor
               where account_id = $1 order by created_at, id";
    db.query(sql, params![account]).await?.into_iter().map(read_factor).collect()
}

/// The factor with a name: a passkey by its id, the word of a provider by issuer and subject.
///
/// # Errors
/// The database does not answer.
pub async fn factor_by_name(db: &Db, kind: FactorKind, name: &str) -> Result<Option<Factor>, DbError> {
    let sql = "select id, account_id, kind, name, label, material, counter, created_at, used_at from account_factor
               where kind = $1 and name = $2";
    first(db.query(sql, params![kind.as_str(), name]).await?, read_factor)
}

/// A link that still opens something.
///
/// # Errors
/// The database does not answer.
pub async fn invitation(db: &Db, token: [u8; 32], now: Timestamp) -> Result<Option<Invitation>, DbError> {
    let sql = "select account_id, ends_at from account_invitation
               where token_sha256 = $1 and used_at is null and ends_at > $2";
    first(db.query(sql, params![token, now.0]).await?, |mut row| {
        Ok(Invitation { token, account: row.take("account_id")?, ends_at: Timestamp(row.take("ends_at")?) })
    })
}

/// The session with this digest, whether it is believed or not.
///
/// # Errors
/// The database does not answer.
pub async fn session(db: &Db, id: [u8; 32]) -> Result<Option<Session>, DbError> {
    let sql = "select id_sha256, account_id, method, second_factor, unit, address, agent, provider, opened_at, used_at,
               ends_at, ended_at from session where id_sha256 = $1";
    first(db.query(sql, params![id]).await?, read_session)
}

/// The sessions of an account that were not ended, newest first.
///
/// # Errors
/// The database does not answer.
pub async fn sessions(db: &Db, account: AccountId) -> Result<Vec<Session>, DbError> {
    let sql = "select id_sha256, account_id, method, second_factor, unit, address, agent, provider, opened_at, used_at,
               ends_at, ended_at from session where account_id = $1 and ended_at is null order by opened_at desc";
    db.query(sql, params![account]).await?.into_iter().map(read_session).collect()
}

/// The open sessions that identity providers opened.
///
/// # Errors
/// The database does not answer.
pub async fn sessions_of_providers(db: &Db, now: Timestamp) -> Result<Vec<Session>, DbError> {
    let sql = "select id_sha256, account_id, method, second_factor, unit, address, agent, provider, opened_at, used_at,
               ends_at, ended_at from session where ended_at is null and ends_at > $1 and provider is not null";
    db.query(sql, params![now.0]).await?.into_iter().map(read_session).collect()
}

/// A sign-in under way that still may go on and waits for this.
///
/// # Errors
/// The database does not answer.
pub async fn step(db: &Db, id: [u8; 32], kind: StepKind, now: Timestamp) -> Result<Option<SignInStep>, DbError> {
    let sql = "select account_id, content, ends_at from sign_in_step
               where id_sha256 = $1 and kind = $2 and ends_at > $3";
    first(db.query(sql, params![id, kind.as_str(), now.0]).await?, |mut row| {
        Ok(SignInStep {
            id,
            kind,
            account: row.take("account_id")?,
            content: row.take("content")?,
            ends_at: Timestamp(row.take("ends_at")?),
        })
    })
}

fn first<T>(rows: Vec<Row>, read: impl FnOnce(Row) -> Result<T, DbError>) -> Result<Option<T>, DbError> {
    rows.into_iter().next().map(read).transpose()
}

fn unreadable(column: &str, found: String) -> DbError {
    DbError::Inconsistent { column: column.to_owned(), expected: "one of its words", found }
}

fn read_account(mut row: Row) -> Result<Account, DbError> {
    let (units, grants, state): (String, String, String) =
        (row.take("units")?, row.take("grants")?, row.take("state")?);
    Ok(Account {
        id: row.take("id")?,
        party: row.take("party")?,
        login: row.take("login")?,
        display_name: row.take("display_name")?,
        pseudonym: row.take("pseudonym")?,
        units: serde_json::from_str(&units).map_err(|error| unreadable("account.units", error.to_string()))?,
        grants: serde_json::from_str(&grants).map_err(|error| unreadable("account.grants", error.to_string()))?,
        state: AccountState::parse(&state).ok_or_else(|| unreadable("account.state", state))?,
        version: row.take("version")?,
        changed_at: Timestamp(row.take("changed_at")?),
    })
}

fn read_factor(mut row: Row) -> Result<Factor, DbError> {
    let kind: String = row.take("kind")?;
    let used: Option<i64> = row.take("used_at")?;
    Ok(Factor {
        id: row.take("id")?,
        account: row.take("account_id")?,
        kind: FactorKind::parse(&kind)?,
        name: row.take("name")?,
        label: row.take("label")?,
        material: row.take("material")?,
        counter: row.take("counter")?,
        created_at: Timestamp(row.take("created_at")?),
        used_at: used.map(Timestamp),
    })
}

fn read_session(mut row: Row) -> Result<Session, DbError> {
    let (second, ended): (i64, Option<i64>) = (row.take("second_factor")?, row.take("ended_at")?);
    Ok(Session {
        id: row.take("id_sha256")?,
        account: row.take("account_id")?,
        method: row.take("method")?,
        second_factor: second == 1,
        unit: row.take("unit")?,
        address: row.take("address")?,
        agent: row.take("agent")?,
        provider: row.take("provider")?,
        opened_at: Timestamp(row.take("opened_at")?),
        used_at: Timestamp(row.take("used_at")?),
        ends_at: Timestamp(row.take("ends_at")?),
        ended_at: ended.map(Timestamp),
    })
}
