//! Object identifiers in dotted notation and as the contents of a DER value (ITU-T X.690, clause 8.19).

/// Longest contents that are read or written; real policies have under 20 bytes.
const LONGEST: usize = 64;

/// The contents of an identifier like `1.2.840.113549`; none when the text is not one.
pub(crate) fn contents(dotted: &str) -> Option<Vec<u8>> {
    let number = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = plain && (text == "0" || !text.starts_with('0'));
        if plain { text.parse::<u64>().ok() } else { None }
    };
    let mut arcs = dotted.split('.');
    let (first, second) = (number(arcs.next()?)?, number(arcs.next()?)?);
    if first > 2 || (first < 2 && second > 39) {
        return None;
    }
    let mut out = Vec::new();
    push(&mut out, second.checked_add(40 * first)?);
    for arc in arcs {
        push(&mut out, number(arc)?);
    }
    (out.len() <= LONGEST).then_some(out)
}

/// The dotted notation of the contents of an identifier; none when they are not well formed.
pub(crate) fn dotted(contents: &[u8]) -> Option<String> {
    if contents.is_empty() || contents.len() > LONGEST || contents.last()? & 0x80 != 0 {
        return None;
    }
    let mut arcs = Vec::new();
    let (mut arc, mut inside) = (0_u64, false);
    for byte in contents {
        // The shortest form only, and no number beyond 64 bits.
        if (!inside && *byte == 0x80) || arc >> 57 != 0 {
            return None;
        }
        arc = arc << 7 | u64::from(byte & 0x7F);
        inside = byte & 0x80 != 0;
        if !inside {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let first = (arcs[0] / 40).min(2);
    let start = format!("{first}.{}", arcs[0] - 40 * first);
    Some(arcs[1..].iter().fold(start, |dotted, arc| format!("{dotted}.{arc}")))
}

fn push(out: &mut Vec<u8>, arc: u64) {
    let groups = (u64::BITS - arc.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let more = if group > 0 { 0x80 } else { 0 };
        out.push(more | ((arc >> (7 * group)) & 0x7F) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_come_back_as_they_went() {
        for text in ["0.0", "0.39", "1.2.3.4", "2.999.3", "1.2.840.113549.1.9.16.1.4", "2.16.840.1.101.3.4.2.1"] {
            assert_eq!(dotted(&contents(text).unwrap()).as_deref(), Some(text));
        }
        assert_eq!(contents("1.2.840.113549").unwrap(), [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D]);
        for text in ["", "1", "3.1", "1.40", "1.2.", "1..2", "1.02", "1.a", "1.-2", "1.2.99999999999999999999"] {
            assert_eq!(contents(text), None, "{text}");
        }
        for bytes in [&[][..], &[0x2A, 0x80], &[0x2A, 0x80, 0x01], &[0xFF; 12]] {
            assert_eq!(dotted(bytes), None, "{bytes:?}");
        }
    }
}
