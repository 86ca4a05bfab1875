//! What an item is found by.

use std::collections::BTreeSet;

use schemas::text::fold;

/// Letters of a word that count; the rest of a longer one is not looked at.
const LONGEST: usize = 40;
/// Lengths of beginnings that have a term of their own, so that few letters do not mean thousands of words, nor few digits
/// a hundred thousand numbers.
const BEGINNINGS: std::ops::RangeInclusive<usize> = 2..=6;

/// The filter that says which units may see an item, and its value where all may.
pub(super) const READER: &str = "reader";
pub(super) const ANYBODY: &str = "*";

/// The terms of an item: words, folded, and values of filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    base: BTreeSet<String>,
}

/// Terms that a question asks for: from one up to, and without, another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub low: String,
    pub high: String,
    /// A single term.
    pub single: bool,
}

impl Terms {
    /// Adds the words of a text.
    pub fn text(&mut self, text: &str) {
        self.text_up_to(text, usize::MAX);
    }

    /// Adds the words of a text until there are so many terms.
    pub fn text_up_to(&mut self, text: &str, most: usize) {
        for word in words(text) {
            if self.base.len() >= most {
                return;
            }
            self.base.insert(format!(".{word}"));
        }
    }

    /// Adds a value to be filtered by.
    pub fn filter(&mut self, name: &str, value: &str) {
        self.base.insert(filter_term(name, value));
    }

    /// The terms as the item keeps them.
    pub(super) fn written(&self) -> String {
        self.base.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// Reads them again.
    pub(super) fn read(written: &str) -> Self {
        Self { base: written.split(' ').filter(|term| !term.is_empty()).map(str::to_owned).collect() }
    }

    /// Everything that has a bit for the item: its terms, and the beginnings of its words.
    #[must_use]
    pub fn all(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for term in &self.base {
            if let Some(word) = term.strip_prefix('.') {
                all.extend(BEGINNINGS.filter_map(|length| beginning(word, length)));
            }
            all.insert(term.clone());
        }
        all
    }
}

/// The words of a text, folded.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST).collect())
        .collect();
    words.into_iter()
}

/// What a word of a question asks for: the words that begin with it.
pub(super) fn asked(word: &str) -> Range {
    let letters = word.chars().count();
    if letters < *BEGINNINGS.start() {
        return single(format!(".{word}"));
    }
    if letters <= *BEGINNINGS.end() {
        return single(format!("*{word}"));
    }
    // No word holds this letter, and none sorts behind it.
    Range { low: format!(".{word}"), high: format!(".{word}\u{10FFFF}"), single: false }
}

/// Items with a value.
pub(super) fn filtered(name: &str, value: &str) -> Range {
    single(filter_term(name, value))
}

/// Items with a value from one up to another, both included.
pub(super) fn between(name: &str, from: &str, to: &str) -> Range {
    Range { low: filter_term(name, from), high: filter_term(name, to) + "\u{10FFFF}", single: false }
}

/// Items with a value that begins so.
pub(super) fn beginning_with(name: &str, value: &str) -> Range {
    between(name, value, value)
}

fn single(term: String) -> Range {
    Range { high: String::new(), low: term, single: true }
}

/// Blanks part the terms of an item.
fn filter_term(name: &str, value: &str) -> String {
    let value: String =
        value.chars().take(120).map(|letter| if letter.is_whitespace() { '_' } else { letter }).collect();
    format!("={name}:{value}")
}

fn beginning(word: &str, length: usize) -> Option<String> {
    let (end, letter) = word.char_indices().nth(length - 1)?;
    Some(format!("*{}", &word[..end + letter.len_utf8()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_have_their_beginnings() {
        let mut terms = Terms::default();
        terms.text("Anchetă socială, ŞIŞEŞTI nr. 7");
        terms.filter("unit", "asistență socială");
        let all = terms.all();
        for term in
            [".ancheta", "*an", "*anc", "*anch", ".sisesti", "*si", ".nr", "*nr", ".7", "=unit:asistență_socială"]
        {
            assert!(all.contains(term), "{term}: {all:?}");
        }
        assert!(!all.contains("*7") && !all.contains("*asis"));
        assert_eq!(Terms::read(&terms.written()), terms);
    }

    #[test]
    fn a_question_asks_for_beginnings() {
        assert_eq!(asked("anch").low, "*anch");
        assert_eq!(asked("7").low, ".7");
        let long = asked("ancheta");
        assert!(long.low.as_str() <= ".anchetatori" && ".anchetatori" < long.high.as_str() && !long.single);
        assert!(".anchetez" > long.high.as_str());
    }
}
