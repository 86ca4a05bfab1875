//! What institutions do with entries of their registers, and what their terms do with them.
//!
//! ```text
//! enter   :  [ register ─► deadlines begin ]                                   inside the verbs of the road
//! act     :  find ─► [ lock the deadline ─► change the term ─► act ─► path ]   assign, work, resolve, suspend, extend …
//! redirect:  find ─► check both ─► accept the forwarding ─► accept the notice ─► [ act ─► link ]
//! watch   :  what has come due ─► [ lock ─► what is not recorded yet ─► act ─► notice ]
//! ```
//!
//! A deadline's row is locked before its entry, by everybody: two nodes wait for each other and never block each other.

mod enter;
mod acting;
mod handling;
mod resolving;
mod terms;
mod redirect;
mod scanned;
mod watch;
mod orphans;

pub(crate) use acting::ActOnEntry;
pub use acting::{By, Changed, NotDone, Verdict};
pub(super) use enter::{Entering, begins_with, enter};
pub use handling::{Assignment, assign, complete_part, take_up};
pub use orphans::{Orphan, orphans};
pub use redirect::{NotRedirected, Redirected, Redirection, Told, redirect};
pub use resolving::{Closing, Outcome, Resolution, approve, close, dispatch, resolve};
pub use scanned::Scan;
pub use terms::{Extension, decide_extension, propose_extension, resume, suspend};
pub use watch::watch;
pub(crate) use watch::{RecordPlaces, RecordSteps};
