//! What EN 319 522-1 says of the order of events towards one recipient, written once more and in another way than in the
//! hub: as sentences about a whole history.

use hub_flow::evidence::Event;

/// One sentence of the standard, and whether a history keeps it.
type Sentence = (&'static str, fn(&[Event]) -> bool);

/// The sentences, for the events towards one recipient in the order they were issued. `SILENCE` in place of an event of
/// the hub's own is not needed: a consignment failure that another service's late evidence follows is the one exception.
const SENTENCES: &[Sentence] = &[
    ("content is consigned at most once", |all| count(all, Event::ContentConsignment) <= 1),
    ("content is handed over at most once", |all| count(all, Event::ContentHandover) <= 1),
    ("an acceptance, a rejection and an expiry exclude each other", |all| {
        count(all, Event::ConsignmentAcceptance)
            + count(all, Event::ConsignmentRejection)
            + count(all, Event::AcceptanceRejectionExpiry)
            <= 1
    }),
    ("an answer follows a notification for acceptance", |all| {
        let answers = [Event::ConsignmentAcceptance, Event::ConsignmentRejection, Event::AcceptanceRejectionExpiry];
        answers.iter().all(|answer| after(all, *answer, &[Event::NotificationForAcceptance]))
    }),
    ("whoever is asked first gets the content only after it accepted", |all| {
        let asked = has(all, Event::NotificationForAcceptance) || has(all, Event::NotificationForAcceptanceFailure);
        let shown = [Event::ContentConsignment, Event::ContentHandover, Event::ContentAccessTracking];
        !asked || shown.iter().all(|event| after(all, *event, &[Event::ConsignmentAcceptance]))
    }),
    ("nothing follows a rejection or an expiry", |all| {
        let ends = [Event::ConsignmentRejection, Event::AcceptanceRejectionExpiry];
        ends.iter().all(|end| position(all, *end).is_none_or(|at| at + 1 == all.len()))
    }),
    ("a notice of consignment follows the consignment", |all| {
        let notices = [Event::ConsignmentNotification, Event::ConsignmentNotificationFailure];
        notices.iter().all(|notice| after(all, *notice, &[Event::ContentConsignment]))
    }),
    ("a delivered or seen notice was sent", |all| {
        let sent = [Event::NotificationForAcceptance, Event::ConsignmentNotification, Event::ContentConsignment];
        [Event::NotificationDelivered, Event::NotificationAccessTracking].iter().all(|event| after(all, *event, &sent))
    }),
    ("content is opened only where it is", |all| {
        after(all, Event::ContentAccessTracking, &[Event::ContentConsignment, Event::ContentHandover])
    }),
    ("after a handover only looks follow", |all| {
        position(all, Event::ContentHandover)
            .is_none_or(|at| all[at + 1..].iter().all(|event| *event == Event::ContentAccessTracking))
    }),
    ("nothing follows a handover failure", |all| {
        position(all, Event::ContentHandoverFailure).is_none_or(|at| at + 1 == all.len())
    }),
    ("what left registered delivery has no other end", |all| {
        let left = has(all, Event::RelayToNonERDS) || has(all, Event::RelayToNonERDSFailure);
        !left || all.len() == 1
    }),
    ("one service answers a relay once", |all| {
        count(all, Event::RelayAcceptance) + count(all, Event::RelayRejection) <= 1
            && count(all, Event::RelayFailure) <= 1
            && !(has(all, Event::RelayAcceptance) && has(all, Event::RelayFailure))
    }),
    ("nothing but the relay failure follows a relay rejection", |all| {
        position(all, Event::RelayRejection)
            .is_none_or(|at| all[at + 1..].iter().all(|one| *one == Event::RelayFailure))
    }),
    ("what enters the service does not happen to one recipient", |all| {
        let entries = [Event::SubmissionAcceptance, Event::SubmissionRejection, Event::ReceivedFromNonERDS];
        entries.iter().all(|entry| !has(all, *entry))
    }),
];

/// The first sentence that a history towards one recipient breaks.
#[must_use]
pub fn broken(history: &[Event]) -> Option<&'static str> {
    SENTENCES.iter().find(|(_, keeps)| !keeps(history)).map(|(sentence, _)| *sentence)
}

fn count(all: &[Event], event: Event) -> usize {
    all.iter().filter(|one| **one == event).count()
}

fn has(all: &[Event], event: Event) -> bool {
    all.contains(&event)
}

fn position(all: &[Event], event: Event) -> Option<usize> {
    all.iter().position(|one| *one == event)
}

/// Whether every occurrence of an event comes after one of the others.
fn after(all: &[Event], event: Event, earlier: &[Event]) -> bool {
    position(all, event).is_none_or(|at| all[..at].iter().any(|one| earlier.contains(one)))
}
