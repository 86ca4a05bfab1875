//! Randomness that can be repeated: the same seed, the same choices.

use std::time::Duration;

/// A xorshift generator (Marsaglia; the multiplier is Vigna's).
pub struct Random(u64);

impl Random {
    pub fn of(seed: u64) -> Self {
        // A xorshift never leaves zero.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// A time below `bound`, to the microsecond.
    pub fn time_below(&mut self, bound: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(bound.as_micros()).expect("tests are short")))
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }

    /// Whether something happens that happens once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Another generator, for a task of its own.
    pub fn fork(&mut self) -> Self {
        Self::of(self.next())
    }
}
