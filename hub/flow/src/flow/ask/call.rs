//! The one place where a register is called, when breaker and quotas let it.

use std::time::Duration;

use connectors_contract::{Answer, Exchange, Lookup, Question, Reply};

use crate::calls::{self, Admission, Call, Cause, Heard, Later, Place};
use crate::db::DbError;
use crate::hub::Hub;
use crate::lookup::freshness;
use crate::message::LookupId;

use super::Told;
use super::others::Others;
use super::put::Put;

/// So long a question waits for its turn where a quota holds it; beyond it the caller is told to come again.
const PATIENCE: i64 = 10;

/// Puts questions of one operation over one channel, in as few requests as the register allows; answers in the same
/// order. There is at least one.
pub(super) async fn register(hub: &Hub, puts: &[Put]) -> Result<Vec<Told>, DbError> {
    let first = puts.first().expect("somebody asks something");
    let channel = &first.channel;
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
    let operation = hub.connectors.operation(&channel.entry.system, &first.question.operation);
    let batch = operation.and_then(|(_, operation)| operation.batch.as_ref());
    let most = batch.map_or(1, |batch| usize::try_from(batch.most).unwrap_or(1).max(1));
    let mut told = Vec::with_capacity(puts.len());
    for together in requests(puts, most) {
        told.extend(request(hub, &*connector, together).await?);
    }
    Ok(told)
}

/// What goes into one request: at most so many, and nobody twice, as answers are told apart by whom they are about.
fn requests(puts: &[Put], most: usize) -> Vec<&[Put]> {
    let (mut requests, mut begun) = (Vec::new(), 0);
    for end in 1..=puts.len() {
        let next = puts.get(end).map(Put::subject);
        let full = end - begun == most || next.is_none();
        if full || puts[begun..end].iter().any(|put| Some(put.subject()) == next) {
            requests.push(&puts[begun..end]);
            begun = end;
        }
    }
    requests
}

/// One request, when breaker and quotas let it.
async fn request(hub: &Hub, connector: &dyn Lookup, puts: &[Put]) -> Result<Vec<Told>, DbError> {
    let first = puts.first().expect("no request is empty");
    let place = Place::new(&first.channel.entry.system, first.channel.entry.address.as_deref());
    let subjects: Vec<&str> = puts.iter().filter_map(Put::subject).collect();
    let call = Call { place: &place, operation: Some(&first.question.operation), message: None, subjects: &subjects };
    if let Some(later) = held(hub, &call).await? {
        let pause = freshness::age(hub.clock.now(), later.at);
        return Ok(not_called(hub, puts.len(), &later.reason, Some(pause)));
    }
    let questions: Vec<Question> = puts.iter().map(|put| put.question.clone()).collect();
    let others = Others { hub, put: first };
    let asking = async {
        match &questions[..] {
            [question] => vec![connector.ask_among(question, &others).await],
            several => connector.ask_all(several).await,
        }
    };
    let replies = calls::counted(hub, &call, true, asking).await;
    // One request is one answer: where any row of it is answered, the register answered.
    let silent = replies.iter().all(|reply| matches!(reply.answer, Answer::Unavailable { .. }));
    let heard = replies.first().filter(|_| silent).map_or(Heard::Answer, |reply| Heard::of_answer(&reply.answer));
    // The silence of others is counted where they are asked: what is put together of them goes on being asked.
    if !connector.asks_others() {
        calls::heard(hub, &place, heard).await;
    }
    let at = hub.clock.now();
    let told = |Reply { answer, exchange }| Told { answer, exchange, asked: true, at };
    let mut told: Vec<Told> = replies.into_iter().take(puts.len()).map(told).collect();
    // An engine that answers fewer than it was asked has not answered the others.
    let missing = puts.len() - told.len();
    told.extend(not_called(hub, missing, "registrul nu a răspuns la această întrebare", None));
    Ok(told)
}

/// Waits for a short turn; answers what holds the call longer.
async fn held(hub: &Hub, call: &Call<'_>) -> Result<Option<Later>, DbError> {
    let end = hub.clock.now().plus_seconds(PATIENCE);
    loop {
        match calls::admit(hub, call).await? {
            Admission::Admitted => return Ok(None),
            Admission::Later(later) if matches!(later.cause, Cause::Quota { .. }) && later.at <= end => {
                tokio::time::sleep(freshness::age(hub.clock.now(), later.at)).await;
            }
            Admission::Later(later) => return Ok(Some(later)),
        }
    }
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
