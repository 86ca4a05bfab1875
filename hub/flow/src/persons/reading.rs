//! What is read about persons, always of one institution.

use schemas::text::fold;
use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;

use super::{Draft, Person, PersonId, Scheme, SealedIdentifier, Shown};

const COLUMNS: &str = "select p.id, p.version, p.merged_into, v.document from person p
    join person_version v on v.person_id = p.id and v.version = p.version where p.party = $1 and p.id = $2";

/// A person of an institution.
///
/// # Errors
/// The database does not answer.
pub async fn load(db: &Db, party: &str, id: PersonId) -> Result<Option<Person>, DbError> {
    db.query(COLUMNS, params![party, id]).await?.into_iter().next().map(read).transpose()
}

/// Persons whose names have a piece, in order of name; after the one with this name and id.
///
/// # Errors
/// The database does not answer.
pub async fn list(
    db: &Db,
    (party, piece): (&str, &str),
    after: Option<&Person>,
    limit: i64,
) -> Result<Vec<Person>, DbError> {
    let sql = "select p.id, p.version, p.merged_into, v.document from person p
               join person_version v on v.person_id = p.id and v.version = p.version
               where p.party = $1 and p.merged_into is null and replace(p.folded, $2, '') <> p.folded
               and (p.folded > $3 or (p.folded = $3 and p.id > $4)) order by p.folded, p.id limit $5";
    let all = "select p.id, p.version, p.merged_into, v.document from person p
               join person_version v on v.person_id = p.id and v.version = p.version
               where p.party = $1 and p.merged_into is null
               and (p.folded > $3 or (p.folded = $3 and p.id > $4)) and $2 = '' order by p.folded, p.id limit $5";
    let (name, id) = after.map_or((String::new(), PersonId(uuid::Uuid::nil())), |one| (fold(&one.draft.name), one.id));
    let piece = fold(piece);
    let sql = if piece.is_empty() { all } else { sql };
    db.query(sql, params![party, piece, name, id, limit]).await?.into_iter().map(read).collect()
}

/// The person of an institution that has an identifier.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, party: &str, (scheme, digest): (Scheme, [u8; 32])) -> Result<Option<Person>, DbError> {
    let sql = "select p.id, p.version, p.merged_into, v.document from person_identity i
               join person p on p.id = i.person_id
               join person_version v on v.person_id = p.id and v.version = p.version
               where i.party = $1 and i.scheme = $2 and i.digest = $3 and i.until_version is null";
    let rows = db.query(sql, params![party, scheme.as_str(), digest]).await?;
    rows.into_iter().next().map(read).transpose()
}

/// A version of a person.
#[derive(Debug, Clone, Serialize)]
pub struct Version {
    /// 1 for the first.
    pub version: i64,
    /// What was written.
    pub person: Draft,
    /// Its identifiers, masked.
    pub identities: Vec<Shown>,
    /// `created`, `changed` or `merged`.
    pub act: String,
    /// Who.
    pub clerk: String,
    /// Why.
    pub reason: String,
    /// When, UTC.
    pub recorded_at: String,
}

/// All versions, the newest first; empty where the institution has no such person.
///
/// # Errors
/// The database does not answer.
pub async fn history(db: &Db, party: &str, id: PersonId) -> Result<Vec<Version>, DbError> {
    let sql = "select v.version, v.document, v.act, v.clerk, v.reason, v.recorded_at from person_version v
               join person p on p.id = v.person_id where p.party = $1 and p.id = $2 order by v.version desc";
    let version = |mut row: Row| -> Result<Version, DbError> {
        let (person, identities) = document(&row.take::<String>("document")?)?;
        Ok(Version {
            version: row.take("version")?,
            person,
            identities,
            act: row.take("act")?,
            clerk: row.take("clerk")?,
            reason: row.take("reason")?,
            recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
        })
    };
    db.query(sql, params![party, id]).await?.into_iter().map(version).collect()
}

/// The identifiers of a scheme a person has, as they are kept.
///
/// # Errors
/// The database does not answer.
pub async fn sealed(db: &Db, party: &str, id: PersonId) -> Result<Vec<SealedIdentifier>, DbError> {
    let sql = "select scheme, digest, hint, key_id, sealed from person_identity
               where party = $1 and person_id = $2 and until_version is null order by scheme, hint";
    db.query(sql, params![party, id]).await?.into_iter().map(kept).collect()
}

/// Identifiers that another key than this one encrypts, with their institutions; those no longer in force too.
///
/// # Errors
/// The database does not answer.
pub async fn under_others(db: &Db, key_id: &str, limit: i64) -> Result<Vec<(String, SealedIdentifier)>, DbError> {
    let sql = "select party, scheme, digest, hint, key_id, sealed from person_identity where key_id <> $1 limit $2";
    let read = |mut row: Row| Ok((row.take("party")?, kept(row)?));
    db.query(sql, params![key_id, limit]).await?.into_iter().map(read).collect()
}

fn kept(mut row: Row) -> Result<SealedIdentifier, DbError> {
    Ok(SealedIdentifier {
        scheme: scheme(&row.take::<String>("scheme")?)?,
        digest: row.take("digest")?,
        hint: row.take("hint")?,
        key_id: row.take("key_id")?,
        sealed: row.take("sealed")?,
    })
}

/// Who saw identifiers of a person in the clear, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn unmaskings(db: &Db, party: &str, id: PersonId) -> Result<Vec<Value>, DbError> {
    let sql = "select scheme, clerk, purpose, legal_basis, case_number, recorded_at from person_unmasking
               where party = $1 and person_id = $2 order by recorded_at desc";
    let read = |mut row: Row| -> Result<Value, DbError> {
        Ok(serde_json::json!({
            "scheme": row.take::<String>("scheme")?,
            "clerk": row.take::<String>("clerk")?,
            "purpose": row.take::<String>("purpose")?,
            "legal_basis": row.take::<String>("legal_basis")?,
            "case_number": row.take::<Option<String>>("case_number")?,
            "at": Timestamp(row.take("recorded_at")?).to_utc(),
        }))
    };
    db.query(sql, params![party, id]).await?.into_iter().map(read).collect()
}

/// What registers said of a person, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn validations(db: &Db, party: &str, id: PersonId) -> Result<Vec<Value>, DbError> {
    let sql = "select lookup_id, source, verdict, document, clerk, recorded_at from person_validation
               where party = $1 and person_id = $2 order by recorded_at desc";
    let read = |mut row: Row| -> Result<Value, DbError> {
        let text: String = row.take("document")?;
        let said: Value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
        Ok(serde_json::json!({
            "lookup": row.take::<crate::message::LookupId>("lookup_id")?,
            "source": row.take::<String>("source")?,
            "verdict": row.take::<String>("verdict")?,
            "said": said,
            "clerk": row.take::<String>("clerk")?,
            "at": Timestamp(row.take("recorded_at")?).to_utc(),
        }))
    };
    db.query(sql, params![party, id]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Person, DbError> {
    let (draft, identities) = document(&row.take::<String>("document")?)?;
    Ok(Person {
        id: row.take("id")?,
        version: row.take("version")?,
        draft,
        identities,
        merged_into: row.take("merged_into")?,
    })
}

/// What a stored version says.
pub(super) fn document(text: &str) -> Result<(Draft, Vec<Shown>), DbError> {
    #[derive(serde::Deserialize)]
    struct Stored {
        person: Draft,
        identities: Vec<Shown>,
    }
    let Stored { person, identities } = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
    Ok((person, identities))
}

pub(super) fn identity(mut row: Row) -> Result<Shown, DbError> {
    Ok(Shown { scheme: scheme(&row.take::<String>("scheme")?)?, hint: row.take("hint")? })
}

fn scheme(word: &str) -> Result<Scheme, DbError> {
    Scheme::parse(word).ok_or_else(|| wrong(word))
}

pub(super) fn wrong(found: &str) -> DbError {
    DbError::Inconsistent {
        column: "person".to_owned(),
        expected: "what this program writes there",
        found: found.to_owned(),
    }
}
