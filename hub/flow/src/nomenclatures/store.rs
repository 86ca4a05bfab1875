//! The SQL of nomenclatures.

use schemas::CodeLists;
use schemas::code_lists::CodeListError;
use schemas::text::fold;
use serde_json::json;

use crate::audit::{self, AuditEvent, HUB, Kind, Principal};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

use super::{Entry, Page, Version};

/// Rows of one statement.
const LOT: usize = 2_000;

/// A version to be kept.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// The list.
    pub list: String,
    /// First day in force.
    pub version: String,
    /// Where it is from.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Its entries.
    pub entries: Vec<Entry>,
    /// The institution whose system brought it; `file` for a command on the machine.
    pub by: String,
    /// The person.
    pub clerk: Option<String>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Why a version is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotImported {
    /// Another version of the list begins on this day; a version is never changed.
    Exists,
}

/// Keeps versions. The same version again is no error; answers whether it is new.
pub struct ImportNomenclature;

impl WriteVerb for ImportNomenclature {
    type Item = NewVersion;
    type Output = Result<bool, NotImported>;
    const ORDER: u16 = 966;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewVersion]) -> Result<Vec<Self::Output>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            let kept = keep(tx, item).await?;
            if kept == Ok(true) {
                audit::append(tx, &[told(item)]).await?;
            }
            outputs.push(kept);
        }
        Ok(outputs)
    }
}

fn told(new: &NewVersion) -> AuditEvent {
    let (party, principal) = match (&new.clerk, new.by.as_str()) {
        (_, "file") => (HUB, Principal::hub("command-line")),
        (Some(clerk), by) => (by, Principal::person(clerk)),
        (None, by) => (by, Principal::system(by)),
    };
    let details = json!({"entries": new.entries.len(), "source": new.source, "sha256": hex::encode(new.sha256)});
    let event = AuditEvent::new(Kind::NomenclatureImported, new.at, party, principal);
    event.on(format!("{}/{}", new.list, new.version)).because(Some(new.reason.clone())).with(details)
}

async fn keep(tx: &mut Tx<'_>, new: &NewVersion) -> Result<Result<bool, NotImported>, DbError> {
    let sql = "select sha256 from nomenclature_version where list = $1 and version = $2";
    if let Some(row) = tx.query(sql, params![&new.list, &new.version]).await?.first_mut() {
        let same = row.take::<[u8; 32]>("sha256")? == new.sha256;
        return Ok(if same { Ok(false) } else { Err(NotImported::Exists) });
    }
    let count = i64::try_from(new.entries.len()).unwrap_or(i64::MAX);
    let row = params![
        &new.list,
        &new.version,
        &new.source,
        new.sha256,
        count,
        &new.by,
        new.clerk.as_ref(),
        &new.reason,
        new.at.0,
    ];
    let head = "insert into nomenclature_version
        (list, version, source, sha256, entries, written_by, clerk, reason, recorded_at) values";
    tx.insert(head, 9, vec![row]).await?;
    let head = "insert into nomenclature_entry
        (list, version, code, ro, en, kind, parent, valid_from, valid_to, folded) values";
    for lot in new.entries.chunks(LOT) {
        let row = |one: &Entry| {
            params![
                &new.list,
                &new.version,
                &one.code,
                &one.ro,
                one.en.as_ref(),
                one.kind.as_ref(),
                one.parent.as_ref(),
                one.valid_from.as_ref(),
                one.valid_to.as_ref(),
                fold(&one.ro),
            ]
        };
        tx.insert(head, 10, lot.iter().map(row).collect()).await?;
    }
    Ok(Ok(true))
}

/// The imported versions of a list, the oldest first; of all lists where none is named, with the list before each.
///
/// # Errors
/// The database does not answer.
pub async fn versions(db: &Db, list: Option<&str>) -> Result<Vec<(String, Version)>, DbError> {
    let sql = "select list, version, source, sha256, entries, written_by, clerk, reason, recorded_at
               from nomenclature_version where list = $1 or $2 = 1 order by list, version";
    let read = |mut row: Row| -> Result<(String, Version), DbError> {
        let version = Version {
            version: row.take("version")?,
            source: row.take("source")?,
            sha256: Some(hex::encode(row.take::<[u8; 32]>("sha256")?)),
            entries: row.take("entries")?,
            by: row.take("written_by")?,
            clerk: row.take("clerk")?,
            reason: row.take("reason")?,
            recorded_at: Some(Timestamp(row.take("recorded_at")?).to_utc()),
        };
        Ok((row.take("list")?, version))
    };
    let parameters = params![list.unwrap_or_default(), i64::from(list.is_none())];
    db.query(sql, parameters).await?.into_iter().map(read).collect()
}

/// Entries of a version, in order of code.
///
/// # Errors
/// The database does not answer.
pub async fn page(db: &Db, (list, version): (&str, &str), wanted: Page<'_>) -> Result<Vec<Entry>, DbError> {
    let sql = "select code, ro, en, kind, parent, valid_from, valid_to from nomenclature_entry
               where list = $1 and version = $2 and code > $3
               and ($4 = '' or replace(folded, $4, '') <> folded)
               and ($5 = '' or parent = $5) and ($6 = '' or kind = $6) order by code limit $7";
    let parameters = params![
        list,
        version,
        wanted.after.unwrap_or_default(),
        fold(wanted.text.unwrap_or_default()),
        wanted.parent.unwrap_or_default(),
        wanted.kind.unwrap_or_default(),
        wanted.limit,
    ];
    db.query(sql, parameters).await?.into_iter().map(read).collect()
}

/// All codes of a version.
///
/// # Errors
/// The database does not answer.
pub async fn codes(db: &Db, list: &str, version: &str) -> Result<Vec<String>, DbError> {
    let sql = "select code from nomenclature_entry where list = $1 and version = $2";
    db.query(sql, params![list, version]).await?.into_iter().map(|mut row| row.take("code")).collect()
}

/// How many versions were imported: another number than before means that some are new, for none ever goes.
///
/// # Errors
/// The database does not answer.
pub async fn count(db: &Db) -> Result<i64, DbError> {
    let sql = "select cast(count(*) as bigint) as number from nomenclature_version";
    let row = db.query(sql, vec![]).await?.into_iter().next();
    row.map_or(Ok(0), |mut row| row.take("number"))
}

/// Why the lists of the program cannot be had with what was imported for them.
#[derive(Debug, thiserror::Error)]
pub enum NotMerged {
    /// The database does not answer.
    #[error(transparent)]
    Unavailable(#[from] DbError),
    /// A version that was imported is no list.
    #[error(transparent)]
    Faulty(#[from] CodeListError),
}

/// The lists of the program, with the versions that were imported for them.
///
/// # Errors
/// The database does not answer, or a version is no list: a ring of parents, a day that is none.
pub async fn merged(db: &Db, program: &CodeLists) -> Result<CodeLists, NotMerged> {
    let mut lists = program.clone();
    for (list, version) in versions(db, None).await? {
        if program.get(&list).is_none() {
            continue;
        }
        let all = Page { limit: i64::MAX, ..Page::default() };
        let entries = page(db, (&list, &version.version), all).await?;
        lists = with(&lists, (&list, &version.version), &entries)?;
    }
    Ok(lists)
}

/// Lists with one version more.
///
/// # Errors
/// The version is no list.
pub fn with(lists: &CodeLists, (list, version): (&str, &str), entries: &[Entry]) -> Result<CodeLists, CodeListError> {
    let wrong = |line, problem| CodeListError::Row { path: format!("{list}/{version}"), line, problem };
    let in_force = version.parse().map_err(|_| wrong(1, "the version is not a day"))?;
    let day = |text: &Option<String>| text.as_deref().map(str::parse).transpose();
    let read = |(index, one): (usize, &Entry)| {
        let (from, to) = (day(&one.valid_from), day(&one.valid_to));
        let (Ok(valid_from), Ok(valid_to)) = (from, to) else {
            return Err(wrong(index + 2, "a validity is not a day"));
        };
        let text = |text: &Option<String>| text.as_deref().map(Box::from);
        let (en, kind, parent) = (text(&one.en), text(&one.kind), text(&one.parent));
        let (code, ro) = (one.code.as_str().into(), one.ro.as_str().into());
        Ok(schemas::code_lists::Entry { code, ro, en, kind, parent, valid_from, valid_to })
    };
    let entries = entries.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    lists.with_version(list, in_force, entries)
}

/// One entry of a version.
///
/// # Errors
/// The database does not answer.
pub async fn entry(db: &Db, (list, version): (&str, &str), code: &str) -> Result<Option<Entry>, DbError> {
    let sql = "select code, ro, en, kind, parent, valid_from, valid_to from nomenclature_entry
               where list = $1 and version = $2 and code = $3";
    db.query(sql, params![list, version, code]).await?.into_iter().next().map(read).transpose()
}

fn read(mut row: Row) -> Result<Entry, DbError> {
    Ok(Entry {
        code: row.take("code")?,
        ro: row.take("ro")?,
        en: row.take("en")?,
        kind: row.take("kind")?,
        parent: row.take("parent")?,
        valid_from: row.take("valid_from")?,
        valid_to: row.take("valid_to")?,
    })
}
