//! Pure decisions: whether a credential counts, and what a rotation does to the old one.

use crate::clock::Timestamp;

use super::model::{Credential, State};

/// Why a credential does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStanding {
    /// Its time is over.
    #[error("the credential has expired")]
    Expired,
    /// It was taken back.
    #[error("the credential was revoked")]
    Revoked,
}

impl Credential {
    /// Whether it counts at a moment.
    ///
    /// # Errors
    /// Why not.
    pub fn stands(&self, now: Timestamp) -> Result<(), NotStanding> {
        match self.state(now) {
            State::Active => Ok(()),
            State::Expired => Err(NotStanding::Expired),
            State::Revoked => Err(NotStanding::Revoked),
        }
    }
}

/// The longest time in which an old credential and its successor both count, in seconds.
const LONGEST_OVERLAP: i64 = 90 * 86_400;

/// When the two credentials of a rotation end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// The end of the old one: never later than it was.
    pub old_ends: Timestamp,
    /// The end of the new one.
    pub new_ends: Timestamp,
}

/// Why a credential is not rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongRotation {
    /// It does not count any more: issue a new one.
    #[error(transparent)]
    Over(#[from] NotStanding),
    /// Both would count for too long, or for less than nothing.
    #[error("the overlap is 0 to {LONGEST_OVERLAP} seconds")]
    Overlap,
}

/// Decides a rotation: the successor lives `life` seconds, both count for `overlap` seconds.
///
/// # Errors
/// The old one is over, or the overlap is no overlap.
pub fn rotated(old: &Credential, now: Timestamp, overlap: i64, life: i64) -> Result<Rotation, WrongRotation> {
    old.stands(now)?;
    if !(0..=LONGEST_OVERLAP).contains(&overlap) {
        return Err(WrongRotation::Overlap);
    }
    Ok(Rotation { old_ends: now.plus_seconds(overlap).min(old.made.expires_at), new_ends: now.plus_seconds(life) })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::credentials::{Kind, NewCredential, Proof};
    use crate::message::CredentialId;

    fn credential(expires_at: i64) -> Credential {
        let made = NewCredential {
            id: CredentialId(Uuid::nil()),
            kind: Kind::ApiKey,
            party: "town".into(),
            system: "spas".into(),
            label: String::new(),
            proof: Proof::Secret([0; 32]),
            public_key: None,
            operations: None,
            created_at: Timestamp(0),
            created_by: String::new(),
            expires_at: Timestamp(expires_at),
            replaces: None,
        };
        Credential { made, revoked: None, last_used_at: None }
    }

    #[test]
    fn both_count_during_the_overlap_and_the_old_one_never_longer_than_it_did() {
        let day = 86_400_000_000;
        let old = credential(10 * day);
        let rotation = rotated(&old, Timestamp(day), 86_400, 100 * 86_400).unwrap();
        assert_eq!(rotation, Rotation { old_ends: Timestamp(2 * day), new_ends: Timestamp(101 * day) });
        assert_eq!(rotated(&old, Timestamp(day), 30 * 86_400, 1).unwrap().old_ends, Timestamp(10 * day));
        assert_eq!(rotated(&old, Timestamp(day), 0, 1).unwrap().old_ends, Timestamp(day));
        for overlap in [-1, LONGEST_OVERLAP + 1] {
            assert_eq!(rotated(&old, Timestamp(day), overlap, 1), Err(WrongRotation::Overlap));
        }
        assert_eq!(rotated(&old, Timestamp(10 * day), 0, 1), Err(WrongRotation::Over(NotStanding::Expired)));
        let revoked = Credential { revoked: Some((Timestamp(1), String::new(), String::new())), ..old };
        assert_eq!(rotated(&revoked, Timestamp(2), 0, 1), Err(WrongRotation::Over(NotStanding::Revoked)));
    }
}
