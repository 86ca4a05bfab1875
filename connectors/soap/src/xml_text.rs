//! XML with holes. What fills a hole is escaped; a line in which an optional hole is not filled is left out.

use connectors_contract::manifest::{MissingFact, QuestionTemplate};
use serde::Deserialize;

/// XML with holes, line by line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct XmlText {
    lines: Vec<QuestionTemplate>,
}

impl TryFrom<String> for XmlText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines = lines.map(|line| QuestionTemplate::try_from(line.to_owned())).collect::<Result<_, _>>()?;
        Ok(Self { lines })
    }
}

impl XmlText {
    /// Fills the holes. `filled` gives XML that is already escaped.
    ///
    /// # Errors
    /// A hole that must be filled is not.
    pub(crate) fn fill(&self, filled: impl Fn(&str) -> Option<String>) -> Result<String, MissingFact> {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(&line.fill(&filled)?.unwrap_or_default());
        }
        Ok(text)
    }

    /// The names of the holes.
    pub(crate) fn selected(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flat_map(|line| line.selected())
    }

    /// Whether it is one element once its holes are filled, and also when the optional ones are not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let all = self.fill(|_| Some("x".to_owned())).map_err(|error| error.to_string())?;
        roxmltree::Document::parse(&all).map(|_| ()).map_err(|error| format!("a body that is not XML: {error}"))
    }
}

/// Text with what XML would read as markup escaped. Characters XML 1.0 cannot carry become spaces.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\r' => escaped.push_str("&#xD;"),
            '\t' | '\n' => escaped.push(letter),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push(' '),
            control if control < ' ' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> XmlText {
        XmlText::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_line_without_its_optional_value_is_left_out_and_what_is_filled_stays_text() {
        let template = text("<q>\n <a>{a}</a>\n <b>{b?}</b>\n</q>");
        let filled = template.fill(|name| (name == "a").then(|| escaped("<x/>&\u{1}")));
        assert_eq!(filled.unwrap(), "<q><a>&lt;x/&gt;&amp; </a></q>");
        assert!(template.fill(|_| None).is_err());
        assert!(template.check().is_ok());
        assert!(text("<q>{a}</p>").check().is_err());
    }
}
