//! The connector that delivers to a broker.

use std::sync::Arc;

use async_trait::async_trait;
use connectors_contract::{Attempt, Consignment, Exchange, Inquiry, Outbound, Outcome, SideEffect};
use tokio::time::Instant;

use crate::line::Line;
use crate::message::write;
use crate::publishing::{To, outcome, publish};
use crate::settings::Shape;

/// Delivers to one exchange or queue.
pub(crate) struct AmqpOutbound {
    pub(crate) line: Arc<Line>,
    pub(crate) exchange: String,
    pub(crate) routing_key: String,
    pub(crate) shape: Shape,
    pub(crate) side_effect: SideEffect,
}

#[async_trait]
impl Outbound for AmqpOutbound {
    fn side_effect(&self) -> SideEffect {
        self.side_effect
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        let started = Instant::now();
        let message = match write(self.shape, consignment).await {
            Ok(message) => message,
            Err(reason) => {
                let outcome = Outcome::Refused { code: "connector.unsendable".to_owned(), reason };
                return Attempt { outcome, exchange: Exchange::default() };
            }
        };
        let sha256 = openssl::sha::sha256(&message.payload);
        let to = To { exchange: &self.exchange, routing_key: &self.routing_key };
        let published = publish(&self.line, to, message.properties, &message.payload).await;
        let sent = !matches!(published, crate::Published::Unsent(_));
        let exchange =
            Exchange { status: published.code(), sent_sha256: sent.then_some(sha256), took: started.elapsed() };
        Attempt { outcome: cut(outcome(published)), exchange }
    }

    async fn inquire(&self, _consignment: &Consignment) -> Inquiry {
        let reason =
            "un broker nu poate fi întrebat ce s-a întâmplat cu un mesaj; se trimite din nou, cu aceeași cheie";
        Inquiry::Unanswered { reason: reason.to_owned(), retry_after: None }
    }
}

/// A broker's words may be long.
fn cut(outcome: Outcome) -> Outcome {
    let cut = |text: String| text.chars().take(500).collect();
    match outcome {
        Outcome::Refused { code, reason } => Outcome::Refused { code, reason: cut(reason) },
        Outcome::Unavailable { reason, retry_after } => Outcome::Unavailable { reason: cut(reason), retry_after },
        Outcome::Unknown { reason } => Outcome::Unknown { reason: cut(reason) },
        other => other,
    }
}
