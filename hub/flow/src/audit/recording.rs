//! Writing verbs with their acts: the event commits with what it tells of.

use std::sync::Arc;

use crate::db::{DbError, Tx, WriteVerb};

use super::{AuditEvent, Outcome, append};

/// Records acts that write nothing else in the database.
pub struct RecordEvents;

impl WriteVerb for RecordEvents {
    type Item = Vec<AuditEvent>;
    type Output = ();
    const ORDER: u16 = 990;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Vec<AuditEvent>]) -> Result<Vec<()>, DbError> {
        append(tx, &items.concat()).await?;
        Ok(vec![(); items.len()])
    }
}

/// A verb whose items are acts: each is written with its event, where the verb's answer says that it came to something.
pub struct Audited<V: WriteVerb> {
    verb: Arc<V>,
    ended: fn(&V::Output) -> Option<Outcome>,
}

impl<V: WriteVerb> Audited<V> {
    /// `ended` tells from the answer how the act ended; none where nothing is to be recorded.
    pub fn new(verb: Arc<V>, ended: fn(&V::Output) -> Option<Outcome>) -> Arc<Self> {
        Arc::new(Self { verb, ended })
    }

    /// The same for a verb whose answer is always that it was done.
    pub fn always(verb: Arc<V>) -> Arc<Self> {
        Self::new(verb, |_| Some(Outcome::Done))
    }
}

impl<V: WriteVerb> WriteVerb for Audited<V> {
    type Item = (V::Item, AuditEvent);
    type Output = V::Output;
    const ORDER: u16 = V::ORDER;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<V::Output>, DbError> {
        let (mut outputs, mut events) = (Vec::with_capacity(items.len()), Vec::new());
        for (item, event) in items {
            let output = self.verb.run(tx, std::slice::from_ref(item)).await?.pop();
            let output = output.expect("a verb answers every item");
            events.extend((self.ended)(&output).map(|outcome| event.clone().ended(outcome)));
            outputs.push(output);
        }
        append(tx, &events).await?;
        Ok(outputs)
    }
}
