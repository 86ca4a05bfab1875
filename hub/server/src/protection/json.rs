//! JSON of others, looked over before it is read: how deep it goes and how much is in it.
//!
//! A reader makes some ten times of a document's size in memory when it is all brackets and commas; this pass makes nothing.

/// How much a JSON document may hold.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Objects and arrays within each other.
    pub depth: usize,
    /// Members and elements, all together.
    pub items: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { depth: 64, items: 200_000 }
    }
}

/// Why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// Too deep.
    #[error("the JSON is nested deeper than {0}")]
    Depth(usize),
    /// Too many.
    #[error("the JSON holds more than {0} members and elements")]
    Items(usize),
}

impl TooMuch {
    /// The same in Romanian.
    #[must_use]
    pub fn in_romanian(self) -> String {
        match self {
            Self::Depth(most) => format!("JSON-ul are mai mult de {most} de niveluri; trimiteți-l mai puțin adânc"),
            Self::Items(most) => format!("JSON-ul are mai mult de {most} de membri și elemente; împărțiți documentul"),
        }
    }
}

/// Looks over what begins like an object or an array; anything else is for its own reader.
///
/// # Errors
/// It holds more than the bounds allow. What is not JSON at all is not judged here.
pub fn bounded(bytes: &[u8], bounds: Bounds) -> Result<(), TooMuch> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !matches!(text.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'[')) {
        return Ok(());
    }
    let (mut depth, mut items, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in text {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => {
                depth += 1;
                items += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => items += 1,
            _ => {}
        }
        if depth > bounds.depth {
            return Err(TooMuch::Depth(bounds.depth));
        }
        if items > bounds.items {
            return Err(TooMuch::Items(bounds.items));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Bounds = Bounds { depth: 3, items: 5 };

    #[test]
    fn depth_and_number_are_bounded_and_texts_do_not_count() {
        assert_eq!(bounded(br#"{"a": [[1, 2], "[[[[,,,,,,,\"]"]}"#, SMALL), Ok(()));
        assert_eq!(bounded(b"[[[[1]]]]", SMALL), Err(TooMuch::Depth(3)));
        assert_eq!(bounded(b"[1,2,3,4,5,6]", SMALL), Err(TooMuch::Items(5)));
        assert_eq!(bounded(b"a,b,c,d,e,f,g,h", SMALL), Ok(()), "a table is not JSON");
        assert_eq!(bounded(b"\xef\xbb\xbf [[[[", SMALL), Err(TooMuch::Depth(3)));
    }
}
