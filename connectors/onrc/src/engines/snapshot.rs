//! `onrc-snapshot`: asks the imported open data. No line, no secret, no quota.
//!
//! A new snapshot is noticed at the next question. Persons are answered only from a snapshot that was imported for a
//! documented purpose, and only to a question that names its own. A manifest may name further systems that are asked about
//! a company after it (`[[onrc-snapshot.further]]`).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use connectors_contract::{Alone, Answer, Channel, Engine, Lookup, Manifest, ManifestError, Question, Reply, Systems};
use serde::Deserialize;
use serde_json::{Value, json};

use super::chain::{ChainLookup, Further, Road, Way};
use super::question::{Which, has_purpose, local, refused, unavailable, which};
use crate::company::{Source, from_snapshot};
use crate::snapshot::{Found, NameQuestion, Store, StoreError};

/// Asks the snapshot in a folder.
pub struct SnapshotEngine {
    folder: PathBuf,
}

impl SnapshotEngine {
    /// An engine for the folder that imports go to.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Engine for SnapshotEngine {
    fn name(&self) -> &'static str {
        "onrc-snapshot"
    }

    fn lookup(&self, manifest: &Manifest, _channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        let known = ["firma", "caen", "reprezentanti"];
        if let Some(unknown) = manifest.lookups.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(self.without(
                manifest,
                &format!("the lookup {unknown}"),
                "ask for firma, caen or reprezentanti",
            ));
        }
        let store = Arc::new(OpenStore { folder: self.folder.clone(), store: Mutex::default() });
        let snapshot = Arc::new(SnapshotLookup(store));
        let further = manifest.section::<Settings>()?.unwrap_or_default().further;
        if further.is_empty() {
            return Ok(snapshot);
        }
        let takes = ["cui", "nr_reg", "euid"].map(str::to_owned).to_vec();
        let way = Way::Here(Arc::clone(&snapshot) as Arc<dyn Lookup>);
        let own = Road { source: Source::Snapshot, way, operation: "firma".to_owned(), takes };
        let roads = std::iter::once(own).chain(further.into_iter().map(Road::from)).collect();
        Ok(Arc::new(Continued { snapshot, chain: ChainLookup::new(roads) }))
    }
}

/// What a manifest may say in `[onrc-snapshot]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Who is asked about a company that the snapshot does not have, in this order.
    #[serde(default)]
    further: Vec<Further>,
}

/// The snapshot, and for one company the systems behind it. A search by name and all about persons is the snapshot's alone.
struct Continued {
    snapshot: Arc<SnapshotLookup>,
    chain: ChainLookup,
}

#[async_trait]
impl Lookup for Continued {
    async fn ask(&self, question: &Question) -> Reply {
        self.ask_among(question, &Alone).await
    }

    async fn ask_among(&self, question: &Question, systems: &dyn Systems) -> Reply {
        let about_one = matches!(which(question), Ok(Which::Cui(_) | Which::Number(_)));
        if question.operation == "firma" && about_one {
            self.chain.ask_among(question, systems).await
        } else {
            self.snapshot.ask(question).await
        }
    }

    fn asks_others(&self) -> bool {
        true
    }
}

struct SnapshotLookup(Arc<OpenStore>);

/// The store of a folder, opened again when another snapshot counts.
pub(crate) struct OpenStore {
    folder: PathBuf,
    store: Mutex<Option<Arc<Store>>>,
}

#[async_trait]
impl Lookup for SnapshotLookup {
    async fn ask(&self, question: &Question) -> Reply {
        let started = Instant::now();
        let (store, question) = (Arc::clone(&self.0), question.clone());
        // The file is read on a thread that may wait for the disk.
        let answer = tokio::task::spawn_blocking(move || store.answer(&question)).await;
        let answer =
            answer.unwrap_or_else(|_| unavailable("Căutarea în instantaneu s-a întrerupt; încercați din nou."));
        local(answer, started)
    }
}

impl OpenStore {
    fn open(&self) -> Result<Arc<Store>, StoreError> {
        let mut kept = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = kept.as_ref().filter(|store| store.is_current(&self.folder).unwrap_or(false)) {
            return Ok(Arc::clone(store));
        }
        let store = Arc::new(Store::open(&self.folder)?);
        *kept = Some(Arc::clone(&store));
        Ok(store)
    }

    fn answer(&self, question: &Question) -> Answer {
        let which = match which(question) {
            Ok(which) => which,
            Err(answer) => return *answer,
        };
        let answered = self.open().and_then(|store| match question.operation.as_str() {
            "reprezentanti" if !has_purpose(question) => Ok(refused(
                "RECOM-403",
                "Datele despre persoane cer scop și temei legal; adăugați-le la întrebare.",
            )),
            "reprezentanti" => persons(&store, &which),
            "caen" => firm(&store, &which, |record| {
                json!({ "nr_reg": record["nr_reg"], "activitati_autorizate": record["activitati_autorizate"] })
            }),
            _ => firm(&store, &which, |record| record),
        });
        answered.unwrap_or_else(|error| trouble(&error))
    }
}

fn trouble(error: &StoreError) -> Answer {
    match error {
        StoreError::Empty => {
            unavailable("Nu s-a importat încă niciun instantaneu al registrului comerțului; rulați punte onrc import.")
        }
        StoreError::Io(error) => unavailable(format!("Instantaneul registrului comerțului nu poate fi citit: {error}")),
        StoreError::TooBroad(count) => {
            refused("RECOM-400", &format!("Denumirea este prea frecventă ({count} firme); adăugați încă un cuvânt."))
        }
        StoreError::TooShort => refused("RECOM-400", "Denumirea cere un cuvânt de cel puțin 3 litere."),
        StoreError::WithoutPersons => {
            refused("RECOM-CAP", "Instantaneul a fost importat fără fișierele despre persoane; întrebați registrul.")
        }
    }
}

fn firm(store: &Store, which: &Which, shape: impl Fn(Value) -> Value) -> Result<Answer, StoreError> {
    let as_of = Some(store.facts().snapshot.to_string());
    let found = match which {
        Which::Cui(cui) => store.by_cui(cui)?,
        Which::Number(number) => store.by_number(number)?,
        Which::Name { name, county, page } => {
            let question = NameQuestion { name, county: county.as_deref(), page: *page, size: 50 };
            let found = store.by_name(&question)?;
            let firms: Vec<Value> = found.firms.iter().map(|one| shape(record(one, store))).collect();
            let value = json!({ "firme": firms, "total": found.all, "pagina": page, "marime": 50 });
            return Ok(Answer::Found { value, as_of, document: None });
        }
    };
    Ok(match found.as_slice() {
        [] => Answer::Absent,
        [one] => Answer::Found { value: shape(record(one, store)), as_of, document: None },
        several => refused(
            "RECOM-409",
            &format!("{} firme au acest identificator în datele deschise; întrebați după CUI.", several.len()),
        ),
    })
}

fn record(found: &Found, store: &Store) -> Value {
    from_snapshot(found, store.facts()).to_json()
}

fn persons(store: &Store, which: &Which) -> Result<Answer, StoreError> {
    let number = match which {
        Which::Number(number) => Some(number.clone()),
        Which::Cui(cui) => store.by_cui(cui)?.first().and_then(|one| one.number.clone()),
        Which::Name { .. } => {
            return Ok(refused("RECOM-400", "Reprezentanții se cer după CUI, număr de registru sau EUID."));
        }
    };
    let Some(number) = number else { return Ok(Answer::Absent) };
    let persons: Vec<Value> = store
        .representatives(&number)?
        .into_iter()
        .map(|person| {
            let fields = person.fields.into_iter().filter(|(name, _)| name != "COD_INMATRICULARE");
            Value::Object(fields.map(|(name, text)| (name.to_lowercase(), text.into())).collect())
        })
        .collect();
    let as_of = Some(store.facts().snapshot.to_string());
    let value = json!({ "nr_reg": number.as_str(), "reprezentanti": persons });
    Ok(Answer::Found { value, as_of, document: None })
}
