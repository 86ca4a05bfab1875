//! The SQL of nodes.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

/// What was not seen for so long is forgotten, in microseconds: 30 days.
const FORGOTTEN: i64 = 30 * 86_400_000_000;

/// One process of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Made at its start.
    pub id: Uuid,
    /// Of the program.
    pub version: String,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last said that it lives.
    pub seen_at: Timestamp,
    /// When it was stopped in order.
    pub stopped_at: Option<Timestamp>,
}

/// Says that a node lives, or that it was stopped; forgets those that were silent for a month.
pub struct SayAlive;

impl WriteVerb for SayAlive {
    type Item = Node;
    type Output = ();
    const ORDER: u16 = 993;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Node]) -> Result<Vec<()>, DbError> {
        let sql = "insert into hub_node (id, version, started_at, seen_at, stopped_at) values ($1, $2, $3, $4, $5)
                   on conflict (id) do update set seen_at = excluded.seen_at, stopped_at = excluded.stopped_at";
        let row = |node: &Node| {
            let stopped = node.stopped_at.map(|at| at.0);
            params![node.id.into_bytes(), &node.version, node.started_at.0, node.seen_at.0, stopped]
        };
        tx.execute_each(sql, items.iter().map(row).collect()).await?;
        let newest = items.iter().map(|node| node.seen_at.0).max().unwrap_or_default();
        tx.execute_each("delete from hub_node where seen_at < $1", vec![params![newest - FORGOTTEN]]).await?;
        Ok(vec![(); items.len()])
    }
}

/// The nodes of the last month, those that were seen last first.
///
/// # Errors
/// The database does not answer.
pub async fn all(db: &Db) -> Result<Vec<Node>, DbError> {
    let sql = "select id, version, started_at, seen_at, stopped_at from hub_node order by seen_at desc, id limit 200";
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Node, DbError> {
    Ok(Node {
        id: Uuid::from_bytes(row.take("id")?),
        version: row.take("version")?,
        started_at: Timestamp(row.take("started_at")?),
        seen_at: Timestamp(row.take("seen_at")?),
        stopped_at: row.take::<Option<i64>>("stopped_at")?.map(Timestamp),
    })
}
