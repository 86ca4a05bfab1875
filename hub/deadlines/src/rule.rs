//! The rules of terms, as data with their legal basis (`data/rules.toml`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::length::Length;

/// What a term is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// The registration at the institution that must answer, whoever registered the document before.
    Registration,
    /// The day the document reached that institution.
    Receipt,
    /// A date that a person or another act names.
    Date,
}

/// What becomes of a term whose last day is not worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastDay {
    /// It ends with the first working day that follows (Civil code, art. 2554; Regulation 1182/71, art. 3 (4)).
    Moves,
    /// It ends all the same, so that nobody relies on the day after.
    Stays,
}

/// How far a term may be lengthened at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Most {
    /// By so much more.
    Further(Length),
    /// To so much in all.
    InAll(Length),
}

/// Whether and how a term may be lengthened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// How far.
    pub most: Most,
    /// Within which time from the start the person must be told; none where the law sets none.
    #[serde(default)]
    pub told_within: Option<Length>,
    /// The article that allows it.
    pub basis: String,
}

/// A rule for a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its code, for example `petition`.
    pub code: String,
    /// What it is for, in Romanian.
    pub title: String,
    /// How long.
    pub length: Length,
    /// From what.
    #[serde(default = "registration")]
    pub start: Start,
    /// What if the last day is not worked.
    #[serde(default = "moves")]
    pub last_day: LastDay,
    /// Whether it may be lengthened.
    #[serde(default)]
    pub extension: Option<Extension>,
    /// Shares of the term, in percent, at which a person is warned; ascending.
    #[serde(default = "shares")]
    pub warn_at: Vec<u8>,
    /// Law and article.
    pub basis: String,
}

const fn registration() -> Start {
    Start::Registration
}

const fn moves() -> LastDay {
    LastDay::Moves
}

fn shares() -> Vec<u8> {
    vec![50, 80]
}

/// Why a rule is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The text is not what a list of rules looks like.
    #[error("the rules cannot be read: {0}")]
    Unreadable(String),
    /// Two rules have one code.
    #[error("the rule {0} is there twice")]
    Twice(String),
    /// A length of nothing, or of more than ten years of days.
    #[error("the rule {0} has a length of no days, or of more than 3,660")]
    Length(String),
    /// Shares outside 1 to 99, or not in order.
    #[error("the rule {0} warns at shares that are not percents from 1 to 99 in order")]
    Shares(String),
    /// A rule without a legal basis binds nobody.
    #[error("the rule {0} names no legal basis")]
    Basis(String),
}

/// The rules an installation knows, by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(BTreeMap<String, Rule>);

/// Longest length, in its unit.
const LONGEST: u16 = 3660;

impl Rules {
    /// The rules this program carries.
    ///
    /// # Panics
    /// Never: a test reads the data.
    #[must_use]
    pub fn romanian() -> Self {
        Self::read(include_str!("../data/rules.toml")).expect("the data of the program is read by its tests")
    }

    /// Reads rules (`[[rule]]`), each checked.
    ///
    /// # Errors
    /// [`RuleError`] names the first rule that is none.
    pub fn read(text: &str) -> Result<Self, RuleError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            rule: Vec<Rule>,
        }
        let file: File = toml::from_str(text).map_err(|error| RuleError::Unreadable(error.to_string()))?;
        let mut all = BTreeMap::new();
        for rule in file.rule {
            rule.check()?;
            if let Some(first) = all.insert(rule.code.clone(), rule) {
                return Err(RuleError::Twice(first.code));
            }
        }
        Ok(Self(all))
    }

    /// The rule with a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Rule> {
        self.0.get(code)
    }

    /// All rules in order of code.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.values()
    }
}

impl Rule {
    /// A rule that only says how long and why, as a document type or a register states it.
    #[must_use]
    pub fn plain(code: &str, length: Length, basis: &str) -> Self {
        Self {
            code: code.to_owned(),
            title: basis.to_owned(),
            length,
            start: registration(),
            last_day: moves(),
            extension: None,
            warn_at: shares(),
            basis: basis.to_owned(),
        }
    }

    /// Whether it is a rule at all.
    ///
    /// # Errors
    /// [`RuleError`] says what it breaks.
    pub fn check(&self) -> Result<(), RuleError> {
        let code = || self.code.clone();
        if self.length.count == 0 || self.length.count > LONGEST {
            return Err(RuleError::Length(code()));
        }
        let ascending = self.warn_at.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.warn_at.iter().any(|share| !(1..=99).contains(share)) {
            return Err(RuleError::Shares(code()));
        }
        if self.basis.trim().is_empty() {
            return Err(RuleError::Basis(code()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_program_are_read_and_each_names_its_law() {
        let rules = Rules::romanian();
        for code in [
            "petition",
            "petition-misdirected",
            "public-information",
            "public-information-refusal",
            "gdpr",
            "social-inquiry",
            "default",
        ] {
            assert!(rules.get(code).is_some(), "{code}");
        }
        assert_eq!(rules.get("petition").unwrap().length, Length::days(30));
        assert_eq!(rules.get("petition").unwrap().extension.as_ref().unwrap().most, Most::Further(Length::days(15)));
        let information = rules.get("public-information").unwrap().extension.clone().unwrap();
        assert_eq!(
            (information.most, information.told_within),
            (Most::InAll(Length::days(30)), Some(Length::days(10)))
        );
    }

    #[test]
    fn what_is_no_rule_is_named() {
        let rule = |extra: &str| format!("[[rule]]\ncode = \"x\"\ntitle = \"x\"\n{extra}");
        let ok = "length = { count = 3, unit = \"months\" }\nbasis = \"legea\"\n";
        assert!(Rules::read(&rule(ok)).is_ok());
        let cases = [
            (rule("length = { count = 0, unit = \"months\" }\nbasis = \"legea\"\n"), RuleError::Length("x".to_owned())),
            (rule(&format!("{ok}warn_at = [80, 50]\n")), RuleError::Shares("x".to_owned())),
            (rule(&format!("{ok}warn_at = [100]\n")), RuleError::Shares("x".to_owned())),
            (rule("length = { count = 3, unit = \"months\" }\nbasis = \" \"\n"), RuleError::Basis("x".to_owned())),
            (rule(ok) + &rule(ok), RuleError::Twice("x".to_owned())),
        ];
        for (text, error) in cases {
            assert_eq!(Rules::read(&text).unwrap_err(), error, "{text}");
        }
        assert!(matches!(
            Rules::read(&rule("length = { count = 3, unit = \"weeks\" }")),
            Err(RuleError::Unreadable(_))
        ));
    }
}
