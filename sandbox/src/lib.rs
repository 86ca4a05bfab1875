//! Twins of the systems the hub talks to: the real contract, real faults, invented data, memory only.
//!
//! A twin may be used alone by anybody who integrates. It never calls out, never writes a file and forgets everything
//! when it stops. It knows nothing of the hub.

mod line;
mod secure_line;
mod faults;
mod faulty;
mod recorder;
mod playground;
mod sorting;
mod running;
mod intake;
mod date;
mod cnp;
mod soap;
mod esocial;
mod town_hall;
mod onrc;
mod tsa;
mod anaf;
mod ran;
mod renns;
mod reges;
mod sink;
mod folder_twin;

pub use anaf::{Anaf, AnafCall, AnafQuotas, AnafSettings, OAuthApplication};
pub use esocial::{CaseRecord, Esocial, OutgoingDocument, OutgoingFile, OutgoingRecord};
pub use faults::{Fault, FaultKind, Faults, Operation};
pub use folder_twin::{FolderTwin, KeptDocument, Scripted};
pub use intake::ReceivedPart;
pub use onrc::{AuditRecord, Behaviour, Flaw, Onrc};
pub use playground::{Played, Playground};
pub use ran::{Problem as RanProblem, Ran, TransmissionRecord, TransmissionState};
pub use recorder::{RecordedRequest, Recorder};
pub use reges::{MessageRecord, Reges};
pub use renns::{QuestionRecord, Renns};
pub use running::{Clock, Running};
pub use sink::{Sink, SinkCounts};
pub use town_hall::{EventRecord, TownHall};
pub use tsa::{StampRecord, Tsa};
