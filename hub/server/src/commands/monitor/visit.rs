//! One visit: fetch, verify, compare with what is remembered and with what others saw, sign, remember.

use anyhow::{Context as _, ensure};
use hub_signatures::instant;
use hub_signatures::log::checkpoint::{self, Checkpoint, History};
use hub_signatures::log::key::VerifierKey;
use hub_signatures::log::note::SignedNote;
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::trust::Trust;
use serde_json::Value;

use crate::assembly::system_micros;

use super::Watch;
use super::memory::{Memory, checked, keep_proof};

/// How a visit ended; the lines are for people.
pub(super) enum Outcome {
    Consistent(Vec<String>),
    Broken(Vec<String>),
}

/// Two heads that should be of one history, and where the other one comes from.
struct Pair<'a> {
    ours: (&'a str, &'a Checkpoint),
    theirs: (&'a str, &'a Checkpoint),
    source: &'a str,
}

pub(super) async fn visit(
    watch: &Watch,
    given: Option<&VerifierKey>,
    memory: Option<Memory>,
) -> anyhow::Result<Outcome> {
    let overview = watch.log.overview().await?;
    let keys = keys(given, memory.as_ref(), &overview)?;
    let mut lines = Vec::new();
    if memory.is_none() && given.is_none() {
        lines.push(format!("prima vizită: cheia jurnalului este crezută de acum înainte: {}", keys[0]));
    }
    let note = watch.log.checkpoint().await?;
    let head = match checked(&note, &keys) {
        Ok(head) => head,
        Err(why) => return Ok(Outcome::Broken(vec![format!("capul nu este semnat cu cheia jurnalului: {why:#}")])),
    };
    let mut broken = Vec::new();
    if let Some(memory) = &memory {
        let old = memory.head()?;
        let pair = Pair { ours: (&memory.checkpoint, &old), theirs: (&note, &head), source: watch.log.url() };
        broken.extend(fits(watch, pair).await?);
    }
    for source in &watch.compare {
        let other = other_memory(watch, source).await.with_context(|| format!("--compare {source}"))?;
        match checked(&other.checkpoint, &keys) {
            Ok(seen) => {
                let pair = Pair { ours: (&note, &head), theirs: (&other.checkpoint, &seen), source };
                broken.extend(fits(watch, pair).await?);
                lines.push(format!("același istoric la {source}, {} dovezi", seen.size));
            }
            Err(why) => broken.push(format!("{source}: capul văzut acolo nu este al acestui jurnal: {why:#}")),
        }
    }
    let mut stamped = memory.as_ref().and_then(|memory| memory.stamped.clone());
    if let Some(trust) = &watch.trust {
        match stamp(watch, &keys, trust, &overview, &head).await? {
            Ok(Some(found)) => {
                lines.push(format!("marcă temporală: {} dovezi existau la {}", found.0, found.1));
                stamped = Some(found);
            }
            Ok(None) => lines.push("atenție: jurnalul nu are încă nicio marcă temporală".to_owned()),
            Err(why) => broken.push(why),
        }
    }
    if !broken.is_empty() {
        return Ok(Outcome::Broken(broken));
    }
    if let Some(larger) = memory.filter(|memory| memory.head().is_ok_and(|old| old.size > head.size)) {
        // An older head of the same history, as a cache may serve it: nothing to remember, and never to be signed.
        Memory { stamped, ..larger }.write(&watch.state)?;
        lines.insert(0, format!("jurnalul {}: cap mai vechi, {} dovezi, același istoric", head.origin, head.size));
        return Ok(Outcome::Consistent(lines));
    }
    let url = watch.log.url().to_owned();
    let keys = keys.iter().map(ToString::to_string).collect();
    // Remembered before it is signed: a witness never signs what it could forget.
    Memory { url, keys, checkpoint: note.clone(), stamped }.write(&watch.state)?;
    if let Some(key) = &watch.witness {
        let mut note = SignedNote::parse(&note)?;
        note.cosign(key, u64::try_from(system_micros() / 1_000_000)?)?;
        // A log that does not know this witness yet is watched all the same.
        lines.push(match watch.log.bring(note.to_string()).await {
            Ok(()) => format!("semnat ca martor {}", key.verifier().name()),
            Err(error) => format!("atenție: semnătura de martor nu a fost primită: {error:#}"),
        });
    }
    lines.insert(0, format!("jurnalul {}: {} dovezi, istoric neschimbat", head.origin, head.size));
    Ok(Outcome::Consistent(lines))
}

/// The keys that are believed: those given, or else those remembered, or else those shown now.
fn keys(given: Option<&VerifierKey>, memory: Option<&Memory>, overview: &Value) -> anyhow::Result<Vec<VerifierKey>> {
    if let Some(key) = given {
        return Ok(vec![key.clone()]);
    }
    if let Some(memory) = memory {
        return memory.verifiers();
    }
    let shown = overview["key"].as_str().context("the hub shows no log key")?;
    Ok(vec![VerifierKey::parse(shown)?])
}

/// Whether two heads are of one history; otherwise the lines that tell, with the file that keeps both.
async fn fits(watch: &Watch, pair: Pair<'_>) -> anyhow::Result<Option<String>> {
    let (one, other) = (pair.ours.1, pair.theirs.1);
    let (old, new) = (one.size.min(other.size), one.size.max(other.size));
    let proof = if old == new { None } else { watch.log.consistency(old, new).await? };
    let told = match checkpoint::compare(one, other, proof.as_deref()) {
        Ok(History::Consistent) => return Ok(None),
        Ok(History::Fork(why)) => format!("două istorii semnate: {why}"),
        Ok(History::NotShown(why)) => format!("istoricul nu este continuat: {why}"),
        Err(why) => why.to_string(),
    };
    let told = format!("{}: {told}", pair.source);
    let kept = keep_proof(&watch.state, &told, [pair.ours.0, pair.theirs.0])?;
    Ok(Some(format!("{told}; ambele capete sunt păstrate în {}", kept.display())))
}

/// Fetches and verifies the newest stamp: over which head, and of when. The inner error is the log's broken word.
async fn stamp(
    watch: &Watch,
    keys: &[VerifierKey],
    trust: &Trust,
    overview: &Value,
    newest: &Checkpoint,
) -> anyhow::Result<Result<Option<(u64, String)>, String>> {
    let Some(size) = overview["stamped"]["size"].as_u64() else { return Ok(Ok(None)) };
    let note = watch.log.head(size).await?;
    let head = match checked(&note, keys) {
        Ok(head) if head.size == size => head,
        Ok(_) => return Ok(Err(format!("capul cu marcă nu este peste {size} dovezi"))),
        Err(why) => return Ok(Err(format!("capul cu marcă nu este al jurnalului: {why:#}"))),
    };
    // The log may have grown between two questions.
    let proof = watch.log.consistency(size.min(newest.size), size.max(newest.size)).await?;
    if !matches!(checkpoint::compare(&head, newest, proof.as_deref()), Ok(History::Consistent)) {
        return Ok(Err(format!("capul cu marcă, peste {size} dovezi, nu este din același istoric")));
    }
    let token = watch.log.stamp(size).await?;
    let text = SignedNote::parse(&note)?;
    Ok(match TimeStamp::verify(&token, text.text().as_bytes(), trust) {
        Ok(stamp) => Ok(Some((size, instant::to_date_time(stamp.time)))),
        Err(why) => Err(format!("marca temporală a capului peste {size} dovezi nu ține: {why}")),
    })
}

async fn other_memory(watch: &Watch, source: &str) -> anyhow::Result<Memory> {
    if source.starts_with("http://") || source.starts_with("https://") {
        return Ok(serde_json::from_slice(&watch.log.get(source).await?)?);
    }
    let memory = Memory::read(source.as_ref())?;
    ensure!(memory.is_some(), "there is no such file");
    memory.context("just looked")
}
