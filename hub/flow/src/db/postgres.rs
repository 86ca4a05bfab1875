//! The scale-out engine: PostgreSQL, with the rows of one statement pipelined.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::try_join_all;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::{DbError, Row, Value, migrate};

const READERS: usize = 4;
/// Nodes that start together migrate one after the other.
const MIGRATION_LOCK: i64 = 0x70_75_6e_74_65;

/// One connection and the statements prepared on it.
pub(super) struct Session {
    client: Client,
    statements: Mutex<HashMap<String, Statement>>,
}

impl Session {
    pub(super) async fn open(url: &str) -> Result<Self, DbError> {
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| unavailable(&error))?;
        config.connect_timeout(Duration::from_secs(5)).application_name("punte");
        let client = if matches!(config.get_ssl_mode(), tokio_postgres::config::SslMode::Disable) {
            let (client, connection) = config.connect(NoTls).await?;
            drive(connection);
            client
        } else {
            let tls = native_tls::TlsConnector::new().map_err(|error| DbError::Unavailable(error.to_string()))?;
            let (client, connection) = config.connect(postgres_native_tls::MakeTlsConnector::new(tls)).await?;
            drive(connection);
            client
        };
        Ok(Self { client, statements: Mutex::new(HashMap::new()) })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) async fn batch(&self, sql: &str) -> Result<(), DbError> {
        Ok(self.client.batch_execute(sql).await?)
    }

    async fn prepare(&self, sql: &str) -> Result<Statement, DbError> {
        let known = self.statements.lock().expect("no holder panics").get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().expect("no holder panics").insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) async fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
        let statement = self.prepare(sql).await?;
        let answer = self.client.query(&statement, &borrowed(parameters)).await?;
        read(&statement, &answer)
    }

    pub(super) async fn query_each(&self, sql: &str, sets: &[Vec<Value>]) -> Result<Vec<Vec<Row>>, DbError> {
        let statement = &self.prepare(sql).await?;
        try_join_all(sets.iter().map(|set| async move {
            let answer = self.client.query(statement, &borrowed(set)).await?;
            read(statement, &answer)
        }))
        .await
    }

    pub(super) async fn execute_each(&self, sql: &str, sets: &[Vec<Value>]) -> Result<Vec<u64>, DbError> {
        let statement = &self.prepare(sql).await?;
        try_join_all(sets.iter().map(|set| async move { Ok(self.client.execute(statement, &borrowed(set)).await?) }))
            .await
    }

    /// Sends the rows in statements of 64, 32, 16 … rows, so that few texts are ever prepared.
    pub(super) async fn insert(&self, head: &str, width: usize, rows: &[Vec<Value>]) -> Result<(), DbError> {
        let mut rest = rows;
        let mut runs = Vec::new();
        while !rest.is_empty() {
            let size = if rest.len() >= 64 { 64 } else { 1 << rest.len().ilog2() };
            let (chunk, after) = rest.split_at(size);
            let statement = self.prepare(&many_rows(head, width, size)).await?;
            runs.push(async move {
                let parameters: Vec<_> = chunk.iter().flatten().map(|value| value as &(dyn ToSql + Sync)).collect();
                self.client.execute(&statement, &parameters).await
            });
            rest = after;
        }
        try_join_all(runs).await?;
        Ok(())
    }
}

fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "the connection to PostgreSQL ended");
        }
    });
}

fn many_rows(head: &str, width: usize, rows: usize) -> String {
    let mut sql = String::with_capacity(head.len() + rows * width * 6);
    sql.push_str(head);
    for row in 0..rows {
        sql.push_str(if row == 0 { " (" } else { ", (" });
        for column in 1..=width {
            if column > 1 {
                sql.push_str(", ");
            }
            sql.push('$');
            sql.push_str(&(row * width + column).to_string());
        }
        sql.push(')');
    }
    sql
}

pub(super) async fn migrate(url: &str) -> Result<(), DbError> {
    let session = Session::open(url).await?;
    session.batch(&format!("select pg_advisory_lock({MIGRATION_LOCK})")).await?;
    session.batch(migrate::LEDGER).await?;
    let mut rows = session.query(migrate::APPLIED, &[]).await?;
    let applied = rows.first_mut().map_or(Ok(0), |row| row.take::<i64>("applied"))?;
    for (number, text) in migrate::after(migrate::Dialect::Postgres, applied) {
        let sql = format!("begin; {text}\n; insert into migration (number) values ({number}); commit;");
        session.batch(&sql).await?;
    }
    session.batch(&format!("select pg_advisory_unlock({MIGRATION_LOCK})")).await
}

/// Reading connections, shared: PostgreSQL answers pipelined questions in order.
pub(super) struct ReadPool {
    url: String,
    sessions: Vec<tokio::sync::RwLock<Arc<Session>>>,
    next: AtomicUsize,
}

impl ReadPool {
    pub(super) async fn open(url: &str) -> Result<Self, DbError> {
        let mut sessions = Vec::new();
        for _ in 0..READERS {
            sessions.push(tokio::sync::RwLock::new(Arc::new(Session::open(url).await?)));
        }
        Ok(Self { url: url.to_owned(), sessions, next: AtomicUsize::new(0) })
    }

    pub(super) async fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, DbError> {
        let slot = &self.sessions[self.next.fetch_add(1, Ordering::Relaxed) % self.sessions.len()];
        let session = Arc::clone(&*slot.read().await);
        if !session.is_closed() {
            return session.query(sql, parameters).await;
        }
        let mut held = slot.write().await;
        if held.is_closed() {
            *held = Arc::new(Session::open(&self.url).await?);
        }
        let session = Arc::clone(&held);
        drop(held);
        session.query(sql, parameters).await
    }
}

fn borrowed(parameters: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn read(statement: &Statement, answer: &[tokio_postgres::Row]) -> Result<Vec<Row>, DbError> {
    let columns: Arc<[String]> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    let value = |row: &tokio_postgres::Row, index: usize| -> Result<Value, tokio_postgres::Error> {
        Ok(match *row.columns()[index].type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(index)?.into(),
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.into(),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.into(),
            _ => row.try_get::<_, Option<String>>(index)?.into(),
        })
    };
    let read_row = |row: &tokio_postgres::Row| {
        let values = (0..columns.len()).map(|index| value(row, index)).collect::<Result<_, _>>()?;
        Ok(Row { columns: Arc::clone(&columns), values })
    };
    answer.iter().map(read_row).collect::<Result<_, tokio_postgres::Error>>().map_err(DbError::from)
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Bool(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
            Self::Blob(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn unavailable(error: &tokio_postgres::Error) -> DbError {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    DbError::Unavailable(format!("{error} {cause}").trim_end().to_owned())
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else { return unavailable(&error) };
        match answer.code() {
            &SqlState::DISK_FULL => Self::Full(answer.message().to_owned()),
            code if code.code().starts_with("23") => {
                Self::Constraint { rule: answer.constraint().unwrap_or(answer.message()).to_owned() }
            }
            code if ["08", "40", "53", "57", "3D", "28"].iter().any(|class| code.code().starts_with(class)) => {
                Self::Unavailable(answer.message().to_owned())
            }
            _ => Self::Statement(answer.message().to_owned()),
        }
    }
}
