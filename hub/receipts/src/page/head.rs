//! The head: the service, the title of what happened, when and why.

use super::Allowance;
use crate::ReceiptError;
use crate::facts::{Receipt, Standing};
use crate::phrases;
use crate::sheet::{INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::words::{Language, fill};

const SERVICE: Style = Style::new(Face::Bold, 10.0).ink(Ink::Accent);
const ASIDE: Style = Style::new(Face::Plain, 7.5).ink(Ink::Grey);
const KIND: Style = Style::new(Face::Bold, 13.0).ink(Ink::Accent);
const WARNING: Style = Style::new(Face::Bold, 10.0).ink(Ink::Paper);
const TITLE: Style = Style::new(Face::Bold, 19.0);
const WHEN: Style = Style::new(Face::Bold, 10.5);
const TEXT: Style = Style::new(Face::Plain, 9.0);

/// Writes the head.
pub fn write(sheet: &mut Sheet, facts: &Receipt, language: Language, allowance: Allowance) -> Result<(), ReceiptError> {
    let words = language.words();
    masthead(sheet, facts, language);
    if facts.seal.development {
        sheet.block((MARGIN, sheet.y), (INNER, 19.0), Ink::Black);
        let warning = WARNING.face.fit(WARNING.size, &words.labels.development, INNER - 16.0);
        sheet.put(MARGIN + 8.0, sheet.y + 3.0, WARNING, &warning);
        sheet.skip(27.0);
    }
    sheet.write((MARGIN, INNER), TITLE, &words.event(facts.event).happened, 2);
    sheet.skip(2.0);
    sheet.write((MARGIN, INNER), WHEN, &facts.at.local, 1);
    let event = fill(&words.labels.event, &[facts.event.number(), facts.event.as_str()]);
    let aside = format!("{}  ·  {event}", fill(&words.labels.utc, &[&facts.at.utc]));
    sheet.write((MARGIN, INNER), ASIDE, &aside, 1);
    sheet.skip(3.0);
    // The only recipient is in the table anyway.
    let about = crate::recipient(facts.about, &facts.recipients)?.filter(|_| facts.recipients.len() > 1);
    if let Some(recipient) = about {
        let about = fill(&words.labels.about, &[&phrases::party(&words.labels, recipient)]);
        sheet.write((MARGIN, INNER), TEXT, &about, allowance.name_lines);
    }
    reasons(sheet, facts, language, allowance);
    sheet.skip(9.0);
    Ok(())
}

fn masthead(sheet: &mut Sheet, facts: &Receipt, language: Language) {
    let labels = &language.words().labels;
    let kind = KIND.face.width(KIND.size, &labels.receipt);
    let room = INNER - kind - 16.0;
    let standing = match facts.service.standing {
        Standing::NotQualified => &labels.service_not_qualified,
        Standing::Qualified => &labels.service_qualified,
    };
    let policy = facts.service.policy.as_deref().map(|policy| fill(&labels.policy, &[policy]));
    let aside = [Some(standing.clone()), policy].into_iter().flatten().collect::<Vec<_>>().join("  ·  ");
    sheet.put_right(MARGIN + INNER, sheet.y, KIND, &labels.receipt);
    sheet.put(MARGIN, sheet.y, SERVICE, &SERVICE.face.fit(SERVICE.size, &facts.service.name, room));
    sheet.skip(SERVICE.leading);
    sheet.put(MARGIN, sheet.y, ASIDE, &ASIDE.face.fit(ASIDE.size, &aside, room));
    sheet.skip(ASIDE.leading + 4.0);
    sheet.rule(MARGIN, INNER, 1.4, Ink::Accent);
    sheet.skip(9.0);
}

fn reasons(sheet: &mut Sheet, facts: &Receipt, language: Language, allowance: Allowance) {
    let words = language.words();
    let (most, lines) = allowance.reasons;
    for reason in facts.reasons.iter().take(most) {
        let said = format!("{}: {}", words.labels.reason, phrases::reason(words, facts.event, reason));
        sheet.write((MARGIN, INNER), TEXT, &said, lines);
    }
    let left = facts.reasons.len().saturating_sub(most);
    if left > 0 {
        let labels = &words.labels;
        let more = phrases::count(labels, &labels.more_reasons_one, &labels.more_reasons, left as u64);
        sheet.write((MARGIN, INNER), TEXT.ink(Ink::Grey), &more, 1);
    }
}
