//! Legal holds: what a hold fits is not destroyed while it stands, whatever its term says.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::acting::Order;
use super::nomenclator::Code;
use super::office::{NotDone, wrong};

/// A hold to be placed: on one dossier, or on all of a code, of a year, or of both, also on those opened later.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placing {
    /// The dossier.
    #[serde(default)]
    pub dossier: Option<Uuid>,
    /// The code.
    #[serde(default)]
    pub code: Option<String>,
    /// The year.
    #[serde(default)]
    pub year: Option<i64>,
    /// Why, for example the case at court.
    pub reason: String,
    /// What obliges to it.
    pub basis: String,
}

/// A hold.
#[derive(Debug, Clone, Serialize)]
pub struct Hold {
    /// Its id.
    pub id: Uuid,
    /// The dossier it is on.
    pub dossier: Option<Uuid>,
    /// The code it is on.
    pub code: Option<String>,
    /// The year it is on.
    pub year: Option<i64>,
    /// Why.
    pub reason: String,
    /// What obliges to it.
    pub basis: String,
    /// When it was placed, in UTC.
    pub placed_at: String,
    /// By whom.
    pub author: String,
    /// When it was released, in UTC.
    pub released_at: Option<String>,
    /// By whom.
    pub released_by: Option<String>,
    /// Why.
    pub release_reason: Option<String>,
}

/// Places a hold.
pub(super) async fn place(tx: &mut Tx<'_>, order: &Order, wanted: &Placing) -> Result<Result<Json, NotDone>, DbError> {
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    let code = wanted.code.as_deref().map(Code::parse);
    if matches!(code, Some(None)) {
        return Ok(Err(wrong("code", "Indicativul are forma I/A/1", "The code has the form I/A/1")));
    }
    if wanted.dossier.is_none() && code.is_none() && wanted.year.is_none() {
        let (ro, en) = ("Spuneți dosarul, indicativul sau anul", "Say the dossier, the code or the year");
        return Ok(Err(wrong("dossier", ro, en)));
    }
    for (field, text) in [("reason", &wanted.reason), ("basis", &wanted.basis)] {
        if !(3..=500).contains(&text.trim().chars().count()) {
            return Ok(Err(wrong(field, "Scrieți între 3 și 500 de caractere", "Write 3 to 500 characters")));
        }
    }
    let fits = params![
        &order.party,
        bytes(wanted.dossier),
        code.as_ref().and_then(|code| code.as_ref()).map(|code| code.as_str().to_owned()),
        wanted.year,
    ];
    let sql = "select state, code, year, volume from archive_dossier where party = $1 and (cast($2 as bytea) is null or id = $2)
               and (cast($3 as text) is null or code = $3) and (cast($4 as bigint) is null or year = $4) and state in ('selected', 'destroyed')
               and exists (select 1 from archive_selection s where s.id = archive_dossier.selection
                           and s.state in ('destroying', 'ended')) and (cast($2 as bytea) is not null or state = 'selected') limit 1";
    if let Some(dossier) = wanted.dossier
        && let Err(refused) = super::dossier::held(tx, &order.party, dossier).await?
    {
        return Ok(Err(refused));
    }
    // Bytes are going at this very moment: it would be no hold.
    if let Some(mut row) = tx.query(sql, fits).await?.into_iter().next() {
        let (code, year, volume): (String, i64, i64) = (row.take("code")?, row.take("year")?, row.take("volume")?);
        let subject = format!("{code} / {year}, vol. {volume}");
        return Ok(Err(NotDone::State { subject, state: "destroying".to_owned(), wanted: "handed_over" }));
    }
    let code = code.flatten().map(|code| code.to_string());
    let row = params![
        order.id.into_bytes(),
        &order.party,
        bytes(wanted.dossier),
        code.clone(),
        wanted.year,
        wanted.reason.trim(),
        wanted.basis.trim(),
        order.at.0,
        &order.clerk,
    ];
    tx.insert(
        "insert into archive_hold (id, party, dossier, code, year, reason, basis, placed_at, author) values",
        9,
        vec![row],
    )
    .await?;
    let content = json!({"dossier": wanted.dossier, "code": code, "year": wanted.year, "reason": wanted.reason,
                         "basis": wanted.basis});
    order.record(tx, wanted.dossier.unwrap_or(order.id), "held", with(&content, order.id)).await?;
    Ok(Ok(with(&content, order.id)))
}

fn with(content: &Json, id: Uuid) -> Json {
    let mut content = content.clone();
    content["id"] = json!(id);
    content
}

fn bytes(id: Option<Uuid>) -> Option<[u8; 16]> {
    id.map(Uuid::into_bytes)
}

/// Ends a hold.
pub(super) async fn release(
    tx: &mut Tx<'_>,
    order: &Order,
    id: Uuid,
    reason: &str,
) -> Result<Result<Json, NotDone>, DbError> {
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    if !(3..=500).contains(&reason.trim().chars().count()) {
        return Ok(Err(wrong("reason", "Scrieți între 3 și 500 de caractere", "Write 3 to 500 characters")));
    }
    let sql = "select dossier, released_at from archive_hold where id = $1 and party = $2";
    let Some(mut row) = tx.query(sql, params![id.into_bytes(), &order.party]).await?.into_iter().next() else {
        return Ok(Err(NotDone::NotFound));
    };
    if row.take::<Option<i64>>("released_at")?.is_some() {
        let (subject, state) = (id.to_string(), "released".to_owned());
        return Ok(Err(NotDone::State { subject, state, wanted: "placed" }));
    }
    let dossier: Option<[u8; 16]> = row.take("dossier")?;
    let sql = "update archive_hold set released_at = $2, released_by = $3, release_reason = $4 where id = $1";
    tx.execute_each(sql, vec![params![id.into_bytes(), order.at.0, &order.clerk, reason.trim()]]).await?;
    let content = json!({"id": id, "reason": reason.trim(), "released_at": order.at.to_utc()});
    order.record(tx, dossier.map_or(id, Uuid::from_bytes), "released", content.clone()).await?;
    Ok(Ok(content))
}

/// The oldest hold that stands against a dossier, as a refusal that names it.
pub(super) async fn standing_against(
    tx: &mut Tx<'_>,
    dossier: &super::dossier::Dossier,
) -> Result<Result<(), NotDone>, DbError> {
    let sql = "select id, reason from archive_hold where party = $1 and released_at is null
               and (dossier is null or dossier = $2) and (code is null or code = $3) and (year is null or year = $4)
               order by id limit 1";
    let wanted = params![&dossier.party, dossier.id.into_bytes(), &dossier.code, dossier.year];
    let Some(mut row) = tx.query(sql, wanted).await?.into_iter().next() else { return Ok(Ok(())) };
    let hold = Uuid::from_bytes(row.take("id")?);
    Ok(Err(NotDone::Held { dossier: dossier.name(), hold, reason: row.take("reason")? }))
}

/// The holds of an institution, newest first, behind the one that `after` names; those that stand, or all.
///
/// # Errors
/// The database does not answer.
pub async fn list(
    db: &Db,
    party: &str,
    standing: bool,
    (after, limit): (Option<Uuid>, i64),
) -> Result<Vec<Hold>, DbError> {
    let sql =
        "select id, dossier, code, year, reason, basis, placed_at, author, released_at, released_by, release_reason
               from archive_hold where party = $1 and (cast($2 as bigint) = 0 or released_at is null)
               and id < $3 order by id desc limit $4";
    db.query(sql, params![party, i64::from(standing), after.unwrap_or(Uuid::max()).into_bytes(), limit])
        .await?
        .into_iter()
        .map(read)
        .collect()
}

fn read(mut row: Row) -> Result<Hold, DbError> {
    Ok(Hold {
        id: Uuid::from_bytes(row.take("id")?),
        dossier: row.take::<Option<[u8; 16]>>("dossier")?.map(Uuid::from_bytes),
        code: row.take("code")?,
        year: row.take("year")?,
        reason: row.take("reason")?,
        basis: row.take("basis")?,
        placed_at: Timestamp(row.take("placed_at")?).to_utc(),
        author: row.take("author")?,
        released_at: row.take::<Option<i64>>("released_at")?.map(|at| Timestamp(at).to_utc()),
        released_by: row.take("released_by")?,
        release_reason: row.take("release_reason")?,
    })
}
