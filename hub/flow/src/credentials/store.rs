//! The SQL of credentials.

use std::collections::HashSet;

use hub_signatures::jws;

use crate::authorization::{Permission, PermissionSet};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::message::CredentialId;
use crate::params;

use super::keeper::Known;
use super::model::{Credential, Held, Kind, NewCredential, Proof};
use super::signing_key::SigningKey;

/// Credentials of one kind that a system may have in force at once.
const MOST: i64 = 20;
/// What is over is known for so long, in seconds: it is told from what never was.
const REMEMBERED_SECONDS: i64 = 86_400;

/// What became of a credential about to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issued {
    /// It is kept.
    Kept,
    /// The same key or certificate is registered already, here or for another system.
    Known,
    /// The system has too many of this kind.
    TooMany,
    /// The one it replaces is over.
    Over,
}

/// Keeps new credentials.
pub struct Issue;

impl WriteVerb for Issue {
    type Item = NewCredential;
    type Output = Issued;
    const ORDER: u16 = 60;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewCredential]) -> Result<Vec<Issued>, DbError> {
        let mut told = Vec::with_capacity(items.len());
        for item in items {
            told.push(keep(tx, item).await?);
        }
        changed(tx).await?;
        Ok(told)
    }
}

/// Keeps a credential in place of another, which ends at a moment.
pub struct Replace;

impl WriteVerb for Replace {
    type Item = (NewCredential, Timestamp);
    type Output = Issued;
    const ORDER: u16 = 61;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<Issued>, DbError> {
        let sql = "update credential set expires_at = $2
                   where id = $1 and revoked_at is null and expires_at >= $2";
        let mut told = Vec::with_capacity(items.len());
        for (new, old_ends) in items {
            let kept = keep(tx, new).await?;
            if kept == Issued::Kept {
                let old = vec![params![new.replaces, old_ends.0]];
                let ended = tx.execute_each(sql, old).await?;
                if ended != [1] {
                    // Somebody took it back, or rotated it, since it was looked at.
                    tx.execute_each("delete from credential where id = $1", vec![params![new.id]]).await?;
                    told.push(Issued::Over);
                    continue;
                }
            }
            told.push(kept);
        }
        changed(tx).await?;
        Ok(told)
    }
}

async fn keep(tx: &mut Tx<'_>, new: &NewCredential) -> Result<Issued, DbError> {
    let sql = "select cast(count(*) as bigint) as number from credential where kind = $1 and proof = $2";
    let mut same = tx.query(sql, params![new.kind.as_str(), *new.proof.digest()]).await?;
    if number(&mut same)? > 0 {
        return Ok(Issued::Known);
    }
    let sql = "select cast(count(*) as bigint) as number from credential
               where party = $1 and system = $2 and kind = $3 and revoked_at is null and expires_at > $4";
    let mut others = tx.query(sql, params![&new.party, &new.system, new.kind.as_str(), new.created_at.0]).await?;
    if number(&mut others)? >= MOST {
        return Ok(Issued::TooMany);
    }
    let head = "insert into credential (id, kind, party, system, label, proof, proof_of, public_key, operations,
                created_at, created_by, expires_at, replaces) values";
    let operations = new.operations.map(|set| {
        let names: Vec<&str> = set.iter().map(Permission::as_str).collect();
        serde_json::to_string(&names).expect("names are plain data")
    });
    let row = params![
        new.id,
        new.kind.as_str(),
        &new.party,
        &new.system,
        &new.label,
        *new.proof.digest(),
        new.proof.of(),
        new.public_key.as_ref(),
        operations,
        new.created_at.0,
        &new.created_by,
        new.expires_at.0,
        new.replaces,
    ];
    tx.insert(head, 13, vec![row]).await?;
    Ok(Issued::Kept)
}

/// A credential about to be taken back.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// Which.
    pub id: CredentialId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Takes credentials back.
pub struct Revoke;

impl WriteVerb for Revoke {
    type Item = Revocation;
    /// Whether it was taken back now; one that was before keeps its first reason.
    type Output = bool;
    const ORDER: u16 = 62;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Revocation]) -> Result<Vec<bool>, DbError> {
        let sql = "update credential set revoked_at = $2, revoked_by = $3, revocation_reason = $4
                   where id = $1 and revoked_at is null";
        let set = |one: &Revocation| params![one.id, one.at.0, &one.by, &one.reason];
        let counts = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        changed(tx).await?;
        Ok(counts.into_iter().map(|count| count == 1).collect())
    }
}

/// Writes down that a credential was used.
pub struct Use;

impl WriteVerb for Use {
    type Item = (CredentialId, Timestamp);
    type Output = ();
    const ORDER: u16 = 63;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let sql = "update credential set last_used_at = $2
                   where id = $1 and (last_used_at is null or last_used_at < $2)";
        tx.execute_each(sql, items.iter().map(|(id, at)| params![*id, at.0]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// An assertion about to be used.
#[derive(Debug, Clone)]
pub struct Spent {
    /// The client.
    pub client: String,
    /// SHA-256 of the assertion's id.
    pub assertion: [u8; 32],
    /// When it may be forgotten.
    pub expires_at: Timestamp,
}

/// Uses assertions, each once.
pub struct Spend;

impl WriteVerb for Spend {
    type Item = Spent;
    /// Whether this is its first use.
    type Output = bool;
    const ORDER: u16 = 64;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Spent]) -> Result<Vec<bool>, DbError> {
        let sql = "insert into client_assertion (client, assertion, expires_at) values ($1, $2, $3)
                   on conflict (client, assertion) do nothing";
        let set = |one: &Spent| params![&one.client, one.assertion, one.expires_at.0];
        let counts = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(counts.into_iter().map(|count| count == 1).collect())
    }
}

/// Revokes tokens before their time.
pub struct RevokeToken;

impl WriteVerb for RevokeToken {
    /// SHA-256 of the token's id, and when it may be forgotten.
    type Item = ([u8; 32], Timestamp);
    type Output = ();
    const ORDER: u16 = 65;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let sql = "insert into revoked_token (token, expires_at) values ($1, $2) on conflict (token) do nothing";
        tx.execute_each(sql, items.iter().map(|(token, at)| params![*token, at.0]).collect()).await?;
        changed(tx).await?;
        Ok(vec![(); items.len()])
    }
}

/// Keeps keys that sign tokens.
pub struct AddSigningKey;

impl WriteVerb for AddSigningKey {
    type Item = SigningKey;
    type Output = ();
    const ORDER: u16 = 66;

    async fn run(&self, tx: &mut Tx<'_>, items: &[SigningKey]) -> Result<Vec<()>, DbError> {
        let mut rows = Vec::with_capacity(items.len());
        for key in items {
            let jwk = key.public.to_jwk().map_err(|error| DbError::Statement(error.to_string()))?;
            rows.push(params![&key.id, jwk.to_string(), key.sealed.clone(), key.created_at.0, key.signs_from.0]);
        }
        let head = "insert into token_key (id, public_key, private_key, created_at, signs_from) values";
        tx.insert(head, 5, rows).await?;
        changed(tx).await?;
        Ok(vec![(); items.len()])
    }
}

/// Withdraws the keys made before a moment: nothing they signed counts any more.
pub struct WithdrawSigningKeys;

impl WriteVerb for WithdrawSigningKeys {
    /// The moment they are withdrawn, and the key that stays.
    type Item = (Timestamp, String);
    type Output = ();
    const ORDER: u16 = 67;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let sql = "update token_key set withdrawn_at = $1 where id <> $2 and withdrawn_at is null";
        tx.execute_each(sql, items.iter().map(|(at, stays)| params![at.0, stays]).collect()).await?;
        changed(tx).await?;
        Ok(vec![(); items.len()])
    }
}

/// Forgets used assertions and revoked tokens whose time is over anyway.
pub struct Forget;

impl WriteVerb for Forget {
    type Item = Timestamp;
    type Output = ();
    const ORDER: u16 = 68;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Timestamp]) -> Result<Vec<()>, DbError> {
        let sets = || items.iter().map(|now| params![now.0]).collect();
        tx.execute_each("delete from client_assertion where expires_at < $1", sets()).await?;
        tx.execute_each("delete from revoked_token where expires_at < $1", sets()).await?;
        Ok(vec![(); items.len()])
    }
}

async fn changed(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.execute_each("update credential_change set number = number + 1 where only_row = 1", vec![vec![]]).await?;
    Ok(())
}

/// The number of the last change.
///
/// # Errors
/// The database does not answer.
pub(super) async fn change(db: &Db) -> Result<i64, DbError> {
    number(&mut db.query("select number from credential_change where only_row = 1", vec![]).await?)
}

fn number(rows: &mut [Row]) -> Result<i64, DbError> {
    rows.first_mut().map_or(Ok(0), |row| row.take("number"))
}

/// Everything that may still count, or was over lately.
///
/// # Errors
/// The database does not answer, or holds something odd.
pub async fn load(db: &Db, now: Timestamp) -> Result<Known, DbError> {
    // Before the rest: a change that comes between is asked for again.
    let change = change(db).await?;
    let since = now.plus_seconds(-REMEMBERED_SECONDS);
    let sql = "select * from credential where expires_at > $1 and (revoked_at is null or revoked_at > $1)";
    let mut held = Vec::new();
    for row in db.query(sql, params![since.0]).await? {
        let credential = read(row)?;
        let key = credential.made.public_key.as_deref().and_then(|jwk| jws::keys(jwk.as_bytes()).ok()?.pop());
        held.push(Held::new(credential, key));
    }
    let mut tokens = HashSet::new();
    for mut row in db.query("select token from revoked_token where expires_at > $1", params![now.0]).await? {
        tokens.insert(row.take("token")?);
    }
    let mut keys = Vec::new();
    for row in db.query("select * from token_key where withdrawn_at is null", vec![]).await? {
        keys.push(signing_key(row)?);
    }
    Ok(Known::new(change, held, tokens, keys))
}

/// The credentials of an institution, of one system where it is named, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, party: Option<&str>, system: Option<&str>) -> Result<Vec<Credential>, DbError> {
    let sql = "select * from credential where ($1 = '' or party = $1) and ($2 = '' or system = $2)
               order by created_at desc, id desc limit 1000";
    let rows = db.query(sql, params![party.unwrap_or_default(), system.unwrap_or_default()]).await?;
    rows.into_iter().map(read).collect()
}

/// One credential, whatever became of it.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, id: CredentialId) -> Result<Option<Credential>, DbError> {
    let rows = db.query("select * from credential where id = $1", params![id]).await?;
    rows.into_iter().next().map(read).transpose()
}

fn odd(column: &str, expected: &'static str) -> DbError {
    DbError::Inconsistent { column: column.to_owned(), expected, found: "something else".to_owned() }
}

fn read(mut row: Row) -> Result<Credential, DbError> {
    let kind: String = row.take("kind")?;
    let (of, digest): (String, [u8; 32]) = (row.take("proof_of")?, row.take("proof")?);
    let operations: Option<String> = row.take("operations")?;
    let operations = operations.map(|text| {
        // A permission that is gone from the list lets nobody do anything; what is left stands.
        let names: Vec<String> = serde_json::from_str(&text).map_err(|_| odd("operations", "a list of permissions"))?;
        Ok::<PermissionSet, DbError>(names.iter().filter_map(|name| Permission::parse(name)).collect())
    });
    let made = NewCredential {
        id: row.take("id")?,
        kind: Kind::parse(&kind).ok_or_else(|| odd("kind", "a kind of credential"))?,
        party: row.take("party")?,
        system: row.take("system")?,
        label: row.take("label")?,
        proof: Proof::parse(&of, digest).ok_or_else(|| odd("proof_of", "a kind of proof"))?,
        public_key: row.take("public_key")?,
        operations: operations.transpose()?,
        created_at: Timestamp(row.take("created_at")?),
        created_by: row.take("created_by")?,
        expires_at: Timestamp(row.take("expires_at")?),
        replaces: row.take("replaces")?,
    };
    let revoked_at: Option<i64> = row.take("revoked_at")?;
    let by: Option<String> = row.take("revoked_by")?;
    let reason: Option<String> = row.take("revocation_reason")?;
    let revoked = revoked_at.map(|at| (Timestamp(at), by.unwrap_or_default(), reason.unwrap_or_default()));
    let last_used_at: Option<i64> = row.take("last_used_at")?;
    Ok(Credential { made, revoked, last_used_at: last_used_at.map(Timestamp) })
}

fn signing_key(mut row: Row) -> Result<SigningKey, DbError> {
    let jwk: String = row.take("public_key")?;
    let public = jws::keys(jwk.as_bytes()).ok().and_then(|mut keys| keys.pop());
    let withdrawn_at: Option<i64> = row.take("withdrawn_at")?;
    Ok(SigningKey {
        id: row.take("id")?,
        public: public.ok_or_else(|| odd("public_key", "a JSON Web Key"))?,
        sealed: row.take("private_key")?,
        created_at: Timestamp(row.take("created_at")?),
        signs_from: Timestamp(row.take("signs_from")?),
        withdrawn_at: withdrawn_at.map(Timestamp),
    })
}
