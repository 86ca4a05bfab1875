//! Which components an evidence has for which event (ETSI EN 319 522-2, table 13), as data.
//!
//! The columns of C.6, D.5 and D.6, new in V1.2.1, are those of C.1, D.3 and E.1. Evidences of the REM baseline have
//! stricter rules of their own (EN 319 532-4, table C.27). A finding is no judgement: who calls decides what it costs.

use crate::claim::Words;
use crate::event::Event;
use crate::evidence::{Evidence, Party};

use Event::*;

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The table of EN 319 522-2.
    General,
    /// The REM baseline.
    Rem,
}

/// A rule that an evidence does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Component of EN 319 522-2, such as `I09`.
    pub component: &'static str,
    /// What is wrong.
    pub words: Words,
}

/// How often a component may stand there.
type Bounds = (usize, usize);
const MANY: usize = usize::MAX;
const NONE: Bounds = (0, 0);
const ONE: Bounds = (1, 1);
const MAYBE: Bounds = (0, 1);
const SOME: Bounds = (1, MANY);
const ANY: Bounds = (0, MANY);

/// One row of the table: in all events but the excepted ones.
struct Rule {
    component: &'static str,
    name: (&'static str, &'static str),
    count: fn(&Evidence) -> usize,
    otherwise: Bounds,
    except: &'static [(&'static [Event], Bounds)],
}

const SUBMISSION: &[Event] = &[SubmissionAcceptance, SubmissionRejection];
const RELAY: &[Event] = &[RelayAcceptance, RelayRejection, RelayFailure];
const OUTSIDE: &[Event] = &[RelayToNonERDS, RelayToNonERDSFailure, ReceivedFromNonERDS];
const NEGATIVE: &[Event] = &[
    SubmissionRejection,
    RelayRejection,
    RelayFailure,
    NotificationForAcceptanceFailure,
    ConsignmentRejection,
    AcceptanceRejectionExpiry,
    ContentConsignmentFailure,
    ConsignmentNotificationFailure,
    ContentHandoverFailure,
    RelayToNonERDSFailure,
];
/// Events for which the recipient was identified: C.3, C.4, D.3, E.1, and D.5 and D.6 by their columns.
const IDENTIFIED: &[Event] = &[
    ConsignmentAcceptance,
    ConsignmentRejection,
    ConsignmentNotification,
    NotificationAccessTracking,
    ContentAccessTracking,
    ContentHandover,
];

const GENERAL: &[Rule] = &[
    Rule {
        component: "G04",
        name: ("motivul", "the reason"),
        count: reasons,
        otherwise: ANY,
        except: &[(NEGATIVE, SOME)],
    },
    Rule { component: "R01", name: ("politica", "the policy"), count: policies, otherwise: SOME, except: &[] },
    Rule {
        component: "I02",
        name: ("identificatorul expeditorului", "the sender's identifier"),
        count: sender_identifier,
        otherwise: ONE,
        except: &[(&[ReceivedFromNonERDS], MAYBE)],
    },
    Rule {
        component: "I03",
        name: ("împuternicitul expeditorului", "the sender's delegate"),
        count: sender_delegate,
        otherwise: MAYBE,
        except: &[(&[ReceivedFromNonERDS], NONE)],
    },
    Rule {
        component: "I07",
        name: ("împuternicitul destinatarului", "the recipient's delegate"),
        count: recipient_delegates,
        otherwise: ANY,
        except: &[(SUBMISSION, NONE), (RELAY, NONE), (OUTSIDE, NONE)],
    },
    Rule {
        component: "I09",
        name: ("destinatarul la care se referă", "which recipient it is about"),
        count: concerns,
        otherwise: ONE,
        except: &[(SUBMISSION, NONE), (RELAY, NONE), (OUTSIDE, NONE)],
    },
    Rule {
        component: "I10",
        name: ("nivelul de asigurare al expeditorului", "the sender's assurance level"),
        count: sender_assurance,
        otherwise: SOME,
        // A relay may be refused because the evidence that would tell it cannot be read or believed: what has no source
        // is left out, never invented.
        except: &[(&[ReceivedFromNonERDS], NONE), (&[RelayRejection], ANY)],
    },
    Rule {
        component: "I12",
        name: ("nivelul de asigurare al destinatarului", "the recipient's assurance level"),
        count: recipient_assurance,
        otherwise: NONE,
        except: &[(IDENTIFIED, ANY)],
    },
    Rule {
        component: "M01",
        name: ("identificatorul mesajului", "the message identifier"),
        count: message,
        otherwise: ONE,
        except: &[],
    },
    Rule {
        component: "M02",
        name: ("descrierea conținutului", "the description of the content"),
        count: content,
        otherwise: ONE,
        // What was refused before it was whole has no parts to describe, and the schema demands parts.
        except: &[(&[SubmissionRejection], MAYBE)],
    },
    Rule {
        component: "M03",
        name: ("ora depunerii", "the submission time"),
        count: submission_time,
        otherwise: MAYBE,
        except: &[(SUBMISSION, ONE)],
    },
    Rule {
        component: "M04",
        name: ("sistemul extern", "the external system"),
        count: external_system,
        otherwise: NONE,
        except: &[(OUTSIDE, ONE)],
    },
    Rule {
        component: "M05",
        name: ("serviciul celălalt", "the other service"),
        count: external_service,
        otherwise: NONE,
        except: &[(RELAY, ONE)],
    },
];

/// The rows that the REM baseline has otherwise.
const REM: &[Rule] = &[
    Rule { component: "G04", name: ("motivul", "the reason"), count: reasons, otherwise: SOME, except: &[] },
    Rule { component: "R01", name: ("politicile", "the policies"), count: policies, otherwise: (2, MANY), except: &[] },
    Rule {
        component: "I09",
        name: ("destinatarul la care se referă", "which recipient it is about"),
        count: concerns,
        otherwise: NONE,
        except: &[(&[ContentConsignment, ContentConsignmentFailure], ONE)],
    },
];

/// What an evidence does not keep of the rules.
pub fn check(evidence: &Evidence, variant: Variant) -> Vec<Finding> {
    let stricter = if variant == Variant::Rem { REM } else { &[] };
    let kept = GENERAL.iter().filter(|rule| stricter.iter().all(|other| other.component != rule.component));
    let mut findings: Vec<Finding> = kept.chain(stricter).filter_map(|rule| rule.broken_by(evidence)).collect();
    findings.extend(values(evidence));
    findings
}

impl Rule {
    fn broken_by(&self, evidence: &Evidence) -> Option<Finding> {
        let found = (self.count)(evidence);
        let excepted = self.except.iter().find(|(events, _)| events.contains(&evidence.event));
        let (least, most) = excepted.map_or(self.otherwise, |(_, bounds)| *bounds);
        if (least..=most).contains(&found) {
            return None;
        }
        let (event, (ro, en)) = (evidence.event.name(), self.name);
        let words = match (found < least, most) {
            (true, _) => Words::new(format!("{event}: lipsește {ro}"), format!("{event}: {en} is missing")),
            (false, 0) => Words::new(format!("{event}: nu poate avea {ro}"), format!("{event}: {en} may not be there")),
            _ => Words::new(
                format!("{event}: {ro} apare de {found} ori"),
                format!("{event}: {en} is there {found} times"),
            ),
        };
        Some(Finding { component: self.component, words })
    }
}

/// What the table says in words: positions name recipients, recipients have identifiers, parts are all told.
fn values(evidence: &Evidence) -> Vec<Finding> {
    let count = evidence.recipients.len();
    let is_position = |position: &u32| usize::try_from(*position).is_ok_and(|position| (1..=count).contains(&position));
    let mut findings = Vec::new();
    let mut find = |broken: bool, component, ro: &str, en: &str| {
        if broken {
            findings.push(Finding { component, words: Words::new(ro, en) });
        }
    };
    find(
        evidence.recipients.iter().any(|one| one.identifier.is_none()),
        "I06",
        "un destinatar nu are identificator",
        "a recipient has no identifier",
    );
    find(
        evidence.concerns.is_some_and(|position| !is_position(&position)),
        "I09",
        "se referă la un destinatar care nu există",
        "it is about a recipient that does not exist",
    );
    let delegating = evidence.recipient_delegates.iter().flat_map(|delegate| &delegate.recipients);
    find(
        !delegating.into_iter().all(is_position),
        "I07",
        "un împuternicit lucrează pentru un destinatar care nu există",
        "a delegate acts for a recipient that does not exist",
    );
    find(
        !evidence.time.text.ends_with('Z'),
        "G05",
        "ora evenimentului nu este în UTC",
        "the time of the event is not in UTC",
    );
    let told = evidence.content.as_ref().and_then(|content| Some((content.composing_parts?, content.parts.len())));
    find(
        told.is_some_and(|(told, parts)| usize::try_from(told) != Ok(parts)),
        "M02",
        "numărul de părți nu este cel al părților descrise",
        "the number of parts is not that of the parts described",
    );
    findings
}

fn reasons(evidence: &Evidence) -> usize {
    evidence.reasons.len()
}

fn policies(evidence: &Evidence) -> usize {
    evidence.policies.len()
}

fn sender_identifier(evidence: &Evidence) -> usize {
    usize::from(evidence.sender.identifier.is_some())
}

fn sender_delegate(evidence: &Evidence) -> usize {
    usize::from(evidence.sender_delegate.is_some())
}

fn recipient_delegates(evidence: &Evidence) -> usize {
    evidence.recipient_delegates.len()
}

fn concerns(evidence: &Evidence) -> usize {
    usize::from(evidence.concerns.is_some())
}

fn sender_assurance(evidence: &Evidence) -> usize {
    let told = |party: &Party| usize::from(party.assurance.is_some());
    told(&evidence.sender) + evidence.sender_delegate.as_ref().map_or(0, told)
}

fn recipient_assurance(evidence: &Evidence) -> usize {
    let delegates = evidence.recipient_delegates.iter().map(|delegate| &delegate.party);
    evidence.recipients.iter().chain(delegates).filter(|party| party.assurance.is_some()).count()
}

fn message(evidence: &Evidence) -> usize {
    usize::from(evidence.message.is_some())
}

fn content(evidence: &Evidence) -> usize {
    usize::from(evidence.content.is_some())
}

fn submission_time(evidence: &Evidence) -> usize {
    usize::from(evidence.submission_time.is_some())
}

fn external_system(evidence: &Evidence) -> usize {
    usize::from(evidence.external_system.is_some())
}

fn external_service(evidence: &Evidence) -> usize {
    usize::from(evidence.external_service.is_some())
}
