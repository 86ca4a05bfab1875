//! How fast the search answers among millions of invented entries of one institution.
//!
//! `cargo run --example search_scale -- sqlite:/folder/scale.db 10000000`, or a `postgres://` URL; the database is filled
//! where it has no items yet, and then asked. Prints, for each question, the slowest of five answers.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on fails")]

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hub_flow::authorization::Places;
use hub_flow::db::{Db, DbError, Tx, Value, WriteVerb};
use hub_flow::params;
use hub_flow::search::{BLOCK, Bits, Question, Terms, search};
use jiff::civil::{Date, date};

const PARTY: &str = "uat-masurat";
const ROWS: usize = 2_000;

/// Rows of one statement.
type Rows = (bool, Vec<Vec<Value>>);

struct Insert;

impl WriteVerb for Insert {
    type Item = Rows;
    type Output = ();
    const ORDER: u16 = 1;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Rows]) -> Result<Vec<()>, DbError> {
        for (terms, rows) in items {
            if *terms {
                tx.insert("insert into search_term (party, term, block, bits) values", 4, rows.clone()).await?;
            } else {
                let head = "insert into search_item (party, position, thing, shown, terms) values";
                tx.insert(head, 5, rows.clone()).await?;
            }
        }
        Ok(vec![(); items.len()])
    }
}

struct End;

impl WriteVerb for End {
    type Item = i64;
    type Output = ();
    const ORDER: u16 = 2;

    async fn run(&self, tx: &mut Tx<'_>, items: &[i64]) -> Result<Vec<()>, DbError> {
        tx.insert("insert into search_party (party, next) values", 2, vec![params![PARTY, items[0]]]).await?;
        Ok(vec![()])
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (url, count) = (arguments.next().unwrap(), arguments.next().unwrap().parse::<i64>().unwrap());
    let db = Db::open(&url).await.unwrap();
    let mut rows = db.query("select next from search_party where party = $1", params![PARTY]).await.unwrap();
    if rows.first_mut().is_none() {
        let began = Instant::now();
        fill(&db, count).await;
        println!("{count} entries in {:.0} s", began.elapsed().as_secs_f64());
    }
    ask(&db).await;
}

/// Invented words of Romanian sound; the first are in most entries, the last in hardly any.
fn vocabulary() -> Vec<String> {
    let (starts, ends) = (
        ["an", "co", "de", "in", "pre", "re", "so", "su", "ti", "va"],
        ["lar", "mit", "ne", "rat", "stan", "tor", "ces", "pu", "gi", "do"],
    );
    let mut words = Vec::new();
    for number in 0..20_000_usize {
        let digit = |place: u32| number / 10_usize.pow(place) % 10;
        words.push(format!(
            "{}{}{}{}{}",
            starts[digit(0)],
            ends[digit(1)],
            ends[digit(2)],
            ends[digit(3)],
            ["a", "e"][digit(4)]
        ));
    }
    words
}

struct Chance(u64);

impl Chance {
    /// Below a bound; `skew` times over the smaller, the more often small numbers come.
    fn below(&mut self, bound: usize, skew: i32) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let unit = (self.0 >> 11) as f64 / (1_u64 << 53) as f64;
        ((unit.powi(skew) * bound as f64) as usize).min(bound - 1)
    }
}

fn expanded(text: &str) -> Vec<String> {
    let mut terms = Terms::default();
    terms.text(text);
    terms.all().into_iter().collect()
}

fn filter(name: &str, value: &str) -> String {
    let mut terms = Terms::default();
    terms.filter(name, value);
    terms.all().into_iter().next().unwrap()
}

fn day_of(position: i64, count: i64) -> Date {
    let days = position * 3650 / count;
    date(2017, 1, 1).saturating_add(jiff::Span::new().days(days))
}

async fn fill(db: &Db, count: i64) {
    let words: Vec<Vec<String>> = vocabulary().iter().map(|word| expanded(word)).collect();
    let common = expanded("cerere");
    let halves = [expanded("par"), expanded("impar")];
    let fixed = [filter("reader", "*"), filter("kind", "entry"), filter("register", "general")];
    let units: Vec<String> = (0..40).map(|unit| filter("unit", &format!("u{unit}"))).collect();
    let directions: Vec<String> = ["in", "out", "internal"].map(|one| filter("direction", one)).into();
    let mut chance = Chance(88_172_645_463_325_252);
    let insert = Arc::new(Insert);
    for block in 0..(count + BLOCK - 1) / BLOCK {
        let mut bits: HashMap<String, Bits> = HashMap::new();
        let mut items = Vec::new();
        for position in block * BLOCK..((block + 1) * BLOCK).min(count) {
            let mut put = |term: &String| match bits.get_mut(term) {
                Some(bits) => bits.put(position, true),
                None => bits.entry(term.clone()).or_default().put(position, true),
            };
            fixed.iter().chain(&common).chain(&halves[usize::from(position % 2 == 1)]).for_each(&mut put);
            for _ in 0..7 {
                words[chance.below(words.len(), 4)].iter().for_each(&mut put);
            }
            let number = position % 1_000_000 + 1;
            expanded(&format!("{number} ext{}", position * 7 % 10_000_019)).iter().for_each(&mut put);
            put(&units[chance.below(40, 2)]);
            put(&directions[chance.below(3, 2)]);
            let day = day_of(position, count);
            put(&filter("day", &day.to_string()));
            put(&filter("year", &day.year().to_string()));
            if position == 17 {
                expanded("unicorn").iter().for_each(&mut put);
            }
            let shown = format!("{{\"kind\":\"entry\",\"number\":{number}}}");
            items.push(params![PARTY, position, format!("entry/general/{}/{position}", day.year()), shown, ""]);
        }
        let mut terms: Vec<_> = bits.into_iter().collect();
        terms.sort_by(|one, other| one.0.cmp(&other.0));
        let terms: Vec<_> = terms.into_iter().map(|(term, bits)| params![PARTY, term, block, bits.stored()]).collect();
        for rows in terms.chunks(ROWS) {
            db.write(&insert, (true, rows.to_vec())).await.unwrap();
        }
        for rows in items.chunks(ROWS) {
            db.write(&insert, (false, rows.to_vec())).await.unwrap();
        }
    }
    db.write(&Arc::new(End), count).await.unwrap();
}

async fn ask(db: &Db) {
    let words = vocabulary();
    let in_unit = |unit: &str| vec![("unit", unit.to_owned())];
    let old = (Some(date(2018, 3, 1)), Some(date(2018, 3, 31)));
    let none = (None, None);
    let questions = [
        ("in every entry", "cerere".to_owned(), vec![], none),
        ("in half of them", "impar".to_owned(), vec![], none),
        ("in one of them, the oldest", "unicorn".to_owned(), vec![], none),
        ("nowhere", "nicaieri".to_owned(), vec![], none),
        ("two common ones together", "cerere impar".to_owned(), vec![], none),
        ("two common ones, never together", "par impar".to_owned(), vec![], none),
        ("a common and the rarest", "cerere unicorn".to_owned(), vec![], none),
        ("two middling ones", format!("{} {}", words[900], words[2500]), vec![], none),
        ("three rare ones", format!("{} {} {}", words[9000], words[15000], words[18000]), vec![], none),
        ("two letters", "ex".to_owned(), vec![], none),
        ("two letters and a rare one", "ex unicorn".to_owned(), vec![], none),
        ("five letters that begin many words", words[10][..5].to_owned(), vec![], none),
        ("five digits that begin many numbers", "ext12".to_owned(), vec![], none),
        ("a number", "ext77777".to_owned(), vec![], none),
        ("a common one in a rare unit", "cerere".to_owned(), in_unit("u39"), none),
        ("a month eight years ago", String::new(), vec![], old),
        ("a common one in a month eight years ago", "impar".to_owned(), vec![], old),
        ("a rare one in a month eight years ago", words[15000].clone(), vec![], old),
        ("an impossible year", "cerere".to_owned(), vec![("year", "1999".to_owned())], none),
        ("everything", String::new(), vec![], none),
    ];
    let mut worst = Duration::ZERO;
    for (what, words, filters, (from, to)) in questions {
        let question = Question {
            party: PARTY.to_owned(),
            words,
            filters,
            from,
            to,
            limit: 20,
            reach: Places::Everywhere,
            ..Question::default()
        };
        let (mut slowest, mut first, mut hits) = (Duration::ZERO, None, 0);
        for _ in 0..5 {
            let began = Instant::now();
            hits = search(db, &question).await.unwrap().found.len();
            let took = began.elapsed();
            first.get_or_insert(took);
            slowest = slowest.max(took);
        }
        worst = worst.max(slowest);
        println!(
            "{:>8.1} ms  (first {:>8.1})  {hits:>2} hits  {what}",
            slowest.as_secs_f64() * 1e3,
            first.unwrap().as_secs_f64() * 1e3
        );
    }
    println!("{:>8.1} ms  the slowest", worst.as_secs_f64() * 1e3);
    let distinct: BTreeSet<_> = vocabulary().into_iter().collect();
    assert_eq!(distinct.len(), 20_000, "invented words differ");
}
