//! What does not hold, collected: one run shows everything that is wrong.

/// Sentences about what is wrong.
#[derive(Default)]
pub struct Findings {
    wrong: Vec<String>,
    looked_at: u64,
}

impl Findings {
    /// Something must hold; the sentence says what is wrong when it does not.
    pub fn expect(&mut self, holds: bool, wrong: impl FnOnce() -> String) {
        self.looked_at += 1;
        if !holds {
            self.wrong.push(wrong());
        }
    }

    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// What is wrong, the first of it in full; nothing when nothing is.
    pub fn summary(&self) -> Option<String> {
        let first = self.wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n  ");
        (!self.wrong.is_empty()).then(|| format!("{} of {} do not hold:\n  {first}", self.wrong.len(), self.looked_at))
    }
}
