//! Judges a register proof, series by series: numbers without a gap, an unbroken chain, what was sealed, how it was closed.

use crate::Exhibits;
use crate::claim::{Claim, Kind, Status, Words};
use crate::judge::Bench;
use crate::judge::seal::Uses;
use crate::register::{link, series_start};
use crate::trusted::Trusted;
use crate::verdict::Verdict;

use super::document::{Document, Nature};
use super::file::{Closing, LineError, ProofFile, SeriesProof};
use super::gathering::{Gathering, Standing, acts_at};
use super::numbers::Numbers;
use super::sealed;

/// Most numbers that one claim names.
const NAMED: usize = 20;

/// Judges the file at the time `at` (Unix seconds).
///
/// # Errors
/// The file cannot be read as a register proof.
pub fn verify(bytes: &[u8], trusted: &Trusted, at: i64) -> Result<Verdict, LineError> {
    let file = ProofFile::read(bytes)?;
    let exhibits = Exhibits::default();
    let bench = Bench { exhibits: &exhibits, trusted, at };
    let mut uses = Uses::default();
    let mut claims = Vec::new();
    for (place, series) in file.series.iter().enumerate() {
        if file.series[..place].iter().any(|earlier| earlier.series == series.series) {
            let (ro, en) = ("seria apare de două ori în fișier", "the series stands in the file twice");
            claims.push(Claim::failed(Kind::Gapless, &series.series.to_string(), ro, en));
        }
        claims.extend(judge(&bench, series, &mut uses));
    }
    claims.extend(uses.claims(&bench));
    Ok(Verdict { at, evidences: Vec::new(), claims })
}

fn judge(bench: &Bench<'_>, proof: &SeriesProof, uses: &mut Uses) -> Vec<Claim> {
    let about = proof.series.to_string();
    let mut gathering = Gathering::new(&proof.series, proof.first, proof.lines.len() as u64);
    proof.lines.iter().for_each(|line| gathering.add(line));
    let standing = gathering.finish();
    let mut claims = vec![gapless(&about, proof), links(&about, proof)];
    match &proof.statement {
        Some(xml) => {
            let (document, sealed) = sealed::judge(bench, &about, xml, uses);
            claims.extend(document.map(|document| statement(&about, proof, &standing, &document)));
            claims.extend(sealed);
        }
        None => {
            let (ro, en) = ("lipsește declarația sigilată a seriei", "the sealed statement of the series is missing");
            claims.push(Claim::failed(Kind::Statement, &about, ro, en));
        }
    }
    if let Some(closing) = &proof.closing {
        let place = format!("{about} (actul de închidere)");
        let (document, sealed) = sealed::judge(bench, &place, &closing.document, uses);
        claims.extend(document.map(|document| closed(&place, proof, closing, &document)));
        claims.extend(sealed);
    }
    claims
}

fn gapless(about: &str, proof: &SeriesProof) -> Claim {
    let mut wrong = Findings::default();
    let mut expected = proof.first;
    let mut seen = std::collections::HashSet::new();
    for number in proof.lines.iter().map(|line| line.number) {
        if !seen.insert(number) {
            wrong.add(number, "apare de două ori", "stands twice");
        } else if number < expected {
            wrong.add(number, "nu este la locul lui", "is not in its place");
        } else if number > expected {
            let numbers =
                if number - expected == 1 { expected.to_string() } else { format!("{expected}–{}", number - 1) };
            wrong.say(
                format!("numărul {numbers} lipsește dinaintea numărului {number}"),
                format!("number {numbers} is missing before {number}"),
            );
        }
        expected = expected.max(number.saturating_add(1));
    }
    let count = proof.lines.len();
    let proven = match count {
        0 => ("seria nu are niciun număr".to_owned(), "the series has no number".to_owned()),
        1 => (format!("numărul {}", proof.first), format!("number {}", proof.first)),
        _ => {
            let (first, last) = (proof.first, expected - 1);
            (format!("numerele {first}–{last}, fără goluri"), format!("numbers {first} to {last}, no gaps"))
        }
    };
    wrong.claim(Kind::Gapless, about, proven).detail("count", count)
}

fn links(about: &str, proof: &SeriesProof) -> Claim {
    let mut wrong = Findings::default();
    let mut previous = series_start(&proof.series.party, &proof.series.register, proof.series.year);
    let (mut begun, mut unlinked) = (false, 0);
    for line in &proof.lines {
        let Some((digest, found)) = line.bound else {
            unlinked += 1;
            if begun {
                wrong.add(
                    line.number,
                    "nu mai este legat de cel dinaintea lui",
                    "is no longer bound to the one before",
                );
            }
            continue;
        };
        begun = true;
        if link(&previous, line.number, &digest) != found {
            wrong.add(
                line.number,
                "a fost schimbat, sau nu urmează după numărul dinaintea lui",
                "was changed, or does not follow the number before it",
            );
        }
        previous = found;
    }
    let (mut ro, mut en) = (
        "fiecare număr este legat de cel dinaintea lui".to_owned(),
        "every number is bound to the one before it".to_owned(),
    );
    if unlinked > 0 {
        ro += &format!("; primele {unlinked} sunt de dinainte ca hubul să lege numere");
        en += &format!("; the first {unlinked} are from before the hub linked numbers");
    }
    wrong.claim(Kind::Links, about, (ro, en)).detail("unlinked", unlinked)
}

fn statement(about: &str, proof: &SeriesProof, standing: &Standing, document: &Document) -> Claim {
    let mut wrong = Findings::default();
    if document.nature != Nature::Statement {
        wrong.say("documentul sigilat nu este o declarație".to_owned(), "the document is no statement".to_owned());
    }
    same_series(&mut wrong, proof, document);
    same_numbers(&mut wrong, proof, &document.standing);
    let said = &document.standing;
    for (now, then, ro, en) in [
        (&standing.unlinked, &said.unlinked, "nelegat", "not linked"),
        (&standing.annulled, &said.annulled, "anulat", "annulled"),
        (&standing.unused, &said.unused, "rezervat nefolosit", "reserved and unused"),
        (&standing.struck, &said.struck, "barat", "struck out"),
    ] {
        same_set(&mut wrong, (now, then), (ro, en));
    }
    if (standing.acts, standing.acts_digest) != (said.acts, said.acts_digest) {
        let ro = "istoricul operațiunilor asupra numerelor nu este cel sigilat";
        wrong.say(ro.to_owned(), "the acts upon the numbers are not those that were sealed".to_owned());
    }
    let proven = (
        format!("{} numere la {}, cum a sigilat {}", said.count, document.at, document.service),
        format!("{} numbers at {}, as {} sealed", said.count, document.at, document.service),
    );
    let claim = wrong.claim(Kind::Statement, about, proven).by(&document.service);
    claim.detail("count", said.count).detail("newest_link", hex::encode(said.newest))
}

/// Acts may follow a closing (a document is solved, filed); numbers and what was struck may not change any more.
fn closed(about: &str, proof: &SeriesProof, closing: &Closing, document: &Document) -> Claim {
    let mut wrong = Findings::default();
    if !matches!(document.nature, Nature::Closing { .. }) {
        wrong.say("documentul sigilat nu este un act de închidere".to_owned(), "it is no closing act".to_owned());
    }
    same_series(&mut wrong, proof, document);
    let said = &document.standing;
    same_numbers(&mut wrong, proof, said);
    let mut now = Gathering::new(&proof.series, proof.first, said.count);
    proof.lines.iter().for_each(|line| now.add(line));
    let now = now.finish();
    same_set(&mut wrong, (&now.struck, &said.struck), ("barat", "struck out"));
    for number in said.annulled.iter().filter(|number| !now.annulled.contains(*number)).take(NAMED) {
        wrong.add(number, "era anulat la închidere și nu mai este", "was annulled at the closing and no longer is");
    }
    match acts_at(&proof.lines, &closing.acts) {
        Ok(acts) if acts == (said.acts, said.acts_digest) => {}
        Ok(_) => wrong.say(
            "istoricul operațiunilor de dinainte de închidere a fost schimbat".to_owned(),
            "the acts before the closing were changed".to_owned(),
        ),
        Err(number) => wrong.add(number, "are mai puține operațiuni decât la închidere", "has fewer acts than then"),
    }
    let proven = (
        format!("închisă la {} cu {} numere", document.at, said.count),
        format!("closed at {} with {} numbers", document.at, said.count),
    );
    wrong.claim(Kind::Closing, about, proven).by(&document.service)
}

fn same_series(wrong: &mut Findings, proof: &SeriesProof, document: &Document) {
    if document.series != proof.series {
        wrong.say(
            format!("documentul sigilat este al altei serii, {}", document.series),
            format!("the sealed document is about another series, {}", document.series),
        );
    }
}

/// How many, the links at even distances, and the newest link: the first that differs tells where the chain was rewritten.
fn same_numbers(wrong: &mut Findings, proof: &SeriesProof, said: &Standing) {
    let count = proof.lines.len() as u64;
    if count < said.count {
        let numbers =
            if said.count - count == 1 { said.count.to_string() } else { format!("{}–{}", count + 1, said.count) };
        wrong.say(
            format!("sunt {count} numere din cele {} sigilate (la sfârșit ar fi {numbers})", said.count),
            format!("there are {count} numbers of the {} that were sealed (the last would be {numbers})", said.count),
        );
    }
    for line in proof.lines.iter().filter(|line| line.number > said.last()).take(NAMED) {
        wrong.add(
            line.number,
            "nu este între cele sigilate: a fost adăugat",
            "is not among the sealed ones: it was added",
        );
    }
    let found = |number: u64| proof.lines.iter().find(|line| line.number == number);
    let mut before = said.first.saturating_sub(1);
    let newest = (said.last(), said.newest);
    let ends_linked = said.count > 0 && !said.unlinked.contains(said.last());
    for (number, sealed) in said.checkpoints.iter().chain(Some(&newest).filter(|_| ends_linked)) {
        if found(*number).is_some_and(|line| line.bound.map(|(_, link)| link) != Some(*sealed)) {
            let numbers = if *number - before <= 1 { number.to_string() } else { format!("{}–{number}", before + 1) };
            wrong.say(
                format!("lanțul a fost rescris la numărul {numbers}"),
                format!("the chain was rewritten at number {numbers}"),
            );
            return;
        }
        before = *number;
    }
    let start = series_start(&proof.series.party, &proof.series.register, proof.series.year);
    if !ends_linked && said.newest != start {
        wrong.say("începutul seriei nu se potrivește".to_owned(), "the beginning of the series differs".to_owned());
    }
}

fn same_set(wrong: &mut Findings, (now, then): (&Numbers, &Numbers), (ro, en): (&str, &str)) {
    if let Some(number) = now.first_difference(then) {
        if then.contains(number) {
            wrong.add(
                number,
                &format!("a fost sigilat ca {ro}, dar nu este"),
                &format!("was sealed as {en} but is not"),
            );
        } else {
            wrong.add(
                number,
                &format!("apare ca {ro}, dar nu a fost sigilat așa"),
                &format!("is {en} but was not sealed so"),
            );
        }
    }
}

/// What is wrong, in both languages; the first so many are named, the rest counted.
#[derive(Default)]
struct Findings {
    ro: Vec<String>,
    en: Vec<String>,
    more: usize,
}

impl Findings {
    fn add(&mut self, number: u64, ro: &str, en: &str) {
        self.say(format!("numărul {number} {ro}"), format!("number {number} {en}"));
    }

    fn say(&mut self, ro: String, en: String) {
        if self.ro.len() < NAMED {
            self.ro.push(ro);
            self.en.push(en);
        } else {
            self.more += 1;
        }
    }

    fn claim(mut self, kind: Kind, about: &str, proven: (String, String)) -> Claim {
        if self.ro.is_empty() {
            return Claim::proven(kind, about, proven.0, proven.1);
        }
        if self.more > 0 {
            self.ro.push(format!("și încă {}", self.more));
            self.en.push(format!("and {} more", self.more));
        }
        Claim::with(kind, about, Status::Failed, Words::new(self.ro.join("; "), self.en.join("; ")))
    }
}
