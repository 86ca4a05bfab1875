//! All SQL of the journal of access.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;

use crate::audit::{Principal, PrincipalKind};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value, WriteVerb};
use crate::ledger::{self, Ledger, Link};
use crate::message::{Envelope, MessageId};
use crate::params;

use super::model::{AccessEntry, AccessFilter, AccessKind, AccessResult, Reasons};

/// Whom an entry is about beside the persons of its message.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Keyed digests of persons that the request names.
    pub persons: Vec<[u8; 32]>,
    /// A register's year: the persons of all its messages.
    pub register: Option<(String, i64)>,
}

/// Appends entries within the transaction of what they tell of.
///
/// # Errors
/// The database refused it; then nothing is given.
pub async fn append(tx: &mut Tx<'_>, chain: Uuid, entries: &[AccessEntry]) -> Result<(), DbError> {
    if entries.is_empty() {
        return Ok(());
    }
    let digests: Vec<[u8; 32]> = entries.iter().map(AccessEntry::digest).collect();
    let links = ledger::extend(tx, (Ledger::Access, chain), &digests).await?;
    let row = |(entry, link): (&AccessEntry, Link)| {
        params![
            entry.id.into_bytes(),
            chain.into_bytes(),
            link.number,
            entry.at.0,
            entry.kind.as_str(),
            &entry.party,
            entry.on_behalf.as_ref(),
            entry.principal.kind.as_str(),
            &entry.principal.id,
            entry.user.as_ref(),
            &entry.operation,
            entry.object.as_ref(),
            entry.message,
            &entry.reasons.purpose,
            &entry.reasons.legal_basis,
            entry.reasons.case_number.as_ref(),
            entry.result.as_str(),
            entry.correlation.as_ref(),
            link.hash,
        ]
    };
    let rows: Vec<Vec<Value>> = entries.iter().zip(links).map(row).collect();
    let head = "insert into access_entry (id, chain, number, at, kind, party, on_behalf, principal_kind, principal,
                  user_pseudonym, operation, object, message_id, purpose, legal_basis, case_number, result, correlation,
                  hash) values";
    tx.insert(head, 19, rows).await
}

/// Gives questions to registers their places in the same chain.
///
/// # Errors
/// The database refused it; then the register is not asked.
pub async fn link(tx: &mut Tx<'_>, chain: Uuid, questions: &[(Uuid, [u8; 32])]) -> Result<(), DbError> {
    let digests: Vec<[u8; 32]> = questions.iter().map(|(_, digest)| *digest).collect();
    let links = ledger::extend(tx, (Ledger::Access, chain), &digests).await?;
    let row = |((id, _), link): (&(Uuid, [u8; 32]), Link)| {
        params![id.into_bytes(), chain.into_bytes(), link.number, link.hash]
    };
    let rows: Vec<Vec<Value>> = questions.iter().zip(links).map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    tx.insert("insert into journal_link (id, chain, number, hash) values", 4, rows).await
}

/// Keeps whom messages are about.
///
/// # Errors
/// The database refused a row.
pub async fn keep_persons(tx: &mut Tx<'_>, persons: &[(MessageId, [u8; 32])]) -> Result<(), DbError> {
    let row = |(message, digest): &(MessageId, [u8; 32])| params![*message, *digest];
    let rows: Vec<Vec<Value>> = persons.iter().map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    tx.insert("insert into message_subject (message_id, digest) values", 2, rows).await
}

/// Writes entries that are no part of another transaction.
pub struct EnterAccess {
    /// The chain of this run of this node.
    pub chain: Uuid,
}

impl WriteVerb for EnterAccess {
    type Item = (AccessEntry, About);
    type Output = ();
    const ORDER: u16 = 980;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let entries: Vec<AccessEntry> = items.iter().map(|(entry, _)| entry.clone()).collect();
        append(tx, self.chain, &entries).await?;
        for (entry, about) in items {
            cite(tx, entry, about).await?;
        }
        Ok(vec![(); items.len()])
    }
}

/// Keeps whom an entry is about beside the persons of its message.
///
/// # Errors
/// The database refused a row.
pub async fn cite(tx: &mut Tx<'_>, entry: &AccessEntry, about: &About) -> Result<(), DbError> {
    let named: BTreeSet<&[u8; 32]> = about.persons.iter().collect();
    let rows = named.into_iter().map(|digest| params![*digest, entry.id.into_bytes()]).collect::<Vec<_>>();
    if !rows.is_empty() {
        tx.insert("insert into access_subject (digest, entry) values", 2, rows).await?;
    }
    if let Some((register, year)) = &about.register {
        let sql = "insert into access_subject (digest, entry)
                   select distinct s.digest, a.id from register_entry e
                   join message_subject s on s.message_id = e.message_id join access_entry a on a.id = $4
                   where e.party = $1 and e.register = $2 and e.year = $3 on conflict do nothing";
        tx.execute_each(sql, vec![params![&entry.party, register, *year, entry.id.into_bytes()]]).await?;
    }
    Ok(())
}

/// Why a message was sent: for what and on what basis it is read.
///
/// # Errors
/// The database does not answer.
pub async fn reasons_of(db: &Db, message: MessageId) -> Result<Option<Reasons>, DbError> {
    let mut rows = db.query("select envelope from message where id = $1", params![message]).await?;
    let Some(row) = rows.first_mut() else { return Ok(None) };
    let envelope: String = row.take("envelope")?;
    let envelope: Envelope = serde_json::from_str(&envelope).map_err(|error| DbError::Inconsistent {
        column: "message.envelope".to_owned(),
        expected: "an envelope",
        found: error.to_string(),
    })?;
    Ok(Some(Reasons { purpose: envelope.purpose, legal_basis: envelope.legal_basis, case_number: None }))
}

/// The message an archived document of an institution came with.
///
/// # Errors
/// The database does not answer.
pub async fn archived(db: &Db, party: &str, document: Uuid) -> Result<Option<MessageId>, DbError> {
    let sql = "select message_id from archive_document where party = $1 and id = $2";
    let mut rows = db.query(sql, params![party, document.into_bytes()]).await?;
    rows.first_mut().map_or(Ok(None), |row| row.take("message_id"))
}

/// The message of an entry of a register.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, party: &str, which: (&str, i64, i64)) -> Result<Option<MessageId>, DbError> {
    let sql = "select message_id from register_entry where party = $1 and register = $2 and year = $3 and number = $4";
    let mut rows = db.query(sql, params![party, which.0, which.1, which.2]).await?;
    rows.first_mut().map_or(Ok(None), |row| row.take("message_id"))
}

macro_rules! listed {
    ($whose:literal) => {
        concat!(
            "select a.id, a.at, a.kind, a.party, a.on_behalf, a.principal_kind, a.principal, a.user_pseudonym,
               a.operation, a.object, a.message_id, a.purpose, a.legal_basis, a.case_number, a.result, a.correlation
             from access_entry a where ",
            $whose,
            " and (cast($2 as text) is null or a.user_pseudonym = $2 or a.principal = $2)
               and (cast($3 as text) is null or a.operation = $3)
               and (cast($4 as text) is null or a.purpose = $4)
               and (cast($5 as text) is null or a.case_number = $5)
               and (cast($6 as text) is null or a.kind = $6)
               and (cast($7 as text) is null or a.result = $7)
               and (cast($8 as bytea) is null
               or exists (select 1 from access_subject s where s.digest = $8 and s.entry = a.id)
               or exists (select 1 from message_subject m where m.digest = $8 and m.message_id = a.message_id))
               and a.at >= $9 and a.at < $10 and a.id < $11
               order by a.id desc limit $12"
        )
    };
}

const ITS_OWN: &str = listed!("a.party = $1");
const ON_ITS_BEHALF: &str = listed!("a.on_behalf = $1 and a.party <> $1");

/// The entries of an institution, newest first, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, party: &str, filter: &AccessFilter, limit: i64) -> Result<Vec<AccessEntry>, DbError> {
    let parameters = params![
        party,
        filter.user.as_ref(),
        filter.operation.as_ref(),
        filter.purpose.as_ref(),
        filter.case_number.as_ref(),
        filter.kind.map(AccessKind::as_str),
        filter.result.map(AccessResult::as_str),
        filter.subject,
        filter.from.map_or(i64::MIN, |moment| moment.0),
        filter.to.map_or(i64::MAX, |moment| moment.0),
        filter.before.unwrap_or(Uuid::max()).into_bytes(),
        limit,
    ];
    // Each an index of its own, in the order of the list.
    let mut rows = db.query(ITS_OWN, parameters.clone()).await?;
    rows.extend(db.query(ON_ITS_BEHALF, parameters).await?);
    let mut found = rows.into_iter().map(read).collect::<Result<Vec<AccessEntry>, DbError>>()?;
    found.sort_by_key(|one| std::cmp::Reverse(one.id));
    found.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(found)
}

/// Everything about a person within an institution, oldest first: found by the person, not by time.
///
/// # Errors
/// The database does not answer.
pub async fn about(db: &Db, party: &str, digest: [u8; 32], limit: i64) -> Result<Vec<AccessEntry>, DbError> {
    let sql = "select a.id, a.at, a.kind, a.party, a.on_behalf, a.principal_kind, a.principal, a.user_pseudonym,
                 a.operation, a.object, a.message_id, a.purpose, a.legal_basis, a.case_number, a.result, a.correlation
               from access_entry a where (a.party = $1 or a.on_behalf = $1) and a.id in (
                 select entry from access_subject where digest = $2
                 union select e.id from message_subject m join access_entry e on e.message_id = m.message_id
                 where m.digest = $2)
               order by a.id limit $3";
    db.query(sql, params![party, digest, limit]).await?.into_iter().map(read).collect()
}

/// Reads every chain and answers the first place that is not as it was written, or is missing.
///
/// # Errors
/// The database does not answer.
pub async fn broken(db: &Db) -> Result<Option<(Uuid, i64)>, DbError> {
    for head in ledger::heads(db).await?.into_iter().filter(|head| head.ledger == Ledger::Access.as_str()) {
        let (mut previous, mut number) = ([0; 32], 0);
        while number < head.length {
            let page = places(db, head.chain, (number, head.length)).await?;
            if page.is_empty() {
                return Ok(Some((head.chain, number + 1)));
            }
            for (place, digest, hash) in page {
                // Of a question, the row beside it is judged by whoever knows its shape; here its place is.
                let link = digest
                    .map_or(Link { number: number + 1, hash }, |digest| Link::after(&previous, number + 1, &digest));
                if (place, hash) != (link.number, link.hash) {
                    return Ok(Some((head.chain, number + 1)));
                }
                (previous, number) = (hash, place);
            }
        }
        if number == head.length && previous != head.head {
            return Ok(Some((head.chain, number)));
        }
    }
    Ok(None)
}

/// Number, digest and hash of the places of a chain after a number and up to its end, as it was read: what is appended
/// meanwhile is not whole yet. No digest for a question to a register.
async fn places(
    db: &Db,
    chain: Uuid,
    (after, end): (i64, i64),
) -> Result<Vec<(i64, Option<[u8; 32]>, [u8; 32])>, DbError> {
    let sql =
        "select id, number, hash, at, kind, party, on_behalf, principal_kind, principal, user_pseudonym, operation,
                 object, message_id, purpose, legal_basis, case_number, result, correlation
               from access_entry where chain = $1 and number > $2 and number <= $3
               order by number limit 500";
    let mut found = Vec::new();
    for mut row in db.query(sql, params![chain.into_bytes(), after, end]).await? {
        let (number, hash) = (row.take("number")?, row.take("hash")?);
        found.push((number, Some(read(row)?.digest()), hash));
    }
    let upto = if found.len() == 500 { found.last().map_or(end, |(number, ..)| *number) } else { end };
    let sql = "select number, hash from journal_link where chain = $1 and number > $2 and number <= $3
               order by number limit 500";
    for mut row in db.query(sql, params![chain.into_bytes(), after, upto]).await? {
        found.push((row.take("number")?, None, row.take("hash")?));
    }
    found.sort_by_key(|(number, ..)| *number);
    found.truncate(500);
    Ok(found)
}

fn read(mut row: Row) -> Result<AccessEntry, DbError> {
    let unreadable = |column: &str, found: String| DbError::Inconsistent {
        column: format!("access_entry.{column}"),
        expected: "one of its words",
        found,
    };
    let (kind, result): (String, String) = (row.take("kind")?, row.take("result")?);
    let principal: String = row.take("principal_kind")?;
    Ok(AccessEntry {
        id: Uuid::from_bytes(row.take("id")?),
        kind: AccessKind::parse(&kind).ok_or_else(|| unreadable("kind", kind))?,
        at: Timestamp(row.take("at")?),
        party: row.take("party")?,
        on_behalf: row.take("on_behalf")?,
        principal: Principal {
            kind: PrincipalKind::parse(&principal).ok_or_else(|| unreadable("principal_kind", principal))?,
            id: row.take("principal")?,
        },
        user: row.take("user_pseudonym")?,
        operation: row.take("operation")?,
        object: row.take("object")?,
        message: row.take("message_id")?,
        reasons: Reasons {
            purpose: row.take("purpose")?,
            legal_basis: row.take("legal_basis")?,
            case_number: row.take("case_number")?,
        },
        result: AccessResult::parse(&result).ok_or_else(|| unreadable("result", result))?,
        correlation: row.take("correlation")?,
    })
}

impl crate::hub::Hub {
    /// Enters an access into the journal before the data leave.
    ///
    /// # Errors
    /// The database failed: then nothing may be given.
    pub async fn journal(&self, entry: AccessEntry, about: About) -> Result<(), DbError> {
        self.db.write(&Arc::new(EnterAccess { chain: self.journal_chain }), (entry, about)).await
    }
}
