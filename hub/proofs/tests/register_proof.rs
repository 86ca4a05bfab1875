//! Register proofs: a good one is proven, and every way of touching one is told with the number it touched.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hub_proofs::register::{Hash, entry_digest, link, series_start};
use hub_proofs::register_proof::{
    Closing, Document, Gathering, Header, Line, Nature, Series, SeriesProof, State, persons_digest, verify,
};
use hub_proofs::{Kind, Outcome, Trusted, Verdict};
use hub_signatures::certificate::Certificate;
use hub_signatures::signer::{FileSigner, development_seal};
use hub_signatures::xades;

/// 1 January 2027, 10:00:00 UTC.
const AT: i64 = 1_798_797_600;

struct Hub {
    signer: FileSigner,
    certificate: Certificate,
}

impl Hub {
    fn new(name: &str) -> Self {
        let (key, certificate) = development_seal(name, AT - 86_400, 365, 7).unwrap();
        let signer = FileSigner::from_pem(&key, &certificate).unwrap();
        Self { signer, certificate: Certificate::all_from_pem(&certificate).unwrap().remove(0) }
    }

    fn trusted(&self) -> Trusted {
        Trusted { seals: Some(vec![self.certificate.clone()]), ..Trusted::default() }
    }

    fn sealed(&self, nature: Nature, series: &Series, lines: &[Line]) -> String {
        let mut gathering = Gathering::new(series, lines.first().map_or(1, |line| line.number), lines.len() as u64);
        lines.iter().for_each(|line| gathering.add(line));
        let document = Document {
            id: "019ab000-0000-7000-8000-000000000001".to_owned(),
            nature,
            service: "Punte de probă".to_owned(),
            at: "2027-01-01T10:00:00Z".to_owned(),
            series: series.clone(),
            standing: gathering.finish(),
        };
        xades::seal(&document.write().unwrap(), &self.signer, "2027-01-01T10:00:00Z").unwrap()
    }
}

fn series() -> Series {
    Series { party: "ro-primaria-exemplu".to_owned(), register: "general".to_owned(), year: 2026 }
}

fn chain(series: &Series, count: u64) -> Vec<Line> {
    let mut previous = series_start(&series.party, &series.register, series.year);
    let line = |number: u64| {
        let digest = entry_digest(&[number as u8; 16], &format!("{{\"subiect\":\"document {number}\"}}"));
        previous = link(&previous, number, &digest);
        let state = match number {
            3 => State::Annulled,
            5 => State::Struck,
            _ => State::Used,
        };
        let acts = if matches!(number, 3 | 5 | 7) { vec![[number as u8; 32], [99; 32]] } else { Vec::new() };
        Line { number, bound: Some((digest, previous)), state, acts }
    };
    (1..=count).map(line).collect()
}

/// The file, its lines changed by `tamper` after everything was sealed.
fn file(hub: &Hub, count: u64, tamper: impl FnOnce(&mut Vec<Line>)) -> String {
    let series = series();
    let mut lines = chain(&series, count);
    let persons = persons_digest(&[1; 16], "functionar-07", "secretar-01");
    let mut then = lines.clone();
    then.iter_mut().filter(|line| line.number == 7).for_each(|line| line.acts.truncate(1));
    let closing = Closing {
        document: hub.sealed(Nature::Closing { persons }, &series, &then),
        acts: then
            .iter()
            .filter(|line| !line.acts.is_empty())
            .map(|line| (line.number, line.acts.len() as u64))
            .collect(),
    };
    let statement = hub.sealed(Nature::Statement, &series, &lines);
    tamper(&mut lines);
    let header = Header { service: "Punte de probă".to_owned(), at: "2027-01-01T10:00:00Z".to_owned() };
    let mut file = header.to_line() + &series.to_line(lines.first().map_or(1, |line| line.number));
    lines.iter().for_each(|line| file += &line.to_line());
    file + &closing.to_line() + &SeriesProof::statement_line(&statement)
}

fn verdict(hub: &Hub, file: &str) -> Verdict {
    verify(file.as_bytes(), &hub.trusted(), AT).unwrap()
}

fn told(verdict: &Verdict, kind: Kind) -> String {
    verdict.of(kind).map(|claim| claim.reason.ro.clone()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_closed_register_is_proven_from_one_file_and_the_certificate() {
    let hub = Hub::new("Punte de probă");
    let file = file(&hub, 12, |_| {});
    let verdict = verdict(&hub, &file);
    assert_ne!(verdict.outcome(), Outcome::Failed, "{}", verdict.in_words());
    for kind in [Kind::Gapless, Kind::Links, Kind::Statement, Kind::Closing, Kind::Seal, Kind::Integrity] {
        assert!(verdict.of(kind).count() > 0, "{kind:?}");
        assert!(verdict.of(kind).all(|claim| claim.status == hub_proofs::Status::Proven), "{}", verdict.in_words());
    }
    assert!(!file.contains("functionar-07") && !file.contains("secretar-01"), "a proof names nobody");
    assert_eq!(hub_proofs::input::Input::of(file.as_bytes()), hub_proofs::input::Input::RegisterProof);
}

#[test]
fn every_way_of_touching_a_number_is_told_with_that_number() {
    let hub = Hub::new("Punte de probă");
    /// What is done, the claim that must fail, and the words that name the number.
    type Case = (&'static str, Box<dyn FnOnce(&mut Vec<Line>)>, Kind, &'static str);
    let cases: Vec<Case> = vec![
        ("changed digest", Box::new(|lines| touch_digest(&mut lines[6])), Kind::Links, "numărul 7 "),
        ("changed link", Box::new(|lines| touch_link(&mut lines[6])), Kind::Links, "numărul 7 "),
        ("removed", Box::new(|lines| drop(lines.remove(6))), Kind::Gapless, "numărul 7 lipsește"),
        ("removed two", Box::new(|lines| drop(lines.drain(6..8))), Kind::Gapless, "numărul 7–8 lipsește"),
        ("removed at the end", Box::new(|lines| drop(lines.pop())), Kind::Statement, "ar fi 12"),
        ("swapped in place", Box::new(|lines| lines.swap(6, 8)), Kind::Gapless, "numărul 7 nu este la locul lui"),
        ("swapped contents", Box::new(|lines| swap_contents(lines)), Kind::Links, "numărul 7 "),
        (
            "given twice",
            Box::new(|lines| lines.insert(7, lines[6].clone())),
            Kind::Gapless,
            "numărul 7 apare de două ori",
        ),
        ("added at the end", Box::new(add_at_the_end), Kind::Statement, "numărul 13 nu este între cele sigilate"),
        (
            "annulment hidden",
            Box::new(|lines| lines[2].state = State::Used),
            Kind::Statement,
            "numărul 3 a fost sigilat",
        ),
        (
            "annulment invented",
            Box::new(|lines| lines[8].state = State::Annulled),
            Kind::Statement,
            "numărul 9 apare ca anulat",
        ),
        (
            "struck row filled",
            Box::new(|lines| lines[4].state = State::Used),
            Kind::Closing,
            "numărul 5 a fost sigilat",
        ),
        ("act removed", Box::new(|lines| lines[2].acts.truncate(1)), Kind::Closing, "numărul 3 are mai puține"),
        ("act changed", Box::new(|lines| lines[2].acts[1][0] ^= 1), Kind::Statement, "istoricul"),
        ("unbound", Box::new(|lines| lines[6].bound = None), Kind::Links, "numărul 7 nu mai este legat"),
        ("rewritten from 7 on", Box::new(|lines| rewrite(lines)), Kind::Statement, "rescris la numărul 7"),
    ];
    for (what, tamper, kind, words) in cases {
        let verdict = verdict(&hub, &file(&hub, 12, tamper));
        assert_eq!(verdict.outcome(), Outcome::Failed, "{what}: {}", verdict.in_words());
        assert!(told(&verdict, kind).contains(words), "{what}: {}", verdict.in_words());
    }
}

fn swap_contents(lines: &mut [Line]) {
    let (seven, nine) = (lines[6].bound.unwrap(), lines[8].bound.unwrap());
    (lines[6].bound, lines[8].bound) = (Some((nine.0, seven.1)), Some((seven.0, nine.1)));
}

fn add_at_the_end(lines: &mut Vec<Line>) {
    let last = lines.last().unwrap().clone();
    let digest: Hash = [7; 32];
    let bound = Some((digest, link(&last.bound.unwrap().1, 13, &digest)));
    lines.push(Line { number: 13, bound, state: State::Used, acts: Vec::new() });
}

fn touch_digest(line: &mut Line) {
    line.bound.as_mut().unwrap().0[0] ^= 1;
}

fn touch_link(line: &mut Line) {
    line.bound.as_mut().unwrap().1[0] ^= 1;
}

/// A forger without the key changes a number and makes the chain whole again behind it.
fn rewrite(lines: &mut [Line]) {
    touch_digest(&mut lines[6]);
    for place in 6..lines.len() {
        let (before, digest) = (lines[place - 1].bound.unwrap().1, lines[place].bound.unwrap().0);
        lines[place].bound = Some((digest, link(&before, lines[place].number, &digest)));
    }
}

#[test]
fn a_chain_rewritten_in_a_large_register_is_found_between_two_sealed_links() {
    let hub = Hub::new("Punte de probă");
    let verdict = verdict(&hub, &file(&hub, 2_600, |lines| rewrite(lines)));
    // 2,600 numbers, a sealed link every 11.
    assert!(told(&verdict, Kind::Statement).contains("rescris la numărul 1–11"), "{}", verdict.in_words());
}

#[test]
fn a_statement_sealed_by_another_is_no_proof() {
    let (hub, forger) = (Hub::new("Punte de probă"), Hub::new("Punte de probă"));
    let verdict = verdict(&hub, &file(&forger, 12, |_| {}));
    assert_eq!(verdict.outcome(), Outcome::Failed, "{}", verdict.in_words());
    assert!(verdict.failures().all(|claim| claim.kind == Kind::Seal), "{}", verdict.in_words());
}

#[test]
fn a_statement_that_was_edited_is_no_proof() {
    let hub = Hub::new("Punte de probă");
    let good = file(&hub, 12, |_| {});
    for (from, to) in [("<r:Count>12<", "<r:Count>13<"), (">3</r:Annulled>", ">4</r:Annulled>"), ("general<", "other<")]
    {
        assert!(good.contains(from));
        let verdict = verdict(&hub, &good.replace(from, to));
        assert!(verdict.failures().any(|claim| claim.kind == Kind::Integrity), "{from}: {}", verdict.in_words());
    }
}

#[test]
fn a_file_that_ends_early_or_is_none_is_refused() {
    let hub = Hub::new("Punte de probă");
    let good = file(&hub, 12, |_| {});
    let cut: String = good.lines().take(9).map(|line| format!("{line}\n")).collect();
    let verdict = verdict(&hub, &cut);
    assert!(told(&verdict, Kind::Statement).contains("lipsește declarația"), "{}", verdict.in_words());
    for broken in ["", "{}", "x\n", &good.replace("\"link\"", "\"lnik\""), &format!("{good}{{\"number\":13}}\n")] {
        assert!(verify(broken.as_bytes(), &hub.trusted(), AT).is_err(), "{broken}");
    }
}

#[test]
fn an_empty_series_is_proven_to_have_no_number() {
    let hub = Hub::new("Punte de probă");
    let statement = hub.sealed(Nature::Statement, &series(), &[]);
    let header = Header { service: "Punte".to_owned(), at: "2027-01-01T10:00:00Z".to_owned() };
    let file = header.to_line() + &series().to_line(1) + &SeriesProof::statement_line(&statement);
    assert_ne!(verdict(&hub, &file).outcome(), Outcome::Failed);
}

#[test]
fn a_register_that_runs_on_from_year_to_year_begins_where_the_year_before_ended() {
    let hub = Hub::new("Punte de probă");
    let series = series();
    let mut previous = series_start(&series.party, &series.register, series.year);
    let lines: Vec<Line> = (4_001..=4_010)
        .map(|number| {
            let digest = [number as u8; 32];
            previous = link(&previous, number, &digest);
            Line { number, bound: Some((digest, previous)), state: State::Used, acts: Vec::new() }
        })
        .collect();
    let header = Header { service: "Punte".to_owned(), at: "2027-01-01T10:00:00Z".to_owned() };
    let whole = |lines: &[Line], first| {
        let numbers: String = lines.iter().map(Line::to_line).collect();
        let statement = hub.sealed(Nature::Statement, &series, lines);
        header.to_line() + &series.to_line(first) + &numbers + &SeriesProof::statement_line(&statement)
    };
    let good = verdict(&hub, &whole(&lines, 4_001));
    assert_ne!(good.outcome(), Outcome::Failed, "{}", good.in_words());
    assert!(told(&good, Kind::Gapless).contains("4001–4010"));
    let early = verdict(&hub, &whole(&lines, 4_000));
    assert!(told(&early, Kind::Gapless).contains("numărul 4000 lipsește"), "{}", early.in_words());
}

#[test]
fn numbers_from_before_the_chain_are_told_and_cannot_be_invented_later() {
    let hub = Hub::new("Punte de probă");
    let series = series();
    let mut lines: Vec<Line> =
        (1..=3).map(|number| Line { number, bound: None, state: State::Used, acts: Vec::new() }).collect();
    let mut previous = series_start(&series.party, &series.register, series.year);
    for number in 4..=9 {
        let digest = [number as u8; 32];
        previous = link(&previous, number, &digest);
        lines.push(Line { number, bound: Some((digest, previous)), state: State::Used, acts: Vec::new() });
    }
    let statement = hub.sealed(Nature::Statement, &series, &lines);
    let header = Header { service: "Punte".to_owned(), at: "2027-01-01T10:00:00Z".to_owned() };
    let whole = |lines: &[Line]| {
        let numbers: String = lines.iter().map(Line::to_line).collect();
        header.to_line() + &series.to_line(1) + &numbers + &SeriesProof::statement_line(&statement)
    };
    let good = verdict(&hub, &whole(&lines));
    assert_ne!(good.outcome(), Outcome::Failed, "{}", good.in_words());
    assert!(told(&good, Kind::Links).contains("primele 3"), "{}", good.in_words());
    lines[3].bound = None;
    assert_eq!(verdict(&hub, &whole(&lines)).outcome(), Outcome::Failed);
}
