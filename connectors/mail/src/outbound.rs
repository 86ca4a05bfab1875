//! What goes: a mail with the package of a delivery.
//!
//! `Delivered` means that the mail server named by the channel took the mail into its queue; the receipt is what it said.
//! A mail that went out to its end without an answer is `Unknown`, and a second one would be a second mail in somebody's
//! box, though with the same Message-ID and the same package: the usual class is `once`. A manifest may say `repeatable`
//! where a program reads the mailbox and knows a package again by its name.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connectors_contract::{Attempt, Consignment, Exchange, Inquiry, Outbound, Outcome, SideEffect};
use connectors_drop::{PackError, outgoing_name, pack};
use tokio::time::Instant;

use crate::address::MailAddress;
use crate::compose::{Attachment, Draft, write};
use crate::engine::Post;
use crate::letter;
use crate::smtp::{Answer, HandIn, Mail, hand_in};

/// Servers that grey-list take the same mail after some minutes (RFC 6647, section 4.2), and count earlier tries anew.
const GREY: Duration = Duration::from_secs(300);

/// Delivers to one mail address.
pub(crate) struct MailOutbound {
    post: Arc<Post>,
    to: MailAddress,
    side_effect: SideEffect,
}

impl MailOutbound {
    pub(crate) fn new(post: Arc<Post>, to: MailAddress, side_effect: SideEffect) -> Self {
        Self { post, to, side_effect }
    }

    async fn send(&self, consignment: &Consignment) -> (Outcome, Exchange) {
        let post = &self.post;
        let (packing, limit) = (consignment.clone(), post.settings.most_bytes() as u64);
        let unsent = |outcome: Outcome| (outcome, Exchange::default());
        let packed = match tokio::task::spawn_blocking(move || pack(&packing, limit)).await {
            Ok(Ok(packed)) => packed,
            Ok(Err(error)) => return unsent(unpacked(&error)),
            Err(stopped) => return unsent(Outcome::Unavailable { reason: stopped.to_string(), retry_after: None }),
        };
        let name = outgoing_name(&consignment.idempotency_key);
        let text = letter::text(consignment, &name);
        let attachment = Attachment { name: name.clone(), content_type: "application/zip", content: &packed.bytes };
        let message = write(&Draft {
            from: &post.from,
            to: &self.to,
            subject: &letter::subject(consignment),
            date: post.now(),
            id: name.trim_end_matches(".zip"),
            in_reply_to: None,
            text: &text,
            attachments: vec![attachment],
        });
        let mail = Mail { from: &post.from, to: &self.to, message: &message };
        let handed = hand_in(&post.access(), &mail).await;
        let (outcome, status) = meaning(handed);
        let exchange = Exchange { status, sent_sha256: Some(connectors_drop::sha256(&message)), took: Duration::ZERO };
        (outcome, exchange)
    }
}

#[async_trait]
impl Outbound for MailOutbound {
    fn side_effect(&self) -> SideEffect {
        self.side_effect
    }

    /// A mail server took it; whether and when it reaches anybody is not told.
    fn leaves_registered_delivery(&self) -> bool {
        true
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        let started = Instant::now();
        let (outcome, exchange) = self.send(consignment).await;
        Attempt { outcome, exchange: Exchange { took: started.elapsed(), ..exchange } }
    }

    async fn inquire(&self, _consignment: &Consignment) -> Inquiry {
        let reason = "poșta electronică nu poate fi întrebată ce s-a întâmplat cu un mesaj; întrebați destinatarul";
        Inquiry::Unanswered { reason: reason.to_owned(), retry_after: None }
    }
}

/// What a hand-in means to the hub, and the server's code.
pub(crate) fn meaning(handed: HandIn) -> (Outcome, Option<u16>) {
    match handed {
        HandIn::Taken(answer) => {
            let status = Some(answer.code);
            (Outcome::Delivered { receipt: Some(queue_number(&answer)) }, status)
        }
        HandIn::Refused(Answer { code, text }) => (
            Outcome::Refused { code: code.to_string(), reason: format!("serverul de poștă a refuzat: {text}") },
            Some(code),
        ),
        HandIn::NotNow(reason, status) => {
            let retry_after = status.filter(|code| matches!(code, 450 | 451)).map(|_| GREY);
            (Outcome::Unavailable { reason, retry_after }, status)
        }
        HandIn::Unsure(reason) => {
            let reason = format!("mesajul a plecat întreg, dar serverul nu a spus dacă l-a luat: {reason}");
            (Outcome::Unknown { reason }, None)
        }
    }
}

/// The server's own number for the mail, where it gives one in a way that is known; otherwise all it said.
fn queue_number(answer: &Answer) -> String {
    let words: Vec<&str> = answer.text.split_whitespace().collect();
    let exim = words.iter().find_map(|word| word.strip_prefix("id="));
    let postfix = words.windows(3).find(|three| three[..2] == ["queued", "as"]).map(|three| three[2]);
    let number = exim.or(postfix);
    number.map_or_else(|| answer.text.chars().take(200).collect(), str::to_owned)
}

/// A part that cannot be read now may be read later; the rest no second try mends.
fn unpacked(error: &PackError) -> Outcome {
    match error {
        PackError::Read { .. } => Outcome::Unavailable { reason: error.to_string(), retry_after: None },
        PackError::TooLarge { .. } | PackError::Changed { .. } | PackError::Name { .. } => {
            Outcome::Refused { code: "connector.unsendable".to_owned(), reason: error.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> String {
        queue_number(&Answer { code: 250, text: text.to_owned() })
    }

    #[test]
    fn the_queues_number_is_the_receipt() {
        assert_eq!(number("OK id=1rXyZ0-000A1b-2C"), "1rXyZ0-000A1b-2C");
        assert_eq!(number("2.0.0 Ok: queued as 4F1A2B3C"), "4F1A2B3C");
        assert_eq!(number("Taken as it is, queued as 77"), "77");
        assert_eq!(number("OK"), "OK");
    }

    #[test]
    fn every_recorded_answer_means_what_it_says() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems/primarie-posta");
        let folder = connectors_contract::SystemFolder::read(&folder).unwrap();
        assert!(folder.exchanges.len() >= 4);
        for exchange in folder.exchanges {
            let text = exchange.answer.text();
            let answered = match exchange.answer.status {
                0 => Err(crate::line::LineError::Silent),
                code => Ok(Answer { code, text }),
            };
            let found = match meaning(crate::smtp::judged(answered)).0 {
                Outcome::Delivered { receipt } => serde_json::json!({ "class": "delivered", "receipt": receipt }),
                Outcome::Refused { code, .. } => serde_json::json!({ "class": "refused", "code": code }),
                Outcome::Unavailable { retry_after: Some(after), .. } => {
                    serde_json::json!({ "class": "unavailable", "retry_after_s": after.as_secs() })
                }
                Outcome::Unavailable { .. } => serde_json::json!({ "class": "unavailable" }),
                Outcome::Unknown { .. } => serde_json::json!({ "class": "unknown" }),
                other @ Outcome::Attested { .. } => panic!("{other:?}"),
            };
            assert_eq!(found, exchange.expected, "{}", exchange.name);
        }
    }

    #[test]
    fn every_end_of_a_hand_in_has_one_class() {
        let said = |code: u16| Answer { code, text: "x".to_owned() };
        assert!(matches!(meaning(HandIn::Taken(said(250))).0, Outcome::Delivered { .. }));
        assert!(matches!(meaning(HandIn::Refused(said(550))).0, Outcome::Refused { code, .. } if code == "550"));
        let grey = meaning(HandIn::NotNow("x".to_owned(), Some(451))).0;
        assert!(matches!(grey, Outcome::Unavailable { retry_after: Some(GREY), .. }));
        assert!(matches!(
            meaning(HandIn::NotNow("x".to_owned(), None)).0,
            Outcome::Unavailable { retry_after: None, .. }
        ));
        assert!(matches!(meaning(HandIn::Unsure("x".to_owned())).0, Outcome::Unknown { .. }));
    }
}
