//! One company, as the registers that know it say it is.

mod state;

pub use state::State;
