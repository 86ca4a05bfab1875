//! The chains of audit and journal against the heads that name their ends.

use hub_signatures::log::checkpoint::Checkpoint;

use crate::access_journal;
use crate::audit as acts;
use crate::db::{Db, DbError};
use crate::ledger::{self, Commitment, Ledger};

use super::{Finding, Report};

/// Compares what a head names with what the tables hold at that place now.
pub(super) async fn named(
    db: &Db,
    report: &mut Report,
    (head, source): (&Checkpoint, Option<&String>),
) -> Result<(), DbError> {
    for one in head.extensions.iter().filter_map(|line| Commitment::parse(line)) {
        report.ledgers += 1;
        if ledger::hash_at(db, (one.ledger, one.chain), one.length).await? != Some(one.hash) {
            let (source, ledger) = (source.cloned(), one.ledger.as_str());
            report.find(Finding::LedgerOther { source, ledger, number: one.length });
        }
    }
    Ok(())
}

/// Computes every chain again: an entry before the one that a head names is bound by the hashes between.
pub(super) async fn whole(db: &Db, report: &mut Report) -> Result<(), DbError> {
    if let Some(number) = acts::broken(db).await? {
        report.find(Finding::LedgerBroken { ledger: Ledger::Audit.as_str(), number });
    }
    if let Some((_, number)) = access_journal::broken(db).await? {
        report.find(Finding::LedgerBroken { ledger: Ledger::Access.as_str(), number });
    }
    Ok(())
}
