//! Heads of logs: who signed them, who stamped them, and whether they belong to one history.

use hub_signatures::log::checkpoint::{self, Checkpoint, History};
use hub_signatures::log::note::SignedNote;
use hub_signatures::log::proof::{BelievedHead, LogProof, LogProofError, Policy};
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::trust::Trust;

use super::Bench;
use super::seal::{Uses, judge_stamp};
use crate::claim::{Claim, Kind, Status};
use crate::exhibits::{Continuation, File, Head};
use crate::romanian;

/// What is known about heads; each is checked once, however many proofs hold it.
pub(super) struct Heads {
    policy: Policy,
    seen: Vec<(String, Result<BelievedHead, LogProofError>)>,
    /// Believed heads, each with the earliest believed time-stamp on it or on one that continues it.
    history: Vec<(Checkpoint, Option<i64>)>,
    claims: Vec<Claim>,
}

impl Heads {
    /// Judges the heads laid before the bench, the ones inside proofs, and the ones the caller knows.
    pub(super) fn of(bench: &Bench<'_>, uses: &mut Uses) -> Heads {
        let policy = bench.trusted.policy(&bench.exhibits.vouched_keys);
        let mut heads = Heads { policy, seen: Vec::new(), history: Vec::new(), claims: Vec::new() };
        for head in &bench.exhibits.heads {
            heads.judge(bench, head, uses);
        }
        for proof in &bench.exhibits.proofs {
            let text = std::str::from_utf8(proof.file.bytes).unwrap_or_default();
            if let Ok(proof) = LogProof::from_text(text)
                && let Ok(head) = heads.believe(&proof.checkpoint)
            {
                heads.remember(head.checkpoint, None);
            }
        }
        for note in &bench.trusted.known_heads {
            match heads.believe(note) {
                Ok(head) => heads.remember(head.checkpoint, None),
                Err(error) => heads.claims.push(Claim::with(
                    Kind::Head,
                    "capul cunoscut dinainte",
                    Status::Failed,
                    romanian::of_log(&error),
                )),
            }
        }
        heads.judge_history(&bench.exhibits.consistency);
        heads
    }

    /// Whether anybody said which log is believed.
    pub(super) fn has_keys(&self) -> bool {
        !self.policy.keys.is_empty()
    }

    /// The head, when log and witnesses signed it.
    pub(super) fn believe(&mut self, note: &SignedNote) -> Result<BelievedHead, LogProofError> {
        let text = note.to_string();
        if let Some((_, known)) = self.seen.iter().find(|(known, _)| *known == text) {
            return known.clone();
        }
        let believed = self.policy.head(note);
        self.seen.push((text, believed.clone()));
        believed
    }

    /// When a believed authority saw this head, or one that continues it.
    pub(super) fn stamped_by(&self, head: &Checkpoint) -> Option<i64> {
        self.history.iter().find(|(known, _)| same(known, head)).and_then(|(_, time)| *time)
    }

    pub(super) fn into_claims(self) -> Vec<Claim> {
        self.claims
    }

    fn remember(&mut self, head: Checkpoint, time: Option<i64>) {
        match self.history.iter_mut().find(|(known, _)| same(known, &head)) {
            Some((_, known)) => *known = [*known, time].into_iter().flatten().min(),
            None => self.history.push((head, time)),
        }
    }

    fn judge(&mut self, bench: &Bench<'_>, head: &Head<'_>, uses: &mut Uses) {
        let name = head.file.name;
        let note = std::str::from_utf8(head.file.bytes).ok().and_then(|text| SignedNote::parse(text).ok());
        let Some(note) = note else {
            let (ro, en) = ("nu poate fi citit", "it is not a readable note");
            return self.claims.push(Claim::failed(Kind::Head, name, ro, en));
        };
        let believed = self.believe(&note);
        let claim = match &believed {
            Ok(BelievedHead { checkpoint, .. }) => {
                let (ro, en) = (format!("{} înscrieri", checkpoint.size), format!("{} records", checkpoint.size));
                let claim = Claim::proven(Kind::Head, name, ro, en).by(&checkpoint.origin);
                claim.detail("size", checkpoint.size).detail("root", hex::encode(checkpoint.root))
            }
            Err(_) if !self.has_keys() => {
                let (ro, en) = ("nu ați dat cheia jurnalului", "no key of the log was given");
                Claim::not_checked(Kind::Head, name, ro, en)
            }
            Err(error) => Claim::with(Kind::Head, name, Status::Failed, romanian::of_log(error)),
        };
        self.claims.push(claim);
        let mut earliest: Option<i64> = None;
        for token in &head.tokens {
            let (claim, time) = judge_token(bench, &head.file, &note, token, uses);
            self.claims.push(claim);
            earliest = [earliest, time].into_iter().flatten().min();
        }
        if head.tokens.is_empty() {
            let (ro, en) = ("capul nu are marcă temporală", "the head has no time-stamp");
            self.claims.push(Claim::not_checked(Kind::HeadTimeStamp, name, ro, en));
        }
        if let Ok(head) = believed {
            self.remember(head.checkpoint, earliest);
        }
    }

    /// Neighbours by size must continue each other; what a stamped head continues is as old as the stamp.
    fn judge_history(&mut self, proofs: &[Continuation]) {
        self.history.sort_by(|(one, _), (other, _)| (&one.origin, one.size).cmp(&(&other.origin, other.size)));
        for later in (1..self.history.len()).rev() {
            let (old, new) = (&self.history[later - 1].0, &self.history[later].0);
            if old.origin != new.origin {
                continue;
            }
            let proof = proofs.iter().find(|proof| (proof.old, proof.new) == (old.size, new.size));
            let about = format!("{}: {} → {}", old.origin, old.size, new.size);
            let history = checkpoint::compare(old, new, proof.map(|proof| proof.path.as_slice()));
            let origin = old.origin.clone();
            let claim = match (history, proof) {
                (Ok(History::Consistent), _) => {
                    let times = [self.history[later - 1].1, self.history[later].1];
                    self.history[later - 1].1 = times.into_iter().flatten().min();
                    let (ro, en) =
                        ("nimic nu a fost scos sau schimbat între ele", "nothing was removed or changed between them");
                    Claim::proven(Kind::HeadConsistency, &about, ro, en)
                }
                (Ok(History::Fork(why)), _) => {
                    Claim::failed(Kind::HeadConsistency, &about, "jurnalul arată două istorii", why)
                }
                (Ok(History::NotShown(why)), None) => {
                    Claim::not_checked(Kind::HeadConsistency, &about, "lipsește dovada continuității", why)
                }
                (Ok(History::NotShown(why)), Some(_)) => {
                    Claim::failed(Kind::HeadConsistency, &about, "dovada continuității nu se potrivește", why)
                }
                (Err(why), _) => {
                    Claim::failed(Kind::HeadConsistency, &about, "capete de jurnale diferite", why.to_string())
                }
            };
            self.claims.push(claim.by(&origin));
        }
        if let [(only, _)] = &self.history[..] {
            let (ro, en) = (
                "există un singur cap: nu are cu ce fi comparat",
                "there is one head only: nothing to compare it with",
            );
            self.claims.push(Claim::not_checked(Kind::HeadConsistency, &only.origin, ro, en));
        }
    }
}

/// A token over the file of the head, or over the signed text in it.
fn judge_token(
    bench: &Bench<'_>,
    head: &File<'_>,
    note: &SignedNote,
    token: &File<'_>,
    uses: &mut Uses,
) -> (Claim, Option<i64>) {
    let forms = [head.bytes, note.text().as_bytes()];
    let stamp = TimeStamp::verify_either(token.bytes, &forms, &Trust::IntegrityOnly);
    match stamp {
        Ok(stamp) => judge_stamp(bench, Kind::HeadTimeStamp, head.name, &stamp, uses),
        Err(error) => {
            (Claim::with(Kind::HeadTimeStamp, head.name, Status::Failed, romanian::of_time_stamp(&error)), None)
        }
    }
}

fn same(one: &Checkpoint, other: &Checkpoint) -> bool {
    one.origin == other.origin && one.head() == other.head()
}
