//! What happened: each evidence in the order of time, in plain words.

use super::{Block, Row, Section};
use crate::ReceiptError;
use crate::facts::{Account, Narrative};
use crate::phrases;
use crate::words::{Words, fill};

/// The evidences in the order of time; those of one moment in the order given.
pub fn in_order(accounts: &[Account]) -> Result<Vec<&Account>, ReceiptError> {
    let mut timed = Vec::with_capacity(accounts.len());
    for account in accounts {
        timed.push((crate::moment(&account.at)?, account));
    }
    timed.sort_by_key(|(at, _)| *at);
    Ok(timed.into_iter().map(|(_, account)| account).collect())
}

/// The section.
pub fn section(facts: &Narrative, accounts: &[&Account], words: &Words) -> Result<Section, ReceiptError> {
    let heading = words.story.events.clone();
    if accounts.is_empty() {
        return Ok(Section { heading, blocks: vec![Block::Paragraph(words.story.no_events.clone())] });
    }
    let mut blocks = vec![Block::Paragraph(words.story.events_intro.clone())];
    for (place, account) in accounts.iter().enumerate() {
        let happened = &words.event(account.event).happened;
        let title = fill(&words.story.event_title, &[&(place + 1).to_string(), happened]);
        blocks.push(Block::Entry { title: Some(title), rows: rows(facts, account, words)? });
    }
    Ok(Section { heading, blocks })
}

fn rows(facts: &Narrative, account: &Account, words: &Words) -> Result<Vec<Row>, ReceiptError> {
    let (labels, story) = (&words.labels, &words.story);
    let event = fill(&labels.event, &[account.event.number(), account.event.as_str()]);
    let mut rows = vec![
        Row::said(&story.when, format!("{} · {}", account.at.local, fill(&labels.utc, &[&account.at.utc]))),
        Row::said("", event),
    ];
    rows.extend(
        account.reasons.iter().map(|one| Row::said(&labels.reason, phrases::reason(words, account.event, one))),
    );
    if let Some(recipient) = crate::recipient(account.about, &facts.recipients)? {
        rows.push(Row::said(&labels.recipient, phrases::party(labels, recipient)));
    }
    let numbers = [
        (&story.number_sender, &account.sender_registration),
        (&story.number_recipient, &account.recipient_registration),
    ];
    for (label, entry) in numbers {
        rows.extend(entry.as_ref().map(|entry| Row::said(label, phrases::registration(entry))));
    }
    if let Some(change) = &account.transformation {
        let said = fill(&labels.transformed, &[&change.mapping, &change.version]);
        rows.push(Row::said(&labels.transformation, said));
        rows.push(Row::exact("", change.source_sha256.clone()));
        rows.push(Row::exact("", change.target_sha256.clone()));
    }
    rows.push(Row::said(&labels.evidence, account.evidence_id.clone()));
    rows.extend(account.file.as_ref().map(|file| Row::said(&story.file, file.clone())));
    rows.push(Row::exact(&story.digest, account.evidence_sha256.clone()));
    if let Some(stamp) = &account.stamp {
        rows.push(Row::said(&story.stamp, fill(&story.stamped, &[&stamp.time.utc, &stamp.authority])));
    }
    rows.push(Row::said(&labels.seal, phrases::seal(labels, &account.seal)));
    rows.push(Row::said(&labels.log, phrases::log(labels, account.log.as_ref())));
    Ok(rows)
}
