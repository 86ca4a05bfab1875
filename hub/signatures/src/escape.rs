//! The two escaping tables of Canonical XML 1.0 (section 2.3), one for text and one for attribute values.
//!
//! May assume that its input is valid UTF-8. Never changes characters outside the tables, never normalises Unicode.

/// How one byte is treated, decided once per table.
#[derive(Clone, Copy, PartialEq)]
enum Treat {
    Copy,
    Replace(&'static str),
    /// Not a character of XML 1.0 (section 2.2).
    Illegal,
    /// First byte of U+FFFE or U+FFFF, which are not characters of XML 1.0.
    Suspect,
}

const fn table(attribute: bool) -> [Treat; 256] {
    let mut table = [Treat::Copy; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = Treat::Illegal;
        byte += 1;
    }
    table[b'\t' as usize] = if attribute { Treat::Replace("&#x9;") } else { Treat::Copy };
    table[b'\n' as usize] = if attribute { Treat::Replace("&#xA;") } else { Treat::Copy };
    table[b'\r' as usize] = Treat::Replace("&#xD;");
    table[b'&' as usize] = Treat::Replace("&amp;");
    table[b'<' as usize] = Treat::Replace("&lt;");
    if attribute {
        table[b'"' as usize] = Treat::Replace("&quot;");
    } else {
        table[b'>' as usize] = Treat::Replace("&gt;");
    }
    table[0xEF] = Treat::Suspect;
    table
}

static TEXT: [Treat; 256] = table(false);
static ATTRIBUTE: [Treat; 256] = table(true);

/// A character that XML 1.0 cannot carry, not even as a character reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IllegalCharacter(pub(crate) char);

/// Appends `value` as element text.
pub(crate) fn text(out: &mut String, value: &str) -> Result<(), IllegalCharacter> {
    escape(out, value, &TEXT)
}

/// Appends `value` as the inside of a double-quoted attribute value.
pub(crate) fn attribute(out: &mut String, value: &str) -> Result<(), IllegalCharacter> {
    escape(out, value, &ATTRIBUTE)
}

fn escape(out: &mut String, value: &str, table: &[Treat; 256]) -> Result<(), IllegalCharacter> {
    let bytes = value.as_bytes();
    let mut copied = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match table[*byte as usize] {
            Treat::Copy => {}
            Treat::Replace(reference) => {
                out.push_str(&value[copied..at]);
                out.push_str(reference);
                copied = at + 1;
            }
            Treat::Illegal => return Err(IllegalCharacter(char::from(*byte))),
            Treat::Suspect => {
                if bytes[at + 1] == 0xBF && bytes[at + 2] >= 0xBE {
                    return Err(IllegalCharacter(if bytes[at + 2] == 0xBE { '\u{FFFE}' } else { '\u{FFFF}' }));
                }
            }
        }
    }
    out.push_str(&value[copied..]);
    Ok(())
}
