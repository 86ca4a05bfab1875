//! The inventory of a year's dossiers (Law 16/1996, annex 2) and their hand-over to the archive.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::archive::acting::Order;
use crate::archive::office::{self, NewAct, NotDone, wrong};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::model::{Dossier, DossierState, Line};
use super::store;

/// What is read of an inventory.
macro_rules! inventories_where {
    ($rest:literal) => {
        concat!(
            "select id, number, unit, year, retention, lines, left_open, made_at, author, handed_over_at, minutes
             from archive_inventory ",
            $rest
        )
    };
}

/// Most dossiers of one inventory; the rest goes into the next.
const MOST: i64 = 2_000;

/// What is to be inventoried.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventorying {
    /// The year of the dossiers.
    pub year: i64,
    /// Whether those kept permanently, or those kept for years: annex 2 wants them apart.
    pub permanent: bool,
    /// Unit that makes it, where it is not the whole institution's.
    #[serde(default)]
    pub unit: Option<String>,
}

/// What is to be handed over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandingOver {
    /// The inventory.
    #[serde(skip)]
    pub inventory: Uuid,
    /// Number of the minutes.
    pub number: String,
    /// Date of the minutes.
    pub date: jiff::civil::Date,
    /// Numbers of the inventory that were missing at take-over; they stay with the unit.
    #[serde(default)]
    pub missing: Vec<i64>,
    /// Why it happens before its time, where it does.
    #[serde(default)]
    pub early_reason: Option<String>,
}

/// An inventory.
#[derive(Debug, Clone, Serialize)]
pub struct Inventory {
    /// Its id.
    pub id: Uuid,
    /// Its number among those of the year of its dossiers.
    pub number: i64,
    /// Unit that made it; none: the institution.
    pub unit: Option<String>,
    /// The year of its dossiers.
    pub year: i64,
    /// `permanent` or `temporary`.
    pub retention: String,
    /// Its dossiers as they were.
    pub lines: Vec<Line>,
    /// Dossiers of the year left because not closed.
    pub left_open: Vec<String>,
    /// When it was made, in UTC.
    pub made_at: String,
    /// Pseudonym of the clerk that made it.
    pub author: String,
    /// When its dossiers were handed over, in UTC.
    pub handed_over_at: Option<String>,
    /// The minutes of the hand-over.
    pub minutes: Option<Json>,
}

/// Inventories the closed dossiers of a year that are in no inventory.
pub(in crate::archive) async fn inventory(
    tx: &mut Tx<'_>,
    order: &Order,
    wanted: &Inventorying,
) -> Result<Result<Json, NotDone>, DbError> {
    let place = (order.party.as_str(), wanted.year);
    let mut dossiers = store::of_year(tx, place, (DossierState::Closed, wanted.permanent), MOST).await?;
    let mut open = store::of_year(tx, place, (DossierState::Open, wanted.permanent), MOST).await?;
    if let Some(unit) = &wanted.unit {
        if let Err(refused) = order.sees(tx, std::slice::from_ref(unit)).await? {
            return Ok(Err(refused));
        }
        dossiers.retain(|one| one.units.contains(unit));
        open.retain(|one| one.units.contains(unit));
    } else if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    if dossiers.is_empty() {
        return Ok(Err(wrong(
            "year",
            "Anul nu are dosare închise și neinventariate de acest fel; închideți întâi dosarele",
            "The year has no closed dossiers of this kind that are not inventoried; close the dossiers first",
        )));
    }
    let lines: Vec<Line> = dossiers.iter().zip(1..).map(|(one, number)| line(one, number)).collect();
    let left: Vec<String> = open.iter().map(Dossier::name).collect();
    let newest = "select cast(coalesce(max(number), 0) as bigint) as number from archive_inventory
                  where party = $1 and year = $2";
    let number = 1 + tx.query(newest, params![&order.party, wanted.year]).await?[0].take::<i64>("number")?;
    let retention = if wanted.permanent { "permanent" } else { "temporary" };
    let text = |value: &Json| value.to_string();
    let row = params![
        order.id.into_bytes(),
        &order.party,
        number,
        wanted.unit.as_deref(),
        wanted.year,
        retention,
        text(&json!(lines)),
        text(&json!(left)),
        order.at.0,
        &order.clerk,
    ];
    tx.insert(
        "insert into archive_inventory (id, party, number, unit, year, retention, lines, left_open, made_at, author) values",
        10,
        vec![row],
    )
    .await?;
    let sql = "update archive_dossier set state = 'inventoried', inventory = $2, position = $3, changed_at = $4 where id = $1";
    let set = |line: &Line| params![line.dossier.into_bytes(), order.id.into_bytes(), line.number, order.at.0];
    tx.execute_each(sql, lines.iter().map(set).collect()).await?;
    let act = |line: &Line| NewAct {
        subject: line.dossier,
        act: "inventoried",
        author: &order.clerk,
        content: json!({"inventory": order.id, "number": line.number}),
    };
    office::record(tx, &order.party, lines.iter().map(act).collect(), order.at).await?;
    Ok(Ok(json!({
        "id": order.id, "number": number, "year": wanted.year, "retention": retention, "unit": wanted.unit,
        "lines": lines, "left_open": left, "made_at": order.at.to_utc(),
    })))
}

fn line(dossier: &Dossier, number: i64) -> Line {
    Line {
        number,
        dossier: dossier.id,
        code: dossier.code.clone(),
        volume: dossier.volume,
        title: dossier.title.clone(),
        first_date: dossier.first_date.clone(),
        last_date: dossier.last_date.clone(),
        pages: dossier.pages,
        documents: dossier.documents,
        term: dossier.term.clone(),
    }
}

/// Hands the dossiers of an inventory over to the archive. The clerk who receives is not the one who made the inventory.
pub(in crate::archive) async fn hand_over(
    tx: &mut Tx<'_>,
    order: &Order,
    wanted: &HandingOver,
) -> Result<Result<Json, NotDone>, DbError> {
    let sql = inventories_where!("where id = $1 and party = $2");
    let rows = tx.query(sql, params![wanted.inventory.into_bytes(), &order.party]).await?;
    let Some(held) = rows.into_iter().next().map(read).transpose()? else { return Ok(Err(NotDone::NotFound)) };
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    if let Err(refused) = may_be_handed_over(&held, order, wanted) {
        return Ok(Err(refused));
    }
    let (taken, left): (Vec<&Line>, Vec<&Line>) =
        held.lines.iter().partition(|line| !wanted.missing.contains(&line.number));
    let minutes = json!({
        "number": wanted.number, "date": wanted.date, "handed_over_by": held.author, "received_by": order.clerk,
        "taken": taken.len(), "missing": left.iter().map(|line| line.number).collect::<Vec<_>>(),
        "early_reason": wanted.early_reason,
    });
    let sql = "update archive_inventory set handed_over_at = $2, minutes = $3 where id = $1";
    tx.execute_each(sql, vec![params![held.id.into_bytes(), order.at.0, minutes.to_string()]]).await?;
    let ids: Vec<Uuid> = taken.iter().map(|line| line.dossier).collect();
    store::move_to(tx, &ids, DossierState::HandedOver, order.at).await?;
    // What was missing can be inventoried again once it is found.
    let back =
        "update archive_dossier set state = 'closed', inventory = null, position = null, changed_at = $2 where id = $1";
    tx.execute_each(back, left.iter().map(|line| params![line.dossier.into_bytes(), order.at.0]).collect()).await?;
    let act = |line: &&Line, act: &'static str| NewAct {
        subject: line.dossier,
        act,
        author: &order.clerk,
        content: json!({"inventory": held.id, "minutes": wanted.number, "date": wanted.date}),
    };
    let acts = taken.iter().map(|line| act(line, "handed_over")).chain(left.iter().map(|line| act(line, "missing")));
    office::record(tx, &order.party, acts.collect(), order.at).await?;
    Ok(Ok(json!({"inventory": held.id, "minutes": minutes})))
}

fn may_be_handed_over(held: &Inventory, order: &Order, wanted: &HandingOver) -> Result<(), NotDone> {
    if held.handed_over_at.is_some() {
        let subject = format!("{} / {}", held.number, held.year);
        return Err(NotDone::State { subject, state: "handed_over".to_owned(), wanted: "inventoried" });
    }
    if held.author == order.clerk {
        return Err(NotDone::SameClerk);
    }
    if !(1..=64).contains(&wanted.number.trim().chars().count()) {
        return Err(wrong("number", "Scrieți numărul procesului-verbal", "Write the number of the minutes"));
    }
    if let Some(number) = wanted.missing.iter().find(|number| held.lines.iter().all(|line| line.number != **number)) {
        return Err(wrong(
            "missing",
            format!("Inventarul nu are numărul {number}"),
            format!("The inventory has no number {number}"),
        ));
    }
    let reasoned = wanted.early_reason.as_ref().is_some_and(|reason| reason.trim().chars().count() >= 3);
    // Dossiers are handed over in the second year after they were made (contract sheet C1).
    if i64::from(order.at.romanian_date().year()) < held.year + 2 && !reasoned {
        let (due, year) = (held.year + 2, held.year);
        return Err(wrong(
            "early_reason",
            format!("Dosarele anului {year} se predau în anul {due}; pentru o predare mai devreme scrieți motivul"),
            format!("Dossiers of {year} are handed over in {due}; write the reason for doing it earlier"),
        ));
    }
    Ok(())
}

/// One inventory of an institution.
///
/// # Errors
/// The database does not answer.
pub async fn inventory_of(db: &Db, party: &str, id: Uuid) -> Result<Option<Inventory>, DbError> {
    let rows = db.query(inventories_where!("where id = $1 and party = $2"), params![id.into_bytes(), party]).await?;
    rows.into_iter().next().map(read).transpose()
}

/// The inventories of an institution, newest first.
///
/// # Errors
/// The database does not answer.
pub async fn inventories(db: &Db, party: &str, (after, limit): (Option<Uuid>, i64)) -> Result<Vec<Inventory>, DbError> {
    let sql = inventories_where!("where party = $1 and id < $2 order by id desc limit $3");
    db.query(sql, params![party, after.unwrap_or(Uuid::max()).into_bytes(), limit])
        .await?
        .into_iter()
        .map(read)
        .collect()
}

fn read(mut row: Row) -> Result<Inventory, DbError> {
    let (lines, left): (String, String) = (row.take("lines")?, row.take("left_open")?);
    let minutes: Option<String> = row.take("minutes")?;
    Ok(Inventory {
        id: Uuid::from_bytes(row.take("id")?),
        number: row.take("number")?,
        unit: row.take("unit")?,
        year: row.take("year")?,
        retention: row.take("retention")?,
        lines: serde_json::from_str(&lines).unwrap_or_default(),
        left_open: serde_json::from_str(&left).unwrap_or_default(),
        made_at: Timestamp(row.take("made_at")?).to_utc(),
        author: row.take("author")?,
        handed_over_at: row.take::<Option<i64>>("handed_over_at")?.map(|at| Timestamp(at).to_utc()),
        minutes: minutes.and_then(|text| serde_json::from_str(&text).ok()),
    })
}
