//! The code lists, each row with its time of validity: what counts is the reporting date, not the date of arrival (sheet E2).
//!
//! The places are a part of SIRUTA (Institutul Național de Statistică); rows marked as invented have an end for tests.

use std::sync::OnceLock;

use jiff::civil::Date;

/// A place of SIRUTA.
pub(super) struct Place {
    pub(super) siruta: u32,
    level: u8,
    pub(super) parent: Option<u32>,
    validity: Validity,
}

/// A row of another list.
pub(super) struct Row {
    list: &'static str,
    pub(super) code: &'static str,
    pub(super) row_code: &'static str,
    pub(super) name: &'static str,
    /// For a total: the row codes it is the sum of.
    pub(super) sum_of: Vec<&'static str>,
    validity: Validity,
}

struct Validity {
    from: Option<Date>,
    until: Option<Date>,
}

impl Validity {
    fn read(from: Option<&str>, until: Option<&str>) -> Self {
        let date = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        Self { from: date(from), until: date(until) }
    }

    fn holds(&self, at: Date) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at <= until)
    }
}

fn places() -> &'static [Place] {
    static PLACES: OnceLock<Vec<Place>> = OnceLock::new();
    PLACES.get_or_init(|| {
        let place = |line: &'static str| {
            let fields: Vec<_> = line.split('\t').collect();
            let [siruta, level, parent, _name, rest @ ..] = fields.as_slice() else { return None };
            let validity = Validity::read(rest.first().copied(), rest.get(1).copied());
            Some(Place {
                siruta: siruta.parse().ok()?,
                level: level.parse().ok()?,
                parent: parent.parse().ok(),
                validity,
            })
        };
        include_str!("places.tsv").lines().skip(1).filter_map(place).collect()
    })
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let row = |line: &'static str| {
            let fields: Vec<_> = line.split('\t').collect();
            let [list, code, row_code, name, formula, rest @ ..] = fields.as_slice() else { return None };
            let sum_of = formula.split('+').filter(|part| !part.is_empty()).collect();
            let validity = Validity::read(rest.first().copied(), rest.get(1).copied());
            Some(Row { list, code, row_code, name, sum_of, validity })
        };
        include_str!("rows.tsv").lines().skip(1).filter_map(row).collect()
    })
}

/// A place, whenever it was valid.
pub(super) fn place(siruta: u32) -> Option<&'static Place> {
    places().iter().find(|place| place.siruta == siruta)
}

/// A place that was valid at a date.
pub(super) fn place_at(siruta: u32, at: Date) -> Option<&'static Place> {
    place(siruta).filter(|place| place.validity.holds(at))
}

/// Whether a code is a town's, commune's or municipality's own.
pub(super) fn is_uat(siruta: u32) -> bool {
    place(siruta).is_some_and(|place| place.level == 2)
}

/// A row of a list that was valid at a date.
pub(super) fn row_at(list: &str, code: &str, row_code: Option<&str>, at: Date) -> Option<&'static Row> {
    let wanted = |row: &&Row| {
        row.list == list
            && row.code == code
            && row_code.is_none_or(|wanted| row.row_code == wanted)
            && row.validity.holds(at)
    };
    rows().iter().find(wanted)
}
