//! A cell and what it means in its column: days as Romanians write them or as Excel counts them, numbers, words.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use schemas::text::fold;

use crate::record::{Direction, State};
use crate::{Column, Complaint};

/// What stands in a cell of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Cell {
    /// Nothing, or white space.
    #[default]
    Empty,
    /// Text, trimmed.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, as the file itself says.
    Day(Date),
    /// An error of a formula, such as `#REF!`.
    Broken(String),
}

/// Excel's first days, in the system of 1900; before 1 March 1900 it counts a day that never was.
const SERIALS: std::ops::RangeInclusive<f64> = 61.0..=2_958_465.0;

/// The day of a serial number of Excel.
pub fn day_of_serial(serial: f64, since_1904: bool) -> Option<Date> {
    let serial = if since_1904 { serial + 1_462.0 } else { serial };
    if !SERIALS.contains(&serial) {
        return None;
    }
    date(1899, 12, 30).checked_add((serial.floor() as i64).days()).ok()
}

impl Cell {
    /// Text of a CSV, or of a text cell.
    pub fn of_text(text: &str) -> Self {
        let text = text.trim();
        // What a writer put before it so that no program takes it for a formula.
        let text = match text.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
            _ => text,
        };
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// The words as they stand; a whole number without its point.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Empty => None,
            Self::Text(text) | Self::Broken(text) => Some(text.clone()),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(format!("{number:.0}")),
            Self::Number(number) => Some(number.to_string()),
            Self::Day(day) => Some(crate::day_in_words(*day)),
        }
    }

    /// A text that may be missing.
    pub fn text(&self, column: Column) -> Result<Option<String>, Complaint> {
        match self {
            Self::Broken(error) => Err(Complaint::new(
                column,
                format!("celula are o eroare de formulă, {error}"),
                "scrieți valoarea în locul formulei",
            )),
            other => Ok(other.words()),
        }
    }

    /// A day that may be missing.
    pub fn day(&self, column: Column) -> Result<Option<Date>, Complaint> {
        let wrong = |shown: &str| {
            let way_out = "scrieți data ca zz.ll.aaaa, de exemplu 31.12.2025";
            Err(Complaint::new(column, format!("„{}” nu este o dată care există", brief(shown)), way_out))
        };
        let read = match self {
            Self::Empty => return Ok(None),
            Self::Day(day) => Some(*day),
            Self::Number(serial) => day_of_serial(*serial, false),
            Self::Text(text) => day_of_text(text),
            Self::Broken(_) => None,
        };
        match read {
            Some(day) if (1900..=2100).contains(&day.year()) => Ok(Some(day)),
            _ => wrong(&self.words().unwrap_or_default()),
        }
    }

    /// A count that may be missing.
    pub fn count(&self, column: Column) -> Result<Option<u32>, Complaint> {
        let Some(words) = self.text(column)? else { return Ok(None) };
        let plain = ungrouped(&words);
        let count = plain.parse::<u32>().ok().filter(|_| plain.bytes().all(|byte| byte.is_ascii_digit()));
        count.map(Some).ok_or_else(|| {
            Complaint::new(
                column,
                format!("„{}” nu este un număr întreg", brief(&words)),
                "scrieți doar cifre, de exemplu 3, sau lăsați celula goală",
            )
        })
    }

    /// A registration number, as it was written; groups of thousands lose their points.
    pub fn number(&self, column: Column) -> Result<String, Complaint> {
        let Some(words) = self.text(column)? else {
            return Err(Complaint::new(column, "lipsește numărul", "scrieți numărul din registrul vechi"));
        };
        let number = ungrouped(&words);
        let fits = number.chars().count() <= 40
            && number.chars().any(|letter| letter.is_ascii_digit())
            && number.chars().all(|letter| letter.is_alphanumeric() || " ./-".contains(letter));
        if fits {
            return Ok(number);
        }
        Err(Complaint::new(
            column,
            format!("„{}” nu este un număr de înregistrare", brief(&words)),
            "scrieți numărul cu cel mult 40 de caractere: cifre, litere, puncte, bare sau liniuțe",
        ))
    }

    /// Which way; in, where nothing is said.
    pub fn direction(&self, column: Column) -> Result<Direction, Complaint> {
        let Some(words) = self.text(column)? else { return Ok(Direction::In) };
        match fold(&words).as_str() {
            "intrare" | "intrat" | "in" | "i" => Ok(Direction::In),
            "iesire" | "iesit" | "out" | "e" => Ok(Direction::Out),
            "intern" | "interna" | "internal" | "n" => Ok(Direction::Internal),
            _ => Err(Complaint::new(
                column,
                format!("„{}” nu este un sens cunoscut", brief(&words)),
                "scrieți intrare, ieșire sau intern",
            )),
        }
    }

    /// How the number stands; used, where nothing is said.
    pub fn state(&self, column: Column) -> Result<State, Complaint> {
        let Some(words) = self.text(column)? else { return Ok(State::Used) };
        match fold(&words).as_str() {
            "" | "inregistrat" | "folosit" | "rezolvat" | "in lucru" | "clasat" => Ok(State::Used),
            "anulat" | "anulata" => Ok(State::Annulled),
            "neutilizat" | "neutilizata" | "barat" | "liber" => Ok(State::Struck),
            "rezervat" | "rezervata" => Ok(State::Reserved),
            _ => Err(Complaint::new(
                column,
                format!("„{}” nu este o stare cunoscută", brief(&words)),
                "lăsați celula goală sau scrieți anulat, neutilizat ori rezervat",
            )),
        }
    }
}

/// `31.12.2025`, `31/12/2025`, `31-12-2025`, `2025-12-31`, each also before a time of day; or a serial of Excel.
fn day_of_text(text: &str) -> Option<Date> {
    let text = text.split([' ', 'T']).next().unwrap_or_default().trim_end_matches('.');
    if (5..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return day_of_serial(text.parse().ok()?, false);
    }
    let separator = ['.', '/', '-'].into_iter().find(|separator| text.contains(*separator))?;
    let pieces: Vec<&str> = text.split(separator).collect();
    let [first, month, last] = pieces[..] else { return None };
    let digits = |piece: &str| piece.len() <= 4 && piece.bytes().all(|byte| byte.is_ascii_digit());
    if ![first, month, last].into_iter().all(digits) {
        return None;
    }
    let (day, year) = if first.len() == 4 { (last, first) } else { (first, last) };
    // A year of two digits could be of two centuries.
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `1.482` and `1 482` are 1482; what is no group of thousands stays as it is.
fn ungrouped(words: &str) -> String {
    for separator in ['.', ' ', '\u{a0}', '\u{202f}'] {
        let groups: Vec<&str> = words.split(separator).collect();
        let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
        let grouped = groups.len() > 1
            && (1..=3).contains(&groups[0].len())
            && groups[1..].iter().all(|group| group.len() == 3)
            && groups.iter().all(|group| digits(group));
        if grouped {
            return groups.concat();
        }
    }
    words.to_owned()
}

/// Foreign text in a sentence of ours.
fn brief(text: &str) -> String {
    let mut shown: String =
        text.chars().take(40).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().count() > 40 {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_romanians_write_them_and_as_excel_counts_them() {
        let day = |cell: &Cell| cell.day(Column::Date).ok().flatten().map(|day| day.to_string());
        let texts = [
            ("31.12.2025", Some("2025-12-31")),
            ("1.2.2025", Some("2025-02-01")),
            ("31/12/2025", Some("2025-12-31")),
            ("2025-12-31", Some("2025-12-31")),
            ("31.12.2025 10:30", Some("2025-12-31")),
            ("46022", Some("2025-12-31")),
            ("29.02.2024", Some("2024-02-29")),
            ("29.02.2025", None),
            ("31.12.25", None),
            ("12/31/2025", None),
            ("mâine", None),
            ("31.12.9999", None),
        ];
        for (text, expected) in texts {
            assert_eq!(day(&Cell::of_text(text)).as_deref(), expected, "{text}");
        }
        assert_eq!(day(&Cell::Number(46_022.0)).as_deref(), Some("2025-12-31"));
        assert_eq!(day(&Cell::Number(46_022.75)).as_deref(), Some("2025-12-31"));
        assert_eq!(day(&Cell::Number(3.0)), None);
        assert_eq!(day_of_serial(44_560.0, true).unwrap().to_string(), "2025-12-31");
        assert_eq!(Cell::Empty.day(Column::Date), Ok(None));
    }

    #[test]
    fn numbers_lose_their_groups_and_keep_what_paper_registers_add() {
        let number = |text: &str| Cell::of_text(text).number(Column::Number).ok();
        assert_eq!(number("1.482").as_deref(), Some("1482"));
        assert_eq!(number("1 482").as_deref(), Some("1482"));
        assert_eq!(number("12 bis").as_deref(), Some("12 bis"));
        assert_eq!(number("12/A").as_deref(), Some("12/A"));
        assert_eq!(Cell::Number(7.0).number(Column::Number).ok().as_deref(), Some("7"));
        for wrong in ["", "abc", "1;2", "<b>1</b>", &"1".repeat(41)] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        assert_eq!(Cell::of_text("3").count(Column::Pages), Ok(Some(3)));
        assert!(Cell::of_text("-3").count(Column::Pages).is_err());
        assert!(Cell::of_text("3,5").count(Column::Pages).is_err());
    }
}
