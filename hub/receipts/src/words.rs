//! The words people read, by language. They stand in `words/<language>/*.toml`, so that a lawyer can read and change them
//! without reading a program; a language in which one is missing does not load.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::event::Event;

/// In which language a paper is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// Romanian.
    #[default]
    Romanian,
    /// English.
    English,
}

impl Language {
    /// Every language there is.
    pub const ALL: [Self; 2] = [Self::Romanian, Self::English];

    /// Tag of BCP 47, without a region.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Romanian => "ro",
            Self::English => "en",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Romanian => &ROMANIAN,
            Self::English => &ENGLISH,
        }
    }
}

macro_rules! language {
    ($folder:literal) => {
        LazyLock::new(|| Words {
            events: read(concat!($folder, "/events"), include_str!(concat!("../words/", $folder, "/events.toml"))),
            reasons: read(concat!($folder, "/reasons"), include_str!(concat!("../words/", $folder, "/reasons.toml"))),
            law: read(concat!($folder, "/law"), include_str!(concat!("../words/", $folder, "/law.toml"))),
            labels: read(concat!($folder, "/labels"), include_str!(concat!("../words/", $folder, "/labels.toml"))),
            story: read(concat!($folder, "/story"), include_str!(concat!("../words/", $folder, "/story.toml"))),
        })
    };
}

static ROMANIAN: LazyLock<Words> = language!("ro");
static ENGLISH: LazyLock<Words> = language!("en");

fn read<T: DeserializeOwned>(name: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("the words of {name} are complete: {error}"))
}

/// The words of one language.
pub struct Words {
    events: BTreeMap<String, EventWords>,
    reasons: BTreeMap<String, String>,
    /// What the law says.
    pub law: Law,
    /// Labels of the page.
    pub labels: Labels,
    /// Words of the narrative.
    pub story: Story,
}

impl Words {
    /// What an event means.
    pub fn event(&self, event: Event) -> &EventWords {
        self.events.get(event.as_str()).expect("every event has words in every language: a test holds it")
    }

    /// What a reason means, by its short code.
    pub fn reason(&self, code: &str) -> Option<&str> {
        self.reasons.get(code).map(String::as_str)
    }
}

/// A sentence with its holes `{}` filled from left to right.
pub fn fill(sentence: &str, values: &[&str]) -> String {
    let mut pieces = sentence.split("{}");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    let mut values = values.iter();
    for piece in pieces {
        filled.push_str(values.next().copied().unwrap_or_default());
        filled.push_str(piece);
    }
    filled
}

/// Words of one event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventWords {
    /// Title of the receipt.
    pub happened: String,
    /// What it proves.
    pub proves: String,
    /// What it does not.
    pub limit: String,
}

/// Declares the words of one file: every name is a line of it.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($word:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "the sentence in the file is the meaning")]
        pub struct $name { $(pub $word: String),* }
    };
}

words! {
    /// Sentences of law, each with its source.
    Law {
        registered, not_qualified, qualified, failed, outside, seal, development, transformation, interoperability, petition,
        basis, source,
    }
}

words! {
    /// Labels and short sentences of the page.
    Labels {
        receipt, service_not_qualified, service_qualified, policy, development, development_short, event, reason, about,
        sender_number, recipient_number, no_number, no_number_yet, sender, recipient, recipients, unknown_sender,
        no_recipient, fiscal_code, delegate, document, document_version, subject, deadline, calendar_day, calendar_days, working_day, working_days,
        days_open, until, counted_from, transformation, transformed, message, part, media_type, size, digest, no_parts,
        more_recipients, more_parts, more_reasons, more_reasons_one, more_recipients_one, more_parts_one, proves, law, verify,
        verify_command, verify_page, verify_no_page, verify_code, verify_digest, evidence, evidence_id, evidence_digest, seal, seal_issuer, seal_serial, log,
        log_place, log_head, log_stamp, log_no_head, no_log, is_a_rendering, page_of, utc, decimal_mark, of,
    }
}

words! {
    /// Words of the narrative.
    Story {
        title, subtitle, made, parties, document, events, events_intro, no_events, event_title, when, digest, file, stamp, stamped,
        proofs, proofs_intro, claim, check, seal_claim, seal_check, seal_independent, same_claim, same_check, time_claim, time_check,
        no_time_claim, log_claim, log_check, no_log_claim, numbers_claim, numbers_check, transformation_claim,
        transformation_check, page_claim, page_check, limits, law, digests, digests_intro, development, number_sender, number_recipient,
        evidence_files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::CODES;

    #[test]
    fn no_event_and_no_reason_is_without_words_in_any_language() {
        for language in Language::ALL {
            let words = language.words();
            for event in Event::ALL {
                let said = words.event(event);
                for sentence in [&said.happened, &said.proves, &said.limit] {
                    assert!(sentence.chars().count() > 15, "{event:?} in {language:?}: {sentence}");
                }
            }
            for (code, _) in CODES {
                assert!(words.reason(code).is_some_and(|said| said.len() > 10), "{code} in {language:?}");
            }
            assert_eq!(words.events.len(), Event::ALL.len(), "words for an event that is not one, in {language:?}");
            assert_eq!(words.reasons.len(), CODES.len() - 1, "words for a code that is not one, in {language:?}");
        }
    }

    #[test]
    fn the_two_languages_have_the_same_holes_and_romanian_has_the_comma_below() {
        let files = [
            (include_str!("../words/ro/labels.toml"), include_str!("../words/en/labels.toml")),
            (include_str!("../words/ro/story.toml"), include_str!("../words/en/story.toml")),
            (include_str!("../words/ro/law.toml"), include_str!("../words/en/law.toml")),
        ];
        for (romanian, english) in files {
            let one: BTreeMap<String, String> = toml::from_str(romanian).unwrap();
            let other: BTreeMap<String, String> = toml::from_str(english).unwrap();
            for (name, sentence) in &one {
                assert_eq!(sentence.matches("{}").count(), other[name].matches("{}").count(), "{name}");
            }
        }
        let all = ["events", "reasons", "law", "labels", "story"].map(|file| {
            std::fs::read_to_string(format!("{}/words/ro/{file}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap()
        });
        let cedilla: Vec<char> = all.concat().chars().filter(|letter| "şţŞŢ".contains(*letter)).collect();
        assert!(cedilla.is_empty(), "{cedilla:?}");
    }

    #[test]
    fn holes_are_filled_in_order_and_a_value_is_never_a_hole() {
        assert_eq!(fill("{} din {}", &["1", "{}"]), "1 din {}");
        assert_eq!(fill("fără", &["x"]), "fără");
    }
}
