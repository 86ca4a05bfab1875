//! What an audit can find, in words.

use std::fmt;

/// Something that is not as it was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A chain of the audit or of the journal of access is not the one that a signed head names: it was rewritten or cut.
    LedgerOther {
        /// Where the head is from; none where it is this log's own.
        source: Option<String>,
        /// `audit` or `access`.
        ledger: &'static str,
        /// The entry the head names, by its number.
        number: i64,
    },
    /// A chain of the audit or of the journal does not hold together from this entry on.
    LedgerBroken {
        /// `audit` or `access`.
        ledger: &'static str,
        /// The entry, by its number.
        number: i64,
    },
    /// A leaf is not there.
    LeafGone {
        /// Its number.
        index: u64,
    },
    /// There are more rows than numbers.
    LeavesDoubled {
        /// Rows.
        rows: u64,
        /// Different numbers.
        leaves: u64,
    },
    /// A leaf has no evidence any more.
    EvidenceGone {
        /// Number of the leaf.
        index: u64,
        /// Sequence of the evidence.
        sequence: i64,
    },
    /// The bytes of an evidence are not those of its SHA-256.
    EvidenceChanged {
        /// Number of the leaf.
        index: u64,
        /// Sequence of the evidence.
        sequence: i64,
    },
    /// A leaf is not that of its evidence: one of both was replaced or swapped.
    LeafOther {
        /// Number of the leaf.
        index: u64,
        /// Sequence of the evidence.
        sequence: i64,
    },
    /// An evidence is logged twice.
    EvidenceDoubled {
        /// Its sequence.
        sequence: i64,
    },
    /// An evidence was put in without being logged.
    Unlogged {
        /// Its sequence.
        sequence: i64,
    },
    /// A stored node does not come from the leaves.
    NodeOther {
        /// Height over the leaves.
        level: u8,
        /// Number on its level.
        index: u64,
    },
    /// A head was signed over more leaves than are left.
    HeadBeyond {
        /// Leaves under the head.
        size: u64,
        /// Leaves that are left.
        leaves: u64,
    },
    /// A head was signed over other leaves.
    HeadOther {
        /// Leaves under the head.
        size: u64,
    },
    /// Two heads of one size.
    HeadTwice {
        /// Leaves under both.
        size: u64,
    },
    /// A head is not one of this log's keys.
    HeadUnreadable {
        /// Leaves under the head.
        size: u64,
        /// Why.
        why: String,
    },
    /// A time-stamp does not hold for its head.
    StampWrong {
        /// Leaves under the head.
        size: u64,
        /// Why.
        why: String,
    },
    /// A cosignature does not hold for its head.
    CosignatureWrong {
        /// Leaves under the head.
        size: u64,
        /// The witness.
        witness: String,
    },
    /// A head held elsewhere is larger than the log: something was cut off.
    HeldBeyond {
        /// Who holds it.
        source: String,
        /// Leaves under it.
        size: u64,
        /// Leaves that are left.
        leaves: u64,
    },
    /// A head held elsewhere was signed over other leaves: the log was rebuilt.
    HeldOther {
        /// Who holds it.
        source: String,
        /// Leaves under it.
        size: u64,
    },
    /// A head held elsewhere is not one of this log.
    HeldUnreadable {
        /// Who holds it.
        source: String,
        /// Why.
        why: String,
    },
}

impl Finding {
    /// The finding in Romanian words.
    #[must_use]
    pub fn in_romanian(&self) -> String {
        match self {
            Self::LedgerOther { source, ledger, number } => {
                let who = source.as_deref().unwrap_or("un cap semnat al jurnalului de dovezi");
                format!(
                    "{} nu mai este cel de care vorbește {who}: poziția {number} a fost rescrisă sau ștearsă",
                    ledger_ro(ledger)
                )
            }
            Self::LedgerBroken { ledger, number } => {
                format!("{} nu se leagă de la poziția {number}: a fost schimbat sau tăiat", ledger_ro(ledger))
            }
            Self::LeafGone { index } => format!("frunza {index} lipsește din jurnal"),
            Self::LeavesDoubled { rows, leaves } => format!("jurnalul are {rows} rânduri pentru {leaves} frunze"),
            Self::EvidenceGone { index, sequence } => format!("dovada {sequence}, frunza {index}, a fost ștearsă"),
            Self::EvidenceChanged { index, sequence } => {
                format!("dovada {sequence}, frunza {index}, a fost schimbată: octeții nu au rezumatul înscris")
            }
            Self::LeafOther { index, sequence } => {
                format!("frunza {index} nu este a dovezii {sequence}: una dintre ele a fost înlocuită sau mutată")
            }
            Self::EvidenceDoubled { sequence } => format!("dovada {sequence} este în jurnal de două ori"),
            Self::Unlogged { sequence } => format!("dovada {sequence} a fost introdusă fără să treacă prin jurnal"),
            Self::NodeOther { level, index } => {
                format!("nodul {index} de pe nivelul {level} nu rezultă din frunze")
            }
            Self::HeadBeyond { size, leaves } => {
                format!("s-a semnat un cap peste {size} frunze, dar au rămas {leaves}: s-a șters din coadă")
            }
            Self::HeadOther { size } => format!("capul peste {size} frunze a fost semnat peste alte frunze"),
            Self::HeadTwice { size } => format!("sunt două capete peste {size} frunze"),
            Self::HeadUnreadable { size, why } => format!("capul peste {size} frunze nu este al acestui jurnal: {why}"),
            Self::StampWrong { size, why } => format!("marca temporală a capului peste {size} frunze nu ține: {why}"),
            Self::CosignatureWrong { size, witness } => {
                format!("semnătura martorului {witness} sub capul peste {size} frunze nu ține")
            }
            Self::HeldBeyond { source, size, leaves } => {
                format!("{source} păstrează un cap peste {size} frunze, dar jurnalul are {leaves}: s-a șters din coadă")
            }
            Self::HeldOther { source, size } => {
                format!("{source} păstrează un cap peste {size} frunze cu altă rădăcină: jurnalul a fost rescris")
            }
            Self::HeldUnreadable { source, why } => format!("{source} nu este un cap al acestui jurnal: {why}"),
        }
    }
}

fn ledger_ro(ledger: &str) -> &'static str {
    if ledger == "audit" { "jurnalul de audit" } else { "jurnalul accesărilor" }
}

/// The finding in English words.
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LedgerOther { source, ledger, number } => {
                let who = source.as_deref().unwrap_or("a signed head of the evidence log");
                write!(
                    formatter,
                    "the ledger {ledger} is not the one {who} names: entry {number} was rewritten or deleted"
                )
            }
            Self::LedgerBroken { ledger, number } => {
                write!(formatter, "the ledger {ledger} does not hold together from entry {number} on")
            }
            Self::LeafGone { index } => write!(formatter, "leaf {index} is missing from the log"),
            Self::LeavesDoubled { rows, leaves } => write!(formatter, "the log has {rows} rows for {leaves} leaves"),
            Self::EvidenceGone { index, sequence } => {
                write!(formatter, "evidence {sequence}, leaf {index}, was deleted")
            }
            Self::EvidenceChanged { index, sequence } => {
                write!(formatter, "evidence {sequence}, leaf {index}, was changed: its bytes have another hash")
            }
            Self::LeafOther { index, sequence } => {
                write!(formatter, "leaf {index} is not that of evidence {sequence}: one was replaced or moved")
            }
            Self::EvidenceDoubled { sequence } => write!(formatter, "evidence {sequence} is in the log twice"),
            Self::Unlogged { sequence } => write!(formatter, "evidence {sequence} was put in past the log"),
            Self::NodeOther { level, index } => {
                write!(formatter, "node {index} of level {level} does not come from the leaves")
            }
            Self::HeadBeyond { size, leaves } => {
                write!(formatter, "a head was signed over {size} leaves, but {leaves} are left: the tail was cut off")
            }
            Self::HeadOther { size } => write!(formatter, "the head of {size} leaves was signed over other leaves"),
            Self::HeadTwice { size } => write!(formatter, "there are two heads of {size} leaves"),
            Self::HeadUnreadable { size, why } => {
                write!(formatter, "the head of {size} leaves is not of this log: {why}")
            }
            Self::StampWrong { size, why } => {
                write!(formatter, "the time-stamp of the head of {size} leaves does not hold: {why}")
            }
            Self::CosignatureWrong { size, witness } => {
                write!(formatter, "the signature of witness {witness} under the head of {size} leaves does not hold")
            }
            Self::HeldBeyond { source, size, leaves } => {
                write!(
                    formatter,
                    "{source} holds a head of {size} leaves, but the log has {leaves}: its tail was cut off"
                )
            }
            Self::HeldOther { source, size } => {
                write!(formatter, "{source} holds a head of {size} leaves with another root: the log was rebuilt")
            }
            Self::HeldUnreadable { source, why } => write!(formatter, "{source} is no head of this log: {why}"),
        }
    }
}
