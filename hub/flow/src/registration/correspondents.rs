//! Issuers and addressees, apart from the entries that name them: a person can be made unrecognisable while the entries
//! stay (Regulation (EU) 2016/679, art. 17).

use schemas::text::fold;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

/// An issuer or addressee as a clerk writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correspondent {
    /// `person`, `company` or `institution`.
    #[serde(default = "person")]
    pub kind: String,
    /// Name, as on the document.
    pub name: String,
    /// `cnp`, `cui` or `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier_kind: Option<String>,
    /// The identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Address, in the institution's own shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Json>,
}

fn person() -> String {
    "person".to_owned()
}

impl Correspondent {
    /// What makes two of them the same issuer for the warning about duplicates: the identifier, else the name.
    #[must_use]
    pub fn likeness(&self) -> String {
        likeness(&self.name, self.identifier_kind.as_deref().zip(self.identifier.as_deref()))
    }
}

fn likeness(name: &str, identifier: Option<(&str, &str)>) -> String {
    identifier.map_or_else(|| fold(name.trim()), |(kind, identifier)| format!("{kind}:{}", identifier.trim()))
}

/// What tells a known issuer from others; none where there is no such one, or it is unrecognisable.
///
/// # Errors
/// The database does not answer.
pub async fn likeness_of(tx: &mut Tx<'_>, party: &str, id: Uuid) -> Result<Option<String>, DbError> {
    let sql = "select name, identifier_kind, identifier from register_party where party = $1 and id = $2";
    let mut rows = tx.query(sql, params![party, id.into_bytes()]).await?;
    let Some(row) = rows.first_mut() else { return Ok(None) };
    let name: Option<String> = row.take("name")?;
    let kind: Option<String> = row.take("identifier_kind")?;
    let identifier: Option<String> = row.take("identifier")?;
    Ok(name.map(|name| likeness(&name, kind.as_deref().zip(identifier.as_deref()))))
}

/// One of an institution's issuers and addressees. Made unrecognisable, it has no name.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// `person`, `company` or `institution`.
    pub kind: String,
    /// Name.
    pub name: Option<String>,
    /// `cnp`, `cui` or `other`.
    pub identifier_kind: Option<String>,
    /// The identifier.
    pub identifier: Option<String>,
    /// Address.
    pub address: Option<Json>,
    /// When it was made unrecognisable, in UTC.
    pub anonymised_at: Option<String>,
}

/// The ids of issuers and addressees of an institution: of those it knows by identifier, or by name and address, the known
/// ones; the others are added under the ids given with them.
///
/// # Errors
/// The database refused a statement.
pub async fn acquaint(
    tx: &mut Tx<'_>,
    met: &[(&str, &Correspondent, Uuid)],
    now: Timestamp,
) -> Result<Vec<Uuid>, DbError> {
    let by_identifier = "select id from register_party where party = $1 and identifier_kind = $2 and identifier = $3
                         and searched = $4 order by id limit 1";
    let by_name = "select id from register_party where party = $1 and searched = $2 and identifier is null
                   and coalesce(address, '') = $3 order by id limit 1";
    let add = "insert into register_party (id, party, kind, name, searched, identifier_kind, identifier, address,
               recorded_at) values";
    let mut ids = Vec::with_capacity(met.len());
    for (party, one, id) in met {
        let name = one.name.trim();
        let searched = fold(name);
        let address = one.address.as_ref().map(Json::to_string);
        let mut rows = match (&one.identifier_kind, &one.identifier) {
            (Some(kind), Some(identifier)) => {
                tx.query(by_identifier, params![*party, kind, identifier.trim(), &searched]).await?
            }
            _ => tx.query(by_name, params![*party, &searched, address.clone().unwrap_or_default()]).await?,
        };
        if let Some(row) = rows.first_mut() {
            ids.push(Uuid::from_bytes(row.take("id")?));
            continue;
        }
        let identifier = one.identifier.as_ref().map(|text| text.trim().to_owned());
        let kind = one.identifier_kind.clone().filter(|_| identifier.is_some());
        let row = params![id.into_bytes(), *party, &one.kind, name, searched, kind, identifier, address, now.0];
        tx.insert(add, 9, vec![row]).await?;
        ids.push(*id);
    }
    Ok(ids)
}

/// One of an institution's issuers and addressees.
///
/// # Errors
/// The database does not answer.
pub async fn correspondent(db: &Db, party: &str, id: Uuid) -> Result<Option<Known>, DbError> {
    let sql = "select id, kind, name, identifier_kind, identifier, address, anonymised_at from register_party
               where party = $1 and id = $2";
    let mut rows = db.query(sql, params![party, id.into_bytes()]).await?;
    rows.pop().map(read).transpose()
}

/// In which registers issuers and addressees are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// In all, and among those that stand in none.
    All,
    /// Only those named by an entry of these registers.
    Registers(Vec<String>),
}

impl Within {
    /// The ids between bars, so that one can be looked for in them; empty for all.
    fn listed(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Registers(ids) => format!("|{}|", ids.join("|")),
        }
    }
}

const KNOWN: &str = "select id, kind, name, identifier_kind, identifier, address, anonymised_at from register_party p
    where p.party = $1 and ($2 = '' or p.searched like $2) and (cast($3 as bytea) is null or p.id = $3) and ($4 = ''
    or exists (select 1 from register_entry e where e.party = $1 and e.correspondent = p.id
               and replace($4, '|' || e.register || '|', '') <> $4)
    or exists (select 1 from register_state s where s.party = $1 and s.correspondent = p.id
               and replace($4, '|' || s.register || '|', '') <> $4))
    order by p.searched, p.id limit $5";

/// Issuers and addressees whose name contains a text, whatever its case and diacritics; by name.
///
/// # Errors
/// The database does not answer.
pub async fn correspondents(
    db: &Db,
    (party, within): (&str, &Within),
    name: &str,
    limit: i64,
) -> Result<Vec<Known>, DbError> {
    let wanted = params![party, super::list::pattern(name), None::<[u8; 16]>, within.listed(), limit];
    db.query(KNOWN, wanted).await?.into_iter().map(read).collect()
}

/// Whether one of an institution's issuers and addressees stands in these registers.
///
/// # Errors
/// The database does not answer.
pub async fn named_within(db: &Db, (party, within): (&str, &Within), id: Uuid) -> Result<bool, DbError> {
    let wanted = params![party, "", Some(id.into_bytes()), within.listed(), 1_i64];
    Ok(!db.query(KNOWN, wanted).await?.is_empty())
}

/// Makes issuers and addressees unrecognisable, for good; answers which were there and still recognisable.
///
/// # Errors
/// The database refused a statement.
pub async fn anonymise(tx: &mut Tx<'_>, whom: &[(&str, Uuid)], now: Timestamp) -> Result<Vec<bool>, DbError> {
    let erase = "update register_party set name = null, searched = null, identifier_kind = null, identifier = null,
                 address = null, anonymised_at = $3 where party = $1 and id = $2 and anonymised_at is null";
    let sets = whom.iter().map(|(party, id)| params![*party, id.into_bytes(), now.0]).collect();
    Ok(tx.execute_each(erase, sets).await?.into_iter().map(|changed| changed > 0).collect())
}

fn read(mut row: Row) -> Result<Known, DbError> {
    let address: Option<String> = row.take("address")?;
    Ok(Known {
        id: Uuid::from_bytes(row.take("id")?),
        kind: row.take("kind")?,
        name: row.take("name")?,
        identifier_kind: row.take("identifier_kind")?,
        identifier: row.take("identifier")?,
        address: address.and_then(|text| serde_json::from_str(&text).ok()),
        anonymised_at: row.take::<Option<i64>>("anonymised_at")?.map(|at| Timestamp(at).to_utc()),
    })
}
