//! The two databases of a story. PostgreSQL is a real server that `tests/run` starts.

use uuid::Uuid;

use crate::shared::skip;

/// Where a test hub keeps its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The embedded default, on disk.
    Sqlite,
    /// The server `PUNTE_TEST_POSTGRES` names; a database of its own per hub.
    Postgres,
}

impl Database {
    /// Both, so far as they are here.
    #[must_use]
    pub fn all() -> Vec<Self> {
        if std::env::var("PUNTE_TEST_POSTGRES").is_ok() {
            return vec![Self::Sqlite, Self::Postgres];
        }
        skip("PUNTE_TEST_POSTGRES names no server; the story runs on SQLite alone");
        vec![Self::Sqlite]
    }

    /// Tells a story on each database that is here, on all of them at once.
    pub async fn each<Story: Future<Output = ()>>(story: impl Fn(Self) -> Story) {
        futures_util::future::join_all(Self::all().into_iter().map(story)).await;
    }

    /// The URL of a fresh database.
    ///
    /// # Panics
    /// The server does not make one.
    pub async fn url(self, folder: &std::path::Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}", folder.join("punte.db").display()),
            Self::Postgres => {
                let server = std::env::var("PUNTE_TEST_POSTGRES").expect("asked for only where it is set");
                let (client, connection) =
                    tokio_postgres::connect(&server, tokio_postgres::NoTls).await.expect("the server answers");
                tokio::spawn(connection);
                let name = format!("test_{}", unique());
                let create =
                    format!("create database {name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'");
                client.batch_execute(&create).await.expect("a database is made");
                let (base, _) = server.rsplit_once('/').expect("the URL names a database");
                format!("{base}/{name}?sslmode=disable")
            }
        }
    }
}

/// A name no other test has.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "a test may take a random name")]
pub fn unique() -> String {
    Uuid::new_v4().simple().to_string()
}
