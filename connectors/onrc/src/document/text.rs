//! The text of the pages of a PDF, as far as it is plain: the streams that pages name, literal strings of one-byte fonts.
//!
//! A document that can be read in two ways is refused: an object that is there twice, a page whose streams are not
//! found. Deflated streams are read within bounds; other filters, object streams and fonts with their own codes are not.

use std::collections::BTreeMap;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// Most bytes of one page's streams, decoded.
const LONGEST_STREAM: usize = 4 * 1024 * 1024;
/// Most objects and most pages.
const MOST_OBJECTS: usize = 100_000;
const MOST_PAGES: usize = 500;

/// Why the text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// An object is there twice: which one is shown depends on the reader.
    #[error("the object {0} is there twice")]
    Twice(u32),
    /// No page whose text could be found.
    #[error("no page with plain text was found")]
    NoText,
    /// It has more parts than any certificate.
    #[error("the document has too many parts")]
    TooMuch,
}

/// The lines of all pages, in the order of the page objects in the file.
///
/// # Errors
/// A [`TextError`].
pub fn lines(pdf: &[u8]) -> Result<Vec<String>, TextError> {
    let objects = objects(pdf)?;
    let mut lines = Vec::new();
    let mut pages = 0;
    for body in objects.values().filter(|body| is_page(body)) {
        pages += 1;
        if pages > MOST_PAGES {
            return Err(TextError::TooMuch);
        }
        for reference in contents(body) {
            let stream = objects.get(&reference).and_then(|object| stream(object)).ok_or(TextError::NoText)?;
            read_stream(&stream, &mut lines);
        }
    }
    if lines.iter().all(|line| line.trim().is_empty()) {
        return Err(TextError::NoText);
    }
    Ok(lines)
}

/// The objects of the file by number, found by their heads at the beginning of lines.
fn objects(pdf: &[u8]) -> Result<BTreeMap<u32, &[u8]>, TextError> {
    let mut objects = BTreeMap::new();
    let mut at = 0;
    while let Some(found) = find(&pdf[at..], b" obj").map(|found| at + found) {
        at = found + 4;
        let head = &pdf[..found];
        let line = head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |start| start + 1);
        let Some(number) =
            std::str::from_utf8(&head[line..]).ok().and_then(|head| head.split(' ').next()?.parse().ok())
        else {
            continue;
        };
        let Some(end) = find(&pdf[at..], b"endobj") else { break };
        if objects.insert(number, &pdf[at..at + end]).is_some() {
            return Err(TextError::Twice(number));
        }
        if objects.len() > MOST_OBJECTS {
            return Err(TextError::TooMuch);
        }
        at += end;
    }
    Ok(objects)
}

fn is_page(body: &[u8]) -> bool {
    let text = dictionary(body);
    let compact: String = text.split_whitespace().collect();
    compact.contains("/Type/Page/") || compact.contains("/Type/Page>")
}

/// What stands before a stream.
fn dictionary(body: &[u8]) -> String {
    let end = find(body, b"stream").unwrap_or(body.len());
    String::from_utf8_lossy(&body[..end]).into_owned()
}

/// The objects that hold a page's content: `/Contents 4 0 R` or `/Contents[4 0 R 5 0 R]`.
fn contents(body: &[u8]) -> Vec<u32> {
    let text = dictionary(body);
    let Some((_, rest)) = text.split_once("/Contents") else { return Vec::new() };
    let rest = rest.trim_start();
    let list = match rest.strip_prefix('[') {
        Some(list) => list.split(']').next().unwrap_or_default(),
        None => rest.split(" R").next().unwrap_or_default(),
    };
    let numbers: Vec<u32> = list.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    numbers.chunks(2).filter_map(|pair| pair.first().copied()).collect()
}

/// The decoded bytes of a stream; none for a filter that is not known.
fn stream(object: &[u8]) -> Option<Vec<u8>> {
    let start = find(object, b"stream")? + 6;
    let body = object[start..].strip_prefix(b"\r\n").or_else(|| object[start..].strip_prefix(b"\n"))?;
    let end = body.windows(9).rposition(|nine| nine == b"endstream")?;
    let body = &body[..end];
    let head = dictionary(object);
    if !head.contains("/Filter") {
        return (body.len() <= LONGEST_STREAM).then(|| body.to_vec());
    }
    let compact: String = head.split_whitespace().collect();
    let only_deflate = compact.contains("/Filter/FlateDecode") || compact.contains("/Filter[/FlateDecode]");
    let plain = only_deflate && !compact.contains("/DecodeParms");
    plain.then(|| decompress_to_vec_zlib_with_limit(body, LONGEST_STREAM).ok()).flatten()
}

/// Reads the strings that are shown; an operator that moves to another line ends one.
fn read_stream(stream: &[u8], lines: &mut Vec<String>) {
    let mut line = String::new();
    let mut at = 0;
    while let Some(byte) = stream.get(at) {
        match byte {
            b'(' => at = read_string(stream, at + 1, &mut line),
            b'T' | b'E' if matches!(stream.get(at..at + 2), Some(b"T*" | b"Td" | b"TD" | b"Tm" | b"ET")) => {
                if !line.trim().is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
}

/// Adds a literal string to a line; answers where it ends.
fn read_string(stream: &[u8], start: usize, line: &mut String) -> usize {
    let (mut at, mut open, mut bytes) = (start, 1, Vec::new());
    while let Some(byte) = stream.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                match stream.get(at) {
                    Some(b'n') => bytes.push(b'\n'),
                    Some(b'r' | b't') => bytes.push(b' '),
                    Some(b'0'..=b'7') => {
                        let digits: Vec<u8> =
                            stream[at..].iter().take(3).take_while(|one| matches!(one, b'0'..=b'7')).copied().collect();
                        let code = digits.iter().fold(0_u32, |code, digit| code * 8 + u32::from(digit - b'0'));
                        bytes.push((code & 0xFF) as u8);
                        at += digits.len() - 1;
                    }
                    Some(other) => bytes.push(*other),
                    None => {}
                }
                at += 1;
                continue;
            }
            b'(' => open += 1,
            b')' => {
                open -= 1;
                if open == 0 {
                    break;
                }
            }
            _ => {}
        }
        bytes.push(*byte);
    }
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
    line.push_str(&text);
    at
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pdf(page: &str, content: &str) -> Vec<u8> {
        format!("%PDF-1.7\n3 0 obj\n{page}\nendobj\n4 0 obj\n<</Length 1>>\nstream\n{content}\nendstream\nendobj\n")
            .into_bytes()
    }

    const PAGE: &str = "<</Type /Page /Contents 4 0 R>>";

    #[test]
    fn shown_strings_become_lines_with_their_escapes() {
        let content = "BT (Cod unic) Tj (: 90000006) Tj T* (a \\(b\\) \\050c\\) \\\\) Tj 1 0 Td [(x) -20 (y)] TJ ET";
        assert_eq!(lines(&pdf(PAGE, content)).unwrap(), ["Cod unic: 90000006", "a (b) (c) \\", "xy"]);
    }

    #[test]
    fn what_no_page_names_is_not_read_and_what_is_there_twice_is_refused() {
        let hidden =
            [pdf(PAGE, "(vazut) Tj"), b"9 0 obj\n<<>>\nstream\n(ascuns) Tj\nendstream\nendobj\n".to_vec()].concat();
        assert_eq!(lines(&hidden).unwrap(), ["vazut"]);
        let twice = [pdf(PAGE, "(unu) Tj"), b"4 0 obj\n<<>>\nstream\n(doi) Tj\nendstream\nendobj\n".to_vec()].concat();
        assert_eq!(lines(&twice), Err(TextError::Twice(4)));
    }

    #[test]
    fn other_filters_missing_streams_and_no_pages_are_no_text() {
        let filtered = String::from_utf8(pdf(PAGE, "x")).unwrap().replace("/Length 1", "/Filter/LZWDecode");
        assert_eq!(lines(filtered.as_bytes()), Err(TextError::NoText));
        assert_eq!(lines(&pdf("<</Type/Page/Contents 8 0 R>>", "(a) Tj")), Err(TextError::NoText));
        assert_eq!(lines(&pdf("<</Type/Pages>>", "(a) Tj")), Err(TextError::NoText));
        assert_eq!(lines(b""), Err(TextError::NoText));
        for at in 0..pdf(PAGE, "(\\").len() {
            let _any = lines(&pdf(PAGE, "(\\")[..at]);
        }
    }

    #[test]
    fn a_deflated_stream_is_read_and_a_bomb_is_not() {
        let deflated = |content: &[u8]| {
            let body = miniz_oxide::deflate::compress_to_vec_zlib(content, 6);
            let head = format!("3 0 obj\n{PAGE}\nendobj\n4 0 obj\n<</Filter /FlateDecode>>\nstream\n");
            [head.as_bytes(), &body, b"\nendstream\nendobj\n"].concat()
        };
        assert_eq!(lines(&deflated(b"(Denumire: X) Tj")).unwrap(), ["Denumire: X"]);
        assert_eq!(lines(&deflated(&vec![b' '; LONGEST_STREAM + 1])), Err(TextError::NoText));
    }
}
