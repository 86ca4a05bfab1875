//! The code of a group of dossiers (indicativ): direction in roman, service as a letter, number of the group: `I/A/1`.

use std::fmt;

/// A code that has the form of one. Whether it is in a nomenclator is another question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(String);

impl Code {
    /// Reads a code; blanks around its parts and small letters are put right.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<String> = text.split('/').map(|part| part.trim().to_uppercase()).collect();
        let [direction, service, number] = parts.as_slice() else { return None };
        let plain = number.parse::<u16>().is_ok_and(|value| value > 0 && value.to_string() == *number);
        let fits = is_roman(direction) && is_letters(service) && plain;
        fits.then(|| Self(parts.join("/")))
    }

    /// The code as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Roman numbers up to 89, in the one way they are written.
fn is_roman(text: &str) -> bool {
    (1..90).any(|number| roman(number) == text)
}

fn roman(mut number: u32) -> String {
    let signs = [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let mut text = String::new();
    for (value, sign) in signs {
        while number >= value {
            text += sign;
            number -= value;
        }
    }
    text
}

/// One letter, or two where an institution has more services than letters.
fn is_letters(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// Up to five codes of a nomenclator that a person who wrote `wrong` may have meant, nearest first.
#[must_use]
pub fn near<'c>(wrong: &str, codes: impl Iterator<Item = &'c str>) -> Vec<&'c str> {
    let wrong: String = wrong.chars().filter(|letter| !letter.is_whitespace()).take(40).collect();
    let wrong = wrong.to_uppercase();
    let mut ranked: Vec<(usize, &str)> = codes.map(|code| (distance(&wrong, code), code)).collect();
    ranked.sort();
    ranked.into_iter().take(5).map(|(_, code)| code).collect()
}

/// How many letters must be put in, left out or changed.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = above + 1;
        for (place, same) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != *same);
            corner = row[place + 1];
            row[place + 1] = changed.min(row[place] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_a_roman_direction_a_service_of_letters_and_a_number() {
        for (text, read) in [
            ("I/A/1", Some("I/A/1")),
            (" iv / b / 12 ", Some("IV/B/12")),
            ("XIX/AB/3", Some("XIX/AB/3")),
            ("IIII/A/1", None),
            ("1/A/1", None),
            ("I/A", None),
            ("I/A/0", None),
            ("I/A/01", None),
            ("I/A/1/2", None),
            ("I/Ă/1", None),
            ("", None),
        ] {
            assert_eq!(Code::parse(text).as_ref().map(Code::as_str), read, "{text}");
        }
    }

    #[test]
    fn the_codes_that_were_probably_meant_come_first() {
        let codes = ["I/A/1", "I/A/2", "I/A/12", "II/B/1", "III/C/9"];
        assert_eq!(near("I/A/13", codes.into_iter())[0], "I/A/1");
        assert_eq!(near("ii/b/7", codes.into_iter())[0], "II/B/1");
        assert_eq!(near("", codes.into_iter()).len(), 5);
    }
}
