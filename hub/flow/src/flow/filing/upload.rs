//! A clerk's system brings the content of an entry: an act of the entry names every hash, and the contents stand beside it.

use std::sync::Arc;

use hub_proofs::register::canonical;
use openssl::sha::Sha256;
use serde_json::{Value as Json, json};

use crate::archive::content::{self, EntryPlace, NewContent};
use crate::blobs::Staged;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::hub::Hub;
use crate::message::Ids;
use crate::params;
use crate::registration::{self, Author, Effect, EntryKey, NewAct, NotActed, Status};

/// Contents on their way to an entry.
pub struct Uploading {
    /// The entry.
    pub key: EntryKey,
    /// Who brings them.
    pub author: Author,
    /// Idempotency key.
    pub idempotency_key: String,
    /// What came, in order; something.
    pub contents: Vec<NewContent>,
    /// The files of large ones; they get their names before anything is written.
    pub staged: Vec<Staged>,
}

/// Contents that were kept, now or to the same request before.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The answer.
    pub answer: Json,
    /// Whether this very request was answered before.
    pub again: bool,
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The entry does not allow it.
    #[error(transparent)]
    Refused(#[from] NotActed),
    /// The entry is of a message, whose payloads are its content.
    #[error("the entry is of a message")]
    OfMessage,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The disk or the database failed.
    #[error(transparent)]
    Unavailable(#[from] DbError),
}

/// Keeps contents of an entry.
///
/// # Errors
/// [`NotKept`] says why nothing was.
pub async fn keep_contents(hub: &Hub, mut uploading: Uploading) -> Result<Kept, NotKept> {
    let staged = std::mem::take(&mut uploading.staged);
    // The bytes must be durable before the commit that names them.
    hub.blobs.settle(staged).await.map_err(|error| DbError::Unavailable(error.to_string()))?;
    let verb = Arc::new(KeepContents { ids: Arc::clone(&hub.ids) });
    let at = hub.clock.now();
    hub.db.write(&verb, (Arc::new(uploading), at)).await?
}

/// Writes contents of entries.
struct KeepContents {
    ids: Arc<dyn Ids>,
}

impl WriteVerb for KeepContents {
    type Item = (Arc<Uploading>, Timestamp);
    type Output = Result<Kept, NotKept>;
    const ORDER: u16 = 939;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<Self::Output>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for (one, at) in items {
            outputs.push(self.keep(tx, one, *at).await?);
        }
        Ok(outputs)
    }
}

impl KeepContents {
    async fn keep(&self, tx: &mut Tx<'_>, one: &Uploading, at: Timestamp) -> Result<Result<Kept, NotKept>, DbError> {
        let EntryKey { party, register, year, number } = one.key.clone();
        let (place, request) = (EntryPlace { register, year, number }, one.digest());
        match content::answered(tx, (&party, &one.idempotency_key), request).await? {
            Some(Ok(answer)) => return Ok(Ok(Kept { answer, again: true })),
            Some(Err(())) => return Ok(Err(NotKept::KeyReused)),
            None => {}
        }
        let sql =
            "select message_id from register_entry where party = $1 and register = $2 and year = $3 and number = $4
                   and message_id is not null";
        if !tx.query(sql, params![&party, &place.register, place.year, place.number]).await?.is_empty() {
            return Ok(Err(NotKept::OfMessage));
        }
        let first = content::next_position(tx, &party, &place).await?;
        let told: Vec<Json> = one.contents.iter().zip(first..).map(told).collect();
        if let Err(refused) = registration::act(tx, &[self.act(one, &told, at)]).await?.remove(0) {
            return Ok(Err(refused.into()));
        }
        let author = canonical(&json!(one.author));
        content::insert(tx, (&party, &place), (&one.contents, first), (&author, at)).await?;
        let answer = json!({"register": place.register, "year": place.year, "number": place.number, "contents": told});
        content::remember(tx, (&party, &one.idempotency_key), (request, &answer), at).await?;
        Ok(Ok(Kept { answer, again: false }))
    }

    fn act(&self, one: &Uploading, told: &[Json], at: Timestamp) -> NewAct {
        let from = [
            Status::Registered,
            Status::Assigned,
            Status::InProgress,
            Status::WaitingApproval,
            Status::Resolved,
            Status::Redirected,
            Status::Rejected,
            Status::Filed,
        ];
        NewAct {
            key: one.key.clone(),
            act: "content_added".to_owned(),
            content: json!({"contents": told}),
            author: one.author.clone(),
            expected: None,
            effect: Effect { from: from.to_vec(), ..Effect::default() },
            salt: self.ids.salt(),
            at,
        }
    }
}

impl Uploading {
    /// What makes it this request and no other.
    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        let EntryKey { register, year, number, .. } = &self.key;
        let mut add = |bytes: &[u8]| {
            digest.update(&(bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        add(format!("{register}/{year}/{number}").as_bytes());
        for one in &self.contents {
            add(one.name.as_bytes());
            add(one.content_type.as_bytes());
            add(&one.sha256);
        }
        digest.finish()
    }
}

fn told((one, position): (&NewContent, i64)) -> Json {
    json!({
        "position": position,
        "name": one.name,
        "content_type": one.content_type,
        "size": one.size,
        "sha256": hex::encode(one.sha256),
        "pages": one.found.pages,
        "finding": one.found.finding.map(content::Finding::as_str),
        "told": one.found.finding.map(content::Finding::told),
    })
}
