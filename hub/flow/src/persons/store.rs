//! What is written about persons.

use schemas::text::fold;
use serde_json::json;

use crate::audit::{self, AuditEvent, Kind, Principal};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::params;

use super::{Act, Draft, PersonId, Scheme, SealedIdentifier, Shown, Unmasking, Validation};

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotKept {
    /// The institution has no such person.
    Missing,
    /// The person has this version by now.
    Stale(i64),
    /// The person proved to be another one.
    Merged(PersonId),
    /// An identifier is that of another person of the institution.
    Duplicate {
        /// Which scheme.
        scheme: Scheme,
        /// The other.
        of: PersonId,
    },
}

/// A person to be kept.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Its id.
    pub id: PersonId,
    /// The institution.
    pub party: String,
    /// What is written of it.
    pub draft: Draft,
    /// Its identifiers.
    pub identities: Vec<SealedIdentifier>,
    /// Who and why.
    pub act: Act,
}

/// Keeps persons.
pub struct CreatePerson;

impl WriteVerb for CreatePerson {
    type Item = NewPerson;
    type Output = Result<(), NotKept>;
    const ORDER: u16 = 960;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewPerson]) -> Result<Vec<Self::Output>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            let output = create(tx, item).await?;
            if output.is_ok() {
                tell(tx, Kind::PersonKept, (&item.party, item.id), &item.act).await?;
            }
            outputs.push(output);
        }
        Ok(outputs)
    }
}

async fn create(tx: &mut Tx<'_>, new: &NewPerson) -> Result<Result<(), NotKept>, DbError> {
    if let Some(duplicate) = duplicate(tx, &new.party, new.id, &new.identities).await? {
        return Ok(Err(duplicate));
    }
    let row = params![new.id, &new.party, new.draft.kind.as_str(), 1_i64, fold(&new.draft.name), new.act.at.0,];
    tx.insert("insert into person (id, party, kind, version, folded, created_at) values", 6, vec![row]).await?;
    let shown: Vec<Shown> = new.identities.iter().map(shown).collect();
    write_version(tx, (new.id, 1), (&new.draft, &shown), ("created", &new.act)).await?;
    add(tx, (new.id, &new.party, 1), &new.identities).await?;
    Ok(Ok(()))
}

/// A person as it is to be.
#[derive(Debug, Clone)]
pub struct Revised {
    /// Which.
    pub id: PersonId,
    /// The institution.
    pub party: String,
    /// The version that was read.
    pub version: i64,
    /// What is written of it from now on.
    pub draft: Draft,
    /// Identifiers it has beside those it had.
    pub added: Vec<SealedIdentifier>,
    /// Identifiers it no longer has.
    pub removed: Vec<Shown>,
    /// Who and why.
    pub act: Act,
}

/// Changes persons; answers the new version.
pub struct ChangePerson;

impl WriteVerb for ChangePerson {
    type Item = Revised;
    type Output = Result<i64, NotKept>;
    const ORDER: u16 = 961;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Revised]) -> Result<Vec<Self::Output>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            let output = revise(tx, item).await?;
            if output.is_ok() {
                tell(tx, Kind::PersonChanged, (&item.party, item.id), &item.act).await?;
            }
            outputs.push(output);
        }
        Ok(outputs)
    }
}

async fn revise(tx: &mut Tx<'_>, revised: &Revised) -> Result<Result<i64, NotKept>, DbError> {
    let Revised { id, party, .. } = revised;
    if let Err(why) = at_version(tx, (*id, party), revised.version).await? {
        return Ok(Err(why));
    }
    if let Some(duplicate) = duplicate(tx, party, *id, &revised.added).await? {
        return Ok(Err(duplicate));
    }
    let version = revised.version + 1;
    let gone = "update person_identity set until_version = $1
                where person_id = $2 and scheme = $3 and hint = $4 and until_version is null";
    let sets = revised.removed.iter().map(|one| params![version, *id, one.scheme.as_str(), &one.hint]).collect();
    tx.execute_each(gone, sets).await?;
    let known = digests(tx, *id).await?;
    let added: Vec<SealedIdentifier> =
        revised.added.iter().filter(|one| !known.contains(&one.digest)).cloned().collect();
    add(tx, (*id, party, version), &added).await?;
    let shown = identities(tx, *id).await?;
    write_version(tx, (*id, version), (&revised.draft, &shown), ("changed", &revised.act)).await?;
    let sql = "update person set version = $1, kind = $2, folded = $3 where id = $4";
    let set = params![version, revised.draft.kind.as_str(), fold(&revised.draft.name), *id];
    tx.execute_each(sql, vec![set]).await?;
    Ok(Ok(version))
}

/// Two records of one person.
#[derive(Debug, Clone)]
pub struct Merging {
    /// The institution.
    pub party: String,
    /// The record that ends, and its version that was read.
    pub from: (PersonId, i64),
    /// The record that stays, and its version that was read.
    pub into: (PersonId, i64),
    /// Who and why.
    pub act: Act,
}

/// Merges records: the one that stays gets all identifiers; both get a version that says so.
pub struct MergePersons;

impl WriteVerb for MergePersons {
    type Item = Merging;
    type Output = Result<(), NotKept>;
    const ORDER: u16 = 962;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Merging]) -> Result<Vec<Self::Output>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            let output = merge(tx, item).await?;
            if output.is_ok() {
                tell(tx, Kind::PersonsMerged, (&item.party, item.from.0), &item.act).await?;
            }
            outputs.push(output);
        }
        Ok(outputs)
    }
}

async fn merge(tx: &mut Tx<'_>, merging: &Merging) -> Result<Result<(), NotKept>, DbError> {
    let ((from, from_version), (into, into_version)) = (merging.from, merging.into);
    for (id, version) in [merging.from, merging.into] {
        if let Err(why) = at_version(tx, (id, &merging.party), version).await? {
            return Ok(Err(why));
        }
    }
    let (from_draft, into_draft) = (draft(tx, from, from_version).await?, draft(tx, into, into_version).await?);
    let sql =
        "update person_identity set person_id = $1, since_version = $2 where person_id = $3 and until_version is null";
    tx.execute_each(sql, vec![params![into, into_version + 1, from]]).await?;
    let shown = identities(tx, into).await?;
    write_version(tx, (into, into_version + 1), (&into_draft, &shown), ("merged", &merging.act)).await?;
    write_version(tx, (from, from_version + 1), (&from_draft, &[]), ("merged", &merging.act)).await?;
    let sql = "update person set version = version + 1, merged_into = coalesce($1, merged_into) where id = $2";
    tx.execute_each(sql, vec![params![Some(into), from], params![None::<PersonId>, into]]).await?;
    Ok(Ok(()))
}

/// Tells the audit, in the transaction of the act; the person is told by the hub's own id alone.
async fn tell(tx: &mut Tx<'_>, kind: Kind, (party, person): (&str, PersonId), act: &Act) -> Result<(), DbError> {
    let event = AuditEvent::new(kind, act.at, party, Principal::person(&act.clerk)).on(person.to_string());
    audit::append(tx, &[event.because(Some(act.reason.clone()))]).await
}

/// Writes down who is about to see an identifier, before it is shown. Where there is an access journal, this is the place it
/// is called from.
pub struct RecordUnmasking;

impl WriteVerb for RecordUnmasking {
    type Item = Unmasking;
    type Output = ();
    const ORDER: u16 = 963;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Unmasking]) -> Result<Vec<()>, DbError> {
        let row = |one: &Unmasking| {
            params![
                one.id,
                &one.party,
                one.person,
                one.scheme.as_str(),
                &one.clerk,
                &one.purpose,
                &one.legal_basis,
                one.case_number.as_ref(),
                one.at.0,
            ]
        };
        let head = "insert into person_unmasking
            (id, party, person_id, scheme, clerk, purpose, legal_basis, case_number, recorded_at) values";
        tx.insert(head, 9, items.iter().map(row).collect()).await?;
        let told = |one: &Unmasking| {
            let event = AuditEvent::new(Kind::PersonUnmasked, one.at, &one.party, Principal::person(&one.clerk));
            let details = json!({"scheme": one.scheme.as_str(), "legal_basis": one.legal_basis});
            event.on(one.person.to_string()).because(Some(one.purpose.clone())).with(details)
        };
        audit::append(tx, &items.iter().map(told).collect::<Vec<_>>()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Writes down what a register said.
pub struct RecordValidation;

impl WriteVerb for RecordValidation {
    type Item = Validation;
    type Output = ();
    const ORDER: u16 = 964;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Validation]) -> Result<Vec<()>, DbError> {
        let row = |one: &Validation| {
            params![
                one.person,
                &one.party,
                one.lookup,
                &one.source,
                one.verdict.as_str(),
                one.document.to_string(),
                &one.clerk,
                one.at.0,
            ]
        };
        let head = "insert into person_validation
            (person_id, party, lookup_id, source, verdict, document, clerk, recorded_at) values";
        tx.insert(head, 8, items.iter().map(row).collect()).await?;
        let told = |one: &Validation| {
            let event = AuditEvent::new(Kind::PersonValidated, one.at, &one.party, Principal::person(&one.clerk));
            event.on(one.person.to_string()).with(json!({"source": one.source, "verdict": one.verdict.as_str()}))
        };
        audit::append(tx, &items.iter().map(told).collect::<Vec<_>>()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Puts identifiers under the current keys: each with the one it was, whose sealed bytes must still be there.
pub struct Rekey;

impl WriteVerb for Rekey {
    /// The institution, the identifier as it is to be, and as it was.
    type Item = (String, SealedIdentifier, SealedIdentifier);
    /// Whether it was changed.
    type Output = bool;
    const ORDER: u16 = 965;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let sql = "update person_identity set key_id = $1, digest = $2, sealed = $3
                   where party = $4 and digest = $5 and sealed = $6";
        let set = |(party, new, old): &Self::Item| {
            let (sealed, was) = (new.sealed.as_slice(), old.sealed.as_slice());
            params![&new.key_id, new.digest, sealed, party, old.digest, was]
        };
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|count| count > 0).collect())
    }
}

/// Whether a person of the institution has a version and is itself.
async fn at_version(
    tx: &mut Tx<'_>,
    (id, party): (PersonId, &str),
    wanted: i64,
) -> Result<Result<(), NotKept>, DbError> {
    // Written before it is read, so that no other node changes it meanwhile.
    let lock = "update person set version = version where id = $1 and party = $2";
    if tx.execute_each(lock, vec![params![id, party]]).await? != [1] {
        return Ok(Err(NotKept::Missing));
    }
    let mut rows = tx.query("select version, merged_into from person where id = $1", params![id]).await?;
    let Some(row) = rows.first_mut() else { return Ok(Err(NotKept::Missing)) };
    let (version, merged): (i64, Option<PersonId>) = (row.take("version")?, row.take("merged_into")?);
    Ok(match merged {
        Some(into) => Err(NotKept::Merged(into)),
        None if version != wanted => Err(NotKept::Stale(version)),
        None => Ok(()),
    })
}

async fn duplicate(
    tx: &mut Tx<'_>,
    party: &str,
    id: PersonId,
    identities: &[SealedIdentifier],
) -> Result<Option<NotKept>, DbError> {
    let sql = "select person_id from person_identity
               where party = $1 and scheme = $2 and digest = $3 and until_version is null";
    let sets = identities.iter().map(|one| params![party, one.scheme.as_str(), one.digest]).collect();
    for (mut rows, identity) in tx.query_each(sql, sets).await?.into_iter().zip(identities) {
        let Some(row) = rows.first_mut() else { continue };
        let of: PersonId = row.take("person_id")?;
        if of != id {
            return Ok(Some(NotKept::Duplicate { scheme: identity.scheme, of }));
        }
    }
    Ok(None)
}

async fn digests(tx: &mut Tx<'_>, id: PersonId) -> Result<Vec<[u8; 32]>, DbError> {
    let sql = "select digest from person_identity where person_id = $1 and until_version is null";
    tx.query(sql, params![id]).await?.into_iter().map(|mut row| row.take("digest")).collect()
}

async fn identities(tx: &mut Tx<'_>, id: PersonId) -> Result<Vec<Shown>, DbError> {
    let sql =
        "select scheme, hint from person_identity where person_id = $1 and until_version is null order by scheme, hint";
    tx.query(sql, params![id]).await?.into_iter().map(super::reading::identity).collect()
}

async fn draft(tx: &mut Tx<'_>, id: PersonId, version: i64) -> Result<Draft, DbError> {
    let sql = "select document from person_version where person_id = $1 and version = $2";
    let mut rows = tx.query(sql, params![id, version]).await?;
    let absent = || super::reading::wrong("nothing");
    let text: String = rows.first_mut().ok_or_else(absent)?.take("document")?;
    Ok(super::reading::document(&text)?.0)
}

async fn add(
    tx: &mut Tx<'_>,
    (id, party, version): (PersonId, &str, i64),
    identities: &[SealedIdentifier],
) -> Result<(), DbError> {
    let row = |one: &SealedIdentifier| {
        let sealed = one.sealed.as_slice();
        params![id, party, one.scheme.as_str(), one.digest, &one.hint, &one.key_id, sealed, version]
    };
    let head = "insert into person_identity
        (person_id, party, scheme, digest, hint, key_id, sealed, since_version) values";
    tx.insert(head, 8, identities.iter().map(row).collect()).await
}

async fn write_version(
    tx: &mut Tx<'_>,
    (id, version): (PersonId, i64),
    (draft, identities): (&Draft, &[Shown]),
    (act, by): (&'static str, &Act),
) -> Result<(), DbError> {
    let Act { clerk, reason, at: Timestamp(at) } = by;
    let document = json!({"person": draft, "identities": identities}).to_string();
    let row = params![id, version, document, act, clerk, reason, *at];
    let head = "insert into person_version (person_id, version, document, act, clerk, reason, recorded_at) values";
    tx.insert(head, 7, vec![row]).await
}

fn shown(sealed: &SealedIdentifier) -> Shown {
    Shown { scheme: sealed.scheme, hint: sealed.hint.clone() }
}
