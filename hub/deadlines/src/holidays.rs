//! The days on which nobody works by the labour code, each with the act that made it one.
//!
//! Labour code (Law 53/2003), art. 139 (1), art. 134 (1) before its republication in 2011. The two days of other Christian
//! calendars and of religions other than Christian belong to single employees, not to the institution, and are not here.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::easter::orthodox_easter;

/// A public holiday of one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// Its day.
    pub date: Date,
    /// Its name in Romanian, as the law has it.
    pub name: &'static str,
    /// The act that made it a holiday.
    pub basis: &'static str,
}

/// When in a year it is.
enum When {
    /// The same date every year.
    Fixed(i8, i8),
    /// So many days after Orthodox Easter Sunday.
    FromEaster(i64),
}

use When::{Fixed, FromEaster};

const CODE: &str = "Legea nr. 53/2003 (Codul muncii), art. 139 alin. (1)";

/// First year, when in the year, name, act.
const KNOWN: [(i16, When, &str, &str); 17] = [
    (2003, Fixed(1, 1), "Anul Nou", CODE),
    (2003, Fixed(1, 2), "A doua zi de Anul Nou", CODE),
    (2024, Fixed(1, 6), "Botezul Domnului – Boboteaza", "Legea nr. 52/2023"),
    (2024, Fixed(1, 7), "Soborul Sfântului Proroc Ioan Botezătorul", "Legea nr. 52/2023"),
    (2017, Fixed(1, 24), "Ziua Unirii Principatelor Române", "Legea nr. 176/2016"),
    (2018, FromEaster(-2), "Vinerea Mare", "Legea nr. 64/2018"),
    (2003, FromEaster(0), "Paștele", CODE),
    (2003, FromEaster(1), "A doua zi de Paști", CODE),
    (2003, Fixed(5, 1), "Ziua Muncii", CODE),
    (2017, Fixed(6, 1), "Ziua Copilului", "Legea nr. 220/2016"),
    (2009, FromEaster(49), "Rusaliile", "Legea nr. 202/2008"),
    (2009, FromEaster(50), "A doua zi de Rusalii", "Legea nr. 202/2008"),
    (2009, Fixed(8, 15), "Adormirea Maicii Domnului", "Legea nr. 202/2008"),
    (2012, Fixed(11, 30), "Sfântul Apostol Andrei, Ocrotitorul României", "Legea nr. 147/2012"),
    (2003, Fixed(12, 1), "Ziua Națională a României", CODE),
    (2003, Fixed(12, 25), "Crăciunul", CODE),
    (2003, Fixed(12, 26), "A doua zi de Crăciun", CODE),
];

/// The public holidays of a year in order of date. Two that fall on one day are both there.
#[must_use]
pub fn holidays(year: i16) -> Vec<Holiday> {
    let easter = orthodox_easter(year);
    let mut found: Vec<Holiday> = KNOWN
        .iter()
        .filter(|(since, ..)| *since <= year)
        .map(|(_, when, name, basis)| Holiday {
            date: match when {
                Fixed(month, day) => date(year, *month, *day),
                FromEaster(days) => easter.saturating_add(days.days()),
            },
            name,
            basis,
        })
        .collect();
    found.sort_by_key(|holiday| holiday.date);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(year: i16) -> Vec<String> {
        let mut all: Vec<String> = holidays(year).iter().map(|holiday| holiday.date.to_string()).collect();
        all.dedup();
        all
    }

    #[test]
    fn the_holidays_of_2026_are_those_the_papers_print() {
        // Sixteen days: in 2026 Children's Day is the second day of Pentecost.
        let printed = [
            "2026-01-01",
            "2026-01-02",
            "2026-01-06",
            "2026-01-07",
            "2026-01-24",
            "2026-04-10",
            "2026-04-12",
            "2026-04-13",
            "2026-05-01",
            "2026-05-31",
            "2026-06-01",
            "2026-08-15",
            "2026-11-30",
            "2026-12-01",
            "2026-12-25",
            "2026-12-26",
        ];
        assert_eq!(dates(2026), printed);
    }

    #[test]
    fn a_day_is_a_holiday_from_the_year_its_law_applies() {
        for (date, law) in
            [("01-24", 2017), ("06-01", 2017), ("01-06", 2024), ("01-07", 2024), ("11-30", 2012), ("08-15", 2009)]
        {
            assert!(!dates(law - 1).contains(&format!("{}-{date}", law - 1)), "{date} before {law}");
            assert!(dates(law).contains(&format!("{law}-{date}")), "{date} in {law}");
        }
        // Good Friday: 14 April 2017 was worked, 6 April 2018 was not.
        assert!(!dates(2017).contains(&"2017-04-14".to_owned()));
        assert!(dates(2018).contains(&"2018-04-06".to_owned()));
    }

    #[test]
    fn every_holiday_names_its_act() {
        assert!((2003..2100).flat_map(holidays).all(|one| one.basis.starts_with("Legea nr. ") && !one.name.is_empty()));
    }
}
