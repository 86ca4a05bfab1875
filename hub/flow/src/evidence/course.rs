//! The course of a message towards one recipient: which event may follow which (EN 319 522-1, clause 6 and table 1).
//!
//! Pure. Every evidence about a recipient moves the course of its delivery, and an event that the standard does not
//! allow there is refused before anything is sealed. A course says what may still happen and what is still owed.

use super::{Event, Reason};

/// Where a message stands towards one recipient, told by the evidence issued so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Course {
    /// The service has the message and must make it available, hand it over, relay it, or say why not.
    #[default]
    Taken,
    /// Telling the recipient that a document waits for acceptance has failed so far.
    Untold,
    /// The recipient was told and has not answered.
    Announced,
    /// The recipient accepts; the content is owed to it.
    Consented,
    /// Available inside the service.
    Consigned,
    /// The next service has the message; its evidence is awaited.
    Relayed,
    /// The next service did not take it; the sender is owed a relay failure.
    NotRelayed,
    /// The next service did not tell in time what became of it; its late evidence is still kept.
    Silent,
    /// The next service told that it asked the recipient, and then nothing in time; only an answer can follow late.
    SilentSinceAsked,
    /// The recipient has it.
    HandedOver,
    /// It left registered delivery.
    Left,
    /// It ended without reaching the recipient.
    Ended,
}

/// An event that may not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event {} may not follow in the course {from:?}", event.as_str())]
pub struct Forbidden {
    /// Where the message stood.
    pub from: Course,
    /// What was to be attested.
    pub event: Event,
}

impl Course {
    /// Every course there is.
    pub const ALL: [Self; 12] = [
        Self::Taken,
        Self::Untold,
        Self::Announced,
        Self::Consented,
        Self::Consigned,
        Self::Relayed,
        Self::NotRelayed,
        Self::Silent,
        Self::SilentSinceAsked,
        Self::HandedOver,
        Self::Left,
        Self::Ended,
    ];

    /// The word used in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Untold => "untold",
            Self::Announced => "announced",
            Self::Consented => "consented",
            Self::Consigned => "consigned",
            Self::Relayed => "relayed",
            Self::NotRelayed => "not_relayed",
            Self::Silent => "silent",
            Self::SilentSinceAsked => "silent_since_asked",
            Self::HandedOver => "handed_over",
            Self::Left => "left",
            Self::Ended => "ended",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|course| course.as_str() == word)
    }

    /// The course after an event.
    ///
    /// # Errors
    /// [`Forbidden`] when the event may not follow.
    pub fn after(self, event: Event, reason: Option<Reason>) -> Result<Self, Forbidden> {
        use Event as E;
        let next = match (self, event) {
            // The content reaches the recipient, or it is said why not.
            (Self::Taken | Self::Consented | Self::Relayed | Self::Silent, E::ContentConsignment) => Self::Consigned,
            (Self::Relayed, E::ContentConsignmentFailure) if reason == Some(Reason::NoDeliveryInformationInTime) => {
                Self::Silent
            }
            (Self::Announced, E::ContentConsignmentFailure) if reason == Some(Reason::NoDeliveryInformationInTime) => {
                Self::SilentSinceAsked
            }
            (
                Self::Taken | Self::Untold | Self::Consented | Self::Relayed | Self::Silent,
                E::ContentConsignmentFailure,
            ) => Self::Ended,
            (Self::Taken | Self::Consented | Self::Consigned | Self::Relayed | Self::Silent, E::ContentHandover) => {
                Self::HandedOver
            }
            (
                Self::Taken | Self::Consented | Self::Consigned | Self::Relayed | Self::Silent,
                E::ContentHandoverFailure,
            ) => Self::Ended,

            // Acceptance before the content.
            (
                Self::Taken | Self::Untold | Self::Announced | Self::Relayed | Self::Silent,
                E::NotificationForAcceptance,
            ) => Self::Announced,
            (Self::Taken | Self::Untold | Self::Relayed | Self::Silent, E::NotificationForAcceptanceFailure) => {
                Self::Untold
            }
            (Self::Announced, E::NotificationForAcceptanceFailure) => Self::Announced,
            (Self::Announced | Self::SilentSinceAsked, E::ConsignmentAcceptance) => Self::Consented,
            (Self::Announced | Self::SilentSinceAsked, E::ConsignmentRejection | E::AcceptanceRejectionExpiry) => {
                Self::Ended
            }

            // What is told beside changes nothing.
            (Self::Announced, E::NotificationDelivered | E::NotificationAccessTracking) => Self::Announced,
            (
                Self::Consigned,
                E::ConsignmentNotification
                | E::ConsignmentNotificationFailure
                | E::NotificationDelivered
                | E::NotificationAccessTracking
                | E::ContentAccessTracking,
            ) => Self::Consigned,
            (Self::HandedOver, E::ContentAccessTracking) => Self::HandedOver,

            // Between services, and out of them.
            (Self::Taken, E::RelayAcceptance) => Self::Relayed,
            (Self::Taken, E::RelayRejection) => Self::NotRelayed,
            (Self::Taken | Self::NotRelayed, E::RelayFailure) => Self::Ended,
            (Self::Taken, E::RelayToNonERDS) => Self::Left,
            (Self::Taken, E::RelayToNonERDSFailure) => Self::Ended,
            _ => return Err(Forbidden { from: self, event }),
        };
        Ok(next)
    }

    /// Whether the recipient may see the content; one that is asked first, only once it has consented.
    #[must_use]
    pub const fn shows_content(self, asked_first: bool) -> bool {
        !asked_first || matches!(self, Self::Consented | Self::Consigned | Self::HandedOver)
    }

    /// Whether some event is still owed to the sender: a course may rest only where none is.
    #[must_use]
    pub const fn owes(self) -> bool {
        match self {
            Self::Taken | Self::Untold | Self::Announced | Self::Consented | Self::Relayed | Self::NotRelayed => true,
            // Made available is delivered: a handover may follow, and the service's own policy bounds the waiting.
            Self::Consigned | Self::Silent | Self::SilentSinceAsked | Self::HandedOver | Self::Left | Self::Ended => {
                false
            }
        }
    }
}

/// How a message entered the service: before any recipient's course begins, one of these sequences must stand.
///
/// A.1 alone; A.1 and F.3 when what was submitted came from outside; B.1 when another service relayed it here. A.2 and
/// B.2 let nothing follow.
#[must_use]
pub fn may_enter(events: &[Event]) -> bool {
    matches!(
        events,
        [Event::SubmissionAcceptance]
            | [Event::SubmissionAcceptance, Event::ReceivedFromNonERDS]
            | [Event::RelayAcceptance]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any_reason(event: Event) -> Option<Reason> {
        let fits = |reason: &&Reason| event.may_be_for(**reason) && **reason != Reason::NoDeliveryInformationInTime;
        Reason::ALL.iter().find(fits).copied()
    }

    #[test]
    fn every_course_is_read_back_and_one_that_owes_can_go_on() {
        for course in Course::ALL {
            assert_eq!(Course::parse(course.as_str()), Some(course));
            let goes_on = Event::ALL.into_iter().any(|event| course.after(event, any_reason(event)).is_ok());
            assert!(goes_on || !course.owes(), "{course:?} owes an event that cannot happen");
        }
    }

    #[test]
    fn every_course_that_owes_can_come_to_rest() {
        for start in Course::ALL {
            let mut reached = vec![start];
            let mut at = 0;
            while at < reached.len() {
                for event in Event::ALL {
                    if let Ok(next) = reached[at].after(event, any_reason(event))
                        && !reached.contains(&next)
                    {
                        reached.push(next);
                    }
                }
                at += 1;
            }
            assert!(reached.iter().any(|course| !course.owes()), "{start:?} never rests");
        }
    }

    #[test]
    fn content_is_never_shown_before_the_acceptance_that_was_asked_for() {
        for event in [Event::ContentConsignment, Event::ContentHandover, Event::ContentAccessTracking] {
            assert!(Course::Announced.after(event, any_reason(event)).is_err(), "{event:?}");
            assert!(Course::Untold.after(event, any_reason(event)).is_err(), "{event:?}");
        }
    }

    #[test]
    fn late_evidence_after_silence_is_kept() {
        let silent = Course::Relayed.after(Event::ContentConsignmentFailure, Some(Reason::NoDeliveryInformationInTime));
        assert_eq!(silent, Ok(Course::Silent));
        let late = Course::Silent.after(Event::ContentHandover, Some(Reason::MessageHandedOver));
        assert_eq!(late, Ok(Course::HandedOver));
    }

    #[test]
    fn only_an_accepted_message_goes_anywhere() {
        assert!(may_enter(&[Event::SubmissionAcceptance]));
        assert!(may_enter(&[Event::SubmissionAcceptance, Event::ReceivedFromNonERDS]));
        assert!(!may_enter(&[Event::SubmissionRejection]) && !may_enter(&[]) && !may_enter(&[Event::RelayRejection]));
    }
}
