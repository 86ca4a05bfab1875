//! The SQL of carrying: pages of rows out, lots of rows in.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, Value, WriteVerb};
use crate::message::{DeliveryId, MessageId};
use crate::params;

use super::tables::Table;

/// The messages an institution has a part in.
pub(super) const MESSAGES: &str = "select id from message where sender = $1
    union select message_id from delivery where recipient = $1
    union select message_id from register_entry where party = $1 and message_id is not null";
/// Its deliveries: every one of what it sent, its own of what it received.
const DELIVERIES: &str = "select id from delivery where recipient = $1
    union select d.id from delivery d join message m on m.id = d.message_id where m.sender = $1";

/// A row: names of columns and what they hold.
pub type Cells = Vec<(String, Value)>;

/// Statements are known by their text for as long as the program runs; there are few, and each is made once.
pub(super) fn statement(text: String) -> &'static str {
    static KNOWN: Mutex<Option<HashMap<String, &'static str>>> = Mutex::new(None);
    let mut known = KNOWN.lock().expect("no holder panics");
    let known = known.get_or_insert_with(HashMap::new);
    if let Some(text) = known.get(&text) {
        return text;
    }
    let kept: &'static str = Box::leak(text.clone().into_boxed_str());
    known.insert(text, kept);
    kept
}

/// Which tables of a list this database has: one that a later release brings is not there yet.
///
/// # Errors
/// The database does not answer.
pub async fn present(db: &Db) -> Result<Vec<String>, DbError> {
    let sql = if db.is_embedded() {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
    } else {
        "select cast(table_name as text) as name from information_schema.tables
         where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1"
    };
    db.query(sql, vec![]).await?.into_iter().map(|mut row| row.take("name")).collect()
}

/// The messages an institution has a part in, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn messages(db: &Db, party: &str) -> Result<Vec<MessageId>, DbError> {
    let sql = statement(format!("select id from message where id in ({MESSAGES}) order by id"));
    db.query(sql, params![party]).await?.into_iter().map(|mut row| row.take("id")).collect()
}

/// The deliveries an institution may see.
///
/// # Errors
/// The database does not answer.
pub async fn deliveries(db: &Db, party: &str) -> Result<HashSet<DeliveryId>, DbError> {
    let sql = statement(format!("select id from delivery where id in ({DELIVERIES})"));
    db.query(sql, params![party]).await?.into_iter().map(|mut row| row.take("id")).collect()
}

/// Hashes of archived documents whose bytes are in the vault, and of the lists of what was destroyed.
///
/// # Errors
/// The database does not answer.
pub async fn vaulted(db: &Db, party: &str) -> Result<Vec<[u8; 32]>, DbError> {
    let sql = "select sha256 from archive_document where party = $1 and erased_at is null
               union select sha256 from archive_destruction_list where party = $1 order by sha256";
    db.query(sql, params![party]).await?.into_iter().map(|mut row| row.take("sha256")).collect()
}

/// Hashes of what lies in the blob store and not in the database.
///
/// # Errors
/// The database does not answer.
pub async fn blobs(db: &Db, party: &str) -> Result<Vec<[u8; 32]>, DbError> {
    let sql = statement(format!(
        "select sha256 from payload where content is null and message_id in ({MESSAGES})
         union select sha256 from register_content where content is null and party = $1 order by sha256"
    ));
    db.query(sql, params![party]).await?.into_iter().map(|mut row| row.take("sha256")).collect()
}

/// What moves when something is written for an institution: read before and after, it tells whether anything was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The newest evidence of the hub.
    pub evidence: i64,
    /// Register, year and next number of each series.
    pub series: Vec<(String, i64, i64)>,
    /// Deliveries that are under way.
    pub under_way: i64,
}

/// Where the institution stands now.
///
/// # Errors
/// The database does not answer.
pub async fn mark(db: &Db, party: &str) -> Result<Mark, DbError> {
    let newest = "select cast(coalesce(max(sequence), 0) as bigint) as newest from evidence";
    let series = "select register, year, next from register_series where party = $1 order by register, year";
    let under_way = statement(format!(
        "select cast(count(*) as bigint) as number from job where kind <> 'expire'
         and (subject in ({MESSAGES}) or subject in ({DELIVERIES}))"
    ));
    let one =
        |rows: Vec<crate::db::Row>, column: &str| rows.into_iter().next().map_or(Ok(0), |mut row| row.take(column));
    let rows = db.query(series, params![party]).await?.into_iter();
    Ok(Mark {
        evidence: one(db.query(newest, vec![]).await?, "newest")?,
        series: rows
            .map(|mut row| Ok((row.take("register")?, row.take("year")?, row.take("next")?)))
            .collect::<Result<_, DbError>>()?,
        under_way: one(db.query(under_way, params![party]).await?, "number")?,
    })
}

/// Rows of one table to be written.
#[derive(Debug)]
pub enum Lot {
    /// Rows as they were read.
    Rows {
        /// The table.
        table: &'static Table,
        /// Its rows, in their order.
        rows: Vec<Cells>,
    },
    /// A court pack of the hub the institution came from.
    Pack {
        /// The message.
        message: MessageId,
        /// SHA-256 of the pack.
        sha256: [u8; 32],
        /// The pack.
        content: Vec<u8>,
        /// Now.
        at: Timestamp,
    },
    /// The institution begins to come, or came whole.
    Institution {
        /// The institution.
        party: String,
        /// SHA-256 of the signed manifest.
        manifest: [u8; 32],
        /// Name of the hub it came from.
        from: String,
        /// Now.
        at: Timestamp,
        /// Whether everything was written and compared.
        whole: bool,
    },
}

/// Writes lots. A row that is there already stays as it is: an import that was interrupted is run again.
pub struct CarryRows;

impl WriteVerb for CarryRows {
    type Item = Lot;
    type Output = ();
    const ORDER: u16 = 950;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Lot]) -> Result<Vec<()>, DbError> {
        for lot in items {
            match lot {
                Lot::Rows { table, rows } => write_rows(tx, table, rows).await?,
                Lot::Pack { message, sha256, content, at } => {
                    let sql =
                        "insert into carried_pack (message_id, sha256, content, carried_at) values ($1, $2, $3, $4)
                               on conflict do nothing";
                    tx.execute_each(sql, vec![params![*message, *sha256, content.clone(), at.0]]).await?;
                }
                Lot::Institution { party, manifest, from, at, whole: false } => {
                    let sql = "insert into carried_institution (party, manifest_sha256, came_from, begun_at)
                               values ($1, $2, $3, $4) on conflict do nothing";
                    tx.execute_each(sql, vec![params![party, *manifest, from, at.0]]).await?;
                }
                Lot::Institution { party, manifest, at, whole: true, .. } => {
                    let sql = "update carried_institution set whole_at = $3 where party = $1 and manifest_sha256 = $2";
                    tx.execute_each(sql, vec![params![party, *manifest, at.0]]).await?;
                }
            }
        }
        Ok(vec![(); items.len()])
    }
}

async fn write_rows(tx: &mut Tx<'_>, table: &Table, rows: &[Cells]) -> Result<(), DbError> {
    let Some(first) = rows.first() else { return Ok(()) };
    let columns: Vec<_> = first.iter().map(|(column, _)| column.as_str()).collect();
    let holes: Vec<_> = (1..=columns.len()).map(|hole| format!("${hole}")).collect();
    let (name, columns, holes) = (table.name, columns.join(", "), holes.join(", "));
    // Evidence has no unique key but its id; two packages of one message bring it twice.
    let sql = statement(format!("insert into {name} ({columns}) values ({holes}) on conflict do nothing"));
    let sets = rows.iter().map(|row| row.iter().map(|(_, value)| value.clone()).collect()).collect();
    tx.execute_each(sql, sets).await?;
    if table.name == "received_evidence" {
        let sql = "insert into received_unfed (sequence) select r.sequence from received_evidence r where not exists
            (select 1 from evidence_feed f where f.received_sequence = r.sequence) on conflict do nothing";
        tx.execute_each(sql, vec![vec![]]).await?;
    }
    Ok(())
}
