//! The story of a message: told once, as sections of paragraphs and entries, then set on paper or written as plain text.

use crate::ReceiptError;
use crate::facts::{Account, Narrative, Seal, Standing};
use crate::law::{self, Case};
use crate::phrases;
use crate::words::{Language, Words, fill};

mod happened;
mod proofs;
mod pages;
mod plain;

pub use pages::lay_out;
pub use plain::as_text;

/// A told story.
#[derive(Debug)]
pub struct Story {
    /// Title.
    pub title: String,
    /// Lines below it.
    pub subtitle: Vec<String>,
    /// What must be read first, where something must.
    pub warning: Option<String>,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A heading and what stands under it.
#[derive(Debug)]
pub struct Section {
    /// Heading.
    pub heading: String,
    /// Content.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug)]
pub enum Block {
    /// Running text.
    Paragraph(String),
    /// A title and labelled lines that belong together.
    Entry {
        /// Title, where it has one.
        title: Option<String>,
        /// Its lines.
        rows: Vec<Row>,
    },
    /// Digests of files.
    Digests(Vec<Digest>),
}

/// A labelled line.
#[derive(Debug)]
pub struct Row {
    /// Label; empty where the line above goes on.
    pub label: String,
    /// What it says.
    pub text: String,
    /// Whether it is for machines: a digest or a command, never broken in plain text.
    pub exact: bool,
}

/// A file and its digest.
#[derive(Debug)]
pub struct Digest {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Name of the file.
    pub name: String,
    /// Media type and size, as far as known.
    pub aside: String,
}

impl Row {
    fn said(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), text: text.into(), exact: false }
    }

    fn exact(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), text: text.into(), exact: true }
    }
}

/// Tells the story.
pub fn tell(facts: &Narrative, language: Language) -> Result<Story, ReceiptError> {
    let words = language.words();
    let accounts = happened::in_order(&facts.accounts)?;
    let seals: Vec<&Seal> = accounts.iter().map(|account| &account.seal).collect();
    let standing = match facts.service.standing {
        Standing::NotQualified => &words.labels.service_not_qualified,
        Standing::Qualified => &words.labels.service_qualified,
    };
    let sections = vec![
        parties(facts, words),
        document(facts, words, language),
        happened::section(facts, &accounts, words)?,
        proofs::section(facts, &accounts, words),
        limits(&accounts, words),
        the_law(facts, &accounts, words),
        digests(facts, words),
    ];
    Ok(Story {
        title: words.story.title.clone(),
        subtitle: vec![
            fill(&words.story.subtitle, &[&facts.message_id]),
            format!("{}: {standing}", facts.service.name),
            fill(&words.story.made, &[&facts.made_at.local]),
        ],
        warning: seals.iter().any(|seal| seal.development).then(|| words.story.development.clone()),
        sections: sections.into_iter().filter(|section| !section.blocks.is_empty()).collect(),
    })
}

fn parties(facts: &Narrative, words: &Words) -> Section {
    let labels = &words.labels;
    let sender = facts.sender.as_ref().map_or_else(|| labels.unknown_sender.clone(), |one| phrases::party(labels, one));
    let mut rows = vec![Row::said(&labels.sender, sender)];
    for (place, recipient) in facts.recipients.iter().enumerate() {
        let label = match facts.recipients.len() {
            1 => labels.recipient.clone(),
            _ => format!("{} {}", labels.recipient, place + 1),
        };
        rows.push(Row::said(&label, phrases::party(labels, recipient)));
    }
    if facts.recipients.is_empty() {
        rows.push(Row::said(&labels.recipient, labels.no_recipient.clone()));
    }
    Section { heading: words.story.parties.clone(), blocks: vec![Block::Entry { title: None, rows }] }
}

fn document(facts: &Narrative, words: &Words, language: Language) -> Section {
    let labels = &words.labels;
    let rows = [
        facts.document.as_ref().map(|one| Row::said(&labels.document, phrases::document(labels, language, one))),
        facts.subject.as_ref().map(|subject| Row::said(&labels.subject, subject.clone())),
        facts.deadline.as_ref().map(|one| Row::said(&labels.deadline, phrases::deadline(labels, one))),
    ];
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let blocks = if rows.is_empty() { Vec::new() } else { vec![Block::Entry { title: None, rows }] };
    Section { heading: words.story.document.clone(), blocks }
}

/// What none of the events proves, each sentence once.
fn limits(accounts: &[&Account], words: &Words) -> Section {
    let mut said = Vec::new();
    for account in accounts {
        let event = words.event(account.event);
        said.push(format!("{}: {}", event.happened, event.limit));
    }
    Section { heading: words.story.limits.clone(), blocks: once(said) }
}

fn the_law(facts: &Narrative, accounts: &[&Account], words: &Words) -> Section {
    let cases = accounts.iter().map(|account| Case {
        event: account.event,
        standing: facts.service.standing,
        development: account.seal.development,
        transformed: account.transformation.is_some(),
        document: facts.document.as_ref(),
        deadline: facts.deadline.as_ref(),
    });
    Section { heading: words.story.law.clone(), blocks: once(cases.flat_map(|case| law::sentences(&words.law, case))) }
}

fn once(sentences: impl IntoIterator<Item = String>) -> Vec<Block> {
    let mut said: Vec<String> = Vec::new();
    for sentence in sentences {
        if !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    said.into_iter().map(Block::Paragraph).collect()
}

fn digests(facts: &Narrative, words: &Words) -> Section {
    let labels = &words.labels;
    let heading = words.story.digests.clone();
    if facts.parts.is_empty() {
        return Section { heading, blocks: vec![Block::Paragraph(labels.no_parts.clone())] };
    }
    let digests = facts.parts.iter().map(|part| {
        let size = part.size.map(|size| phrases::size(labels, size));
        let aside = [part.media_type.clone(), size].into_iter().flatten().collect::<Vec<_>>().join(", ");
        Digest { sha256: part.sha256.clone(), name: part.name.clone(), aside }
    });
    let intro = Block::Paragraph(words.story.digests_intro.clone());
    Section { heading, blocks: vec![intro, Block::Digests(digests.collect())] }
}
