//! Who has a file in hand: its name in `in/.work`.
//!
//! A claim is a rename, which only one of two hubs can win. Its name says who has it and since when, so that a hub which
//! fell finds its own again, and another hub takes over what nobody finishes.

/// After so many seconds a claim of another hub is taken over. Far longer than a look takes: taking over too early would
/// only make both ask the same database, which takes a document once; too late costs patience alone.
pub(crate) const LEASE: i64 = 900;

/// A file in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// By whom: letters and digits.
    pub claimant: String,
    /// The name the file had in `in/`, shortened where what is added to it would not fit.
    pub name: String,
}

/// Longest name in bytes: file systems stop at 255, and an answer adds up to 40.
const LONGEST: usize = 160;

impl Claim {
    /// A claim on a file.
    pub(crate) fn on(name: &str, claimant: &str, since: i64) -> Self {
        let (mut stem, ending) =
            name.rsplit_once('.').filter(|(_, ending)| (1..10).contains(&ending.len())).unwrap_or((name, ""));
        while stem.len() > LONGEST {
            stem = stem.char_indices().next_back().map_or("", |(last, _)| &stem[..last]);
        }
        let name = if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") };
        Self { since, claimant: claimant.to_owned(), name }
    }

    /// Its file name.
    pub(crate) fn file(&self) -> String {
        format!("{}~{}~{}", self.since, self.claimant, self.name)
    }

    /// Reads a file name back; none for a file that is no claim.
    pub(crate) fn read(file: &str) -> Option<Self> {
        let mut words = file.splitn(3, '~');
        let (since, claimant, name) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
        let whole = !claimant.is_empty() && !name.is_empty();
        whole.then(|| Self { since, claimant: claimant.to_owned(), name: name.to_owned() })
    }

    /// Whether this hub may go on with it.
    pub(crate) fn is_for(&self, claimant: &str, now: i64) -> bool {
        self.claimant == claimant || now.saturating_sub(self.since) > LEASE
    }
}

/// Letters and digits of whatever names the hub.
pub(crate) fn claimant(name: &str) -> String {
    let kept: String = name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    if kept.is_empty() { "hub".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_read_back_from_its_name_whatever_the_file_was_called() {
        for name in ["a.zip", "a~b~c.zip", "~", "dosar 7.zip"] {
            let claim = Claim { since: 1_700_000_000, claimant: "hub1".to_owned(), name: name.to_owned() };
            assert_eq!(Claim::read(&claim.file()), Some(claim));
        }
        for file in ["", "a.zip", "x~hub~a.zip", "1~~a.zip", "1~hub~"] {
            assert_eq!(Claim::read(file), None, "{file}");
        }
    }

    #[test]
    fn a_long_name_is_shortened_and_keeps_its_ending() {
        let claim = Claim::on(&format!("{}.zip", "ț".repeat(120)), "hub1", 1);
        assert_eq!(claim.name, format!("{}.zip", "ț".repeat(80)));
        assert_eq!(Claim::on("a.zip", "hub1", 1).name, "a.zip");
        assert_eq!(Claim::on(".", "hub1", 1).name, ".");
        assert_eq!(Claim::on("fara ending", "hub1", 1).name, "fara ending");
    }

    #[test]
    fn another_hubs_claim_is_left_alone_until_its_lease_ends() {
        let claim = Claim { since: 1000, claimant: "hub1".to_owned(), name: "a.zip".to_owned() };
        assert!(claim.is_for("hub1", 1000));
        assert!(!claim.is_for("hub2", 1000 + LEASE));
        assert!(claim.is_for("hub2", 1001 + LEASE));
    }
}
