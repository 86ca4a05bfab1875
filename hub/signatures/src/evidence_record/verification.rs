//! Whether a record proves that an object existed (RFC 4998, sections 4.3 and 5.3).

use std::borrow::Cow;

use crate::der;
use crate::evidence_record::{EvidenceRecord, encoding};
use crate::time_stamp::{TimeStamp, TimeStampError};
use crate::trust::{Purpose, Trust, TrustError};

/// What a record proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The instant before which the object existed, Unix seconds: the time of the first time-stamp.
    pub existed_at: i64,
    /// When the authority of the last time-stamp expires, Unix seconds: the record is renewed before.
    pub renew_before: i64,
    /// Every time-stamp, oldest first.
    pub time_stamps: Vec<TimeStamp>,
}

/// Why a record proves nothing about an object. Chains and time-stamps are counted from one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RefusedRecord {
    /// No document was given.
    #[error("an evidence record is checked against at least one document")]
    NoDocument,
    /// The object is not what the chain begins with.
    #[error("chain {chain} of the evidence record is not about this object and the chains before it")]
    OtherObject {
        /// The chain.
        chain: usize,
    },
    /// A renewal does not cover what it renews.
    #[error("time-stamp {number} of chain {chain} does not renew the one before it")]
    Gap {
        /// The chain.
        chain: usize,
        /// The time-stamp in it.
        number: usize,
    },
    /// A chain changes its algorithm.
    #[error("time-stamp {number} of chain {chain} uses another digest algorithm than the chain began with")]
    OtherAlgorithm {
        /// The chain.
        chain: usize,
        /// The time-stamp in it.
        number: usize,
    },
    /// The hash tree does not lead to what the token holds.
    #[error("the hash tree of time-stamp {number} of chain {chain} leads to another hash than the time-stamp holds")]
    OtherRoot {
        /// The chain.
        chain: usize,
        /// The time-stamp in it.
        number: usize,
    },
    /// The token is not accepted.
    #[error("time-stamp {number} of chain {chain} is not accepted: {why}")]
    TimeStamp {
        /// The chain.
        chain: usize,
        /// The time-stamp in it.
        number: usize,
        /// The reason.
        why: TimeStampError,
    },
    /// A time-stamp is older than the one it renews.
    #[error("time-stamp {position} of the evidence record is older than the one before it")]
    Order {
        /// The time-stamp, counted through all chains.
        position: usize,
    },
    /// The authority was no longer trusted when the renewal was made, or is not now.
    #[error("time-stamp {position} of the evidence record was not renewed in time: {why}")]
    TooLate {
        /// The time-stamp, counted through all chains.
        position: usize,
        /// The reason.
        why: TrustError,
    },
}

impl EvidenceRecord {
    /// Checks that the record is about the object with these documents, at the instant `at` (Unix seconds).
    ///
    /// For several documents they must be all of a group; a single document may be one of many. `trust` names the
    /// authorities of all time-stamps, old and new. Each must be valid when its renewal was stamped, the last one at
    /// `at`. Every digest algorithm of the SHA-2 family counts as secure.
    ///
    /// # Errors
    /// A [`RefusedRecord`] that tells the first check that did not hold.
    pub fn verify(&self, documents: &[&[u8]], trust: &Trust, at: i64) -> Result<Proven, RefusedRecord> {
        if documents.is_empty() {
            return Err(RefusedRecord::NoDocument);
        }
        let time_stamps = self.verify_chains(documents, trust)?;
        self.verify_renewed_in_time(&time_stamps, trust, at)?;
        let existed_at = time_stamps.first().expect("a record has a time-stamp").time;
        let renew_before = time_stamps.last().expect("a record has a time-stamp").authority.not_after();
        Ok(Proven { existed_at, renew_before, time_stamps })
    }

    /// Every token over what its chain says it covers.
    fn verify_chains(&self, documents: &[&[u8]], trust: &Trust) -> Result<Vec<TimeStamp>, RefusedRecord> {
        let mut time_stamps = Vec::new();
        let mut older_chains = Vec::new();
        for (chain_at, chain) in self.chains.iter().enumerate() {
            let algorithm = chain.first().map(|first| first.algorithm());
            let mut contents = self.contents(documents, &older_chains, chain_at);
            for (at, stamp) in chain.iter().enumerate() {
                let (chain, number) = (chain_at + 1, at + 1);
                if Some(stamp.algorithm()) != algorithm {
                    return Err(RefusedRecord::OtherAlgorithm { chain, number });
                }
                let gap = || match at {
                    0 => RefusedRecord::OtherObject { chain },
                    _ => RefusedRecord::Gap { chain, number },
                };
                let stamped = stamp.stamped(&contents).ok_or_else(gap)?;
                let verified = TimeStamp::verify(stamp.token(), &stamped, trust).map_err(|why| match why {
                    TimeStampError::Imprint => RefusedRecord::OtherRoot { chain, number },
                    why => RefusedRecord::TimeStamp { chain, number, why },
                })?;
                time_stamps.push(verified);
                contents = vec![Cow::Borrowed(stamp.token())];
            }
            older_chains.extend(encoding::chain(chain));
        }
        Ok(time_stamps)
    }

    /// What the first time-stamp of a chain covers: the documents, or after a hash-tree renewal their digests joined
    /// with the one of all older chains.
    fn contents<'c>(&self, documents: &[&'c [u8]], older_chains: &[u8], chain: usize) -> Vec<Cow<'c, [u8]>> {
        if chain == 0 {
            return documents.iter().map(|document| Cow::Borrowed(*document)).collect();
        }
        let algorithm = self.chains[chain][0].algorithm();
        let older = algorithm.digest(&der::value(der::SEQUENCE, older_chains));
        documents.iter().map(|document| Cow::Owned([algorithm.digest(document), older.clone()].concat())).collect()
    }

    fn verify_renewed_in_time(&self, stamps: &[TimeStamp], trust: &Trust, at: i64) -> Result<(), RefusedRecord> {
        for (index, (stamp, archived)) in stamps.iter().zip(self.chains.iter().flatten()).enumerate() {
            let next = stamps.get(index + 1);
            if next.is_some_and(|next| next.time < stamp.time) {
                return Err(RefusedRecord::Order { position: index + 2 });
            }
            // Clocks differ a little: a stamp made a moment from now is judged at its own time.
            let until = next.map_or(at, |next| next.time).max(stamp.time);
            trust
                .check(&stamp.authority, &encoding::certificates(archived.token()), until, Purpose::TimeStamp)
                .map_err(|why| RefusedRecord::TooLate { position: index + 1, why })?;
        }
        Ok(())
    }
}
