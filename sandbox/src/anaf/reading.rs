//! Reading XML that strangers send: bounded, without DTD, without entities, without deep nesting.

use roxmltree::{Document, Node, ParsingOptions};

/// The most elements inside one another; what is deeper is refused before a tree is built.
const DEEPEST: usize = 100;
/// The most nodes of one document.
const MOST_NODES: u32 = 400_000;

/// Parses a document, or says what a parser says.
pub(super) fn parse(xml: &[u8]) -> Result<Document<'_>, String> {
    let text = std::str::from_utf8(xml).map_err(|_| "Invalid byte of UTF-8 sequence".to_owned())?;
    if depth(text) > DEEPEST {
        return Err(format!("elements are nested more than {DEEPEST} deep"));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text.trim_start_matches('\u{feff}'), options).map_err(|error| error.to_string())
}

/// The text of the first element found by walking the names down, trimmed.
pub(super) fn text<'d>(from: Node<'_, 'd>, path: &[&str]) -> Option<String> {
    let mut here = from;
    for name in path {
        here = child(here, name)?;
    }
    here.text().map(|text| text.trim().to_owned())
}

/// The first child element of that local name.
pub(super) fn child<'a, 'd>(of: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    children(of, name).next()
}

/// The child elements of that local name.
pub(super) fn children<'a, 'd>(of: Node<'a, 'd>, name: &str) -> impl Iterator<Item = Node<'a, 'd>> {
    of.children().filter(move |node| node.is_element() && node.tag_name().name() == name)
}

/// An upper bound of the nesting: counts tags without looking into them, comments and CDATA included.
fn depth(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut now, mut most) = (0_usize, 0);
    for (at, byte) in bytes.iter().enumerate() {
        match (byte, bytes.get(at + 1)) {
            (b'<', Some(b'/')) => now = now.saturating_sub(1),
            (b'<', Some(b'!' | b'?')) => {}
            (b'<', _) => now += 1,
            (b'/', Some(b'>')) => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_bomb_is_refused_before_a_tree_is_built() {
        assert!(parse("<a>".repeat(100_000).as_bytes()).is_err());
        assert!(parse(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").is_err());
        assert!(parse(b"<a><b/><b/></a>").is_ok());
    }
}
