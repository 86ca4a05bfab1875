//! The 22 events of EN 319 522-1 V1.2.1, table 1, and what evidence of each carries (EN 319 522-2, table 13).

use super::Reason;

/// Family of an event: the letter of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// A: submission.
    Submission,
    /// B: relay between two services.
    Relay,
    /// C: acceptance or rejection by the recipient before the content is shown.
    Consent,
    /// D: the content is available inside the service.
    Consignment,
    /// E: the content crossed to the recipient.
    Handover,
    /// F: to and from systems outside registered delivery.
    Outside,
}

macro_rules! events {
    ($($name:ident $number:literal $family:ident $negative:literal $ro:literal $doc:literal;)*) => {
        /// What evidence attests.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Event { $(#[doc = $doc] $name,)* }

        impl Event {
            /// Every event there is, in the order of the standard.
            pub const ALL: [Self; 22] = [$(Self::$name,)*];

            /// Name, which is also the last segment of the URI.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Number in the standard, for example `A.1`.
            #[must_use]
            pub const fn number(self) -> &'static str {
                match self { $(Self::$name => $number,)* }
            }

            /// Family of the event.
            #[must_use]
            pub const fn family(self) -> Family {
                match self { $(Self::$name => Family::$family,)* }
            }

            /// Whether something did not happen: its evidence must say why (component G04).
            #[must_use]
            pub const fn is_negative(self) -> bool {
                match self { $(Self::$name => $negative,)* }
            }

            /// What happened, for people.
            #[must_use]
            pub const fn in_romanian(self) -> &'static str {
                match self { $(Self::$name => $ro,)* }
            }
        }
    };
}

events! {
    SubmissionAcceptance "A.1" Submission false "Documentul a fost preluat pentru livrare" "A.1: the service took the message for delivery.";
    SubmissionRejection "A.2" Submission true "Documentul nu a fost preluat" "A.2: it did not.";
    RelayAcceptance "B.1" Relay false "Serviciul destinatarului a preluat documentul" "B.1: the next service took the message.";
    RelayRejection "B.2" Relay true "Serviciul destinatarului nu a preluat documentul" "B.2: it did not.";
    RelayFailure "B.3" Relay true "Documentul nu a putut fi transmis serviciului destinatarului" "B.3: the message could not be relayed.";
    NotificationForAcceptance "C.1" Consent false "Destinatarul a fost înștiințat că îl așteaptă un document, pe care îl poate accepta sau respinge" "C.1: the recipient was told that a document waits for acceptance; attests the sending.";
    NotificationForAcceptanceFailure "C.2" Consent true "Destinatarul nu a putut fi înștiințat" "C.2: it could not be told.";
    ConsignmentAcceptance "C.3" Consent false "Destinatarul a acceptat să primească documentul" "C.3: the recipient accepts to receive it.";
    ConsignmentRejection "C.4" Consent true "Destinatarul a refuzat să primească documentul" "C.4: the recipient does not.";
    AcceptanceRejectionExpiry "C.5" Consent true "Destinatarul nu a răspuns în termen" "C.5: the recipient did not answer in time.";
    NotificationDelivered "C.6" Consent false "Înștiințarea a ajuns la sistemul destinatarului" "C.6: a notification reached the recipient's system.";
    ContentConsignment "D.1" Consignment false "Documentul a fost pus la dispoziția destinatarului" "D.1: the message is available to the recipient inside the service.";
    ContentConsignmentFailure "D.2" Consignment true "Documentul nu a putut fi pus la dispoziția destinatarului" "D.2: it could not be made available.";
    ConsignmentNotification "D.3" Consignment false "Destinatarul a fost înștiințat că documentul îi este la dispoziție" "D.3: the recipient was told that it is available; attests the sending.";
    ConsignmentNotificationFailure "D.4" Consignment true "Destinatarul nu a putut fi înștiințat că documentul îi este la dispoziție" "D.4: it could not be told.";
    NotificationAccessTracking "D.5" Consignment false "Destinatarul a văzut înștiințarea" "D.5: the recipient looked at the notification.";
    ContentAccessTracking "D.6" Consignment false "Destinatarul a deschis conținutul documentului" "D.6: the recipient opened the content.";
    ContentHandover "E.1" Handover false "Documentul a fost predat destinatarului" "E.1: the message crossed to the recipient.";
    ContentHandoverFailure "E.2" Handover true "Documentul nu a putut fi predat destinatarului" "E.2: it could not be handed over.";
    RelayToNonERDS "F.1" Outside false "Documentul a fost transmis în afara serviciului de distribuție electronică înregistrată" "F.1: the message left for a system outside registered delivery.";
    RelayToNonERDSFailure "F.2" Outside true "Documentul nu a putut fi transmis în afara serviciului" "F.2: it could not leave.";
    ReceivedFromNonERDS "F.3" Outside false "Documentul a intrat dintr-un sistem din afara serviciului; datele de origine nu sunt garantate" "F.3: the message came from outside; what it says of its origin is not trustworthy.";
}

impl Event {
    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// Whether the evidence is about one recipient (component I09: exactly one in C, D and E, none in A, B and F).
    #[must_use]
    pub const fn concerns_one_recipient(self) -> bool {
        matches!(self.family(), Family::Consent | Family::Consignment | Family::Handover)
    }

    /// Whether the evidence may say how the recipient was known (components I12, I13).
    #[must_use]
    pub const fn tells_recipient_authentication(self) -> bool {
        matches!(
            self,
            Self::ConsignmentAcceptance
                | Self::ConsignmentRejection
                | Self::ConsignmentNotification
                | Self::ContentHandover
        )
    }

    /// Whether the reason belongs to this event.
    #[must_use]
    pub fn may_be_for(self, reason: Reason) -> bool {
        reason.code().as_bytes().get(1) == self.number().as_bytes().first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_numbers_run_through_the_families() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.as_str()), Some(event));
        }
        let numbers: Vec<_> = Event::ALL.map(Event::number).into_iter().collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        assert_eq!(Event::ALL.into_iter().filter(|event| event.is_negative()).count(), 10);
    }
}
