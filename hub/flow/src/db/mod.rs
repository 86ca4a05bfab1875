//! The one door to the database.
//!
//! SQLite (embedded) and PostgreSQL (scale-out) behind the same three words: [`Db::write`] groups what waits into one
//! transaction, [`Tx`] runs statements inside it, [`Db::query`] reads without waiting for writes. One SQL text serves
//! both: `$1` placeholders, `returning`, `on conflict`; UTC microseconds as `bigint`, ids and hashes as blobs.
//! It knows no message and no stage.

mod value;
mod tx;
mod writer;
mod sqlite;
mod postgres;
mod migrate;

use std::sync::Arc;

pub use tx::Tx;
pub use value::{FromValue, Row, Value};
pub use writer::WriteVerb;

/// Makes a `Vec<Value>` of statement parameters, in the order `$1, $2, …`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}

/// What can go wrong between the hub and its database. A variant is a decision of the caller.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached or is locked: ask again later; nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// There is no room left on the disk: nothing was written.
    #[error("the disk of the database is full: {0}")]
    Full(String),
    /// A constraint refused the statement.
    #[error("the database refused a row by its rule {rule}")]
    Constraint {
        /// The constraint's name, or SQLite's list of columns.
        rule: String,
    },
    /// A stored value is not what its column promises.
    #[error("column {column} holds {found}, expected {expected}")]
    Inconsistent {
        /// The column.
        column: String,
        /// What it should hold.
        expected: &'static str,
        /// What it holds.
        found: String,
    },
    /// A statement is wrong or the server answered something unforeseen.
    #[error("the database refused a statement: {0}")]
    Statement(String),
}

/// Copies an embedded database as it is at one moment into a new file, while its hub writes on. The file is not synced yet.
///
/// # Errors
/// The database cannot be read, the file is there already or cannot be written.
pub fn snapshot(from: &std::path::Path, to: &std::path::Path) -> Result<(), DbError> {
    sqlite::snapshot(from, to)
}

/// What the embedded engine finds wrong in a file of its own; nothing where it is sound.
///
/// # Errors
/// The file cannot be opened as a database.
pub fn sound(file: &std::path::Path) -> Result<Option<String>, DbError> {
    sqlite::sound(file)
}

/// A handle on the database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    writer: writer::Writer,
    reader: Arc<Reader>,
}

enum Reader {
    Sqlite(sqlite::ReadPool),
    Postgres(postgres::ReadPool),
}

impl Db {
    /// Opens the database a URL names: `sqlite:<file>` or `postgres://…`, and brings its schema up to date.
    ///
    /// # Errors
    /// The file or server cannot be opened, or a migration fails.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = std::path::Path::new(path);
            sqlite::migrate(path)?;
            let writer = writer::Writer::start(writer::Target::Sqlite(path.to_owned()))?;
            return Ok(Self { writer, reader: Arc::new(Reader::Sqlite(sqlite::ReadPool::open(path)?)) });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres::migrate(url).await?;
            let writer = writer::Writer::start(writer::Target::Postgres(url.to_owned()))?;
            return Ok(Self { writer, reader: Arc::new(Reader::Postgres(postgres::ReadPool::open(url).await?)) });
        }
        Err(DbError::Unavailable("the database URL must begin with sqlite: or postgres://".to_owned()))
    }

    /// Whether this is the embedded engine, which one process owns alone.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        matches!(*self.reader, Reader::Sqlite(_))
    }

    /// Bytes of everything in the database.
    ///
    /// # Errors
    /// The database cannot answer.
    pub async fn size(&self) -> Result<i64, DbError> {
        let sql = if self.is_embedded() {
            "select count.page_count * size.page_size as bytes from pragma_page_count count, pragma_page_size size"
        } else {
            "select pg_database_size(current_database()) as bytes"
        };
        self.query(sql, vec![]).await?.into_iter().next().map_or(Ok(0), |mut row| row.take("bytes"))
    }

    /// Hands one item to a writing verb and waits until the transaction that carries it is durable.
    ///
    /// # Errors
    /// The database failed this item; nothing of it was written.
    pub async fn write<V: WriteVerb>(&self, verb: &Arc<V>, item: V::Item) -> Result<V::Output, DbError> {
        self.writer.write(verb, item).await
    }

    /// Reads rows. Never waits for writes.
    ///
    /// # Errors
    /// The database cannot answer.
    pub async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>, DbError> {
        match &*self.reader {
            Reader::Sqlite(pool) => pool.query(sql, parameters).await,
            Reader::Postgres(pool) => pool.query(sql, &parameters).await,
        }
    }
}
