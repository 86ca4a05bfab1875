//! The SQL of nomenclators.

use jiff::civil::Date;

use crate::archive::office::NotDone;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::code::{Code, near};
use super::model::{Approval, Confirmation, Group, Nomenclator, Rule, Term};

/// A version of a nomenclator without its rows.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Version {
    /// From 1.
    pub version: i64,
    /// First day in force.
    pub valid_from: String,
    /// Last day in force, where one was given.
    pub valid_to: Option<String>,
    /// The approving act.
    pub approval: Approval,
    /// The confirmation of the National Archives.
    pub confirmation: Option<Confirmation>,
    /// Unit that keeps the archive.
    pub archive_unit: Option<String>,
    /// When it was taken over.
    pub recorded_at: String,
    /// How many groups it has.
    pub groups: i64,
}

/// A group as it is in force.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Version of the nomenclator.
    pub version: i64,
    /// Its code, as written in the nomenclator.
    pub code: String,
    /// Brief content of its dossiers.
    pub title: String,
    /// How long they are kept.
    pub term: Term,
    /// JSON list of unit ids.
    pub units: String,
}

/// Keeps a checked nomenclator as the next version; answers its number.
pub(in crate::archive) async fn import(
    tx: &mut Tx<'_>,
    (party, author): (&str, &str),
    one: &Nomenclator,
    at: Timestamp,
) -> Result<i64, DbError> {
    let newest =
        "select cast(coalesce(max(version), 0) as bigint) as version from archive_nomenclator where party = $1";
    let version = 1 + tx.query(newest, params![party]).await?[0].take::<i64>("version")?;
    let confirmation = one.confirmation.as_ref();
    let row = params![
        party,
        version,
        one.valid_from.to_string(),
        one.valid_to.map(|day| day.to_string()),
        &one.approval.number,
        one.approval.date.to_string(),
        confirmation.map(|held| held.number.as_str()),
        confirmation.map(|held| held.date.to_string()),
        confirmation.map(|held| held.service.as_str()),
        one.archive_unit.as_deref(),
        author,
        at.0,
    ];
    tx.insert(
        "insert into archive_nomenclator (party, version, valid_from, valid_to, approval_number, approval_date,
         confirmation_number, confirmation_date, confirmed_by, archive_unit, author, recorded_at) values",
        12,
        vec![row],
    )
    .await?;
    let group = |group: &Group| {
        let term = Term::parse(&group.term).expect("the nomenclator was checked");
        params![
            party,
            version,
            Code::parse(&group.code).expect("the nomenclator was checked").as_str(),
            &group.direction,
            &group.service,
            &group.title,
            term.years.map(i64::from),
            i64::from(term.commission),
            group.remarks.as_deref(),
            serde_json::to_string(&group.units).expect("ids are plain data"),
        ]
    };
    tx.insert(
        "insert into archive_group (party, version, code, direction, service, title, years, commission, remarks, units) values",
        10,
        one.groups.iter().map(group).collect(),
    )
    .await?;
    let rule = |(rule, position): (&Rule, i64)| {
        let code = Code::parse(&rule.code).expect("the nomenclator was checked");
        let (kind, way) = (rule.document_type.as_deref(), rule.direction.as_deref());
        params![party, version, position, code.as_str(), kind, rule.register.as_deref(), way]
    };
    tx.insert(
        "insert into archive_rule (party, version, position, code, document_type, register, direction) values",
        7,
        one.rules.iter().zip(1..).map(rule).collect(),
    )
    .await?;
    Ok(version)
}

const VERSION_OF_DAY: &str = "select version, archive_unit from archive_nomenclator
    where party = $1 and valid_from <= $2 and (valid_to is null or valid_to >= $2)
    order by valid_from desc, version desc limit 1";
const GROUP: &str = "select version, code, title, years, commission, units from archive_group
    where party = $1 and version = $2 and code = $3";

/// The version in force on a day, and the unit that keeps the archive.
pub(in crate::archive) async fn version_on(
    tx: &mut Tx<'_>,
    party: &str,
    day: Date,
) -> Result<Option<(i64, Option<String>)>, DbError> {
    let rows = tx.query(VERSION_OF_DAY, params![party, day.to_string()]).await?;
    rows.into_iter().next().map(|mut row| Ok((row.take("version")?, row.take("archive_unit")?))).transpose()
}

/// The group of a code in force on a day.
pub(in crate::archive) async fn group_in_force(
    tx: &mut Tx<'_>,
    (party, code): (&str, &str),
    day: Date,
) -> Result<Result<InForce, NotDone>, DbError> {
    let Some((version, _)) = version_on(tx, party, day).await? else {
        return Ok(Err(NotDone::NoNomenclator { day: day.to_string() }));
    };
    let rows = match Code::parse(code) {
        Some(code) => tx.query(GROUP, params![party, version, code.as_str()]).await?,
        None => Vec::new(),
    };
    if let Some(row) = rows.into_iter().next() {
        return group(row).map(Ok);
    }
    let all = "select code from archive_group where party = $1 and version = $2";
    let codes = codes(tx.query(all, params![party, version]).await?)?;
    Ok(Err(unknown(code, &codes)))
}

fn unknown(code: &str, codes: &[String]) -> NotDone {
    let near = near(code, codes.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
    NotDone::UnknownCode { code: code.chars().take(40).collect(), near }
}

fn codes(rows: Vec<Row>) -> Result<Vec<String>, DbError> {
    rows.into_iter().map(|mut row| row.take("code")).collect()
}

fn group(mut row: Row) -> Result<InForce, DbError> {
    let years: Option<i64> = row.take("years")?;
    let years = years.map(|years| u16::try_from(years).expect("a term is at most 150 years"));
    let commission: i64 = row.take("commission")?;
    Ok(InForce {
        version: row.take("version")?,
        code: row.take("code")?,
        title: row.take("title")?,
        term: Term { years, commission: commission == 1 },
        units: row.take("units")?,
    })
}

/// What a document is, for the rules.
#[derive(Debug, Clone, Copy)]
pub(in crate::archive) struct Facts<'f> {
    pub document_type: &'f str,
    pub register: &'f str,
    pub direction: &'f str,
}

/// The code the rules in force on a day file a document under; none where no rule fits.
pub(in crate::archive) async fn resolve(
    db: &Db,
    party: &str,
    facts: Facts<'_>,
    day: Date,
) -> Result<Option<String>, DbError> {
    let Some(mut row) = db.query(VERSION_OF_DAY, params![party, day.to_string()]).await?.into_iter().next() else {
        return Ok(None);
    };
    let version: i64 = row.take("version")?;
    let sql = "select code from archive_rule where party = $1 and version = $2
               and (document_type is null or document_type = $3) and (register is null or register = $4)
               and (direction is null or direction = $5) order by position limit 1";
    let wanted = params![party, version, facts.document_type, facts.register, facts.direction];
    Ok(codes(db.query(sql, wanted).await?)?.pop())
}

/// A classification at registration: the code as the nomenclator in force on the day writes it.
///
/// # Errors
/// The database does not answer. The inner refusal names the near codes, or says that there is no nomenclator.
pub async fn in_force(db: &Db, (party, code): (&str, &str), day: Date) -> Result<Result<String, NotDone>, DbError> {
    let Some(mut row) = db.query(VERSION_OF_DAY, params![party, day.to_string()]).await?.into_iter().next() else {
        return Ok(Err(NotDone::NoNomenclator { day: day.to_string() }));
    };
    let version: i64 = row.take("version")?;
    let all = "select code from archive_group where party = $1 and version = $2 order by code";
    let codes = codes(db.query(all, params![party, version]).await?)?;
    let known = Code::parse(code).filter(|code| codes.iter().any(|one| one == code.as_str()));
    Ok(known.map(|code| code.to_string()).ok_or_else(|| unknown(code, &codes)))
}

/// The unit that keeps the archive on a day; none where nobody in particular does.
///
/// # Errors
/// The database does not answer.
pub async fn archive_unit(db: &Db, party: &str, day: Date) -> Result<Option<String>, DbError> {
    let rows = db.query(VERSION_OF_DAY, params![party, day.to_string()]).await?;
    rows.into_iter().next().map_or(Ok(None), |mut row| row.take("archive_unit"))
}

/// The versions of an institution's nomenclator, newest first.
///
/// # Errors
/// The database does not answer.
pub async fn versions(db: &Db, party: &str) -> Result<Vec<Version>, DbError> {
    let sql = "select version, valid_from, valid_to, approval_number, approval_date, confirmation_number,
               confirmation_date, confirmed_by, archive_unit, recorded_at,
               (select cast(count(*) as bigint) from archive_group g where g.party = n.party and g.version = n.version) as groups
               from archive_nomenclator n where party = $1 order by version desc";
    db.query(sql, params![party]).await?.into_iter().map(version).collect()
}

fn version(mut row: Row) -> Result<Version, DbError> {
    let (approval_number, approval_date): (String, String) = (row.take("approval_number")?, row.take("approval_date")?);
    let number: Option<String> = row.take("confirmation_number")?;
    let (date, service): (Option<String>, Option<String>) = (row.take("confirmation_date")?, row.take("confirmed_by")?);
    let confirmation = number.zip(date).zip(service);
    Ok(Version {
        version: row.take("version")?,
        valid_from: row.take("valid_from")?,
        valid_to: row.take("valid_to")?,
        approval: Approval { number: approval_number, date: day(&approval_date)? },
        confirmation: confirmation
            .map(|((number, date), service)| Ok::<_, DbError>(Confirmation { number, date: day(&date)?, service }))
            .transpose()?,
        archive_unit: row.take("archive_unit")?,
        recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
        groups: row.take("groups")?,
    })
}

fn day(text: &str) -> Result<Date, DbError> {
    text.parse().map_err(|_| DbError::Inconsistent {
        column: "archive_nomenclator date".to_owned(),
        expected: "a date",
        found: text.to_owned(),
    })
}

/// The groups of a version, in order of their codes.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, party: &str, version: i64) -> Result<Vec<Group>, DbError> {
    let sql = "select code, direction, service, title, years, commission, remarks, units from archive_group
               where party = $1 and version = $2 order by code";
    let read = |mut row: Row| {
        let (years, commission): (Option<i64>, i64) = (row.take("years")?, row.take("commission")?);
        let term = Term { years: years.and_then(|years| u16::try_from(years).ok()), commission: commission == 1 };
        let units: String = row.take("units")?;
        Ok(Group {
            code: row.take("code")?,
            direction: row.take("direction")?,
            service: row.take("service")?,
            title: row.take("title")?,
            term: term.in_romanian(),
            remarks: row.take("remarks")?,
            units: serde_json::from_str(&units).unwrap_or_default(),
        })
    };
    db.query(sql, params![party, version]).await?.into_iter().map(read).collect()
}
