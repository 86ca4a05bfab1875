//! Changed copies of good input, the same on every machine and every day.

/// Numbers that look random and never differ (xorshift64*, Vigna 2016).
pub struct Numbers(u64);

impl Numbers {
    pub fn from_seed(seed: u64) -> Numbers {
        Numbers(seed.max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`, zero when there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.next() >> 11) as usize % bound }
    }
}

/// What stands at the borders of the formats that are read.
const WORDS: [&[u8]; 28] = [
    b"<",
    b">",
    b"\"",
    b"&",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a>",
    b"&#0;",
    b" xmlns=\"\"",
    b" Id=\"S\"",
    b"URI=\"\"",
    b"#",
    b"%2e%2e/",
    b"\0",
    b"\n\n",
    b"\r\n",
    b"\xEF\xBB\xBF",
    b"\xE2\x80\x94 ",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\x30\x80",
    b"\x30\x84\xFF\xFF\xFF\xFF",
    b"\xA0\x82\xFF\xFF",
    b"\xFF\xFF\xFF\xFF",
    b"\x02\x01\x80",
    b"99999999999999999999",
];

/// A changed copy of `seed`, sometimes with a piece of `other` in it.
pub fn changed(seed: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut copy = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(copy.len());
        let end = at + numbers.below((copy.len() - at).min(64));
        match numbers.below(8) {
            0 | 1 if !copy.is_empty() => copy[at] ^= 1 << numbers.below(8),
            2 if !copy.is_empty() => copy[at] = numbers.below(256) as u8,
            3 => drop(copy.drain(at..end)),
            4 => drop(copy.splice(at..at, WORDS[numbers.below(WORDS.len())].iter().copied())),
            5 => {
                let again = copy[at..end].repeat(1 + numbers.below(16));
                drop(copy.splice(at..at, again));
            }
            6 => {
                let from = numbers.below(other.len());
                let piece = &other[from..from + numbers.below((other.len() - from).min(256))];
                drop(copy.splice(at..end, piece.iter().copied()));
            }
            _ => copy.truncate(copy.len() - numbers.below(copy.len().min(64))),
        }
    }
    copy
}
