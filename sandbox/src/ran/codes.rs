//! The coded errors of RAN, from the table `codes.tsv` beside this file.
//!
//! The numbers and their meaning are the published ones; the Romanian wording is ours, with the letters the original
//! leaves out. Lines of origin `nostru` are not RAN's but the twin's.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::soap::{Fault, Party, element};

/// A coded error with its words filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The code, `SAVE-CAP-6`.
    pub code: String,
    /// What is wrong, in Romanian.
    pub message: String,
    /// What to do, where RAN says it.
    pub hint: Option<String>,
}

struct Line {
    text: &'static str,
    hint: &'static str,
}

fn table() -> &'static HashMap<&'static str, Line> {
    static TABLE: OnceLock<HashMap<&'static str, Line>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("codes.tsv").lines().skip(1);
        lines
            .filter_map(|line| {
                let mut fields = line.split('\t');
                let (code, _origin, text) = (fields.next()?, fields.next()?, fields.next()?);
                Some((code, Line { text, hint: fields.next().unwrap_or_default() }))
            })
            .collect()
    })
}

impl Problem {
    /// The error of a code, `{1}` and so on replaced by the parameters.
    pub(super) fn new(code: &str, parameters: &[&str]) -> Problem {
        let line = table().get(code);
        let mut message = line.map_or(code, |line| line.text).to_owned();
        for (position, parameter) in parameters.iter().enumerate() {
            message = message.replace(&format!("{{{}}}", position + 1), parameter);
        }
        let hint = line.map(|line| line.hint).filter(|hint| !hint.is_empty()).map(str::to_owned);
        Problem { code: code.to_owned(), message, hint }
    }

    /// The fault that carries it: `RanException` for what the sender did, `RanRuntimeException` for the rest, as the
    /// published server throws them. RAN's server blames itself for both; only the detail tells them apart.
    pub(super) fn fault(&self) -> Fault {
        let hint = self.hint.as_deref().map(|hint| element("hint", hint)).unwrap_or_default();
        let runtime = self.code.starts_with("REQ-");
        let name = if runtime { "RanRuntimeException" } else { "RanException" };
        let detail = format!(
            "<ran:{name} xmlns:ran=\"core.ran.ancpi.ro\">{}{}{hint}</ran:{name}>",
            element("code", &self.code),
            element("message", &self.message)
        );
        Fault { party: Party::Server, reason: name.to_owned(), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let numbered = (1..=85).filter(|number| table().contains_key(format!("SAVE-CAP-{number}").as_str())).count();
        assert_eq!(numbered, 85);
        for (code, line) in table() {
            assert!(line.text.ends_with(['.', '!', '?']), "{code}: {}", line.text);
        }
        let problem = Problem::new("SAVE-CAP-6", &["109773", "110063"]);
        assert!(
            problem.message.contains("109773") && problem.message.contains("110063") && !problem.message.contains('{')
        );
        assert!(Problem::new("SAVE-CAP-1", &["a", "b"]).hint.unwrap().contains("CAP0_12"));
    }
}
