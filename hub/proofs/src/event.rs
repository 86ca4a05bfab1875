//! The 22 events of an electronic registered delivery service (ETSI EN 319 522-1 V1.2.1, table 1).

/// Start of every event's URI (EN 319 522-3 V1.2.1, table 2).
const URI: &str = "http://uri.etsi.org/19522/Event/";

macro_rules! events {
    ($($name:ident $number:literal $negative:literal $ro:literal;)*) => {
        /// An event that an evidence attests.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the names are the standard's own")]
        pub enum Event { $($name),* }

        impl Event {
            /// Every event, in the order of the table.
            pub const ALL: [Event; 22] = [$(Event::$name),*];

            /// Number in the table, such as `A.1`.
            pub fn number(self) -> &'static str {
                match self { $(Event::$name => $number),* }
            }

            /// Name, which is also the last segment of the URI.
            pub fn name(self) -> &'static str {
                match self { $(Event::$name => stringify!($name)),* }
            }

            /// Whether it says that something did not happen, so that it needs a reason.
            pub fn is_negative(self) -> bool {
                match self { $(Event::$name => $negative),* }
            }

            /// What happened, in Romanian.
            pub fn in_romanian(self) -> &'static str {
                match self { $(Event::$name => $ro),* }
            }
        }
    };
}

events! {
    SubmissionAcceptance "A.1" false "preluat pentru livrare";
    SubmissionRejection "A.2" true "nepreluat";
    RelayAcceptance "B.1" false "preluat de serviciul destinatarului";
    RelayRejection "B.2" true "refuzat de serviciul destinatarului";
    RelayFailure "B.3" true "netransmis serviciului destinatarului";
    NotificationForAcceptance "C.1" false "destinatar înștiințat, i se cere acceptul";
    NotificationForAcceptanceFailure "C.2" true "destinatarul nu a putut fi înștiințat";
    ConsignmentAcceptance "C.3" false "acceptat de destinatar";
    ConsignmentRejection "C.4" true "respins de destinatar";
    AcceptanceRejectionExpiry "C.5" true "fără răspuns în termen de la destinatar";
    NotificationDelivered "C.6" false "înștiințare ajunsă la destinatar";
    ContentConsignment "D.1" false "pus la dispoziția destinatarului";
    ContentConsignmentFailure "D.2" true "nu a putut fi pus la dispoziția destinatarului";
    ConsignmentNotification "D.3" false "destinatar înștiințat că documentul îl așteaptă";
    ConsignmentNotificationFailure "D.4" true "înștiințarea nu a putut fi trimisă";
    NotificationAccessTracking "D.5" false "înștiințare deschisă de destinatar";
    ContentAccessTracking "D.6" false "conținut deschis de destinatar";
    ContentHandover "E.1" false "predat destinatarului";
    ContentHandoverFailure "E.2" true "nu a putut fi predat destinatarului";
    RelayToNonERDS "F.1" false "trimis unui sistem din afara serviciilor de livrare";
    RelayToNonERDSFailure "F.2" true "nu a putut fi trimis sistemului din afară";
    ReceivedFromNonERDS "F.3" false "primit de la un sistem din afara serviciilor de livrare";
}

impl Event {
    /// The event a URI names, if it is one.
    pub fn from_uri(uri: &str) -> Option<Event> {
        let name = uri.strip_prefix(URI)?;
        Event::ALL.into_iter().find(|event| event.name() == name)
    }

    /// The URI.
    pub fn uri(self) -> String {
        format!("{URI}{}", self.name())
    }

    /// First letter of the number: `A` submission, `B` relay, `C` acceptance, `D` consignment, `E` handover, `F` others.
    pub fn family(self) -> char {
        self.number().chars().next().expect("a number begins with a letter")
    }

    /// Whether after it nothing more is owed to the recipients it is about: made available, handed over, or neither
    /// (EN 319 522-1, table 1, column "event status").
    pub fn ends_the_way(self) -> bool {
        use Event::*;
        matches!(
            self,
            RelayRejection
                | RelayFailure
                | ConsignmentRejection
                | AcceptanceRejectionExpiry
                | ContentConsignment
                | ContentConsignmentFailure
                | ContentHandover
                | ContentHandoverFailure
                | RelayToNonERDS
                | RelayToNonERDSFailure
        )
    }
}
