//! The SQL of the roles an institution makes: each as it stands, and every version it ever had.

use crate::audit::{self, AuditEvent};
use crate::authorization::{Permission, Role};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

/// A role as it shall stand, one version above the one that was read; version 1 is a new one.
#[derive(Debug, Clone)]
pub struct RoleChange {
    /// The role.
    pub role: Role,
    /// What the audit is told; it also says when.
    pub event: AuditEvent,
    /// Who, as the history names it.
    pub by: String,
}

/// Writes roles with their history and their audit.
pub struct KeepRole;

impl WriteVerb for KeepRole {
    type Item = RoleChange;
    /// Whether it took: it does not where somebody else was faster, or the role is withdrawn.
    type Output = bool;
    const ORDER: u16 = 69;

    async fn run(&self, tx: &mut Tx<'_>, items: &[RoleChange]) -> Result<Vec<bool>, DbError> {
        let mut took = Vec::with_capacity(items.len());
        // One after the other: of two changes of one version, the second must see the first.
        for item in items {
            took.push(keep(tx, item).await?);
        }
        Ok(took)
    }
}

async fn keep(tx: &mut Tx<'_>, change: &RoleChange) -> Result<bool, DbError> {
    let RoleChange { role, event, by } = change;
    let sql = if role.version == 1 {
        "insert into custom_role (party, id, name_ro, name_en, permissions, withdrawn, version, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (party, id) do nothing"
    } else {
        "update custom_role set name_ro = $3, name_en = $4, permissions = $5, withdrawn = $6, version = $7, changed_at = $8
         where party = $1 and id = $2 and version = $7 - 1 and withdrawn = 0"
    };
    let permissions = serde_json::json!(role.permissions).to_string();
    let (withdrawn, at) = (i64::from(role.withdrawn), event.at.0);
    let row = params![&role.party, &role.id, &role.name_ro, &role.name_en, &permissions, withdrawn, role.version, at];
    let changed: u64 = tx.execute_each(sql, vec![row]).await?.into_iter().sum();
    if changed == 0 {
        return Ok(false);
    }
    let sql =
        "insert into custom_role_version (party, id, version, at, by_whom, name_ro, name_en, permissions, withdrawn)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let row =
        params![&role.party, &role.id, role.version, at, by, &role.name_ro, &role.name_en, &permissions, withdrawn];
    tx.execute_each(sql, vec![row]).await?;
    audit::append(tx, std::slice::from_ref(event)).await?;
    Ok(true)
}

/// A version of a role.
#[derive(Debug, Clone)]
pub struct RoleVersion {
    /// The role as it was then.
    pub role: Role,
    /// Since when.
    pub at: Timestamp,
    /// Who made it so.
    pub by: String,
}

/// The roles of an institution by id, withdrawn ones too.
///
/// # Errors
/// The database does not answer.
pub async fn roles(db: &Db, party: &str) -> Result<Vec<Role>, DbError> {
    let sql = "select party, id, name_ro, name_en, permissions, withdrawn, version from custom_role where party = $1 order by id";
    db.query(sql, params![party]).await?.into_iter().map(|mut row| read(&mut row)).collect()
}

/// The history of a role, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn role_versions(db: &Db, party: &str, id: &str) -> Result<Vec<RoleVersion>, DbError> {
    let sql =
        "select party, id, name_ro, name_en, permissions, withdrawn, version, at, by_whom from custom_role_version
               where party = $1 and id = $2 order by version";
    let version = |mut row: Row| {
        Ok(RoleVersion { role: read(&mut row)?, at: Timestamp(row.take("at")?), by: row.take("by_whom")? })
    };
    db.query(sql, params![party, id]).await?.into_iter().map(version).collect()
}

fn read(row: &mut Row) -> Result<Role, DbError> {
    let permissions: String = row.take("permissions")?;
    // A permission that this hub does not know any more gives nothing.
    let known: Vec<String> = serde_json::from_str(&permissions).unwrap_or_default();
    Ok(Role {
        id: row.take("id")?,
        party: row.take("party")?,
        name_ro: row.take("name_ro")?,
        name_en: row.take("name_en")?,
        permissions: known.iter().filter_map(|text| Permission::parse(text)).collect(),
        version: row.take("version")?,
        withdrawn: row.take::<i64>("withdrawn")? != 0,
    })
}
