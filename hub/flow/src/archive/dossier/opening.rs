//! Opening and closing dossiers.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::archive::acting::Order;
use crate::archive::nomenclator::{self, InForce};
use crate::archive::office::{self, NewAct, NotDone, wrong};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::params;

use super::model::{Dossier, DossierState, FULL, Opening};
use super::store;

/// Opens a dossier by hand, or answers the one that is open already.
pub(in crate::archive) async fn open_by_hand(
    tx: &mut Tx<'_>,
    order: &Order,
    wanted: &Opening,
) -> Result<Result<Json, NotDone>, DbError> {
    let day = order.at.romanian_date();
    let year = wanted.year.unwrap_or_else(|| day.year().into());
    if !(1900..=i64::from(day.year())).contains(&year) {
        return Ok(Err(wrong(
            "year",
            "Anul este între 1900 și cel curent",
            "The year is between 1900 and the present one",
        )));
    }
    let group = match nomenclator::group_in_force(tx, (&order.party, &wanted.code), day).await? {
        Ok(group) => group,
        Err(refused) => return Ok(Err(refused)),
    };
    let units: Vec<String> = serde_json::from_str(&group.units).unwrap_or_default();
    if let Err(refused) = order.sees(tx, &units).await? {
        return Ok(Err(refused));
    }
    let dossier = open_volume(tx, (&order.party, year), &group, 0, (&order.clerk, order.id, order.at)).await?;
    Ok(Ok(json!(dossier)))
}

/// The open dossier in which `pages` more find room; a full or closed volume is followed by the next. The group's term is
/// the one in force now, when it is opened.
pub(in crate::archive) async fn place_for(
    tx: &mut Tx<'_>,
    (party, year): (&str, i64),
    group: &InForce,
    pages: i64,
    (id, at): (Uuid, Timestamp),
) -> Result<Dossier, DbError> {
    open_volume(tx, (party, year), group, pages, ("hub", id, at)).await
}

async fn open_volume(
    tx: &mut Tx<'_>,
    (party, year): (&str, i64),
    group: &InForce,
    pages: i64,
    (author, id, at): (&str, Uuid, Timestamp),
) -> Result<Dossier, DbError> {
    let newest = store::newest(tx, (party, year, &group.code)).await?;
    if let Some(open) = newest.as_ref().filter(|one| one.state == DossierState::Open) {
        // What is larger than a volume has one of its own.
        if open.pages == 0 || open.pages + pages <= FULL {
            return Ok(open.clone());
        }
        store::move_to(tx, &[open.id], DossierState::Closed, at).await?;
        let content = json!({"reason": "full", "pages": open.pages});
        let act = NewAct { subject: open.id, act: "closed", author, content };
        office::record(tx, party, vec![act], at).await?;
    }
    let volume = newest.map_or(1, |one| one.volume + 1);
    let dossier = Dossier {
        id,
        party: party.to_owned(),
        year,
        code: group.code.clone(),
        volume,
        nomenclator: group.version,
        title: group.title.clone(),
        term: group.term.in_romanian(),
        years: group.term.years.map(i64::from),
        units: serde_json::from_str(&group.units).unwrap_or_default(),
        state: DossierState::Open,
        pages: 0,
        documents: 0,
        size: 0,
        first_date: None,
        last_date: None,
        due_year: group.term.due_year(year),
        inventory: None,
        inventory_number: None,
        selection: None,
        opened_at: at.to_utc(),
    };
    store::insert(tx, &dossier, group.term.commission, at).await?;
    let content = json!({"name": dossier.name(), "term": dossier.term, "nomenclator": dossier.nomenclator});
    office::record(tx, party, vec![NewAct { subject: id, act: "opened", author, content }], at).await?;
    Ok(dossier)
}

/// Closes a dossier: nothing is filed in it any more.
pub(in crate::archive) async fn close(
    tx: &mut Tx<'_>,
    order: &Order,
    id: Uuid,
) -> Result<Result<Json, NotDone>, DbError> {
    let mut dossier = match seen(tx, order, id).await? {
        Ok(dossier) => dossier,
        Err(refused) => return Ok(Err(refused)),
    };
    if !dossier.state.may_become(DossierState::Closed) {
        return Ok(Err(standing(&dossier, "open")));
    }
    store::move_to(tx, &[id], DossierState::Closed, order.at).await?;
    order.record(tx, id, "closed", json!({"reason": "clerk", "pages": dossier.pages})).await?;
    dossier.state = DossierState::Closed;
    Ok(Ok(json!(dossier)))
}

/// Says which units see a dossier.
pub(in crate::archive) async fn set_rights(
    tx: &mut Tx<'_>,
    order: &Order,
    id: Uuid,
    units: &[String],
) -> Result<Result<Json, NotDone>, DbError> {
    let mut dossier = match seen(tx, order, id).await? {
        Ok(dossier) => dossier,
        Err(refused) => return Ok(Err(refused)),
    };
    let fits = |unit: &String| !unit.trim().is_empty() && unit.len() <= 128;
    if units.len() > 100 || !units.iter().all(fits) {
        return Ok(Err(wrong(
            "units",
            "Cel mult 100 de compartimente, fiecare cu id",
            "At most 100 units, each with an id",
        )));
    }
    let text = serde_json::to_string(units).expect("ids are plain data");
    let sql = "update archive_dossier set units = $2, changed_at = $3 where id = $1";
    tx.execute_each(sql, vec![params![id.into_bytes(), text, order.at.0]]).await?;
    order.record(tx, id, "rights", json!({"old": dossier.units, "new": units})).await?;
    dossier.units = units.to_vec();
    Ok(Ok(json!(dossier)))
}

/// A dossier the clerk's unit sees.
async fn seen(tx: &mut Tx<'_>, order: &Order, id: Uuid) -> Result<Result<Dossier, NotDone>, DbError> {
    let dossier = match store::held(tx, &order.party, id).await? {
        Ok(dossier) => dossier,
        Err(refused) => return Ok(Err(refused)),
    };
    Ok(order.sees(tx, &dossier.units).await?.map(|()| dossier))
}

/// The refusal of a dossier that stands elsewhere.
pub(in crate::archive) fn standing(dossier: &Dossier, wanted: &'static str) -> NotDone {
    NotDone::State { subject: dossier.name(), state: dossier.state.as_str().to_owned(), wanted }
}
