//! Blocks of bits: which of 16,384 items have a term.

/// Items in a block.
pub const BLOCK: i64 = 16_384;
const WORDS: usize = 256;
const BITMAP: usize = WORDS * 8;
/// From so many items on, a bitmap is no longer than a list.
const LIST_BELOW: usize = BITMAP / 2;

/// The bits of a block.
#[derive(Clone, PartialEq, Eq)]
pub struct Bits(Box<[u64; WORDS]>);

impl Default for Bits {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl Bits {
    /// Sets or clears the bit of a position.
    pub fn put(&mut self, position: i64, on: bool) {
        let place = usize::try_from(position.rem_euclid(BLOCK)).expect("a block is small");
        let (word, bit) = (&mut self.0[place / 64], 1 << (place % 64));
        *word = if on { *word | bit } else { *word & !bit };
    }

    /// Clears everything from a position of the block on.
    pub(super) fn clear_from(&mut self, place: i64) {
        for place in place.max(0)..BLOCK {
            self.put(place, false);
        }
    }

    /// Whether no item is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Keeps what the other has too.
    pub(super) fn and(&mut self, other: &Self) {
        for (one, other) in self.0.iter_mut().zip(other.0.iter()) {
            *one &= other;
        }
    }

    /// Adds what the other has.
    pub(super) fn or(&mut self, other: &Self) {
        for (one, other) in self.0.iter_mut().zip(other.0.iter()) {
            *one |= other;
        }
    }

    /// Adds what stored bits have.
    pub(super) fn or_stored(&mut self, stored: &[u8]) {
        if stored.len() == BITMAP {
            let (words, _) = stored.as_chunks::<8>();
            for (one, other) in self.0.iter_mut().zip(words) {
                *one |= u64::from_le_bytes(*other);
            }
        } else {
            let (places, _) = stored.as_chunks::<2>();
            for place in places {
                self.put(i64::from(u16::from_le_bytes(*place)), true);
            }
        }
    }

    /// Takes away what stored bits have.
    pub(super) fn take_stored(&mut self, stored: &[u8]) {
        let mut other = Self::default();
        other.or_stored(stored);
        for (one, other) in self.0.iter_mut().zip(other.0.iter()) {
            *one &= !other;
        }
    }

    /// As they are stored.
    #[must_use]
    pub fn stored(&self) -> Vec<u8> {
        let count: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        if count as usize >= LIST_BELOW {
            return self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        }
        let mut places: Vec<i64> = self.newest_first().collect();
        places.reverse();
        places.iter().flat_map(|place| u16::try_from(*place).expect("a block is small").to_le_bytes()).collect()
    }

    /// Places in the block, the highest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = i64> + '_ {
        self.0.iter().enumerate().rev().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = 63_u32.checked_sub(left.leading_zeros())?;
                left &= !(1 << bit);
                Some(i64::try_from(at * 64).expect("a block is small") + i64::from(bit))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_stored_is_read_again(places in btree_set(0..BLOCK, 0..3000)) {
            let mut bits = Bits::default();
            for place in &places {
                bits.put(*place + 5 * BLOCK, true);
            }
            let stored = bits.stored();
            prop_assert!(stored.len() <= BITMAP);
            let mut again = Bits::default();
            again.or_stored(&stored);
            prop_assert_eq!(again.newest_first().collect::<Vec<_>>(), places.into_iter().rev().collect::<Vec<_>>());
        }
    }
}
