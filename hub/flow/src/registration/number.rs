//! Taking numbers.

use std::collections::BTreeMap;

use hub_proofs::register::{canonical, entry_digest, link, series_start};
use schemas::text::{fold, normalise_cedilla};

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, Value};
use crate::directory::Numbering;
use crate::message::Registration;
use crate::params;

use super::entry::{CLOSED, EntryKey, NewEntry, Registered};
use super::references;

/// Numbers of one register and year that one call takes: institution, register, year.
type Key<'a> = (&'a str, &'a str, i64);

/// A register and year while its numbers are given; its row is locked.
struct Running {
    next: i64,
    link: [u8; 32],
    latest: Timestamp,
}

/// Registers the entries in order and answers their numbers. Series are locked in one fixed order, so that nodes that
/// register at once wait for each other and never block each other.
///
/// # Errors
/// The database refused a statement, or a year is closed ([`CLOSED`]); then no number was taken.
pub async fn register(tx: &mut Tx<'_>, entries: &[NewEntry]) -> Result<Vec<Registered>, DbError> {
    let mut series: BTreeMap<Key<'_>, (Numbering, i64)> = BTreeMap::new();
    for entry in entries {
        series.entry(key(entry)).or_insert((entry.series.numbering, 0)).1 += 1;
    }
    let mut running = lock(tx, &series).await?;
    let answering = ties(tx, entries).await?;
    let mut rows = Rows::default();
    let mut registered = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let run = running.get_mut(&key(entry)).expect("numbers were taken for every entry");
        let entry = answering.get(&index).unwrap_or(entry);
        registered.push(give(entry, run, &mut rows));
    }
    let moved =
        running.iter().map(|((party, register, year), run)| params![*party, *register, *year, run.link, run.latest.0]);
    let newest =
        "update register_series set link = $4, latest_at = $5 where party = $1 and register = $2 and year = $3";
    tx.execute_each(newest, moved.collect()).await?;
    rows.insert(tx).await?;
    Ok(registered)
}

/// The entries whose references became ties, by place; most messages answer nothing.
async fn ties(tx: &mut Tx<'_>, entries: &[NewEntry]) -> Result<BTreeMap<usize, NewEntry>, DbError> {
    let mut answering = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| !entry.references.is_empty()) {
        let mut tied = entry.clone();
        tied.ties.extend(references::answered(tx, entry).await?);
        answering.insert(index, tied);
    }
    Ok(answering)
}

fn key(entry: &NewEntry) -> Key<'_> {
    (&entry.party, &entry.series.register, i64::from(entry.at.romanian_date().year()))
}

async fn lock<'a>(
    tx: &mut Tx<'_>,
    series: &BTreeMap<Key<'a>, (Numbering, i64)>,
) -> Result<BTreeMap<Key<'a>, Running>, DbError> {
    let taken = take_continuing(tx, series).await?;
    // A continuing register's row of the year is set to what its own row of all years gave.
    let take = "insert into register_series as held (party, register, year, next, first)
                values ($1, $2, $3, cast($5 as bigint) + $4, $5)
                on conflict (party, register, year) do update
                set next = case when cast($6 as bigint) = 1 then excluded.next else held.next + $4 end
                returning next, link, latest_at, closed_at";
    let set = |(key, (_, count)): (&Key<'a>, &(Numbering, i64))| {
        let (party, register, year) = *key;
        let first = taken.get(key);
        params![party, register, year, *count, first.copied().unwrap_or(1), i64::from(first.is_some())]
    };
    let answers = tx.query_each(take, series.iter().map(set).collect()).await?;
    let mut running = BTreeMap::new();
    for ((key, (_, count)), mut rows) in series.iter().zip(answers) {
        let row = rows.first_mut().ok_or_else(|| DbError::Statement("a series has no row".to_owned()))?;
        if row.take::<Option<i64>>("closed_at")?.is_some() {
            return Err(DbError::Constraint { rule: CLOSED.to_owned() });
        }
        let next: i64 = row.take("next")?;
        let link: Option<[u8; 32]> = row.take("link")?;
        let latest: Option<i64> = row.take("latest_at")?;
        let (party, register, year) = *key;
        running.insert(
            *key,
            Running {
                next: next - count,
                link: link.unwrap_or_else(|| series_start(party, register, year)),
                latest: Timestamp(latest.unwrap_or(i64::MIN)),
            },
        );
    }
    Ok(running)
}

/// Registers whose numbers run on have a row for all years, the year 0: it is locked first, and gives the numbers.
async fn take_continuing<'a>(
    tx: &mut Tx<'_>,
    series: &BTreeMap<Key<'a>, (Numbering, i64)>,
) -> Result<BTreeMap<Key<'a>, i64>, DbError> {
    let continuing: Vec<_> = series.iter().filter(|(_, (numbering, _))| *numbering == Numbering::Continuing).collect();
    // What the years have given counts too: a register may have begun anew every year before.
    let take = "insert into register_series as held (party, register, year, next)
                values ($1, $2, 0, $3 + coalesce((select max(next) from register_series
                                                  where party = $1 and register = $2), 1))
                on conflict (party, register, year) do update set next = $3 + case
                when held.next >= excluded.next - $3 then held.next else excluded.next - $3 end
                returning next";
    let sets = continuing.iter().map(|((party, register, _), (_, count))| params![*party, *register, *count]);
    let answers = tx.query_each(take, sets.collect()).await?;
    let mut taken = BTreeMap::new();
    for ((key, (_, count)), mut rows) in continuing.into_iter().zip(answers) {
        let next: i64 = rows.first_mut().map_or(Ok(1 + count), |row| row.take("next"))?;
        taken.insert(*key, next - count);
    }
    Ok(taken)
}

fn give(entry: &NewEntry, run: &mut Running, rows: &mut Rows) -> Registered {
    let (party, register, year) = key(entry);
    let number = run.next;
    // Numbers are in order of time, whichever node's clock runs ahead.
    let at = run.latest.max(entry.at);
    let key = EntryKey { party: party.to_owned(), register: register.to_owned(), year, number };
    let shown = entry.series.format.write(number, year);
    let document = canonical(&entry.document(&key, &shown, at));
    let digest = entry_digest(&entry.salt, &document);
    run.link = link(&run.link, number.unsigned_abs(), &digest);
    run.latest = at;
    run.next += 1;
    let registration =
        Registration { register: key.register.clone(), number: shown, date: at.romanian_date().to_string() };
    let registered = Registered { key, registration, at, digest, link: run.link };
    rows.add(entry, &registered, document);
    registered
}

/// What is inserted, set-oriented.
#[derive(Default)]
struct Rows {
    entries: Vec<Vec<Value>>,
    states: Vec<Vec<Value>>,
    ties: Vec<Vec<Value>>,
}

impl Rows {
    fn add(&mut self, entry: &NewEntry, registered: &Registered, document: String) {
        let EntryKey { party, register, year, number } = &registered.key;
        let counterpart = entry.counterpart_registration.as_ref();
        let particulars = &entry.particulars;
        // A register is searched and printed: one spelling. What the sender wrote stays in its envelope.
        let subject = normalise_cedilla(&particulars.subject).into_owned();
        let searched = fold(&subject);
        let author = entry.author.as_ref().and_then(|author| author.clerk.clone());
        if entry.kind != super::Kind::Document || particulars.unit.is_some() {
            let json = serde_json::to_string(particulars).expect("particulars are plain data");
            self.states.push(params![
                party,
                register,
                *year,
                *number,
                0_i64,
                registered.digest,
                entry.status().as_str(),
                &subject,
                &searched,
                json,
                particulars.unit.clone(),
                registered.at.0,
            ]);
        }
        for tie in &entry.ties {
            self.ties.push(tie_row(&registered.key, tie));
        }
        self.entries.push(params![
            party,
            register,
            *year,
            *number,
            entry.direction.as_str(),
            entry.message,
            entry.delivery,
            &entry.counterpart,
            counterpart.map(|held| serde_json::to_string(held).expect("a registration is plain data")),
            subject,
            registered.at.0,
            entry.kind.as_str(),
            &registered.registration.number,
            author,
            particulars.unit.clone(),
            particulars.correspondent.map(uuid::Uuid::into_bytes),
            entry.duplicate_key,
            entry.content_sha256,
            searched,
            document,
            entry.salt,
            registered.digest,
            registered.link,
        ]);
    }

    async fn insert(self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        tx.insert(
            "insert into register_entry (party, register, year, number, direction, message_id, delivery_id, counterpart,
             counterpart_registration, subject, recorded_at, kind, shown, author, unit, correspondent, duplicate_key,
             content_sha256, searched, document, salt, digest, link) values",
            23,
            self.entries,
        )
        .await?;
        tx.insert(
            "insert into register_state (party, register, year, number, acts, link, status, subject, searched,
             particulars, unit, changed_at) values",
            12,
            self.states,
        )
        .await?;
        insert_ties(tx, self.ties).await
    }
}

fn tie_row(key: &EntryKey, tie: &super::Tie) -> Vec<Value> {
    let EntryKey { party, register, year, number } = key;
    params![party, register, *year, *number, tie.relation.as_str(), &tie.register, tie.year, tie.number]
}

async fn insert_ties(tx: &mut Tx<'_>, ties: Vec<Vec<Value>>) -> Result<(), DbError> {
    let tie =
        "insert into register_connection (party, register, year, number, relation, to_register, to_year, to_number)
               values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
    tx.execute_each(tie, ties).await.map(drop)
}

/// Ties entries to others of the same institution; a tie that is there stays.
///
/// # Errors
/// The database refused a statement.
pub async fn tie(tx: &mut Tx<'_>, ties: &[(&EntryKey, &super::Tie)]) -> Result<(), DbError> {
    insert_ties(tx, ties.iter().map(|(key, tie)| tie_row(key, tie)).collect()).await
}
