//! The SQL of questions and their ends.

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value, WriteVerb};
use crate::message::{Authentication, LookupId};
use crate::params;

use super::model::{
    About, Act, Answered, Asked, Content, Copy, DocumentFacts, Ending, Entry, Lookup, Outcome, Reasons, Standing,
    Subject, Waiting,
};

/// Writes entries into the journal, and about whom they are beside it.
///
/// # Errors
/// The database refused a row; then nothing is asked.
pub async fn enter(tx: &mut Tx<'_>, entries: &[Entry]) -> Result<(), DbError> {
    let head = "insert into journal_entry (id, act, of_lookup, at, party, authentication, user_pseudonym, purpose,
                legal_basis, case_number, system, operation, agreement, agreement_version, channel, channel_version,
                discloses, personal, subject_digest, subject_hint, batch) values";
    tx.insert(head, 21, entries.iter().map(row).collect()).await?;
    let subjects = entries.iter().filter_map(|entry| {
        let arguments = entry.about.arguments.as_ref()?;
        let clear = entry.about.subject.as_ref().and_then(|subject| subject.clear.clone());
        Some(params![entry.id, clear, serde_json::to_string(arguments).expect("texts are plain data")])
    });
    let head = "insert into journal_subject (id, subject, arguments) values";
    tx.insert(head, 3, subjects.collect()).await
}

fn row(entry: &Entry) -> Vec<Value> {
    let asked = entry.asked.as_ref();
    let agreement = asked.and_then(|asked| asked.agreement.as_ref());
    let channel = asked.map(|asked| &asked.channel);
    let subject = entry.about.subject.as_ref();
    let discloses = asked.map(|asked| asked.discloses.as_slice()).unwrap_or_default();
    params![
        entry.id,
        entry.act.as_str(),
        entry.of_lookup,
        entry.at.0,
        &entry.party,
        serde_json::to_string(&entry.authentication).expect("an authentication is plain data"),
        entry.reasons.user.as_ref(),
        &entry.reasons.purpose,
        &entry.reasons.legal_basis,
        entry.reasons.case_number.as_ref(),
        asked.map(|asked| &asked.system),
        asked.map(|asked| &asked.operation),
        agreement.map(|(id, _)| id),
        agreement.map(|(_, version)| *version),
        channel.map(|(id, _)| id),
        channel.map(|(_, version)| *version),
        serde_json::to_string(discloses).expect("texts are plain data"),
        i64::from(asked.is_some_and(|asked| asked.personal)),
        subject.map(|subject| subject.digest),
        subject.map(|subject| &subject.hint),
        entry.batch.map(|batch| *batch.as_bytes()),
    ]
}

/// Writes the ends of questions. One that has an end keeps it.
///
/// # Errors
/// The database refused a row.
pub async fn end(tx: &mut Tx<'_>, endings: &[Ending]) -> Result<(), DbError> {
    let answer = |ending: &Ending| {
        let micros = |took: std::time::Duration| i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        params![
            ending.id,
            ending.outcome.as_str(),
            ending.as_of.as_ref(),
            ending.copied.map(|(id, _)| id),
            i64::from(ending.copied.is_some_and(|(_, stale)| stale)),
            ending.answered_at.0,
            ending.ended_at.0,
            ending.took.map(micros),
            ending.status.map(i64::from),
            ending.sent_sha256,
            ending.retry_at.map(|at| at.0),
            ending.repeatable,
        ]
    };
    let sql = "insert into lookup_answer (id, result, as_of, copied_from, stale, answered_at, ended_at, took, status,
               sent_sha256, retry_at, question_digest) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
               on conflict (id) do nothing";
    let written = tx.execute_each(sql, endings.iter().map(answer).collect()).await?;
    let new = endings.iter().zip(written).filter(|(_, count)| *count == 1);
    let contents = new.filter_map(|(ending, _)| Some(content_row(ending.id, ending.content.as_ref()?)));
    let head = "insert into lookup_content (id, value, code, reason, document_type, document_size, document_sha256,
                document, erase_at) values";
    tx.insert(head, 9, contents.collect()).await?;
    let ids = endings.iter().map(|ending| params![ending.id]).collect();
    tx.execute_each("delete from lookup_waiting where id = $1", ids).await?;
    Ok(())
}

fn content_row(id: LookupId, content: &Content) -> Vec<Value> {
    let document = content.document.as_ref();
    params![
        id,
        content.value.as_ref().map(ToString::to_string),
        content.code.as_ref(),
        content.reason.as_ref(),
        document.map(|document| &document.content_type),
        document.map(|document| document.size),
        document.map(|document| document.sha256),
        document.and_then(|document| document.content.as_deref()),
        content.erase_at.0,
    ]
}

/// Notes that a register works on questions.
///
/// # Errors
/// The database refused a row.
pub async fn wait(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<(), DbError> {
    let set = |one: &Waiting| {
        params![one.id, one.request.as_ref(), one.asks, one.reason.as_ref(), one.next_at.0, one.ends_at.0]
    };
    let sql = "insert into lookup_waiting (id, request, asks, reason, next_at, ends_at) values ($1, $2, $3, $4, $5, $6)
               on conflict (id) do update set request = $2, asks = $3, reason = $4, next_at = $5";
    tx.execute_each(sql, waiting.iter().map(set).collect()).await?;
    Ok(())
}

/// The newest answer to a question that may be given again, whatever its age.
///
/// # Errors
/// The database does not answer.
pub async fn copy(db: &Db, question: [u8; 32]) -> Result<Option<Copy>, DbError> {
    let sql = "select answer.id, answer.result, answer.as_of, answer.answered_at from lookup_answer as answer
               join lookup_content as content on content.id = answer.id
               where answer.question_digest = $1 order by answer.answered_at desc limit 1";
    let row = db.query(sql, params![question]).await?.into_iter().next();
    row.map(|mut row| {
        Ok(Copy {
            id: row.take("id")?,
            outcome: read(&row.take::<String>("result")?)?,
            as_of: row.take("as_of")?,
            answered_at: Timestamp(row.take("answered_at")?),
        })
    })
    .transpose()
}

fn read(word: &str) -> Result<Outcome, DbError> {
    let unknown = || DbError::Inconsistent {
        column: "lookup_answer.result".to_owned(),
        expected: "an outcome of a question",
        found: word.to_owned(),
    };
    Outcome::parse(word).ok_or_else(unknown)
}

/// A question and where it stands, as its institution may see it.
///
/// # Errors
/// The database does not answer.
pub async fn load(db: &Db, party: &str, id: LookupId) -> Result<Option<Lookup>, DbError> {
    let sql = "select entry.id, entry.party, entry.system, entry.operation, entry.channel, entry.discloses,
                 entry.personal, entry.at, entry.user_pseudonym, entry.purpose, entry.legal_basis, entry.case_number,
                 entry.subject_digest, entry.subject_hint,
                 answer.result, answer.as_of, answer.copied_from, answer.stale, answer.answered_at, answer.retry_at,
                 content.id as content_id, content.value, content.code, content.reason, content.document_type,
                 content.document_size, content.document_sha256, waiting.next_at, waiting.ends_at
               from journal_entry as entry
               left join lookup_answer as answer on answer.id = entry.id
               left join lookup_content as content on content.id = coalesce(answer.copied_from, answer.id)
               left join lookup_waiting as waiting on waiting.id = entry.id
               where entry.id = $1 and entry.party = $2 and entry.act = 'access' and entry.of_lookup is null";
    let Some(mut row) = db.query(sql, params![id, party]).await?.into_iter().next() else { return Ok(None) };
    let standing = standing(&mut row)?;
    let discloses: String = row.take("discloses")?;
    let (digest, hint): (Option<[u8; 32]>, Option<String>) = (row.take("subject_digest")?, row.take("subject_hint")?);
    Ok(Some(Lookup {
        id: row.take("id")?,
        party: row.take("party")?,
        system: row.take("system")?,
        operation: row.take("operation")?,
        channel: row.take("channel")?,
        discloses: serde_json::from_str(&discloses).unwrap_or_default(),
        personal: row.take::<i64>("personal")? == 1,
        asked_at: Timestamp(row.take("at")?),
        reasons: reasons(&mut row)?,
        subject: digest.zip(hint).map(|(digest, hint)| Subject { clear: None, digest, hint }),
        standing,
    }))
}

pub(super) fn reasons(row: &mut Row) -> Result<Reasons, DbError> {
    Ok(Reasons {
        purpose: row.take("purpose")?,
        legal_basis: row.take("legal_basis")?,
        case_number: row.take("case_number")?,
        user: row.take("user_pseudonym")?,
    })
}

fn standing(row: &mut Row) -> Result<Standing, DbError> {
    let Some(word) = row.take::<Option<String>>("result")? else {
        let (next_at, ends_at): (Option<i64>, Option<i64>) = (row.take("next_at")?, row.take("ends_at")?);
        let waiting = |(next, end)| Standing::Waiting { next_at: Timestamp(next), ends_at: Timestamp(end) };
        return Ok(next_at.zip(ends_at).map_or(Standing::Underway, waiting));
    };
    let outcome = read(&word)?;
    if !outcome.is_answer() {
        let retry_at: Option<i64> = row.take("retry_at")?;
        let (code, reason) = (row.take("code")?, row.take("reason")?);
        return Ok(Standing::Ended { outcome, code, reason, retry_at: retry_at.map(Timestamp) });
    }
    let value: Option<String> = row.take("value")?;
    Ok(Standing::Answered(Answered {
        outcome,
        value: value.and_then(|text| serde_json::from_str(&text).ok()),
        as_of: row.take("as_of")?,
        answered_at: Timestamp(row.take("answered_at")?),
        copied_from: row.take("copied_from")?,
        stale: row.take::<i64>("stale")? == 1,
        document: document_facts(row)?,
        erased: row.take::<Option<LookupId>>("content_id")?.is_none(),
    }))
}

fn document_facts(row: &mut Row) -> Result<Option<DocumentFacts>, DbError> {
    let Some(content_type) = row.take("document_type")? else { return Ok(None) };
    let (size, sha256) = (row.take("document_size")?, row.take("document_sha256")?);
    Ok(Some(DocumentFacts { content_type, size, sha256, content: None }))
}

/// The document of an answer, with its bytes.
///
/// # Errors
/// The database does not answer.
pub async fn document(db: &Db, id: LookupId) -> Result<Option<DocumentFacts>, DbError> {
    let sql = "select content.document_type, content.document_size, content.document_sha256, content.document
               from lookup_answer as answer
               join lookup_content as content on content.id = coalesce(answer.copied_from, answer.id)
               where answer.id = $1";
    let Some(mut row) = db.query(sql, params![id]).await?.into_iter().next() else { return Ok(None) };
    let Some(facts) = document_facts(&mut row)? else { return Ok(None) };
    let content: Option<Vec<u8>> = row.take("document")?;
    Ok(Some(DocumentFacts { content: content.map(Bytes::from), ..facts }))
}

/// A question whose job came due.
#[derive(Debug)]
pub struct Resumed {
    /// Its entry, about whom it is in the clear where that is not erased.
    pub entry: Entry,
    /// Where the register works on it; none for one that was cut off.
    pub waiting: Option<Waiting>,
}

/// The question of a job; none where it has ended.
///
/// # Errors
/// The database does not answer.
pub async fn resumed(db: &Db, id: LookupId) -> Result<Option<Resumed>, DbError> {
    let sql = "select entry.id, entry.at, entry.party, entry.authentication, entry.user_pseudonym, entry.purpose,
                 entry.legal_basis, entry.case_number, entry.system, entry.operation, entry.agreement,
                 entry.agreement_version, entry.channel, entry.channel_version, entry.discloses, entry.personal,
                 entry.subject_digest, entry.subject_hint, subject.subject, subject.arguments, waiting.request,
                 waiting.asks, waiting.reason, waiting.next_at, waiting.ends_at
               from journal_entry as entry
               left join journal_subject as subject on subject.id = entry.id
               left join lookup_waiting as waiting on waiting.id = entry.id
               where entry.id = $1 and not exists (select 1 from lookup_answer where lookup_answer.id = entry.id)";
    let Some(mut row) = db.query(sql, params![id]).await?.into_iter().next() else { return Ok(None) };
    let authentication: String = row.take("authentication")?;
    let authentication: Authentication =
        serde_json::from_str(&authentication).map_err(|error| DbError::Inconsistent {
            column: "journal_entry.authentication".to_owned(),
            expected: "an authentication",
            found: error.to_string(),
        })?;
    let waiting = match row.take::<Option<i64>>("asks")? {
        None => None,
        Some(asks) => Some(Waiting {
            id,
            request: row.take("request")?,
            asks,
            reason: row.take("reason")?,
            next_at: Timestamp(row.take("next_at")?),
            ends_at: Timestamp(row.take("ends_at")?),
        }),
    };
    let entry = Entry {
        id,
        act: Act::Access,
        of_lookup: None,
        at: Timestamp(row.take("at")?),
        party: row.take("party")?,
        authentication,
        reasons: reasons(&mut row)?,
        asked: Some(asked(&mut row)?),
        about: about(&mut row)?,
        batch: None,
    };
    Ok(Some(Resumed { entry, waiting }))
}

fn asked(row: &mut Row) -> Result<Asked, DbError> {
    let (agreement, version): (Option<String>, Option<i64>) = (row.take("agreement")?, row.take("agreement_version")?);
    let discloses: String = row.take("discloses")?;
    Ok(Asked {
        system: row.take("system")?,
        operation: row.take("operation")?,
        agreement: agreement.zip(version),
        channel: (row.take("channel")?, row.take("channel_version")?),
        discloses: serde_json::from_str(&discloses).unwrap_or_default(),
        personal: row.take::<i64>("personal")? == 1,
    })
}

fn about(row: &mut Row) -> Result<About, DbError> {
    let (digest, hint): (Option<[u8; 32]>, Option<String>) = (row.take("subject_digest")?, row.take("subject_hint")?);
    let clear: Option<String> = row.take("subject")?;
    let arguments: Option<String> = row.take("arguments")?;
    Ok(About {
        subject: digest.zip(hint).map(|(digest, hint)| Subject { clear, digest, hint }),
        arguments: arguments.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// Erases what registers said, where its time is over. The journal stays.
pub struct EraseDue;

impl WriteVerb for EraseDue {
    type Item = Timestamp;
    /// How many answers.
    type Output = u64;
    const ORDER: u16 = 912;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Timestamp]) -> Result<Vec<u64>, DbError> {
        let sql = "delete from lookup_content where erase_at <= $1";
        tx.execute_each(sql, items.iter().map(|now| params![now.0]).collect()).await
    }
}
