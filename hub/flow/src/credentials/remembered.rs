//! A bounded memory of what was worked out, without a clock: two generations, the older forgotten when the younger is full.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Remembers at least the last `bound` values that were put in or asked for, and never more than twice as many.
pub struct Remembered<K, V> {
    bound: usize,
    generations: Mutex<[HashMap<K, V>; 2]>,
}

impl<K: Eq + Hash + Clone, V: Clone> Remembered<K, V> {
    /// An empty memory.
    #[must_use]
    pub fn bounded(bound: usize) -> Self {
        Self { bound, generations: Mutex::new([HashMap::new(), HashMap::new()]) }
    }

    /// What is remembered under a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = generations[0].get(key) {
            return Some(value.clone());
        }
        let value = generations[1].get(key).cloned()?;
        Self::keep(&mut generations, self.bound, key.clone(), value.clone());
        Some(value)
    }

    /// Remembers a value.
    pub fn put(&self, key: K, value: V) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        Self::keep(&mut generations, self.bound, key, value);
    }

    fn keep(generations: &mut [HashMap<K, V>; 2], bound: usize, key: K, value: V) {
        if generations[0].len() >= bound {
            generations.swap(0, 1);
            generations[0].clear();
        }
        generations[0].insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let memory = Remembered::bounded(10);
        memory.put(0, "kept");
        for number in 1..1000 {
            memory.put(number, "passing");
            assert_eq!(memory.get(&0), Some("kept"), "{number}");
            let held = memory.generations.lock().unwrap().iter().map(HashMap::len).sum::<usize>();
            assert!(held <= 20, "{held}");
        }
        assert_eq!(memory.get(&1), None);
        assert_eq!(memory.get(&999), Some("passing"));
    }
}
