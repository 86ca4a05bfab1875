//! Destroying, step by step: bytes first, then the row that says so; the end is told when nothing is left.
//!
//! A fall between the two leaves a row whose bytes are gone: the step is taken again, and erasing what is not there is
//! no failure. Nothing is told to be destroyed before all of it is.

use serde_json::json;
use uuid::Uuid;

use crate::archive::content;
use crate::archive::dossier::{self, DossierState};
use crate::archive::office::{self, NewAct};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::message::MessageId;
use crate::params;

use super::lists::List;
use super::model::Selection;
use super::store;

/// The selections whose bytes are being erased, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn destroying(db: &Db, limit: i64) -> Result<Vec<Selection>, DbError> {
    store::destroying(db, limit).await
}

/// A document whose bytes are to be erased.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its row.
    pub id: Uuid,
    /// The institution.
    pub party: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// The message it belongs to.
    pub message: Option<MessageId>,
    /// Its filing.
    pub filing: Uuid,
    /// Its position among the payloads, as in [`crate::archive::filing::NewDocument::payload`].
    pub payload: Option<i64>,
    /// Whether a document outside the selection, or a list of a proof, has the same bytes, so that the vault must keep them.
    pub shared: bool,
}

/// A place among the documents of a selection, in the order of dossiers and of documents in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// The dossier.
    pub dossier: Uuid,
    /// The position of the last document seen in it.
    pub position: i64,
}

/// Dossiers whose documents are read together; each is a range of an index.
const DOSSIERS: i64 = 64;

/// The next documents of a selection that are still there, after a place, at most `limit`; none where nothing is left after
/// it. What a lock of the store keeps stays behind the place and is no hindrance to the rest. It goes dossier by dossier: to
/// sort all that is left for every few of them would make a large selection slow beyond measure.
///
/// # Errors
/// The database does not answer.
pub async fn next_step(db: &Db, selection: Uuid, after: Place, limit: i64) -> Result<(Vec<Step>, Place), DbError> {
    let of_dossier = "select d.id, d.party, d.sha256, d.message_id, d.filing, d.payload, d.position,
               case when exists (select 1 from archive_document a join archive_dossier s on s.id = a.dossier
                                 where a.sha256 = d.sha256 and a.erased_at is null
                                 and (s.selection is null or s.selection <> $1 or s.state <> 'selected'))
                 or exists (select 1 from archive_destruction_list l where l.sha256 = d.sha256)
                 then 1 else 0 end as shared
               from archive_document d
               where d.dossier = $2 and d.erased_at is null and d.position > $3 order by d.position limit $4";
    let dossiers = "select id from archive_dossier
               where selection = $1 and state = 'selected' and id >= $2 order by id limit $3";
    let (rows, place) = walk(db, (dossiers, of_dossier), (selection, after), limit).await?;
    Ok((rows.into_iter().map(read).collect::<Result<_, _>>()?, place))
}

/// Rows of documents of a selection in the order of places, after one, at most `limit`. The first statement answers the
/// dossiers from one on, the second documents of a dossier after a position; both take the selection first.
pub(super) async fn walk(
    db: &Db,
    (dossiers, of_dossier): (&'static str, &'static str),
    (selection, after): (Uuid, Place),
    limit: i64,
) -> Result<(Vec<Row>, Place), DbError> {
    let (mut found, mut place) = (Vec::new(), after);
    let wanted = |found: &Vec<Row>| limit - i64::try_from(found.len()).unwrap_or(limit);
    loop {
        let rows = db.query(dossiers, params![selection.into_bytes(), place.dossier.into_bytes(), DOSSIERS]).await?;
        let more = i64::try_from(rows.len()).unwrap_or(DOSSIERS) == DOSSIERS;
        for mut row in rows {
            let dossier = Uuid::from_bytes(row.take("id")?);
            if dossier != place.dossier {
                place = Place { dossier, position: i64::MIN };
            }
            let asked = params![selection.into_bytes(), dossier.into_bytes(), place.position, wanted(&found)];
            for mut row in db.query(of_dossier, asked).await? {
                place.position = row.take("position")?;
                found.push(row);
            }
            if wanted(&found) <= 0 {
                return Ok((found, place));
            }
        }
        if !more {
            return Ok((found, place));
        }
        // The last dossier was read to its end.
        place.position = i64::MAX;
    }
}

fn read(mut row: Row) -> Result<Step, DbError> {
    Ok(Step {
        id: Uuid::from_bytes(row.take("id")?),
        party: row.take("party")?,
        sha256: row.take("sha256")?,
        message: row.take("message_id")?,
        filing: Uuid::from_bytes(row.take("filing")?),
        payload: row.take("payload")?,
        shared: row.take::<i64>("shared")? != 0,
    })
}

/// Hashes of payloads that a selection erased from the messages, beginning after a document, at most `limit`: files of the
/// blob store that may have to go. Answers the last document seen with them.
///
/// # Errors
/// The database does not answer.
pub async fn spared(db: &Db, selection: Uuid, after: Uuid, limit: i64) -> Result<Vec<(Uuid, [u8; 32], bool)>, DbError> {
    let sql = "select d.id, d.sha256,
               case when exists (select 1 from payload p where p.sha256 = d.sha256 and p.erased_at is null)
                 or exists (select 1 from register_content c where c.sha256 = d.sha256 and c.erased_at is null)
                 then 1 else 0 end as used
               from archive_dossier o join archive_document d on d.dossier = o.id
               where o.selection = $1 and o.state = 'selected' and d.payload >= 0 and d.id > $2 order by d.id limit $3";
    let rows = db.query(sql, params![selection.into_bytes(), after.into_bytes(), limit]).await?;
    let read = |mut row: Row| {
        let used: i64 = row.take("used")?;
        Ok((Uuid::from_bytes(row.take("id")?), row.take("sha256")?, used == 0))
    };
    rows.into_iter().map(read).collect()
}

/// Writes that the bytes of documents are gone, and frees the hub's own copies of them where no institution needs them.
pub struct EraseRows;

impl WriteVerb for EraseRows {
    type Item = (Vec<Step>, Timestamp);
    type Output = ();
    const ORDER: u16 = 934;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        for (steps, at) in items {
            let sql = "update archive_document set erased_at = $2 where id = $1 and erased_at is null";
            tx.execute_each(sql, steps.iter().map(|one| params![one.id.into_bytes(), at.0]).collect()).await?;
            free_copies(tx, steps, *at).await?;
        }
        Ok(vec![(); items.len()])
    }
}

/// A payload belongs to everybody who sent or received it: it goes when all who filed it have destroyed it, and nobody who
/// keeps an archive here has still to file it.
async fn free_copies(tx: &mut Tx<'_>, steps: &[Step], at: Timestamp) -> Result<(), DbError> {
    let sql = "update payload set content = null, erased_at = $3 where message_id = $1 and position = $2
               and erased_at is null
               and not exists (select 1 from archive_document a where a.message_id = $1 and a.payload = $2
                               and a.erased_at is null)
               and not exists (select 1 from archive_filing f where f.message_id = $1 and f.state <> 'filed'
                               and exists (select 1 from archive_nomenclator n where n.party = f.party))";
    let payloads = steps.iter().filter_map(|one| Some((one.message?, one.payload.filter(|position| *position >= 0)?)));
    tx.execute_each(sql, payloads.map(|(message, position)| params![message, position, at.0]).collect()).await?;
    let contents = steps.iter().filter(|one| one.message.is_none()).filter_map(|one| Some((one.filing, one.payload?)));
    content::erase(tx, contents.collect(), at).await?;
    let sql = "update translation set content = $3, erased_at = $4 where erased_at is null
               and delivery_id in (select id from delivery where message_id = $1 and recipient = $2)";
    let translated = steps.iter().filter(|one| one.payload == Some(-1));
    let set = |one: &Step| Some(params![one.message?, &one.party, Vec::<u8>::new(), at.0]);
    tx.execute_each(sql, translated.filter_map(set).collect()).await.map(drop)
}

/// Says that a selection is destroyed, with its sealed proof, all at once.
pub struct EndDestruction;

/// The end of a selection.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The selection.
    pub selection: Selection,
    /// The sealed proof.
    pub proof: String,
    /// Its SHA-256.
    pub proof_sha256: [u8; 32],
    /// The lists it names; they are in the vault.
    pub lists: Vec<List>,
    /// The moment it states.
    pub at: Timestamp,
}

impl WriteVerb for EndDestruction {
    type Item = Ended;
    /// Whether it ended now; not where another node ended it, or bytes are left.
    type Output = bool;
    const ORDER: u16 = 935;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Ended]) -> Result<Vec<bool>, DbError> {
        let mut ended = Vec::with_capacity(items.len());
        for one in items {
            ended.push(end(tx, one).await?);
        }
        Ok(ended)
    }
}

async fn end(tx: &mut Tx<'_>, one: &Ended) -> Result<bool, DbError> {
    let (id, party) = (one.selection.id, &one.selection.party);
    office::lock(tx, party).await?;
    let left = "select d.id from archive_dossier o join archive_document d on d.dossier = o.id and d.erased_at is null
                where o.selection = $1 and o.state = 'selected' limit 1";
    if !tx.query(left, params![id.into_bytes()]).await?.is_empty() {
        return Ok(false);
    }
    let sql = "update archive_selection set state = 'ended', ended_at = $2, proof = $3, proof_sha256 = $4
               where id = $1 and state = 'destroying'";
    let set = params![id.into_bytes(), one.at.0, &one.proof, one.proof_sha256];
    if tx.execute_each(sql, vec![set]).await? != [1] {
        return Ok(false);
    }
    let head = "insert into archive_destruction_list (party, selection, number, documents, size, sha256) values";
    let row = |list: &List| params![party, id.into_bytes(), list.number, list.documents, list.size, list.sha256];
    tx.insert(head, 6, one.lists.iter().map(row).collect()).await?;
    let dossiers: Vec<Uuid> = one.selection.to_destroy().map(|decided| decided.dossier).collect();
    dossier::move_to(tx, &dossiers, DossierState::Destroyed, one.at).await?;
    let content = json!({"selection": id, "proof_sha256": hex::encode(one.proof_sha256)});
    let act = |subject: Uuid| NewAct { subject, act: "destroyed", author: "hub", content: content.clone() };
    let acts = std::iter::once(id).chain(dossiers.iter().copied()).map(act).collect();
    office::record(tx, party, acts, one.at).await?;
    Ok(true)
}
