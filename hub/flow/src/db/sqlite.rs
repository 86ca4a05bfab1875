//! The embedded engine: one writing connection on the writer's thread, a few reading ones.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};

use super::{DbError, Row, Value, migrate};

const READERS: usize = 4;
const STATEMENTS: usize = 256;
const COMMITS_PER_CHECKPOINT: u32 = 100;

/// Opens the writing connection: WAL, and every commit synced before it is answered.
pub(super) fn open(path: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    keep_log(&connection)?;
    connection.execute_batch(
        "pragma synchronous = full;
         pragma foreign_keys = on;
         pragma recursive_triggers = on; -- so that a row cannot be replaced past the triggers that refuse its deletion
         pragma temp_store = memory;
         pragma cache_size = -32768;
         pragma wal_autocheckpoint = 4000;
         pragma journal_size_limit = 67108864;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Copies a database as it is at one moment into a new file, while others write on.
pub(super) fn snapshot(from: &Path, to: &Path) -> Result<(), DbError> {
    let there = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, there)?;
    connection.busy_timeout(Duration::from_secs(60))?;
    connection.execute("vacuum into ?1", [to.to_string_lossy()])?;
    Ok(())
}

/// What the engine itself finds wrong in a file; nothing where it is sound.
pub(super) fn sound(file: &Path) -> Result<Option<String>, DbError> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let told: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    Ok((told != "ok").then_some(told))
}

/// Switches the write-ahead log on. SQLite answers with the mode it stays in where it cannot, and fails only after that
/// answer when the disk refuses: so the statement is run to its end.
fn keep_log(connection: &Connection) -> Result<(), DbError> {
    let mut statement = connection.prepare("pragma journal_mode = wal")?;
    let mut answer = statement.query([])?;
    while let Some(row) = answer.next()? {
        let mode: String = row.get(0)?;
        if mode != "wal" {
            return Err(DbError::Unavailable(format!("the database cannot have a write-ahead log, only {mode}")));
        }
    }
    Ok(())
}

/// Moves committed pages from the write-ahead log into the database on a thread of its own, so that no commit waits
/// for it. The writer's own checkpoint, far rarer, then finds little left and lets the log begin anew.
pub(super) struct Checkpointer {
    nudge: SyncSender<()>,
    commits: Cell<u32>,
}

impl Checkpointer {
    pub(super) fn start(path: &Path) -> Result<Self, DbError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(1))?;
        let (nudge, nudged) = sync_channel(1);
        let work = move || {
            while nudged.recv().is_ok() {
                if let Err(error) = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
                    tracing::warn!(%error, "the write-ahead log could not be moved into the database yet");
                }
            }
        };
        let spawned = std::thread::Builder::new().name("checkpoint".to_owned()).spawn(work);
        spawned.map_err(|error| DbError::Unavailable(error.to_string()))?;
        Ok(Self { nudge, commits: Cell::new(0) })
    }

    /// Counts a commit.
    pub(super) fn committed(&self) {
        self.commits.set(self.commits.get() + 1);
        if self.commits.get() >= COMMITS_PER_CHECKPOINT {
            self.commits.set(0);
            // Full means that it is at work already.
            let _ = self.nudge.try_send(());
        }
    }
}

pub(super) fn migrate(path: &Path) -> Result<(), DbError> {
    let connection = open(path)?;
    connection.execute_batch(migrate::LEDGER)?;
    let applied: i64 = connection.query_row(migrate::APPLIED, [], |row| row.get(0))?;
    for (number, text) in migrate::after(migrate::Dialect::Sqlite, applied) {
        let sql = format!("begin immediate; {text}\n; insert into migration (number) values ({number}); commit;");
        connection.execute_batch(&sql)?;
    }
    Ok(())
}

/// Reading connections; each is used by one thread at a time.
pub(super) struct ReadPool {
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: tokio::sync::Semaphore,
    path: PathBuf,
}

impl ReadPool {
    pub(super) fn open(path: &Path) -> Result<Self, DbError> {
        let idle = (0..READERS).map(|_| open_reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            idle: Arc::new(Mutex::new(idle)),
            turns: tokio::sync::Semaphore::new(READERS),
            path: path.to_owned(),
        })
    }

    pub(super) async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let _turn = self.turns.acquire().await.map_err(|_| DbError::Unavailable("the hub is stopping".to_owned()))?;
        let taken = self.idle.lock().expect("no reader panics while it holds the list").pop();
        let connection = match taken {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        let idle = Arc::clone(&self.idle);
        let read = move || {
            let rows = query(&connection, sql, &parameters);
            idle.lock().expect("no reader panics while it holds the list").push(connection);
            rows
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| DbError::Statement(error.to_string()))?
    }
}

fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch("pragma query_only = on; pragma cache_size = -4096;")?;
    Ok(connection)
}

pub(super) fn query(connection: &Connection, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
    let mut answer = statement.query(rusqlite::params_from_iter(parameters))?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next()? {
        let values = (0..columns.len()).map(|index| row.get_ref(index).map(read)).collect::<Result<_, _>>()?;
        rows.push(Row { columns: Arc::clone(&columns), values });
    }
    Ok(rows)
}

pub(super) fn execute(connection: &Connection, sql: &str, parameters: &[Value]) -> Result<u64, DbError> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    Ok(statement.execute(rusqlite::params_from_iter(parameters))? as u64)
}

pub(super) fn insert(connection: &Connection, head: &str, width: usize, rows: &[Vec<Value>]) -> Result<(), DbError> {
    let holes = (1..=width).map(|hole| format!("?{hole}")).collect::<Vec<_>>().join(", ");
    let mut statement = connection.prepare_cached(&format!("{head} ({holes})"))?;
    for row in rows {
        statement.execute(rusqlite::params_from_iter(row))?;
    }
    Ok(())
}

/// SQLite reads `$1` as a name and numbers names by appearance; `?1` is the position that PostgreSQL means by `$1`.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(value) => Value::Text(value.to_string()),
        ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Value::Blob(value.to_vec()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Bool(value) => ValueRef::Integer((*value).into()),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(error.to_string()),
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::NotADatabase
                | ErrorCode::DatabaseCorrupt,
            ) => Self::Unavailable(error.to_string()),
            Some(ErrorCode::ConstraintViolation) => {
                let text = error.to_string();
                let rule = text.rsplit_once("failed: ").map_or(text.as_str(), |(_, rule)| rule).to_owned();
                Self::Constraint { rule }
            }
            _ => Self::Statement(error.to_string()),
        }
    }
}
