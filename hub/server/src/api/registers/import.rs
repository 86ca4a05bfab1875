//! `/v1/registers/{register}/{year}/import`: the template, and old registers by file, with a verdict for each row.
//!
//! Without `continuation`, rows keep their numbers in a register of their own beside the hub's ([`old_registers`]). With it,
//! the hub goes on with the register: the file must be whole from 1, the series empty, the year the present one.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{Continued, ContinuedRow, continue_register};
use hub_flow::old_registers::{self, NewImport, OldEntry, Rows, Taken};
use hub_flow::registration::{self, Correspondent, Kind, NewEntry, Particulars};
use hub_proofs::register::canonical;
use hub_register_files::{
    Column, Complaint, Direction, LARGEST, Read, Record, Row, State as Standing, template_csv, template_xlsx,
};
use jiff::civil::Date;
use openssl::sha::sha256;
use schemas::text::fold;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::archive::classified_on;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

/// In which form.
#[derive(Deserialize)]
pub struct Form {
    format: Option<String>,
    after: Option<String>,
}

/// How rows are taken.
#[derive(Deserialize)]
pub struct Choice {
    mode: Option<String>,
    continuation: Option<bool>,
}

/// The template (`?format=csv` or `xlsx`), or the rows of the old register as they were imported (`?format=json`), 1,000 at
/// a time behind the number `after`.
///
/// # Errors
/// A problem document.
pub async fn show(
    (caller, clerk): (May<to::RegistersImport>, Clerk),
    State(app): State<App>,
    Path((register, year)): Path<(String, i64)>,
    Wanted(form): Wanted<Form>,
) -> Result<Response, Problem> {
    clerk.may(&app, &caller, &register, Right::See)?;
    let file = |kind: &'static str, name: &'static str, bytes: Vec<u8>| {
        let disposition = format!("attachment; filename=\"{name}\"");
        ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
    };
    match form.format.as_deref().unwrap_or("json") {
        "csv" => Ok(file("text/csv; charset=utf-8", "sablon-registru.csv", template_csv())),
        "xlsx" => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            let bytes = template_xlsx().map_err(|error| hub_flow::db::DbError::Unavailable(error.to_string()))?;
            Ok(file(kind, "sablon-registru.xlsx", bytes))
        }
        _ => {
            let after = form.after.unwrap_or_default();
            let place = (ordinal(&after), after.as_str());
            let key = (caller.party.as_str(), register.as_str(), year);
            let rows = old_registers::page(&app.hub.db, key, place, 1_000).await?;
            let rows: Vec<Value> = rows.into_iter().map(|row| row.record).collect();
            Ok(Json(json!({"party": caller.party, "register": register, "year": year, "old_entries": rows}))
                .into_response())
        }
    }
}

/// Takes an old register: the body is the file. With `mode=dry` nothing is taken: the verdicts alone are answered.
///
/// # Errors
/// A problem document; where rows are wrong, with the verdict of each.
pub async fn take(
    (caller, clerk): (May<to::RegistersImport>, Clerk),
    State(app): State<App>,
    Path((register, year)): Path<(String, i64)>,
    Wanted(choice): Wanted<Choice>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let held = clerk.may(&app, &caller, &register, Right::Register)?;
    clerk.person()?;
    let all_or_nothing = match choice.mode.as_deref().unwrap_or("all-or-nothing") {
        "all-or-nothing" => true,
        "good-rows" | "dry" => false,
        other => return Err(unknown_mode(other)),
    };
    let body = axum::body::to_bytes(request.into_body(), LARGEST).await;
    let body = body.map_err(|_| Problem::too_large(LARGEST as u64))?;
    let file_sha256 = sha256(&body);
    let read = tokio::task::spawn_blocking(move || hub_register_files::read(&body)).await;
    let read = read.map_err(|error| hub_flow::db::DbError::Unavailable(error.to_string()))?;
    let mut read = read.map_err(|error| {
        Problem::of(&problems::REGISTER_FILE).detail(error.to_string(), format!("The file cannot be read: {error:?}"))
    })?;
    judge_together(&mut read, year);
    judge_codes(&app, &caller, &mut read).await?;
    if choice.mode.as_deref() == Some("dry") {
        return Ok(Json(told(&read, &HashMap::new())));
    }
    let now = app.hub.clock.now();
    let import = NewImport {
        id: app.hub.ids.uuid(now),
        party: caller.party.clone(),
        register,
        year,
        author: json!(clerk.author()),
        file_sha256,
        continuation: choice.continuation.unwrap_or(false),
        at: now,
    };
    if import.continuation {
        let series = held.series();
        return go_on(&app, (import, clerk), series, &read).await;
    }
    let refused = read.rows.iter().any(|row| row.record.is_err());
    if refused && all_or_nothing {
        return Err(wrong_rows(&read, &HashMap::new()));
    }
    let mut places = Vec::new();
    let mut entries = Vec::new();
    for row in &read.rows {
        if let Ok(record) = &row.record {
            places.push(row.place);
            entries.push(old_entry(record));
        }
    }
    let taken = app.hub.db.write(&Arc::new(old_registers::Take), Rows { import, entries, all_or_nothing }).await?;
    let verdicts: HashMap<usize, Taken> = places.into_iter().zip(taken).collect();
    if all_or_nothing && verdicts.values().any(|verdict| *verdict == Taken::Other) {
        return Err(wrong_rows(&read, &verdicts));
    }
    Ok(Json(told(&read, &verdicts)))
}

/// What only shows when all rows are seen: a number twice, a day of another year.
fn judge_together(read: &mut Read, year: i64) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for row in &mut read.rows {
        let mut wrong = Vec::new();
        if let Some(number) = &row.number {
            let place = *first.entry(number.clone()).or_insert(row.place);
            if place != row.place {
                let what = format!("numărul {number} este și pe rândul {place}");
                wrong.push((Column::Number, what, "păstrați un singur rând pentru un număr"));
            }
        }
        if let Ok(record) = &row.record
            && i64::from(record.date.year()) != year
        {
            let what = format!("data nu este din anul {year}, în care se face importul");
            wrong.push((Column::Date, what, "corectați data sau importați rândul în anul lui"));
        }
        for (column, what, way_out) in wrong {
            let complaint = Complaint { column: Some(column), what, way_out: way_out.to_owned() };
            match &mut row.record {
                Ok(_) => row.record = Err(vec![complaint]),
                Err(complaints) => complaints.push(complaint),
            }
        }
    }
}

/// A code that the nomenclator of the row's day did not have refuses the row; where there was none, any code is kept.
async fn judge_codes(app: &App, caller: &Caller, read: &mut Read) -> Result<(), Problem> {
    let mut judged: HashMap<(String, Date), Result<String, String>> = HashMap::new();
    for row in &mut read.rows {
        let Ok(record) = &mut row.record else { continue };
        let Some(code) = record.file_code.clone() else { continue };
        let place = (code, record.date);
        if !judged.contains_key(&place) {
            let verdict = match classified_on(app, caller, &place.0, place.1).await {
                Ok(code) => Ok(code),
                Err(problem) => {
                    let told = problem.document();
                    if told["code"] != problems::UNKNOWN_DOSSIER_CODE.code {
                        return Err(Problem::of(&problems::UNAVAILABLE).retry_after(2));
                    }
                    Err(told["detail"].as_str().unwrap_or_default().to_owned())
                }
            };
            judged.insert(place.clone(), verdict);
        }
        match &judged[&place] {
            Ok(code) => record.file_code = Some(code.clone()),
            Err(what) => {
                let way_out = "scrieți un indicativ din nomenclatorul acelei zile sau lăsați coloana goală".to_owned();
                row.record = Err(vec![Complaint { column: Some(Column::FileCode), what: what.clone(), way_out }]);
            }
        }
    }
    Ok(())
}

fn ordinal(number: &str) -> i64 {
    let digits: String = number.chars().take_while(char::is_ascii_digit).take(18).collect();
    digits.parse().unwrap_or(0)
}

fn old_entry(record: &Record) -> OldEntry {
    let mut told = json!({
        "number": record.number,
        "date": record.date.to_string(),
        "direction": record.direction.as_str(),
        "state": record.state.as_str(),
        "subject": record.subject,
    });
    let texts = [
        ("issuer_number", record.issuer_number.clone()),
        ("issuer_date", record.issuer_date.map(|day| day.to_string())),
        ("issuer", record.issuer.clone()),
        ("unit", record.unit.clone()),
        ("sent", record.sent.map(|day| day.to_string())),
        ("resolution", record.resolution.clone()),
        ("addressee", record.addressee.clone()),
        ("connected", record.connected.clone()),
        ("file_code", record.file_code.clone()),
        ("reason", record.reason.clone()),
    ];
    texts.into_iter().filter_map(|(name, text)| Some((name, text?))).for_each(|(name, text)| told[name] = text.into());
    for (name, count) in [("pages", record.pages), ("annexes", record.annexes)] {
        if let Some(count) = count {
            told[name] = count.into();
        }
    }
    if !record.others.is_empty() {
        told["others"] = record.others.iter().map(|(name, text)| json!({"column": name, "text": text})).collect();
    }
    OldEntry {
        number: record.number.clone(),
        ordinal: ordinal(&record.number),
        registered_on: record.date.to_string(),
        // The other side is looked for in the same words.
        searched: fold(
            &[Some(record.subject.as_str()), record.issuer.as_deref(), record.addressee.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
        ),
        content_sha256: sha256(canonical(&told).as_bytes()),
        record: told,
    }
}

/// The hub goes on with the register: whole from 1, into an empty series of the present year.
async fn go_on(
    app: &App,
    (import, clerk): (NewImport, Clerk),
    series: hub_flow::directory::Series,
    read: &Read,
) -> Result<Json<Value>, Problem> {
    if read.rows.iter().any(|row| row.record.is_err()) {
        return Err(wrong_rows(read, &HashMap::new()));
    }
    let today = import.at.romanian_date();
    if import.year != i64::from(today.year()) {
        return Err(not_continued(
            format!(
                "O continuare se face doar în anul în curs, {}; anii trecuți se importă fără continuation",
                today.year()
            ),
            format!("Only the present year, {}, goes on; past years are imported without continuation", today.year()),
        ));
    }
    let mut records: Vec<&Record> = read.rows.iter().filter_map(|row| row.record.as_ref().ok()).collect();
    records.sort_by_key(|record| record.ordinal());
    for (wanted, record) in (1..).zip(&records) {
        if record.ordinal() != Some(wanted) {
            return Err(not_continued(
                format!(
                    "Registrul trebuie să fie întreg, de la 1: pe locul numărului {wanted} este „{}”; un număr nefolosit are \
                     rândul lui, cu „neutilizat” la Stare",
                    record.number
                ),
                format!("The register must be whole from 1: in the place of {wanted} stands {:?}", record.number),
            ));
        }
        if record.date > today {
            return Err(not_continued(
                format!("Numărul {wanted} are o dată din viitor; corectați-o"),
                format!("The number {wanted} has a day in the future; put it right"),
            ));
        }
    }
    let rows = records.iter().map(|record| continued(record, (&import.party, &series))).collect();
    match continue_register(&app.hub, import, clerk.author(), rows).await? {
        Continued::NotEmpty(newest) => Err(not_continued(
            format!("Seria are deja numere, până la {newest}; doar o serie goală poate continua un registru vechi"),
            format!("The series has numbers already, up to {newest}; only an empty one can go on with an old register"),
        )),
        done => {
            let verdict = if done == Continued::Now { Taken::New } else { Taken::Again };
            Ok(Json(told(read, &read.rows.iter().map(|row| (row.place, verdict)).collect())))
        }
    }
}

/// A row of the old register as the hub will record it.
fn continued(record: &Record, (party, series): (&str, &hub_flow::directory::Series)) -> ContinuedRow {
    let other = if record.direction == Direction::In { &record.issuer } else { &record.addressee };
    let mut fields = serde_json::Map::new();
    fields.insert("preluat_din_registrul_vechi".to_owned(), true.into());
    fields.insert("data_in_registrul_vechi".to_owned(), record.date.to_string().into());
    if let Some(connected) = &record.connected {
        fields.insert("conexat_in_registrul_vechi".to_owned(), connected.clone().into());
    }
    if let Some(reason) = &record.reason {
        fields.insert("observatii_in_registrul_vechi".to_owned(), reason.clone().into());
    }
    if !record.others.is_empty() {
        let others: Vec<String> = record.others.iter().map(|(name, text)| format!("{name}: {text}")).collect();
        fields.insert("alte_coloane_in_registrul_vechi".to_owned(), others.join("; ").into());
    }
    let particulars = Particulars {
        subject: record.subject.clone(),
        external_number: record.issuer_number.clone(),
        external_date: record.issuer_date,
        pages: record.pages,
        annexes: record.annexes,
        unit: record.unit.clone(),
        dispatched_on: record.sent,
        resolution: record.resolution.clone(),
        dossier_code: record.file_code.clone(),
        fields,
        ..Particulars::default()
    };
    let reason = || record.reason.clone().unwrap_or_else(|| hub_flow::flow::UNUSED.to_owned());
    ContinuedRow {
        entry: NewEntry {
            party: party.to_owned(),
            series: series.clone(),
            kind: match record.state {
                Standing::Used | Standing::Annulled => Kind::Document,
                Standing::Reserved | Standing::Struck => Kind::Reserved,
            },
            direction: match record.direction {
                Direction::In => registration::Direction::In,
                Direction::Out => registration::Direction::Out,
                Direction::Internal => registration::Direction::Internal,
            },
            message: None,
            delivery: None,
            counterpart: String::new(),
            counterpart_registration: None,
            particulars,
            references: Vec::new(),
            ties: Vec::new(),
            duplicate_key: None,
            content_sha256: None,
            author: None,
            // Given when the row is numbered.
            salt: [0; 16],
            at: hub_flow::clock::Timestamp::default(),
        },
        correspondent: other.as_ref().map(|name| Correspondent {
            kind: "person".to_owned(),
            name: name.clone(),
            identifier_kind: None,
            identifier: None,
            address: None,
        }),
        ended: match record.state {
            Standing::Annulled => Some(("annulled", reason())),
            Standing::Struck => Some(("struck", reason())),
            Standing::Used | Standing::Reserved => None,
        },
    }
}

fn told(read: &Read, verdicts: &HashMap<usize, Taken>) -> Value {
    let rows: Vec<Value> = read.rows.iter().map(|row| row_told(row, verdicts.get(&row.place))).collect();
    let count = |word: &str| rows.iter().filter(|row| row["verdict"] == word).count();
    json!({
        "counts": {
            "taken": count("taken"), "again": count("again"), "refused": count("refused"), "waiting": count("waiting"),
        },
        "other_columns": read.others,
        "rows": rows,
    })
}

fn row_told(row: &Row, verdict: Option<&Taken>) -> Value {
    let error = |one: &Complaint| json!({"column": one.column.map(Column::heading), "message": one.what, "way_out": one.way_out});
    let (word, errors): (&str, Vec<Value>) = match (&row.record, verdict) {
        (Err(complaints), _) => ("refused", complaints.iter().map(error).collect()),
        (Ok(_), Some(Taken::New)) => ("taken", Vec::new()),
        (Ok(_), Some(Taken::Again)) => ("again", Vec::new()),
        (Ok(_), None | Some(Taken::Waiting)) => ("waiting", Vec::new()),
        (Ok(_), Some(Taken::Other)) => {
            let complaint = Complaint {
                column: Some(Column::Number),
                what: "numărul a fost preluat mai demult cu alt conținut, care a rămas".to_owned(),
                way_out: "comparați rândul cu cel preluat (GET …/import) și scoateți-l din fișier".to_owned(),
            };
            ("refused", vec![error(&complaint)])
        }
    };
    let mut told = json!({"row": row.place, "number": row.number, "verdict": word});
    if !errors.is_empty() {
        told["errors"] = errors.into();
    }
    told
}

fn wrong_rows(read: &Read, verdicts: &HashMap<usize, Taken>) -> Problem {
    let told = told(read, verdicts);
    let (wrong, all) = (&told["counts"]["refused"], read.rows.len());
    Problem::of(&problems::REGISTER_FILE)
        .detail(
            format!(
                "{wrong} din {all} rânduri sunt greșite; niciunul nu a fost preluat. Corectați-le sau trimiteți cu mode=good-rows"
            ),
            format!("{wrong} of {all} rows are wrong; none was taken. Put them right, or send with mode=good-rows"),
        )
        .with("counts", told["counts"].clone())
        .with("rows", told["rows"].clone())
}

fn not_continued(ro: String, en: String) -> Problem {
    Problem::of(&problems::REGISTER_FILE).detail(ro, en).with("field", "continuation")
}

fn unknown_mode(other: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST)
        .detail(
            format!("Parametrul mode nu poate fi {other:?}; scrieți all-or-nothing, good-rows sau dry"),
            format!("The parameter mode cannot be {other:?}; write all-or-nothing, good-rows or dry"),
        )
        .with("field", "mode")
}
