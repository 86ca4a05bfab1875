//! The one place where a register is called.

use std::time::Duration;

use connectors_contract::{Answer, Exchange, Question, Reply};

use crate::db::DbError;
use crate::hub::Hub;
use crate::message::LookupId;

use super::Told;
use super::put::Put;

/// Puts questions of one operation over one channel; answers in the same order. There is at least one.
pub(super) async fn register(hub: &Hub, puts: &[Put]) -> Result<Vec<Told>, DbError> {
    let channel = &puts.first().expect("somebody asks something").channel;
    let connector = match hub.connectors.lookup(channel) {
        Ok(connector) => connector,
        Err(error) => {
            // Where a secret should be is for the operator, not for whoever asks.
            tracing::error!(channel = channel.entry.id, %error, "a register cannot be asked over this channel");
            let id = &channel.entry.id;
            let reason = format!("canalul {id} nu este configurat complet; anunțați administratorul hubului");
            return Ok(not_called(hub, puts.len(), &reason, None));
        }
    };
    let questions: Vec<Question> = puts.iter().map(|put| put.question.clone()).collect();
    let replies = match &questions[..] {
        [question] => vec![connector.ask(question).await],
        several => connector.ask_all(several).await,
    };
    let at = hub.clock.now();
    let told = |Reply { answer, exchange }| Told { answer, exchange, asked: true, at };
    let mut told: Vec<Told> = replies.into_iter().map(told).collect();
    // An engine that answers fewer than it was asked has not answered the others.
    let missing = puts.len().saturating_sub(told.len());
    told.extend(not_called(hub, missing, "registrul nu a răspuns la această întrebare", None));
    Ok(told)
}

fn not_called(hub: &Hub, count: usize, reason: &str, retry_after: Option<Duration>) -> Vec<Told> {
    let at = hub.clock.now();
    let told = |_| Told {
        answer: Answer::Unavailable { reason: reason.to_owned(), retry_after },
        exchange: Exchange::default(),
        asked: false,
        at,
    };
    (0..count).map(told).collect()
}

/// Keeps the jobs of questions while they are asked; the engine bounds how long that is.
pub(super) async fn holding_leases<T>(hub: &Hub, ids: &[LookupId], asking: impl Future<Output = T>) -> T {
    // Renewed well before they end: registers take their time.
    let renewal = Duration::from_secs(hub.policy.lease_seconds.get().into()) / 3;
    tokio::pin!(asking);
    loop {
        match tokio::time::timeout(renewal, &mut asking).await {
            Ok(asked) => return asked,
            Err(_) => {
                let lease_end = hub.policy.lease_end(hub.clock.now());
                for id in ids {
                    if let Err(error) = hub.db.write(&hub.verbs.renew, (id.0, lease_end)).await {
                        tracing::warn!(lookup = %id, %error, "a lease could not be renewed");
                    }
                }
            }
        }
    }
}
