//! The checksum of zip entries, CRC-32 as in ISO 3309. It finds accidents, never attacks.

/// One table for each of eight bytes that are taken at once.
const TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xEDB8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut further = 1;
    while further < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[further - 1][byte];
            tables[further][byte] = tables[0][(before & 0xFF) as usize] ^ (before >> 8);
            byte += 1;
        }
        further += 1;
    }
    tables
}

/// CRC-32 of `data`.
pub(super) fn crc32(data: &[u8]) -> u32 {
    extend(0, data)
}

/// CRC-32 of what `crc` is the checksum of, followed by `data`; of nothing it is 0.
#[must_use]
pub fn extend(crc: u32, data: &[u8]) -> u32 {
    let (eights, rest) = data.as_chunks::<8>();
    let by_eight = eights.iter().fold(!crc, |crc, eight| {
        let mixed = (u64::from_le_bytes(*eight) ^ u64::from(crc)).to_le_bytes();
        mixed.iter().zip(TABLES.iter().rev()).fold(0, |crc, (byte, table)| crc ^ table[usize::from(*byte)])
    });
    !rest.iter().fold(by_eight, |crc, byte| TABLES[0][usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_value_of_the_standard_is_met() {
        assert_eq!(super::crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(super::crc32(b"The quick brown fox jumps over the lazy dog"), 0x414F_A339);
        assert_eq!(super::crc32(b""), 0);
        assert_eq!(super::extend(super::extend(0, b"12345"), b"6789"), 0xCBF4_3926);
    }
}
