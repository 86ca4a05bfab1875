//! Finds signature dictionaries in the bytes of a PDF, strictly.
//!
//! A signature dictionary cannot be compressed, since its `ByteRange` counts the bytes of the file, so it is found by
//! reading bytes. The word `/ByteRange` anywhere else (in a page, a string, a comment) makes the document ambiguous, and an
//! ambiguous document is refused rather than interpreted.

use std::ops::Range;

use super::PdfError;

/// The word that every signature has.
const MARK: &[u8] = b"/ByteRange";
/// The kinds of signature that are understood: CMS over the bytes, of the whole document.
const KINDS: [&[u8]; 2] = [b"/ETSI.CAdES.detached", b"/adbe.pkcs7.detached"];
/// Most bytes of a signature dictionary before its contents, and nested values in it.
const LONGEST_DICTIONARY: usize = 64 * 1024;
const DEEPEST: usize = 16;

/// A signature as it stands in the file.
#[derive(Debug)]
pub(super) struct Found {
    /// The bytes that are not signed: the hexadecimal signature with its angle brackets.
    pub(super) hole: Range<usize>,
    /// Length of what is signed after the hole.
    after: usize,
    /// The signature, decoded, zeros at its end included.
    pub(super) contents: Vec<u8>,
    /// `/M`.
    pub(super) modified: Option<String>,
}

impl Found {
    /// Where what is signed ends.
    pub(super) fn end(&self) -> usize {
        self.hole.end + self.after
    }
}

/// Every signature, in the order of the file.
pub(super) fn signatures(pdf: &[u8], most: usize) -> Result<Vec<Found>, PdfError> {
    let mut found: Vec<Found> = Vec::new();
    let mut from = 0;
    while let Some(at) = find(&pdf[from..], MARK).map(|at| from + at) {
        let nth = found.len() + 1;
        if nth > most {
            return Err(PdfError::Misplaced { nth, problem: "there are too many of them" });
        }
        let signature = read(pdf, at).map_err(|problem| PdfError::Misplaced { nth, problem })?;
        from = at + MARK.len();
        found.push(signature);
    }
    Ok(found)
}

/// Reads the dictionary in which `/ByteRange` stands at a place.
fn read(pdf: &[u8], mark: usize) -> Result<Found, &'static str> {
    let start = object_start(pdf, mark).ok_or("it does not begin as an object of its own")?;
    let mut reader = Reader { pdf, at: start, depth: 0 };
    let mut range = None;
    let mut contents = None;
    let (mut kind, mut filter, mut is_signature, mut modified) = (false, false, true, None);
    reader.expect(b"<<").ok_or("its object is not a dictionary")?;
    loop {
        reader.skip_space();
        if reader.expect(b">>").is_some() {
            break;
        }
        let key_at = reader.at;
        let key = reader.name().ok_or("a key in its dictionary is not a name")?;
        reader.skip_space();
        let value_at = reader.at;
        match key {
            b"/ByteRange" if range.is_some() => return Err("it has two byte ranges"),
            b"/ByteRange" if key_at != mark => return Err("its byte range is not where it was found"),
            b"/ByteRange" => range = Some(reader.numbers().ok_or("its byte range is not four numbers")?),
            b"/Contents" if contents.is_some() => return Err("it has two contents"),
            b"/Contents" => {
                let decoded = reader.hexadecimal().ok_or("its contents are not a hexadecimal string")?;
                contents = Some((value_at..reader.at, decoded));
            }
            _ => {
                reader.value().ok_or("a value in its dictionary cannot be read")?;
                let value = &pdf[value_at..reader.at];
                match key {
                    b"/SubFilter" if kind => return Err("it has two kinds"),
                    b"/SubFilter" => {
                        kind = KINDS.contains(&value);
                        if !kind {
                            return Err("its kind is not one that is understood");
                        }
                    }
                    b"/Filter" => filter = true,
                    b"/Type" => is_signature = value == b"/Sig",
                    b"/M" => modified = literal(value),
                    _ => {}
                }
            }
        }
        if reader.at - start > LONGEST_DICTIONARY + contents.as_ref().map_or(0, |(hole, _)| hole.len()) {
            return Err("its dictionary does not end");
        }
    }
    reader.skip_space();
    reader.expect(b"endobj").ok_or("something follows its dictionary")?;
    if !(kind && filter && is_signature) {
        return Err("its dictionary is not a signature's");
    }
    let [zero, before, second, after] = range.ok_or("it has no byte range")?;
    let (hole, contents) = contents.ok_or("it has no contents")?;
    if zero != 0 || before != hole.start || second != hole.end {
        return Err("what is not signed is more than its contents");
    }
    let end = second.checked_add(after).filter(|end| *end <= pdf.len());
    if end.is_none_or(|end| end < reader.at) {
        return Err("what it signs does not hold its own dictionary, or is more than the file");
    }
    Ok(Found { hole, after, contents, modified })
}

/// Where the value of the object begins in which a place lies: behind the last `N G obj` before it. Between the two there
/// is no end of an object and no stream.
fn object_start(pdf: &[u8], place: usize) -> Option<usize> {
    let from = place.saturating_sub(2 * LONGEST_DICTIONARY);
    let mut at = place;
    loop {
        at = pdf[from..at].windows(3).rposition(|three| three == b"obj")? + from;
        let before = &pdf[..at];
        if before.ends_with(b"end") {
            return None;
        }
        let head = before.trim_ascii_end();
        let generation = digits_at_end(head);
        let head = head[..head.len() - generation].trim_ascii_end();
        let number = digits_at_end(head);
        if generation > 0 && number > 0 && before.last().is_some_and(u8::is_ascii_whitespace) {
            let line_starts = head.len() == number
                || head[..head.len() - number].ends_with(b"\n")
                || head[..head.len() - number].ends_with(b"\r");
            let body = &pdf[at + 3..place];
            let fits = line_starts && find(body, b"stream").is_none();
            return fits.then(|| at + 3 + body.len() - body.trim_ascii_start().len());
        }
    }
}

fn digits_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    // By its rare first letter, so that large files are passed quickly.
    let mut from = 0;
    loop {
        let at = from + text[from..].iter().position(|byte| *byte == what[0])?;
        if text[at..].starts_with(what) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The text of a literal string without escapes.
fn literal(value: &[u8]) -> Option<String> {
    let text = value.strip_prefix(b"(")?.strip_suffix(b")")?;
    (text.len() < 64 && !text.contains(&b'\\')).then(|| String::from_utf8(text.to_vec()).ok()).flatten()
}

/// Reads values of a PDF (ISO 32000-1, section 7.3), without references into the rest of it.
struct Reader<'p> {
    pdf: &'p [u8],
    at: usize,
    depth: usize,
}

impl<'p> Reader<'p> {
    fn rest(&self) -> &'p [u8] {
        &self.pdf[self.at..]
    }

    /// Skips white space. A comment is refused further on: it is where one thing is shown and another is read.
    fn skip_space(&mut self) {
        while self.rest().first().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0C | 0)) {
            self.at += 1;
        }
    }

    fn expect(&mut self, what: &[u8]) -> Option<()> {
        self.rest().starts_with(what).then(|| self.at += what.len())
    }

    /// A name, its slash included. One with `#` is refused: it is another spelling of a name.
    fn name(&mut self) -> Option<&'p [u8]> {
        let rest = self.rest();
        let body = rest.strip_prefix(b"/")?;
        let regular = |byte: &u8| !byte.is_ascii_whitespace() && !b"()<>[]{}/%#\0".contains(byte);
        let length = 1 + body.iter().take_while(|byte| regular(byte)).count();
        if length == 1 || rest.get(length) == Some(&b'#') {
            return None;
        }
        self.at += length;
        Some(&rest[..length])
    }

    fn number(&mut self) -> Option<usize> {
        self.skip_space();
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&self.rest()[..digits]).ok()?.parse().ok()?;
        self.at += digits;
        Some(number)
    }

    /// `[0 1 2 3]`
    fn numbers(&mut self) -> Option<[usize; 4]> {
        self.expect(b"[")?;
        let numbers = [self.number()?, self.number()?, self.number()?, self.number()?];
        self.skip_space();
        self.expect(b"]")?;
        Some(numbers)
    }

    /// `<…>` with nothing but an even number of digits.
    fn hexadecimal(&mut self) -> Option<Vec<u8>> {
        let body = self.rest().strip_prefix(b"<")?;
        let length = body.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if length == 0 || length % 2 != 0 || body.get(length) != Some(&b'>') {
            return None;
        }
        let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
        let decoded = body[..length].chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect();
        self.at += length + 2;
        decoded
    }

    /// Any value, passed over.
    fn value(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.skip_space();
        let rest = self.rest();
        let read = match rest.first()? {
            b'/' => self.name().map(|_| ()),
            b'(' => self.string(),
            b'<' if rest.starts_with(b"<<") => self.container(b"<<", b">>"),
            b'<' => {
                let end = rest.iter().position(|byte| *byte == b'>')?;
                let fits = rest[1..end].iter().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace());
                fits.then(|| self.at += end + 1)
            }
            b'[' => self.container(b"[", b"]"),
            _ => {
                // A number, a reference, true, false, null.
                let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-. ".contains(byte);
                let length = rest.iter().take_while(|byte| plain(byte)).count();
                (length > 0).then(|| self.at += length)
            }
        };
        self.depth -= 1;
        read
    }

    fn string(&mut self) -> Option<()> {
        let mut open = 0;
        let mut bytes = self.rest().iter().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' => {
                    bytes.next();
                }
                b'(' => open += 1,
                b')' if open == 1 => {
                    self.at += at + 1;
                    return Some(());
                }
                b')' => open -= 1,
                _ => {}
            }
        }
        None
    }

    fn container(&mut self, start: &[u8], end: &[u8]) -> Option<()> {
        self.expect(start)?;
        loop {
            self.skip_space();
            if self.expect(end).is_some() {
                return Some(());
            }
            self.value()?;
        }
    }
}
