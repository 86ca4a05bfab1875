//! Recording what happens to entries.

use std::collections::BTreeMap;

use hub_proofs::register::{act_link, canonical};
use schemas::text::fold;

use crate::db::{DbError, Row, Tx};
use crate::params;

use super::acting::{Acted, Filling, NewAct, NotActed};
use super::entry::{EntryKey, State, Status};
use super::find;

/// An entry while acts are added to it; its row is locked.
struct Held {
    state: State,
    link: [u8; 32],
    changed_at: i64,
    filling: Option<Filling>,
}

/// Appends the acts in order and moves what follows from them; an act that its entry's state does not allow is refused,
/// alone. Several acts on one entry see each other.
///
/// # Errors
/// The database refused a statement; then nothing was recorded.
pub async fn act(tx: &mut Tx<'_>, acts: &[NewAct]) -> Result<Vec<Result<Acted, NotActed>>, DbError> {
    let mut held = lock(tx, acts).await?;
    let mut rows = Vec::new();
    let mut answers = Vec::with_capacity(acts.len());
    for act in acts {
        let Some(entry) = held.get_mut(&act.key) else {
            answers.push(Err(NotActed::NotFound));
            continue;
        };
        if let Some(refused) = act.refused(&entry.state) {
            answers.push(Err(refused));
            continue;
        }
        let state = act.applied(&entry.state);
        let document = canonical(&act.document(state.acts));
        let link = act_link(&entry.link, &act.salt, &document);
        let EntryKey { party, register, year, number } = &act.key;
        let author = serde_json::to_string(&act.author).expect("an author is plain data");
        rows.push(params![
            party, register, *year, *number, state.acts, &act.act, act.at.0, author, document, act.salt, link,
        ]);
        answers.push(Ok(Acted { act_number: state.acts, link, state: state.clone() }));
        let filling = act.effect.filled.or(entry.filling);
        *entry = Held { state, link, changed_at: act.at.0, filling };
    }
    tx.insert(
        "insert into register_act (party, register, year, number, act_number, act, at, author, content, salt, link) values",
        11,
        rows,
    )
    .await?;
    move_states(tx, &held).await?;
    Ok(answers)
}

async fn lock(tx: &mut Tx<'_>, acts: &[NewAct]) -> Result<BTreeMap<EntryKey, Held>, DbError> {
    // In one fixed order, so that two nodes never wait for each other.
    let keys: BTreeMap<&EntryKey, ()> = acts.iter().map(|act| (&act.key, ())).collect();
    let sets = || keys.keys().map(|key| params![&key.party, &key.register, key.year, key.number]).collect();
    if tx.is_postgres() {
        let lock = "select number from register_entry where party = $1 and register = $2 and year = $3 and number = $4
                    for update";
        tx.query_each(lock, sets()).await?;
    }
    let answers = tx.query_each(find::STANDING, sets()).await?;
    let mut held = BTreeMap::new();
    for (key, mut rows) in keys.into_keys().zip(answers) {
        if let Some(row) = rows.first_mut() {
            held.insert(key.clone(), read(key, row)?);
        }
    }
    Ok(held)
}

fn read(key: &EntryKey, row: &mut Row) -> Result<Held, DbError> {
    let digest: Option<[u8; 32]> = row.take("digest")?;
    let newest: Option<[u8; 32]> = row.take("act_link")?;
    // An entry from before entries were linked has no digest: its acts begin where its series does.
    let before = newest.or(digest);
    let link = before.unwrap_or_else(|| hub_proofs::register::series_start(&key.party, &key.register, key.year));
    Ok(Held { state: find::state(row)?, link, changed_at: i64::MIN, filling: None })
}

async fn move_states(tx: &mut Tx<'_>, held: &BTreeMap<EntryKey, Held>) -> Result<(), DbError> {
    let moved = held.iter().filter(|(_, entry)| entry.changed_at != i64::MIN);
    let sets = moved.map(|(key, Held { state, link, changed_at, filling })| {
        let particulars = serde_json::to_string(&state.particulars).expect("particulars are plain data");
        params![
            &key.party,
            &key.register,
            key.year,
            key.number,
            state.acts,
            *link,
            state.status.as_str(),
            &state.particulars.subject,
            fold(&state.particulars.subject),
            particulars,
            state.particulars.unit.clone(),
            state.person.clone(),
            state.pending.clone(),
            state.pending_by.clone(),
            *changed_at,
            state.direction.map(super::Direction::as_str),
            state.particulars.correspondent.map(uuid::Uuid::into_bytes),
            filling.and_then(|filling| filling.duplicate_key),
            filling.and_then(|filling| filling.content_sha256),
        ]
    });
    let put =
        "insert into register_state as held (party, register, year, number, acts, link, status, subject, searched,
               particulars, unit, person, pending, pending_by, changed_at, direction,
               correspondent, duplicate_key, content_sha256)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
               on conflict (party, register, year, number) do update set acts = excluded.acts, link = excluded.link,
               status = excluded.status, subject = excluded.subject, searched = excluded.searched,
               particulars = excluded.particulars, unit = excluded.unit, person = excluded.person,
               pending = excluded.pending, pending_by = excluded.pending_by, changed_at = excluded.changed_at,
               direction = excluded.direction, correspondent = excluded.correspondent,
               duplicate_key = coalesce(excluded.duplicate_key, held.duplicate_key),
               content_sha256 = coalesce(excluded.content_sha256, held.content_sha256)";
    tx.execute_each(put, sets.collect()).await.map(drop)
}

impl State {
    /// How an entry without a row of its own stands.
    pub(super) fn untouched(particulars: super::Particulars) -> Self {
        let status = if particulars.unit.is_some() { Status::Assigned } else { Status::Registered };
        Self { acts: 0, status, particulars, person: None, direction: None, pending: None, pending_by: None }
    }
}
