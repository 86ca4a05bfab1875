//! The same firms in SQLite, the fast way: prepared rows, one transaction, no journal, indexes at the end.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use connectors_onrc::key::RegisterKey;
use connectors_onrc::snapshot::{Record, Records, Step, folded};
use rusqlite::{Connection, params};

/// Imports OD_FIRME only; answers the size of the database in bytes.
pub fn import(source: &Path, database: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    let mut connection = Connection::open(database)?;
    connection.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -65536; pragma locking_mode = exclusive;
         create table firms (id integer primary key, number integer, cui integer, record text);
         create virtual table names using fts5(name, content='', columnsize=0);",
    )?;
    let (mut records, _) = Records::open(BufReader::with_capacity(1 << 20, File::open(source)?))?;
    let transaction = connection.transaction()?;
    {
        let mut firm = transaction.prepare("insert into firms (id, number, cui, record) values (?1, ?2, ?3, ?4)")?;
        let mut name = transaction.prepare("insert into names (rowid, name) values (?1, ?2)")?;
        let (mut record, mut id) = (Record::default(), 0_i64);
        while records.next(&mut record)? != Step::End {
            id += 1;
            let number = RegisterKey::read(record.field(2)).map(|(key, _)| key.packed() as i64);
            let cui = String::from_utf8_lossy(record.field(1)).parse::<i64>().ok();
            firm.execute(params![id, number, cui, String::from_utf8_lossy(record.text())])?;
            name.execute(params![id, folded(&String::from_utf8_lossy(record.field(0)))])?;
        }
    }
    transaction.execute_batch("create index by_number on firms (number); create index by_cui on firms (cui);")?;
    transaction.commit()?;
    Ok(std::fs::metadata(database)?.len())
}
