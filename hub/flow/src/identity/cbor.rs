//! As much of CBOR (RFC 8949) as authenticators write: definite lengths, small maps, bounded nesting.

/// Deepest nesting.
const DEEPEST: u8 = 8;
/// Most members of a map or items of a list.
const WIDEST: u64 = 64;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cbor {
    /// A whole number.
    Number(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// Members in the order they were written.
    Map(Vec<(Self, Self)>),
    /// A list, a tag's content, a truth value or nothing: of no use here.
    Other,
}

impl Cbor {
    /// Reads one value; answers it with what follows it.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        value(bytes, 0)
    }

    /// The member with a number as its name (COSE).
    pub(super) fn at(&self, name: i64) -> Option<&Self> {
        self.member(&Self::Number(name))
    }

    /// The member with a text as its name.
    pub(super) fn named(&self, name: &str) -> Option<&Self> {
        self.member(&Self::Text(name.to_owned()))
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    fn member(&self, name: &Self) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().find(|(one, _)| one == name).map(|(_, value)| value)
    }
}

fn value(bytes: &[u8], depth: u8) -> Option<(Cbor, &[u8])> {
    if depth > DEEPEST {
        return None;
    }
    let (first, rest) = bytes.split_first()?;
    let (argument, rest) = argument(first & 0x1f, rest)?;
    match first >> 5 {
        0 => Some((Cbor::Number(i64::try_from(argument).ok()?), rest)),
        1 => Some((Cbor::Number(-1 - i64::try_from(argument).ok()?), rest)),
        2 => text(rest, argument).map(|(bytes, rest)| (Cbor::Bytes(bytes.to_vec()), rest)),
        3 => {
            let (bytes, rest) = text(rest, argument)?;
            Some((Cbor::Text(std::str::from_utf8(bytes).ok()?.to_owned()), rest))
        }
        4 => items(rest, argument, depth).map(|(_, rest)| (Cbor::Other, rest)),
        5 => {
            let (items, rest) = items(rest, argument.checked_mul(2)?, depth)?;
            let mut items = items.into_iter();
            let pairs = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
            Some((Cbor::Map(pairs.collect()), rest))
        }
        6 => value(rest, depth + 1).map(|(_, rest)| (Cbor::Other, rest)),
        _ => Some((Cbor::Other, rest)),
    }
}

/// The number behind the first byte; lengths that are told at the end are refused.
fn argument(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let length = match short {
        0..=23 => return Some((short.into(), rest)),
        24..=27 => 1 << (short - 24),
        _ => return None,
    };
    let (number, rest) = rest.split_at_checked(length)?;
    Some((number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)), rest))
}

fn text(rest: &[u8], length: u64) -> Option<(&[u8], &[u8])> {
    rest.split_at_checked(usize::try_from(length).ok()?)
}

fn items(mut rest: &[u8], count: u64, depth: u8) -> Option<(Vec<Cbor>, &[u8])> {
    if count > 2 * WIDEST {
        return None;
    }
    let mut items = Vec::new();
    for _ in 0..count {
        let (item, after) = value(rest, depth + 1)?;
        items.push(item);
        rest = after;
    }
    Some((items, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_authenticators_write_is_read_and_what_follows_is_left() {
        // {1: 2, -1: h'0102', "fmt": "none", "l": [1, {}]} and one byte more; RFC 8949, appendix A, by hand.
        let bytes = hex::decode("a4010220420102 63666d74646e6f6e65616c8201a0ff".replace(' ', "")).unwrap();
        let (map, rest) = Cbor::read(&bytes).unwrap();
        assert_eq!(map.at(1), Some(&Cbor::Number(2)));
        assert_eq!(map.at(-1).and_then(Cbor::bytes), Some(&[1, 2][..]));
        assert_eq!(map.named("fmt"), Some(&Cbor::Text("none".into())));
        assert_eq!(rest, [0xff]);
    }

    #[test]
    fn hostile_bytes_are_refused_without_harm() {
        let bombs: [&[u8]; 6] = [
            &[0x81; 64],                                                  // lists in lists
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],      // a map of 2^64 members
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0], // bytes without end
            &[0x9f, 0x01, 0xff],                                          // an open length
            &[0x62, 0xff, 0xff],                                          // text that is none
            &[],
        ];
        for bomb in bombs {
            assert_eq!(Cbor::read(bomb), None, "{bomb:?}");
        }
        assert_eq!(Cbor::read(&[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
