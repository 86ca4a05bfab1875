//! The events an evidence can attest: all 22 of EN 319 522-1 V1.2.1, table 1, and what kind of news each is.

/// What happened to a message (EN 319 522-1, table 1; the names are the last segments of the URIs of part 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the standard's own; their meaning is in words/")]
pub enum Event {
    SubmissionAcceptance,
    SubmissionRejection,
    RelayAcceptance,
    RelayRejection,
    RelayFailure,
    NotificationForAcceptance,
    NotificationForAcceptanceFailure,
    ConsignmentAcceptance,
    ConsignmentRejection,
    AcceptanceRejectionExpiry,
    NotificationDelivered,
    ContentConsignment,
    ContentConsignmentFailure,
    ConsignmentNotification,
    ConsignmentNotificationFailure,
    NotificationAccessTracking,
    ContentAccessTracking,
    ContentHandover,
    ContentHandoverFailure,
    RelayToNonERDS,
    RelayToNonERDSFailure,
    ReceivedFromNonERDS,
}

/// How an event stands to registered delivery, which decides what the law says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something was sent, passed on, made available or received.
    Done,
    /// Something was refused, failed or ran out of time.
    Failed,
    /// Something crossed to or from a service that is not of registered delivery.
    Outside,
}

impl Event {
    /// Every event, in the order of the standard.
    pub const ALL: [Self; 22] = [
        Self::SubmissionAcceptance,
        Self::SubmissionRejection,
        Self::RelayAcceptance,
        Self::RelayRejection,
        Self::RelayFailure,
        Self::NotificationForAcceptance,
        Self::NotificationForAcceptanceFailure,
        Self::ConsignmentAcceptance,
        Self::ConsignmentRejection,
        Self::AcceptanceRejectionExpiry,
        Self::NotificationDelivered,
        Self::ContentConsignment,
        Self::ContentConsignmentFailure,
        Self::ConsignmentNotification,
        Self::ConsignmentNotificationFailure,
        Self::NotificationAccessTracking,
        Self::ContentAccessTracking,
        Self::ContentHandover,
        Self::ContentHandoverFailure,
        Self::RelayToNonERDS,
        Self::RelayToNonERDSFailure,
        Self::ReceivedFromNonERDS,
    ];

    /// Name in the standard and its number in table 1.
    const fn facts(self) -> (&'static str, &'static str) {
        match self {
            Self::SubmissionAcceptance => ("SubmissionAcceptance", "A.1"),
            Self::SubmissionRejection => ("SubmissionRejection", "A.2"),
            Self::RelayAcceptance => ("RelayAcceptance", "B.1"),
            Self::RelayRejection => ("RelayRejection", "B.2"),
            Self::RelayFailure => ("RelayFailure", "B.3"),
            Self::NotificationForAcceptance => ("NotificationForAcceptance", "C.1"),
            Self::NotificationForAcceptanceFailure => ("NotificationForAcceptanceFailure", "C.2"),
            Self::ConsignmentAcceptance => ("ConsignmentAcceptance", "C.3"),
            Self::ConsignmentRejection => ("ConsignmentRejection", "C.4"),
            Self::AcceptanceRejectionExpiry => ("AcceptanceRejectionExpiry", "C.5"),
            Self::NotificationDelivered => ("NotificationDelivered", "C.6"),
            Self::ContentConsignment => ("ContentConsignment", "D.1"),
            Self::ContentConsignmentFailure => ("ContentConsignmentFailure", "D.2"),
            Self::ConsignmentNotification => ("ConsignmentNotification", "D.3"),
            Self::ConsignmentNotificationFailure => ("ConsignmentNotificationFailure", "D.4"),
            Self::NotificationAccessTracking => ("NotificationAccessTracking", "D.5"),
            Self::ContentAccessTracking => ("ContentAccessTracking", "D.6"),
            Self::ContentHandover => ("ContentHandover", "E.1"),
            Self::ContentHandoverFailure => ("ContentHandoverFailure", "E.2"),
            Self::RelayToNonERDS => ("RelayToNonERDS", "F.1"),
            Self::RelayToNonERDSFailure => ("RelayToNonERDSFailure", "F.2"),
            Self::ReceivedFromNonERDS => ("ReceivedFromNonERDS", "F.3"),
        }
    }

    /// Name, which is also the last segment of the URI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.facts().0
    }

    /// Number in table 1 of EN 319 522-1, such as `A.1`.
    #[must_use]
    pub const fn number(self) -> &'static str {
        self.facts().1
    }

    /// The letter of its group, which is also the second letter of its reason codes.
    pub(crate) fn group(self) -> char {
        self.number().chars().next().expect("every event has a number")
    }

    /// Reads the name or the whole URI.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let last = name.rsplit('/').next().unwrap_or(name);
        Self::ALL.into_iter().find(|event| event.as_str() == last)
    }

    /// What kind of news it is.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::SubmissionRejection
            | Self::RelayRejection
            | Self::RelayFailure
            | Self::NotificationForAcceptanceFailure
            | Self::ConsignmentRejection
            | Self::AcceptanceRejectionExpiry
            | Self::ContentConsignmentFailure
            | Self::ConsignmentNotificationFailure
            | Self::ContentHandoverFailure
            | Self::RelayToNonERDSFailure => Outcome::Failed,
            Self::RelayToNonERDS | Self::ReceivedFromNonERDS => Outcome::Outside,
            _ => Outcome::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_read_back_from_its_name_and_its_uri() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.as_str()), Some(event));
            assert_eq!(Event::parse(&format!("http://uri.etsi.org/19522/Event/{}", event.as_str())), Some(event));
        }
        assert_eq!(Event::parse("ContentLost"), None);
    }

    #[test]
    fn ten_events_are_bad_news() {
        assert_eq!(Event::ALL.iter().filter(|event| event.outcome() == Outcome::Failed).count(), 10);
    }
}
