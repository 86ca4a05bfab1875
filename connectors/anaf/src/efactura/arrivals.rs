//! Fetching what others sent or judged: the paged list, then one archive each, kept byte for byte.
//!
//! ANAF keeps messages 60 days and forgets nothing we take, so what was taken is remembered here: the ids, and a moment
//! before which everything was taken. That moment trails a day behind, because entries come late with an earlier date.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::{Arrival, Inbound, Part, PartContent, Trouble as Waiting, Verdict};
use openssl::sha::sha256;
use serde::{Deserialize, Serialize};

use super::Service;
use super::download::{Download, download};
use super::listing::{Entry, list};
use crate::archive;
use crate::remembered::Remembered;
use crate::settings::Fetched;
use crate::shape::{Header, Shape};
use crate::store::CursorStore;
use crate::trouble::{Trouble, cut};
use crate::words::{Meaning, meaning};

/// So long an entry may come late into the list, in seconds; ANAF was seen to take a quarter of an hour.
const LATE: i64 = 86_400;
/// Archives kept in memory until they are acknowledged: a message may be downloaded only ten times a day.
const HELD_ARCHIVES: usize = 32;

/// Fetches for one institution.
pub(super) struct EfacturaInbound {
    service: Service,
    cursors: Arc<dyn CursorStore>,
    name: String,
    cursor: tokio::sync::Mutex<Option<Cursor>>,
    archives: Remembered<String, Bytes>,
    broken: Remembered<String, [u8; 32]>,
}

/// What was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// Everything created before was taken.
    from: i64,
    /// What was taken since, and when it was created.
    taken: BTreeMap<String, i64>,
}

impl EfacturaInbound {
    pub(super) fn new(service: Service, system: &str, cursors: Arc<dyn CursorStore>) -> Self {
        let name = format!("{system}-{}-{}", service.settings.environment.segment(), service.api.cif);
        let (archives, broken) = (Remembered::new(HELD_ARCHIVES), Remembered::new(1_000));
        Self { service, cursors, name, cursor: tokio::sync::Mutex::default(), archives, broken }
    }

    async fn load(&self) -> Result<Cursor, Waiting> {
        let (cursors, name) = (Arc::clone(&self.cursors), self.name.clone());
        let text = tokio::task::spawn_blocking(move || cursors.load(&name)).await;
        let text = text.map_err(|_| waiting("citirea evidenței a fost întreruptă"))?;
        let text = text.map_err(|error| waiting(&format!("evidența mesajelor preluate nu se poate citi: {error}")))?;
        let read = text.map(|text| serde_json::from_str(&text)).transpose();
        Ok(read.map_err(|_| waiting("evidența mesajelor preluate este stricată"))?.unwrap_or_default())
    }

    async fn save(&self, cursor: &Cursor) -> Result<(), Waiting> {
        let text = serde_json::to_string(cursor).map_err(|error| waiting(&error.to_string()))?;
        let (cursors, name) = (Arc::clone(&self.cursors), self.name.clone());
        let saved = tokio::task::spawn_blocking(move || cursors.save(&name, &text)).await;
        let saved = saved.map_err(|_| waiting("scrierea evidenței a fost întreruptă"))?;
        saved.map_err(|error| waiting(&format!("evidența mesajelor preluate nu se poate scrie: {error}")))
    }

    /// Kinds that nobody knew when this was written are fetched too, unless the manifest names what it wants.
    fn is_wanted(&self, entry: &Entry) -> bool {
        let ours = entry.kind.starts_with("FACTURA TRIMISA") || entry.kind.starts_with("MESAJ CUMPARATOR TRANSMIS");
        let Some(fetch) = &self.service.settings.fetch else { return !ours };
        fetch.iter().any(|one| match one {
            Fetched::P => entry.kind.starts_with("FACTURA PRIMITA"),
            Fetched::E => entry.kind.starts_with("ERORI FACTURA"),
            Fetched::R => entry.kind.starts_with("MESAJ CUMPARATOR PRIMIT"),
            Fetched::T => entry.kind.starts_with("FACTURA TRIMISA"),
        })
    }

    /// The download id, from the list or, where the list lacks it, from the status of the filing.
    async fn id(&self, entry: &Entry) -> Result<Option<String>, Trouble> {
        if entry.id.is_some() {
            return Ok(entry.id.clone());
        }
        let query = [("id_incarcare", entry.index.as_str())];
        let (_, shape) = self.service.api.ask(&self.service.path("stareMesaj"), &query).await?;
        let Shape::Header(header) = shape else { return Ok(None) };
        Ok(header.attribute("id_descarcare").map(str::to_owned))
    }

    async fn arrival(&self, entry: &Entry, id: &str) -> Result<Arrival, Skipped> {
        if let Some(archive) = self.archives.get(&id.to_owned()) {
            return Ok(arrival(entry, id, &archive));
        }
        let archive = match download(&self.service, id).await.map_err(Skipped::All)? {
            Download::Archive(archive) => archive,
            Download::Tomorrow(trouble) => return Err(Skipped::One(trouble)),
            // It will never come: whoever reads the journal learns that something was missed.
            Download::Refused { text, .. } if meaning(&text) == Meaning::Expired => {
                let words = format!("Mesajul {id} de la ANAF nu se poate descărca: {text}. Cereți-l de la emitent.");
                let facts = facts(entry, id);
                return Ok(Arrival {
                    id: id.to_owned(),
                    envelope: None,
                    parts: Vec::new(),
                    facts,
                    unreadable: Some(words),
                });
            }
            Download::Refused { text, .. } => return Err(one(&format!("mesajul {id}: {text}"))),
        };
        let arrival = arrival(entry, id, &archive);
        if arrival.unreadable.is_some() && !self.came_twice(id, &archive) {
            return Err(one(&format!("mesajul {id} nu a venit întreg, se cere din nou")));
        }
        self.archives.first(id.to_owned(), archive);
        Ok(arrival)
    }

    /// Whether the same unreadable bytes came before: then they are what ANAF has, and not half of it.
    fn came_twice(&self, id: &str, archive: &Bytes) -> bool {
        let (id, now) = (id.to_owned(), sha256(archive));
        if self.broken.get(&id) == Some(now) {
            return true;
        }
        self.broken.forget(&id);
        self.broken.first(id, now);
        false
    }

    /// Forgets what is older than everything that is still listed, when nothing waits.
    async fn advance(&self, cursor: &mut Cursor, until: i64) -> Result<(), Waiting> {
        let from = until - LATE;
        // Not for every look: the cursor is a file that is synced.
        if from < cursor.from + 3_600 {
            return Ok(());
        }
        let mut further = cursor.clone();
        further.from = from;
        // Entries show minutes, windows are seconds: an hour more is kept.
        further.taken.retain(|_, created| *created >= from - 3_600);
        self.save(&further).await?;
        *cursor = further;
        Ok(())
    }
}

/// Why an entry brought nothing: only this one, or no other would either.
enum Skipped {
    One(Trouble),
    All(Trouble),
}

#[async_trait]
impl Inbound for EfacturaInbound {
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Waiting> {
        let mut held = self.cursor.lock().await;
        if held.is_none() {
            *held = Some(self.load().await?);
        }
        let cursor = held.get_or_insert_default();
        let listing = list(&self.service, cursor.from).await.map_err(said)?;
        let (mut arrivals, mut trouble, mut waits) = (Vec::new(), None, false);
        for entry in listing.entries.iter().filter(|entry| self.is_wanted(entry)) {
            if entry.id.as_ref().is_some_and(|id| cursor.taken.contains_key(id)) {
                continue;
            }
            waits = true;
            if arrivals.len() >= most {
                break;
            }
            let id = match self.id(entry).await {
                Ok(Some(id)) if cursor.taken.contains_key(&id) => continue,
                Ok(Some(id)) => id,
                Ok(None) => continue,
                Err(stopped) => {
                    trouble = Some(stopped);
                    break;
                }
            };
            match self.arrival(entry, &id).await {
                Ok(arrival) => arrivals.push(arrival),
                Err(Skipped::One(skipped)) => trouble = Some(skipped),
                Err(Skipped::All(stopped)) => {
                    trouble = Some(stopped);
                    break;
                }
            }
        }
        if !waits {
            self.advance(cursor, listing.until).await?;
        }
        match trouble {
            Some(trouble) if arrivals.is_empty() => Err(said(trouble)),
            _ => Ok(arrivals),
        }
    }

    /// ANAF is not told; the taken message is remembered.
    async fn acknowledge(&self, arrival: &str, _verdict: &Verdict) -> Result<(), Waiting> {
        let mut held = self.cursor.lock().await;
        let mut cursor = match held.clone() {
            Some(cursor) => cursor,
            None => self.load().await?,
        };
        if !cursor.taken.contains_key(arrival) {
            // Its own date is not known here; the later one keeps it remembered for longer.
            cursor.taken.insert(arrival.to_owned(), self.service.api.now());
            self.save(&cursor).await?;
        }
        *held = Some(cursor);
        self.archives.forget(&arrival.to_owned());
        Ok(())
    }
}

fn waiting(reason: &str) -> Waiting {
    Waiting { reason: reason.to_owned(), retry_after: None }
}

/// This one not now.
fn one(reason: &str) -> Skipped {
    Skipped::One(Trouble::NotNow { reason: cut(reason), retry_after: Some(Duration::from_secs(300)) })
}

fn said(trouble: Trouble) -> Waiting {
    let (reason, retry_after) = trouble.wait();
    Waiting { reason, retry_after }
}

fn facts(entry: &Entry, id: &str) -> BTreeMap<String, String> {
    let received = jiff::Timestamp::from_second(entry.created).unwrap_or_default().to_string();
    let mut facts: BTreeMap<String, String> = [
        ("number", id),
        ("index", &entry.index),
        ("kind", &entry.kind),
        ("subject", &entry.details),
        ("received_at", &received),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let codes = [("from", &entry.seller), ("to", &entry.buyer)];
    facts.extend(codes.into_iter().filter_map(|(name, code)| Some((name.to_owned(), code.clone()?))));
    facts
}

/// An archive as an arrival: its own bytes, and the document in it.
fn arrival(entry: &Entry, id: &str, archive: &Bytes) -> Arrival {
    let mut parts = vec![part(format!("{}.zip", entry.index), "application/zip", archive.clone())];
    let unreadable = match archive::document(archive) {
        Ok((_, document)) => {
            let readable = Header::read(&document).is_some();
            parts.push(part(format!("{}.xml", entry.index), "application/xml", document.into()));
            (!readable).then(|| format!("Documentul din mesajul {id} de la ANAF nu este XML."))
        }
        Err(error) => Some(format!("Mesajul {id} de la ANAF: {error}.")),
    };
    Arrival { id: id.to_owned(), envelope: None, parts, facts: facts(entry, id), unreadable }
}

fn part(name: String, content_type: &str, content: Bytes) -> Part {
    let (size, sha256) = (content.len() as u64, sha256(&content));
    Part { name, content_type: content_type.to_owned(), size, sha256, content: PartContent::Inline(content) }
}
