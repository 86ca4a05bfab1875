//! The order of a judgement: heads of logs, each evidence with what speaks about it, contents, the story as a whole.

mod heads;
mod evidence;
mod inclusion;
mod preservation;
pub(crate) mod seal;
mod tokens;
mod contents;
mod story;

use hub_signatures::certificate::Certificate;
use hub_signatures::remembered;

use crate::exhibits::Exhibits;
use crate::trusted::Trusted;
use crate::verdict::Verdict;
use heads::Heads;
use seal::Uses;

/// Judges everything that is laid before it, at the time `at` (Unix seconds).
pub fn judge(exhibits: &Exhibits<'_>, trusted: &Trusted, at: i64) -> Verdict {
    remembered::within(|| judge_with(exhibits, trusted, at, Uses::default()))
}

/// The same, with certificates used elsewhere whose revocation is to be told too.
pub(crate) fn judge_with(exhibits: &Exhibits<'_>, trusted: &Trusted, at: i64, mut uses: Uses) -> Verdict {
    let bench = Bench { exhibits, trusted, at };
    let mut verdict = Verdict { at, evidences: Vec::new(), claims: Vec::new() };
    let mut heads = Heads::of(&bench, &mut uses);
    for position in 0..exhibits.evidences.len() {
        let (read, claims) = evidence::judge(&bench, position, &mut heads, &mut uses);
        verdict.claims.extend(claims);
        let name = exhibits.evidences[position].name.to_owned();
        verdict.evidences.extend(read.map(|evidence| (name, evidence)));
    }
    verdict.claims.extend(inclusion::unmatched(&bench));
    verdict.claims.extend(preservation::unmatched(&bench));
    verdict.claims.extend(heads.into_claims());
    verdict.claims.extend(tokens::judge(&bench, &mut uses));
    verdict.claims.extend(contents::judge(&bench, &verdict.evidences));
    verdict.claims.extend(story::judge(&bench, &verdict.evidences));
    verdict.claims.extend(uses.claims(&bench));
    verdict
}

/// What every part of a judgement looks at.
pub(crate) struct Bench<'b> {
    pub(crate) exhibits: &'b Exhibits<'b>,
    pub(crate) trusted: &'b Trusted,
    pub(crate) at: i64,
}

impl Bench<'_> {
    /// Certificates that may stand between this one's own companions and an anchor.
    pub(crate) fn companions(&self, own: &[Certificate]) -> Vec<Certificate> {
        own.iter().chain(&self.exhibits.certificates).cloned().collect()
    }
}
