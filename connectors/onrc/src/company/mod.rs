//! One company, as the registers that know it say it is.
//!
//! Each field carries where it came from, of what day it is and whether it has legal effect; what two registers say
//! differently is kept and shown. Nothing here asks anybody.

mod state;
mod field;
mod snapshot_view;
mod anaf_view;
mod recom_view;
mod evidence;

pub use anaf_view::from_anaf;
pub use evidence::registration_evidence;
pub use field::{Company, Field, Provenance, Source};
pub use recom_view::{from_recom, from_record};
pub use snapshot_view::from_snapshot;
pub(crate) use snapshot_view::state_json;
pub use state::State;
