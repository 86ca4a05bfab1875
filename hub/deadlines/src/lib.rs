//! Legal terms as Romanian institutions keep them: which days are worked, by when an answer is due, and what may move that day.
//!
//! Pure: civil dates in, civil dates out. Which civil date a moment has in Romania is the caller's business; a term always
//! ends with the end of its last day. It never reads a clock, a file or a database, and it never guesses: what a law does
//! not say is in the data of its rule, with the reason.

mod easter;
mod holidays;
mod calendar;
mod length;
mod rule;
mod term;
mod standing;

pub use calendar::{Calendar, DayOff, FIRST_YEAR, LAST_YEAR, NotCounted};
pub use easter::orthodox_easter;
pub use holidays::{Holiday, holidays};
pub use length::{Length, Unit};
pub use rule::{Extension, LastDay, Most, Rule, RuleError, Rules, Start};
pub use standing::{Standing, warning_days};
pub use term::{Added, NotExtended, Paused, Suspension, Term};
