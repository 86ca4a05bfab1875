//! What proves what, and how anybody checks it: only the claims these evidences support.

use super::{Block, Row, Section};
use crate::facts::{Account, Narrative};
use crate::words::{Words, fill};

/// The section.
pub fn section(facts: &Narrative, accounts: &[&Account], words: &Words) -> Section {
    let story = &words.story;
    if accounts.is_empty() {
        return Section { heading: story.proofs.clone(), blocks: Vec::new() };
    }
    let file = file(accounts, words);
    let any = |holds: fn(&Account) -> bool| accounts.iter().any(|account| holds(account));
    let mut blocks = vec![Block::Paragraph(story.proofs_intro.clone())];
    let seal_checks = [fill(&story.seal_check, &[&file]), fill(&story.seal_independent, &[&file])];
    blocks.push(claim(words, &story.seal_claim, &[&seal_checks[0], &seal_checks[1]]));
    if !facts.parts.is_empty() {
        blocks.push(claim(words, &story.same_claim, &[&story.same_check]));
    }
    let stamped_head = |account: &Account| account.log.as_ref().is_some_and(|log| log.head_stamp.is_some());
    if accounts.iter().any(|account| account.stamp.is_some() || stamped_head(account)) {
        blocks.push(claim(words, &story.time_claim, &[&story.time_check]));
    } else {
        blocks.push(Block::Paragraph(story.no_time_claim.clone()));
    }
    if any(|account| account.log.is_some()) {
        blocks.push(claim(words, &story.log_claim, &[&story.log_check]));
    }
    if any(|account| account.log.is_none()) {
        blocks.push(Block::Paragraph(story.no_log_claim.clone()));
    }
    if any(|account| account.sender_registration.is_some() || account.recipient_registration.is_some()) {
        blocks.push(claim(words, &story.numbers_claim, &[&story.numbers_check]));
    }
    if any(|account| account.transformation.is_some()) {
        blocks.push(claim(words, &story.transformation_claim, &[&story.transformation_check]));
    }
    if let (Some(address), Some(code)) = (&facts.verification_address, &facts.verification_code) {
        blocks.push(claim(words, &story.page_claim, &[&fill(&story.page_check, &[address, code])]));
    }
    Section { heading: story.proofs.clone(), blocks }
}

/// A claim and its checks. Three spaces in the words set a command or what follows it apart.
fn claim(words: &Words, claim: &str, checks: &[&str]) -> Block {
    let mut rows = vec![Row::said(&words.story.claim, claim)];
    let pieces = checks.iter().flat_map(|check| check.split("  ")).map(str::trim).filter(|piece| !piece.is_empty());
    for (place, piece) in pieces.enumerate() {
        let label = if place == 0 { words.story.check.as_str() } else { "" };
        let command = ["punte ", "xmlsec1 "].iter().any(|program| piece.starts_with(program)) && piece.contains(" --");
        rows.push(if command { Row::exact(label, piece) } else { Row::said(label, piece) });
    }
    Block::Entry { title: None, rows }
}

/// A file name for the commands; one that a shell would read as more than a name is not printed into a command.
fn file(accounts: &[&Account], words: &Words) -> String {
    let plain = |name: &&String| {
        !name.is_empty()
            && !name.starts_with('-')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
    };
    let first = accounts.iter().find_map(|account| account.file.as_ref().filter(plain));
    first.unwrap_or(&words.story.evidence_files).clone()
}
