//! How the registers behave: chosen at `/_sandbox/registers`, because each form is met in the wild.

use serde::{Deserialize, Serialize};

/// The switches of the public registers. What is left out keeps its usual value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Answers are wrapped in `cod` and `message`, as the instructions say and the service does not.
    pub(crate) wrapper: bool,
    /// The shape of version 8 and older: VAT dates flat, unknown codes in `found` with an empty name.
    pub(crate) old_shape: bool,
    /// `notFound` holds numbers, or objects as old clients expect.
    pub(crate) not_found_objects: bool,
    /// The status when nothing at all is found; the body is the usual one.
    pub(crate) nothing_found_status: u16,
    /// Trade-register numbers in the new form of 2024.
    pub(crate) new_trade_numbers: bool,
    /// More than one request in a second is answered with 429; otherwise it is only counted.
    pub(crate) keep_pace: bool,
    /// How long the asynchronous answer is not ready, in seconds.
    pub(crate) not_ready_s: i64,
    /// What goes wrong at the next requests of the registers, in order.
    pub(crate) wrong: Vec<Wrong>,
}

/// What is particular to these services; block pages, 429 and cut answers are in the plan of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wrong {
    /// A JSON envelope whose `cod` is not 200, with 200.
    CodeInside,
    /// A sentence instead of JSON, with 200.
    PlainText,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            wrapper: false,
            old_shape: false,
            not_found_objects: false,
            nothing_found_status: 404,
            new_trade_numbers: false,
            keep_pace: false,
            not_ready_s: 2,
            wrong: Vec::new(),
        }
    }
}
