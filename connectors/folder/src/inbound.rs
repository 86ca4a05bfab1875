//! What comes: packages from `in/`, handed over until they are acknowledged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use connectors_contract::{Arrival, Inbound, Part, PartContent, Trouble, Verdict};
use connectors_drop::{DropAnswer, DropPackage, Limits, answer, open, shown_name};

use crate::claims::Claim;
use crate::engine::Site;
use crate::pickup::{Look, Memory, Taken, id};
use crate::place::{Listed, Place, PlaceError};
use crate::work::{CLAIMED, DONE, REJECTED, VERDICTS, prepare_arrivals};

/// Letters of the hash in the names of answered files: two files of one name stay apart.
const SHORT: usize = 12;

/// Fetches from one folder.
pub(crate) struct FolderInbound {
    site: Arc<Site>,
    memory: Arc<Mutex<Memory>>,
}

impl FolderInbound {
    pub(crate) fn new(site: Arc<Site>, memory: Arc<Mutex<Memory>>) -> Self {
        Self { site, memory }
    }
}

#[async_trait]
impl Inbound for FolderInbound {
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Trouble> {
        let memory = Arc::clone(&self.memory);
        let visit = self.site.visit(move |site, place| {
            prepare_arrivals(place)?;
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            let look = look(site);
            let taken = look.take(place, &mut memory, most)?;
            Ok(taken.into_iter().map(|taken| arrival(taken, look.most_bytes)).collect())
        });
        visit.await.map_err(trouble)
    }

    async fn acknowledge(&self, arrival: &str, verdict: &Verdict) -> Result<(), Trouble> {
        let (arrival, verdict, memory) = (arrival.to_owned(), verdict.clone(), Arc::clone(&self.memory));
        let visit = self.site.visit(move |site, place| {
            prepare_arrivals(place)?;
            let look = look(site);
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            for (claim, file) in look.in_hand(place)? {
                let known = memory.ids.get(&claim.file()).cloned();
                let Some(found) = known.map_or_else(|| read_id(place, &look, &claim, &file), |id| Ok(Some(id)))? else {
                    continue;
                };
                if found == arrival {
                    give(place, &claim, &arrival, &verdict)?;
                    memory.drop_claim(&claim.file());
                } else {
                    memory.ids.insert(claim.file(), found);
                }
            }
            // None left means that it was heard before: the file moves only after its answer is there.
            Ok(())
        });
        visit.await.map_err(trouble)
    }
}

/// The id of a file in hand that was claimed before this hub started; none when it went away.
fn read_id(place: &mut dyn Place, look: &Look<'_>, claim: &Claim, file: &Listed) -> Result<Option<String>, PlaceError> {
    match place.read(&format!("{CLAIMED}/{}", claim.file()), 0, look.most_bytes + 1) {
        Ok(content) => {
            let taken = Taken { claim: claim.clone(), changed: file.changed, size: file.size, content };
            Ok(Some(id(&taken, look.most_bytes)))
        }
        Err(PlaceError::NotThere { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn look(site: &Site) -> Look<'_> {
    Look {
        now: site.now(),
        claimant: &site.claimant,
        settle: site.settings.settle,
        most_bytes: site.settings.most_bytes(),
        began: Instant::now(),
    }
}

fn trouble(error: PlaceError) -> Trouble {
    Trouble { reason: error.to_string(), retry_after: None }
}

fn arrival(taken: Taken, most_bytes: usize) -> Arrival {
    let id = id(&taken, most_bytes);
    let mut facts = BTreeMap::from([("file".to_owned(), shown_name(&taken.claim.name))]);
    if let Ok(changed) = jiff::Timestamp::from_second(taken.changed) {
        facts.insert("received_at".to_owned(), changed.to_string());
    }
    let limits = Limits { total_bytes: most_bytes, file_bytes: most_bytes, ..Limits::default() };
    match open(&taken.content, &limits) {
        Ok(DropPackage { envelope, parts, .. }) => {
            let parts = parts.into_iter().map(|part| Part {
                name: part.name,
                content_type: part.content_type,
                size: part.content.len() as u64,
                sha256: part.sha256,
                content: PartContent::Inline(part.content),
            });
            Arrival { id, envelope: Some(envelope), parts: parts.collect(), facts, unreadable: None }
        }
        Err(reasons) => {
            let told: Vec<String> = reasons.iter().take(50).map(ToString::to_string).collect();
            Arrival { id, envelope: None, parts: vec![], facts, unreadable: Some(told.join("; ")) }
        }
    }
}

/// The answer first, then the file to its last folder: whoever falls in between gives the same answer again.
fn give(place: &mut dyn Place, claim: &Claim, id: &str, verdict: &Verdict) -> Result<(), PlaceError> {
    let answer = answer(&shown_name(&claim.name), id, verdict);
    let short = &id[..SHORT.min(id.len())];
    let (stem, kept) = (format!("{}.{short}", claim.name), format!("{short}-{}", claim.name));
    let DropAnswer { accepted, text, json, receipt, .. } = &answer;
    if let Some(receipt) = receipt {
        put(place, VERDICTS, &format!("{stem}.recipisa.xml"), receipt)?;
    }
    put(place, VERDICTS, &format!("{stem}.json"), json)?;
    // What people read comes last: when it is there, all of it is.
    put(place, VERDICTS, &format!("{stem}.txt"), text.as_bytes())?;
    let folder = if *accepted { DONE } else { REJECTED };
    if !accepted {
        put(place, REJECTED, &format!("{kept}.motive.txt"), text.as_bytes())?;
    }
    let last = format!("{folder}/{kept}");
    match place.rename(&format!("{CLAIMED}/{}", claim.file()), &last) {
        Err(PlaceError::NotThere { .. }) => Ok(()),
        other => other,
    }
}

/// A file that appears whole.
fn put(place: &mut dyn Place, folder: &str, name: &str, content: &[u8]) -> Result<(), PlaceError> {
    let growing = format!("{folder}/.{name}.part");
    place.write(&growing, content)?;
    place.rename(&growing, &format!("{folder}/{name}"))
}
