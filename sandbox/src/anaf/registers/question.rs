//! The question all registers share: `[{"cui": 90000006, "data": "2026-07-01"}]`.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

/// One code at one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The fiscal code.
    pub(crate) cui: u64,
    /// The day, `yyyy-MM-dd`.
    pub(crate) day: String,
}

#[derive(Deserialize)]
struct Line {
    cui: Value,
    data: String,
}

/// The codes of a question, at most so many.
pub(crate) fn read(body: &[u8], most: usize) -> Result<Vec<Asked>, String> {
    let lines: Vec<Line> = serde_json::from_slice(body).map_err(|_| "Structura cererii nu este corecta.".to_owned())?;
    if lines.is_empty() || lines.len() > most {
        return Err(format!("Numarul de CUI-uri trebuie sa fie intre 1 si {most}."));
    }
    lines.into_iter().map(asked).collect()
}

fn asked(line: Line) -> Result<Asked, String> {
    let cui = match &line.cui {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    };
    let cui = cui.filter(|cui| *cui > 0).ok_or_else(|| format!("CUI introdus= {} nu este un numar", line.cui))?;
    let day: Date = line.data.parse().map_err(|_| format!("Data introdusa= {} nu este corecta", line.data))?;
    Ok(Asked { cui, day: day.to_string() })
}

/// Whether a day lies in a period; days compare as text because they are `yyyy-MM-dd`.
pub(crate) fn within(day: &str, (from, until): (&str, &str)) -> bool {
    from <= day && (until.is_empty() || day < until)
}

#[cfg(test)]
mod tests {
    use super::{read, within};

    #[test]
    fn a_question_is_a_short_list_of_codes_and_days() {
        assert_eq!(read(br#"[{"cui":"90000006","data":"2026-07-01"}]"#, 1).unwrap()[0].cui, 90_000_006);
        for wrong in [r#"[]"#, r#"{}"#, r#"[{"cui":1.5,"data":"2026-07-01"}]"#, r#"[{"cui":1,"data":"01.07.2026"}]"#] {
            assert!(read(wrong.as_bytes(), 1).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_day_of_a_period_is_the_day_from_which_it_does_not_count() {
        let period = ("2016-03-01", "2020-01-01");
        assert_eq!(["2016-02-29", "2016-03-01", "2020-01-01"].map(|day| within(day, period)), [false, true, false]);
    }
}
