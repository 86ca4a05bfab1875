//! The statements that multiply the rows of a stopped hub.
//!
//! Copy 1 is the oldest. A copy has the ids of its pattern with a moment of its own in their first six bytes, so that ids
//! stay in the order of time, and the numbers that follow those of the copy before.

use hub_flow::search::{BLOCK, Bits, Terms};
use tests::Database;
use tests::county::HUB_TOWN;

use crate::LETTERS;

/// Units that the letters are given to.
pub const UNITS: [&str; 4] = ["urbanism", "taxe", "juridic", "secretariat"];
/// Words of the letters.
pub const WORDS: [&str; 10] =
    ["drum", "gard", "apă", "canal", "autorizație", "impozit", "școală", "parc", "iluminat", "câini"];
/// Milliseconds from the first copy to the last: three years.
const SPAN: i64 = 3 * 365 * 86_400_000;
/// An id in the middle of them, for a hub whose clock says 2026.
pub const MIDDLE_ID: &str = "01966a00-0000-7000-8000-000000000000";
/// Numbers a copy takes in a register.
const NUMBERS: usize = LETTERS + 1;

/// A table whose rows are multiplied.
struct Table {
    name: &'static str,
    /// Its columns.
    columns: &'static str,
    /// Which rows are patterns.
    whose: String,
    /// Columns of a copy that differ; `{id:x}` is an id with the moment of the copy.
    changed: Vec<(&'static str, String)>,
    /// Of so many copies, one has rows here.
    every: usize,
}

/// All statements, in their order.
pub fn statements(database: Database, copies: usize) -> Vec<String> {
    let sqlite = database == Database::Sqlite;
    let fast = "pragma synchronous = off; pragma cache_size = -1500000; ";
    let begin = if sqlite { fast } else { "set synchronous_commit = off; " };
    let mut all = vec![copied(sqlite, copies)];
    all.extend(tables().iter().map(|table| format!("{begin}{}", multiplied(sqlite, table))));
    all.extend(search(sqlite, copies).into_iter().map(|sql| format!("{begin}{sql}")));
    all.push(format!("{begin}{}", ended(copies)));
    all
}

/// The copies: number, first six bytes of their ids in milliseconds, microseconds they lie before their pattern.
fn copied(sqlite: bool, copies: usize) -> String {
    let step = (SPAN / i64::try_from(copies).expect("few")).max(1);
    let number = if sqlite { "number" } else { "number::bigint" };
    format!(
        "create table copy (number bigint primary key, millis bigint not null, back bigint not null);
         with recursive n(number) as (select 1 union all select number + 1 from n where number < {copies})
         insert into copy select {number}, (select min(submitted_at) / 1000 from message) - ({copies} + 1 - {number}) * {step},
         ({copies} + 1 - {number}) * {step} * 1000 from n;"
    )
}

fn multiplied(sqlite: bool, table: &Table) -> String {
    let Table { name, columns, whose, every, .. } = table;
    let value = |column: &str| {
        let changed = table.changed.iter().find(|(changed, _)| *changed == column);
        changed.map_or_else(|| format!("p.{column}"), |(_, value)| value.clone())
    };
    let values: Vec<String> = columns.split(", ").map(value).collect();
    let mut values = values.join(", ");
    while let Some((before, rest)) = values.split_once("{id:") {
        let (column, after) = rest.split_once('}').expect("closed");
        let id = if sqlite {
            format!("unhex(printf('%012x', c.millis) || substr(hex({column}), 13))")
        } else {
            format!("decode(lpad(to_hex(c.millis), 12, '0') || substr(encode({column}, 'hex'), 13), 'hex')")
        };
        values = format!("{before}{id}{after}");
    }
    format!(
        "create table pattern_{name} as select * from {name} where {whose};
         insert into {name} ({columns}) select {values} from copy c cross join pattern_{name} p
         where c.number % {every} = 0 order by c.number;
         drop table pattern_{name};"
    )
}

fn tables() -> Vec<Table> {
    let id = |column: &str| format!("{{id:p.{column}}}");
    let key = |column: &str| format!("p.{column} || '-' || c.number");
    let at = |column: &str| format!("p.{column} - c.back");
    let ours = format!("party = '{HUB_TOWN}'");
    let letters = "message_id in (select id from message where idempotency_key like 'letter-%')";
    let number = || format!("p.number + c.number * {NUMBERS}");
    let registered = |column: &str| format!("replace(p.{column}, '/2026', '-' || c.number || '/2026')");
    // Of a hundred documents that came, ninety-six are resolved.
    let status = "case when (c.number * 7 + p.number) % 100 < 96 then 'resolved' else p.status end".to_owned();
    let table =
        |name, columns, whose: &str, changed| Table { name, columns, whose: whose.to_owned(), changed, every: 1 };
    vec![
        Table {
            every: 4,
            ..table(
                "evidence",
                "id, message_id, delivery_id, event, event_time, document, sha256",
                &format!("event = 'SubmissionAcceptance' and {letters}"),
                vec![
                    ("id", id("id")),
                    ("message_id", id("message_id")),
                    ("event_time", at("event_time")),
                    ("document", "'<invented/>'".to_owned()),
                ],
            )
        },
        table(
            "message",
            "id, sender, idempotency_key, content_hash, document_type, document_version, state, envelope, submitted_at, \
             sender_registration, authentication, relay, archived_at",
            "idempotency_key like 'letter-%'",
            vec![
                ("id", id("id")),
                ("idempotency_key", key("idempotency_key")),
                ("state", "'completed'".to_owned()),
                ("submitted_at", at("submitted_at")),
                ("sender_registration", registered("sender_registration")),
                ("archived_at", at("submitted_at")),
            ],
        ),
        table(
            "delivery",
            "id, message_id, position, recipient, state, reason, route, attempts, due_at, receipt, \
             recipient_registration, changed_at, course",
            letters,
            vec![
                ("id", id("id")),
                ("message_id", id("message_id")),
                ("state", "case when c.number % 20 > 0 then 'handed_over' else p.state end".to_owned()),
                ("due_at", "null".to_owned()),
                ("recipient_registration", registered("recipient_registration")),
                ("changed_at", at("changed_at")),
            ],
        ),
        table(
            "register_entry",
            "party, register, year, number, direction, message_id, delivery_id, counterpart, counterpart_registration, \
             subject, recorded_at, kind, shown, author, unit, correspondent, duplicate_key, content_sha256, searched, \
             document, salt, digest, link",
            &format!("{ours} and {letters}"),
            vec![
                ("number", number()),
                ("message_id", id("message_id")),
                ("delivery_id", "case when p.delivery_id is null then null else {id:p.delivery_id} end".to_owned()),
                ("counterpart_registration", registered("counterpart_registration")),
                ("recorded_at", at("recorded_at")),
                ("shown", key("shown")),
                ("document", "null".to_owned()),
                ("duplicate_key", "null".to_owned()),
                ("content_sha256", "null".to_owned()),
            ],
        ),
        table(
            "register_state",
            "party, register, year, number, acts, link, status, subject, searched, particulars, unit, person, direction, \
             correspondent, duplicate_key, content_sha256, pending, pending_by, changed_at",
            &ours,
            vec![("number", number()), ("status", status), ("changed_at", at("changed_at"))],
        ),
        table(
            "entry_path",
            "party, register, year, number, step, unit, person, leads, state, entered_at, left_at",
            &ours,
            vec![
                ("number", number()),
                ("entered_at", at("entered_at")),
                ("left_at", format!("case when (c.number * 7 + p.number) % 100 < 96 then {} end", at("entered_at"))),
            ],
        ),
        table(
            "deadline",
            "party, register, year, number, rule, basis, document, due_on, due_at, reached, look_at, escalate_to",
            &ours,
            vec![
                ("number", number()),
                ("due_at", at("due_at")),
                ("reached", "2".to_owned()),
                ("look_at", "null".to_owned()),
            ],
        ),
        Table {
            every: 4,
            ..table(
                "access_entry",
                "id, chain, number, at, kind, party, on_behalf, principal_kind, principal, user_pseudonym, operation, object, \
                 message_id, purpose, legal_basis, case_number, result, correlation, hash",
                &ours,
                vec![("id", id("id")), ("chain", id("chain")), ("at", at("at")), ("message_id", "null".to_owned())],
            )
        },
    ]
}

/// What is found by words: each position has one of the words, and stands so or so. Blocks of 16,384 bits.
fn search(sqlite: bool, copies: usize) -> Vec<String> {
    let count = copies * LETTERS;
    let mut all = vec![format!(
        "delete from search_item where party = '{HUB_TOWN}'; delete from search_term where party = '{HUB_TOWN}';
         insert into search_item (party, position, thing, shown, terms)
         select '{HUB_TOWN}', (c.number - 1) * {LETTERS} + p.number, 'entry/petitii/2026/' || ((c.number - 1) * {LETTERS} + p.number),
         '{{\"kind\":\"entry\",\"register\":\"petitii\",\"year\":2026,\"number\":' || ((c.number - 1) * {LETTERS} + p.number)
         || ',\"href\":\"/v1/registers/petitii/2026/1\",\"shown\":\"P-1\",\"direction\":\"in\",\"status\":\"resolved\",\"subject\":\"Solicitare inventată\"}}', ''
         from copy c cross join (select number from copy where number < {LETTERS} union all select 0) p order by 2;
         update search_party set next = {count} where party = '{HUB_TOWN}';"
    )];
    let mut terms: Vec<(String, usize, usize)> = Vec::new();
    for (at, word) in WORDS.iter().enumerate() {
        let mut found = Terms::default();
        found.text(word);
        terms.extend(found.all().into_iter().map(|term| (term, WORDS.len(), at)));
    }
    let filters = [("reader", "*"), ("kind", "entry"), ("register", "petitii"), ("year", "2026")];
    for (name, value) in filters {
        terms.extend(filter(name, value).map(|term| (term, 1, 0)));
    }
    let halves = [("direction", "in", 2, 0), ("direction", "out", 2, 1), ("status", "resolved", 3, 0)];
    for (name, value, of, place) in halves {
        terms.extend(filter(name, value).map(|term| (term, of, place)));
    }
    terms.extend(UNITS.iter().enumerate().flat_map(|(at, unit)| filter("unit", unit).map(move |term| (term, 4, at))));
    terms.sort();
    terms.dedup_by(|one, other| one.0 == other.0);
    let blocks = count.div_ceil(BLOCK as usize) as i64;
    for (term, of, place) in terms {
        let mut rows = Vec::new();
        for block in 0..blocks {
            let mut bits = Bits::default();
            let end = ((block + 1) * BLOCK).min(count as i64);
            (block * BLOCK..end).filter(|at| *at as usize % of == place).for_each(|at| bits.put(at, true));
            let bits = hex::encode(bits.stored());
            let bits = if sqlite { format!("X'{bits}'") } else { format!("'\\x{bits}'") };
            rows.push(format!("('{HUB_TOWN}', '{term}', {block}, {bits})"));
        }
        let rows = rows.join(",\n");
        all.push(format!("insert into search_term (party, term, block, bits) values {rows};"));
    }
    all
}

fn filter(name: &str, value: &str) -> impl Iterator<Item = String> {
    let mut terms = Terms::default();
    terms.filter(name, value);
    terms.all().into_iter()
}

/// Where the hub goes on: nothing that was filled in is to be logged, indexed or filed once more.
fn ended(copies: usize) -> String {
    let next = (copies + 2) * NUMBERS;
    format!(
        "update register_series set next = {next} where party = '{HUB_TOWN}';
         update search_series set next = {next} where party = '{HUB_TOWN}';
         insert into evidence_feed (party, number, evidence_sequence, received_sequence, sent)
         select '{HUB_TOWN}', (select max(number) from evidence_feed where party = '{HUB_TOWN}') + e.sequence,
         e.sequence, null, 1 from evidence e where e.sequence > (select max(evidence_sequence) from evidence_feed);
         update log_keeper set watermark = (select max(sequence) from evidence);
         update time_stamp_position set sequence = (select max(sequence) from evidence);
         delete from search_changed;
         update deadline set ended = 1 where exists (select 1 from register_state s where s.party = deadline.party
         and s.register = deadline.register and s.year = deadline.year and s.number = deadline.number
         and s.status = 'resolved');
         drop table copy;
         analyze;"
    )
}
