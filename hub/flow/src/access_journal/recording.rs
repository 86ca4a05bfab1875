//! Writing verbs with the accesses they tell of: the entry commits with what is written.

use std::sync::Arc;

use uuid::Uuid;

use crate::db::{DbError, Tx, WriteVerb};

use crate::hub::Hub;

use super::model::AccessEntry;
use super::store::{About, append, cite};

/// A verb whose items open personal data: each is written with its entry in the journal.
pub struct Journaled<V: WriteVerb> {
    verb: Arc<V>,
    chain: Uuid,
}

impl<V: WriteVerb> Journaled<V> {
    /// `chain` is that of this run of this node.
    fn new(verb: Arc<V>, chain: Uuid) -> Arc<Self> {
        Arc::new(Self { verb, chain })
    }
}

impl Hub {
    /// The verb, so that what it writes commits with its entry in the journal of access.
    pub fn journaled<V: WriteVerb>(&self, verb: Arc<V>) -> Arc<Journaled<V>> {
        Journaled::new(verb, self.journal_chain)
    }
}

impl<V: WriteVerb> WriteVerb for Journaled<V> {
    type Item = (V::Item, (AccessEntry, About));
    type Output = V::Output;
    const ORDER: u16 = V::ORDER;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<V::Output>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for (item, (entry, about)) in items {
            let output = self.verb.run(tx, std::slice::from_ref(item)).await?.pop();
            outputs.push(output.expect("a verb answers every item"));
            append(tx, self.chain, std::slice::from_ref(entry)).await?;
            cite(tx, entry, about).await?;
        }
        Ok(outputs)
    }
}
