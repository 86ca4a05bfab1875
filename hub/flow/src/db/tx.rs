//! Statements inside the writer's transaction.
//!
//! Verbs that write take slices, so every statement here has a form for many rows at once: on SQLite a prepared
//! statement is run in a loop on the writer's own thread (no hand-over), on PostgreSQL the rows travel together.

use super::{DbError, Row, Value, postgres, sqlite};

/// An open transaction of the writer. Dropped without commit it leaves nothing behind.
pub struct Tx<'a>(pub(super) Engine<'a>);

pub(super) enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a postgres::Session),
}

impl Tx<'_> {
    /// Runs a statement that answers rows.
    ///
    /// # Errors
    /// The database refused the statement.
    pub async fn query(&mut self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>, DbError> {
        match &self.0 {
            Engine::Sqlite(connection) => sqlite::query(connection, sql, &parameters),
            Engine::Postgres(session) => session.query(sql, &parameters).await,
        }
    }

    /// Runs one statement once per set of parameters; answers the rows of each, in order.
    ///
    /// # Errors
    /// The database refused one of them.
    pub async fn query_each(&mut self, sql: &'static str, sets: Vec<Vec<Value>>) -> Result<Vec<Vec<Row>>, DbError> {
        match &self.0 {
            Engine::Sqlite(connection) => sets.iter().map(|set| sqlite::query(connection, sql, set)).collect(),
            Engine::Postgres(session) => session.query_each(sql, &sets).await,
        }
    }

    /// Runs one statement once per set of parameters; answers how many rows each changed.
    ///
    /// # Errors
    /// The database refused one of them.
    pub async fn execute_each(&mut self, sql: &'static str, sets: Vec<Vec<Value>>) -> Result<Vec<u64>, DbError> {
        match &self.0 {
            Engine::Sqlite(connection) => sets.iter().map(|set| sqlite::execute(connection, sql, set)).collect(),
            Engine::Postgres(session) => session.execute_each(sql, &sets).await,
        }
    }

    /// Inserts rows. `head` is the statement up to and with `values`, `width` the number of columns.
    ///
    /// # Errors
    /// The database refused a row; then none is inserted.
    pub async fn insert(&mut self, head: &'static str, width: usize, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        debug_assert!(rows.iter().all(|row| row.len() == width), "every row has {width} columns: {head}");
        match &self.0 {
            Engine::Sqlite(connection) => sqlite::insert(connection, head, width, &rows),
            Engine::Postgres(session) => session.insert(head, width, &rows).await,
        }
    }

    /// Whether this transaction runs on PostgreSQL; for the few statements that must differ.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self.0, Engine::Postgres(_))
    }
}
