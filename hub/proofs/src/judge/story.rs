//! Whether the evidences tell one story about each message, and whether it has an end for each recipient.

use std::collections::{BTreeMap, BTreeSet};

use super::Bench;
use crate::claim::{Claim, Kind, Words};
use crate::event::Event;
use crate::evidence::Evidence;

pub(super) fn judge(bench: &Bench<'_>, evidences: &[(String, Evidence)]) -> Vec<Claim> {
    let mut messages: BTreeMap<&str, Vec<&Evidence>> = BTreeMap::new();
    for (_, evidence) in evidences {
        messages.entry(evidence.message.as_deref().unwrap_or("-")).or_default().push(evidence);
    }
    let mut claims = Vec::new();
    if bench.exhibits.whole && messages.len() > 1 {
        let (ro, en) = ("dovezile sunt despre mesaje diferite", "the evidences are about different messages");
        claims.push(Claim::failed(Kind::Chain, "-", ro, en));
    }
    // A file that cannot be read may be the one that contradicts, or the one that is missing.
    let unread = bench.exhibits.evidences.len() - evidences.len();
    for (message, told) in messages {
        claims.push(chain(message, &told));
        claims.push(complete(message, &told, bench.exhibits.whole, unread));
    }
    claims
}

fn chain(message: &str, told: &[&Evidence]) -> Claim {
    if let [_] = told {
        let (ro, en) = ("există o singură dovadă", "there is one evidence only");
        return Claim::not_checked(Kind::Chain, message, ro, en);
    }
    match contradiction(told) {
        None => {
            let ro = format!("{} dovezi, aceleași părți, același conținut, ordine firească", told.len());
            Claim::proven(
                Kind::Chain,
                message,
                ro,
                format!("{} evidences agree on parties, content and order", told.len()),
            )
        }
        Some(Words { ro, en }) => Claim::failed(Kind::Chain, message, ro, en),
    }
}

/// The first thing in which two evidences of one message cannot both be right.
fn contradiction(told: &[&Evidence]) -> Option<Words> {
    let differ = |ro: &str, en: &str| Some(Words::new(ro, en));
    let mut identifiers = BTreeSet::new();
    if !told.iter().all(|one| identifiers.insert(&one.identifier)) {
        return differ("două dovezi au același identificator", "two evidences have the same identifier");
    }
    if !agree(told, |one| one.content.as_ref().map(|content| digests(content))) {
        return differ(
            "dovezile spun amprente diferite ale conținutului",
            "the evidences tell different digests of the content",
        );
    }
    if !agree(told, |one| one.submission_time.as_ref().map(|time| time.unix)) {
        return differ("dovezile spun ore diferite ale depunerii", "the evidences tell different submission times");
    }
    if !agree(told, |one| one.sender.identifier.as_ref()) {
        return differ("dovezile numesc expeditori diferiți", "the evidences name different senders");
    }
    let recipients = |one: &&Evidence| one.recipients.iter().map(|party| party.identifier.clone()).collect::<Vec<_>>();
    if !agree(told, |one| Some(recipients(&one))) {
        return differ("dovezile numesc destinatari diferiți", "the evidences name different recipients");
    }
    order(told)
}

fn agree<'e, T: PartialEq>(told: &[&'e Evidence], fact: impl Fn(&'e Evidence) -> Option<T>) -> bool {
    let mut facts = told.iter().filter_map(|one| fact(one));
    facts.next().is_none_or(|first| facts.all(|other| other == first))
}

fn digests(content: &crate::evidence::Content) -> Vec<(&str, Option<&[u8]>)> {
    content
        .parts
        .iter()
        .map(|part| (part.identifier.as_str(), part.digest.as_ref().map(|(_, value)| value.as_slice())))
        .collect()
}

/// Submission comes first and once; what was refused is not delivered; what was handed over was consigned before.
fn order(told: &[&Evidence]) -> Option<Words> {
    let of = |event: Event| told.iter().filter(move |one| one.event == event);
    let (accepted, rejected) = (of(Event::SubmissionAcceptance).count(), of(Event::SubmissionRejection).count());
    if accepted + rejected > 1 {
        return Some(Words::new("depunerea este dovedită de două ori", "the submission is attested twice"));
    }
    if rejected == 1 && told.len() > 1 {
        return Some(Words::new(
            "mesajul a fost refuzat și totuși livrat",
            "the message was refused and yet delivered",
        ));
    }
    let submitted = told.iter().find_map(|one| one.submission_time.as_ref()).map(|time| time.unix);
    let early = told.iter().find(|one| submitted.is_some_and(|submitted| one.time.unix < submitted));
    if let Some(early) = early {
        let event = early.event.name();
        return Some(Words::new(
            format!("{event} este dinaintea depunerii"),
            format!("{event} is before the submission"),
        ));
    }
    for handed in of(Event::ContentHandover) {
        let mut consigned = of(Event::ContentConsignment).filter(|one| one.concerns == handed.concerns);
        if consigned.any(|consigned| consigned.time.unix > handed.time.unix) {
            return Some(Words::new(
                "predarea este dinaintea punerii la dispoziție",
                "the handover is before the consignment",
            ));
        }
    }
    None
}

/// A.1 or A.2 is there, and after A.1 an end for each recipient (EN 319 522-1, table 1, column "event status").
fn complete(message: &str, told: &[&Evidence], whole: bool, unread: usize) -> Claim {
    let has = |event| told.iter().any(|one| one.event == event);
    let mut missing: Vec<Words> = Vec::new();
    let submitted = has(Event::SubmissionAcceptance) || has(Event::SubmissionRejection);
    if !submitted && !has(Event::ReceivedFromNonERDS) {
        missing.push(Words::new(
            "SubmissionAcceptance sau SubmissionRejection",
            "SubmissionAcceptance or SubmissionRejection",
        ));
    }
    if !has(Event::SubmissionRejection) {
        let recipients = told.iter().map(|one| one.recipients.len()).max().unwrap_or(0);
        for position in (1..=recipients).filter(|position| !told.iter().any(|one| ends_for(one, *position))) {
            missing.push(Words::new(
                format!("o dovadă de consemnare sau predare pentru destinatarul {position}"),
                format!("an evidence of consignment or handover for recipient {position}"),
            ));
        }
    }
    if unread > 0 {
        missing.push(Words::new("o dovadă care nu a putut fi citită", "an evidence that could not be read"));
    }
    let list =
        |word: fn(&Words) -> &String| missing.iter().map(|words| word(words).as_str()).collect::<Vec<_>>().join("; ");
    let (ro, en) = (format!("lipsește: {}", list(|words| &words.ro)), format!("missing: {}", list(|words| &words.en)));
    match (missing.is_empty(), whole) {
        (true, _) => Claim::proven(
            Kind::Complete,
            message,
            "nicio dovadă obligatorie nu lipsește",
            "no obligatory evidence is missing",
        ),
        (false, true) => Claim::failed(Kind::Complete, message, ro, en),
        (false, false) => Claim::not_checked(Kind::Complete, message, ro, en),
    }
}

/// Whether the evidence ends the way of the message to this recipient, counted from one.
fn ends_for(evidence: &Evidence, position: usize) -> bool {
    if !evidence.event.ends_the_way() {
        return false;
    }
    let is = |told: u32| usize::try_from(told) == Ok(position);
    match evidence.concerns {
        Some(told) => is(told),
        // A relay event is about the recipients it names, or about all.
        None => {
            let mut named = evidence
                .extensions
                .iter()
                .filter_map(|one| one.relay.as_ref())
                .flat_map(|one| &one.recipients)
                .peekable();
            named.peek().is_none() || named.any(|told| is(*told))
        }
    }
}
