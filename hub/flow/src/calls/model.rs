//! A call, whether it may be made, and what it came to.

use std::time::Duration;

use connectors_contract::manifest::{Rate, Window};
use connectors_contract::{Answer, Exchange, Inquiry, Outcome};

use crate::clock::Timestamp;
use crate::directory::Channel;
use crate::hub::Hub;
use crate::message::MessageId;
use crate::quota::{Full, Scope, Wanted};

/// What is called: a system at one address. Quotas and breakers are kept for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The folder of the system.
    pub system: String,
    /// Scheme, host and port where the channel has an address of its own; empty where the manifest says it.
    pub address: String,
}

impl Place {
    /// Where a system is reached, by the address a directory entry gives. Path and query may hold a token, and are left out.
    #[must_use]
    pub fn new(system: &str, address: Option<&str>) -> Self {
        let address = address.and_then(|address| address.parse::<url::Url>().ok());
        // An address without a host (a folder) has no origin that says anything.
        let address = address.map_or_else(String::new, |address| match address.host_str() {
            Some(_) if address.origin().is_tuple() => address.origin().ascii_serialization(),
            Some(host) => {
                format!(
                    "{}://{host}{}",
                    address.scheme(),
                    address.port().map_or(String::new(), |port| format!(":{port}"))
                )
            }
            None => format!("{}:{}", address.scheme(), address.path()),
        });
        Self { system: system.to_owned(), address }
    }

    /// The place a channel leads to.
    #[must_use]
    pub fn of(channel: &Channel) -> Self {
        Self::new(&channel.system, channel.address.as_deref())
    }
}

/// A call about to be made.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What is called.
    pub place: &'a Place,
    /// The lookup operation (`[lookup.<operation>]`), whose own quota holds beside the system's; none for deliveries,
    /// inquiries and polls.
    pub operation: Option<&'a str>,
    /// The message it is made for, where there is one.
    pub message: Option<MessageId>,
    /// Whom it asks about (CUI or CNP): one, or several where one request carries many questions.
    pub subjects: &'a [&'a str],
}

/// Whether a call may be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is counted.
    Admitted,
    /// It must wait. It is no attempt.
    Later(Later),
}

/// When a call may be made, and why not now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The earliest moment at which asking again makes sense.
    pub at: Timestamp,
    /// What holds it.
    pub cause: Cause,
    /// A Romanian sentence for whoever waits.
    pub reason: String,
}

/// What holds a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// This rate is used up.
    Quota {
        /// What it is counted for.
        scope: Scope,
        /// So many, in what time.
        rate: Rate,
    },
    /// The system did not answer several times in a row, and is left alone.
    Open,
}

/// What a call came to, as far as the breaker is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The system answered, whatever it said.
    Answer,
    /// It could not be reached, or does not work now.
    Silence {
        /// What happened, without secrets.
        reason: String,
        /// The earliest time it wants to hear from us again.
        retry_after: Option<Duration>,
    },
}

impl Heard {
    /// What a sending came to.
    #[must_use]
    pub fn of_outcome(outcome: &Outcome, exchange: &Exchange) -> Self {
        match outcome {
            Outcome::Unavailable { reason, retry_after } => {
                Self::Silence { reason: reason.clone(), retry_after: *retry_after }
            }
            // An answer that is understood by nobody is still an answer; a cut line or a fallen server is none.
            Outcome::Unknown { reason } if exchange.status.is_none_or(|status| status >= 500) => {
                Self::Silence { reason: reason.clone(), retry_after: None }
            }
            Outcome::Unknown { .. }
            | Outcome::Delivered { .. }
            | Outcome::Attested { .. }
            | Outcome::Refused { .. } => Self::Answer,
        }
    }

    /// What an inquiry came to.
    #[must_use]
    pub fn of_inquiry(inquiry: &Inquiry) -> Self {
        match inquiry {
            Inquiry::Unanswered { reason, retry_after } => {
                Self::Silence { reason: reason.clone(), retry_after: *retry_after }
            }
            Inquiry::Present { .. } | Inquiry::Absent | Inquiry::Refused { .. } => Self::Answer,
        }
    }

    /// What a lookup came to.
    #[must_use]
    pub fn of_answer(answer: &Answer) -> Self {
        match answer {
            Answer::Unavailable { reason, retry_after } => {
                Self::Silence { reason: reason.clone(), retry_after: *retry_after }
            }
            Answer::Found { .. } | Answer::Absent | Answer::Pending { .. } | Answer::Refused { .. } => Self::Answer,
        }
    }
}

impl Later {
    pub(super) fn full(hub: &Hub, call: &Call<'_>, wanted: &Wanted, full: Full) -> Self {
        let (key, rate) = &wanted.rates[full.which];
        let at = full.at.to_romanian_hour(wanted.now);
        let reason = format!("{}; se reia la {at}", Self::quota(hub, call, wanted, full));
        Self { at: full.at, cause: Cause::Quota { scope: key.scope, rate: *rate }, reason }
    }

    /// That a rate is used up, without when it has room again.
    pub(super) fn quota(hub: &Hub, call: &Call<'_>, wanted: &Wanted, full: Full) -> String {
        let (key, rate) = &wanted.rates[full.which];
        let count = rate.count;
        let calls = match count {
            1 => "un apel".to_owned(),
            2..=19 => format!("{count} apeluri"),
            _ if (1..=19).contains(&(count % 100)) => format!("{count} apeluri"),
            _ => format!("{count} de apeluri"),
        };
        let per = match rate.per {
            Window::Second => "pe secundă",
            Window::Minute => "pe minut",
            Window::Hour => "pe oră",
            Window::Day => "pe zi",
        };
        let whom = match key.scope {
            Scope::Calls => "",
            Scope::Message => " pentru acest mesaj",
            Scope::Subject => " pentru aceeași persoană sau instituție",
        };
        let title = title(hub, call.place);
        format!("cota {title} de {calls} {per}{whom} s-a încheiat")
    }

    pub(super) fn open(hub: &Hub, call: &Call<'_>, at: Timestamp, why: Option<&str>) -> Self {
        let title = title(hub, call.place);
        let hour = at.to_romanian_hour(hub.clock.now());
        let why = why.map_or(String::new(), |why| format!(" ({why})"));
        let reason = format!("{title} nu răspunde{why}; hubul încearcă din nou la {hour}");
        Self { at, cause: Cause::Open, reason }
    }
}

fn title(hub: &Hub, place: &Place) -> String {
    hub.connectors.manifest(&place.system).map_or_else(|| place.system.clone(), |manifest| manifest.title.ro.clone())
}
