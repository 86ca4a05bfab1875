//! Publishing one message, and what the broker's answer means.

use std::time::Duration;

use connectors_contract::Outcome;
use lapin::options::BasicPublishOptions;
use lapin::protocol::AMQPErrorKind;
use lapin::{BasicProperties, Channel, Confirmation, Error, ErrorKind};
use tokio::time::timeout;

use crate::line::{Line, in_words};

/// What became of a message, by the reply codes of AMQP 0-9-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// The broker keeps it: basic.ack.
    Confirmed,
    /// The broker could not keep it: basic.nack.
    Nacked,
    /// No queue takes it: basic.return.
    Returned {
        /// The reply code, 312 for no route.
        code: u16,
        /// The broker's words.
        text: String,
    },
    /// The broker closed the channel over it and did not take it: channel.close.
    Closed {
        /// The reply code.
        code: u16,
        /// The broker's words.
        text: String,
    },
    /// Nothing was sent.
    Unsent(String),
    /// It was sent, and the confirm was lost.
    Lost(String),
}

/// Where a message goes.
#[derive(Clone, Copy)]
pub(crate) struct To<'a> {
    pub(crate) exchange: &'a str,
    pub(crate) routing_key: &'a str,
}

impl Published {
    /// The reply code, where the broker gave one; 200 for a confirm.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Confirmed => Some(200),
            Self::Returned { code, .. } | Self::Closed { code, .. } => Some(*code),
            Self::Nacked | Self::Unsent(_) | Self::Lost(_) => None,
        }
    }
}

/// The class of what became of a document.
#[must_use]
pub fn outcome(published: Published) -> Outcome {
    let unavailable = |reason: String| Outcome::Unavailable { reason, retry_after: None };
    match published {
        // A broker has no number of its own for a message: its confirm is the receipt.
        Published::Confirmed => Outcome::Delivered { receipt: None },
        Published::Nacked => unavailable("brokerul nu a putut păstra mesajul".to_owned()),
        Published::Returned { code, text } => unavailable(format!(
            "nicio coadă nu primește mesajul ({code} {text}); verificați numele cozii și legăturile ei"
        )),
        Published::Closed { code: code @ (311 | 406), text } => {
            Outcome::Refused { code: format!("amqp.{code}"), reason: format!("brokerul refuză mesajul: {text}") }
        }
        Published::Closed { code: code @ (403 | 404), text } => unavailable(format!(
            "brokerul nu primește mesajul ({code} {text}); verificați coada și drepturile utilizatorului"
        )),
        Published::Closed { code, text } => {
            Outcome::Unknown { reason: format!("brokerul a închis canalul: {code} {text}") }
        }
        Published::Unsent(reason) => unavailable(reason),
        Published::Lost(reason) => Outcome::Unknown { reason },
    }
}

/// Publishes one persistent message, mandatory, and waits for the confirm.
pub(crate) async fn publish(line: &Line, to: To<'_>, properties: BasicProperties, payload: &[u8]) -> Published {
    let channel = match line.channel().await {
        Ok(channel) => channel,
        Err(reason) => return Published::Unsent(reason),
    };
    let published = on(&channel, to, properties, payload, line.patience).await;
    match &published {
        Published::Lost(_) => {
            drop(channel);
            line.abandon().await;
        }
        _ => line.give_back(channel),
    }
    published
}

async fn on(
    channel: &Channel,
    to: To<'_>,
    properties: BasicProperties,
    payload: &[u8],
    patience: Duration,
) -> Published {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = properties.with_delivery_mode(2);
    let sending = channel.basic_publish(to.exchange.into(), to.routing_key.into(), options, payload, properties);
    let silent = || Published::Lost(format!("brokerul nu a confirmat în {} ms", patience.as_millis()));
    let confirm = match timeout(patience, sending).await {
        Err(_) => return silent(),
        // The library checks the channel before it writes the first byte.
        Ok(Err(error))
            if matches!(error.kind(), ErrorKind::InvalidChannelState(..) | ErrorKind::InvalidConnectionState(_)) =>
        {
            return Published::Unsent(in_words(&error));
        }
        Ok(Err(error)) => return told(&error),
        Ok(Ok(confirm)) => confirm,
    };
    match timeout(patience, confirm).await {
        Err(_) => silent(),
        Ok(Err(error)) => told(&error),
        Ok(Ok(confirmation)) => match confirmation {
            Confirmation::Nack(_) => Published::Nacked,
            Confirmation::NotRequested => Published::Lost("brokerul nu confirmă mesajele".to_owned()),
            Confirmation::Ack(None) => Published::Confirmed,
            Confirmation::Ack(Some(returned)) => {
                Published::Returned { code: returned.reply_code, text: returned.reply_text.as_str().to_owned() }
            }
        },
    }
}

/// Only a closed channel says that this very message was not taken; with a closed connection nothing is sure.
fn told(error: &Error) -> Published {
    match error.kind() {
        ErrorKind::ProtocolError(closed) if matches!(closed.kind(), AMQPErrorKind::Soft(_)) => {
            Published::Closed { code: closed.get_id(), text: closed.get_message().as_str().to_owned() }
        }
        _ => Published::Lost(in_words(error)),
    }
}
