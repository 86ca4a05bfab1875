//! The period of a report: whole Romanian days, a year at most.

use hub_flow::clock::Timestamp;
use hub_flow::deadline::day_ends;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::api::App;
use crate::api::problem::Problem;
use crate::problems;

/// Most days of one report.
const MOST: i32 = 366;

/// Days from the first to the last, both counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub from: Date,
    pub to: Date,
}

impl Period {
    /// What was asked; where nothing is, the month that runs.
    pub(super) fn of(app: &App, from: Option<Date>, to: Option<Date>) -> Result<Self, Problem> {
        let today = app.hub.clock.now().romanian_date();
        let from = from.unwrap_or_else(|| to.unwrap_or(today).first_of_month());
        let to = to.unwrap_or_else(|| from.last_of_month());
        let last = from.checked_add(MOST.days()).unwrap_or(from);
        if to < from || to > last {
            return Err(Problem::of(&problems::MALFORMED_REQUEST)
                .detail(
                    format!("Perioada {from} – {to} nu se poate: ultima zi este cel mult un an după prima"),
                    format!("The period {from} – {to} cannot be: the last day is at most a year after the first"),
                )
                .with("field", "to"));
        }
        Ok(Self { from, to })
    }

    pub(super) fn moments(self) -> (Timestamp, Timestamp) {
        (Timestamp::romanian_midnight(self.from), day_ends(self.to))
    }

    pub(super) fn in_romanian(self) -> String {
        format!("Perioada {} – {}", self.from.strftime("%d.%m.%Y"), self.to.strftime("%d.%m.%Y"))
    }
}
