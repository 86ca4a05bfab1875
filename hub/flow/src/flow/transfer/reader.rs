//! Reading the rows of an institution page by page, over messages that were told once.
//!
//! Which messages an institution has a part in is asked once. Tables of messages are read for a few of them at a time, so
//! that the time it takes grows with the rows and not with their square.

use std::vec::IntoIter;

use crate::db::{Db, DbError, Value};
use crate::params;

use super::store::{Cells, MESSAGES, statement};
use super::tables::Table;

/// Rows of a page; a row holds 64 KiB of a payload at most.
const PAGE: usize = 500;
/// Messages whose rows are read together.
const CHUNK: usize = 200;

/// The messages an institution had a part in when this was asked, also those that were refused.
#[derive(Debug)]
pub struct Frozen {
    messages: Vec<Value>,
}

impl Frozen {
    /// Asks for them.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn of(db: &Db, party: &str) -> Result<Self, DbError> {
        let sql = statement(format!(
            "select id from ({MESSAGES} union select message_id from rejection where sender = $1) f order by id"
        ));
        let rows = db.query(sql, params![party]).await?;
        let ids = rows.into_iter().map(|mut row| Ok(Value::from(row.take::<Vec<u8>>("id")?)));
        Ok(Self { messages: ids.collect::<Result<_, DbError>>()? })
    }
}

/// Reads one table.
pub struct Reader<'r> {
    db: &'r Db,
    party: &'r str,
    table: &'static Table,
    frozen: &'r Frozen,
    /// The next chunk of messages.
    chunk: usize,
    /// Key of the last row that was read of this chunk.
    after: Option<Vec<Value>>,
    /// Of a table whose rows are in one order for all messages: their places in it, told once.
    places: Option<IntoIter<i64>>,
    ended: bool,
}

impl<'r> Reader<'r> {
    /// Begins to read.
    #[must_use]
    pub const fn new(db: &'r Db, party: &'r str, (table, frozen): (&'static Table, &'r Frozen)) -> Self {
        Self { db, party, table, frozen, chunk: 0, after: None, places: None, ended: false }
    }

    /// The next rows; none after the last. Bytes are as the table has them.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next(&mut self) -> Result<Vec<Cells>, DbError> {
        if self.table.key == ["sequence"] {
            return self.next_in_order().await;
        }
        while !self.ended {
            let rows = self.page().await?;
            if rows.len() < PAGE {
                self.chunk += 1;
                self.after = None;
                self.ended = !self.of_messages() || self.chunk * CHUNK >= self.frozen.messages.len();
            } else if let Some(last) = rows.last() {
                self.after = Some(key(self.table, last));
            }
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        Ok(Vec::new())
    }

    fn of_messages(&self) -> bool {
        self.table.of.contains("{messages}") || self.table.of.contains("{deliveries}")
    }

    /// The condition, its parameters, and how many there are.
    fn condition(&self) -> (String, Vec<Value>) {
        let mut parameters = params![self.party];
        if !self.of_messages() {
            return (self.table.of.to_owned(), parameters);
        }
        let of_chunk = self.frozen.messages.iter().skip(self.chunk * CHUNK).take(CHUNK);
        let nothing = Value::from(vec![0_u8; 16]);
        // As many places in the last chunk as in the others: one statement for all.
        parameters.extend(of_chunk.cloned().chain(std::iter::repeat(nothing)).take(CHUNK));
        let holes: Vec<String> = (2..2 + CHUNK).map(|hole| format!("${hole}")).collect();
        let holes = holes.join(", ");
        let deliveries = format!(
            "select d.id from delivery d where d.message_id in ({holes}) and (d.recipient = $1
             or exists (select 1 from message m where m.id = d.message_id and m.sender = $1))"
        );
        let of = self.table.of.replace("{messages}", &holes).replace("{deliveries}", &deliveries);
        // The server wants to know of which type the institution is, also where nothing compares it.
        (format!("cast($1 as text) is not null and ({of})"), parameters)
    }

    async fn page(&self) -> Result<Vec<Cells>, DbError> {
        let (of, mut parameters) = self.condition();
        let keys = self.table.key.join(", ");
        let beyond = self.after.clone().map_or_else(String::new, |after| {
            let first = parameters.len() + 1;
            let holes: Vec<_> = (first..first + after.len()).map(|hole| format!("${hole}")).collect();
            parameters.extend(after);
            format!(" and ({keys}) > ({})", holes.join(", "))
        });
        let name = self.table.name;
        let sql = statement(format!("select * from {name} where ({of}){beyond} order by {keys} limit {PAGE}"));
        Ok(self.db.query(sql, parameters).await?.into_iter().map(|row| row.into_cells().collect()).collect())
    }

    /// Rows that are in one order for all messages: it is kept.
    async fn next_in_order(&mut self) -> Result<Vec<Cells>, DbError> {
        let name = self.table.name;
        if self.places.is_none() {
            let mut places: Vec<i64> = Vec::new();
            while self.chunk * CHUNK < self.frozen.messages.len() {
                let (of, parameters) = self.condition();
                let sql = statement(format!("select sequence from {name} where {of}"));
                for mut row in self.db.query(sql, parameters).await? {
                    places.push(row.take("sequence")?);
                }
                self.chunk += 1;
            }
            places.sort_unstable();
            self.places = Some(places.into_iter());
        }
        let places: Vec<i64> = self.places.iter_mut().flatten().take(PAGE).collect();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let holes: Vec<String> = (1..=PAGE).map(|hole| format!("${hole}")).collect();
        let sql = statement(format!("select * from {name} where sequence in ({}) order by sequence", holes.join(", ")));
        // No row has the place 0.
        let wanted = places.into_iter().chain(std::iter::repeat(0)).take(PAGE).map(Value::from).collect();
        Ok(self.db.query(sql, wanted).await?.into_iter().map(|row| row.into_cells().collect()).collect())
    }
}

/// The key of a row.
fn key(table: &Table, row: &Cells) -> Vec<Value> {
    let cell = |column: &&str| row.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
    table.key.iter().map(|column| cell(column).expect("a table has its key")).collect()
}
