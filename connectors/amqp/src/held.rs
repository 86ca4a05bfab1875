//! The messages that were taken from a queue and have no verdict yet. They belong to one channel: when it is gone, so is
//! the hold, and the broker gives them out again.

use std::collections::VecDeque;

use bytes::Bytes;
use connectors_contract::Arrival;
use lapin::{BasicProperties, Channel};

/// How many settled ids are remembered, so that a verdict told twice is not an error.
const REMEMBERED: usize = 1_000;

#[derive(Default)]
pub(crate) struct Held {
    pub(crate) channel: Option<Channel>,
    messages: Vec<HeldMessage>,
    settled: VecDeque<String>,
}

/// A message without a verdict.
#[derive(Clone)]
pub(crate) struct HeldMessage {
    pub(crate) arrival: Arrival,
    /// More than one when the same message came twice.
    pub(crate) tags: Vec<u64>,
    pub(crate) properties: BasicProperties,
    pub(crate) payload: Bytes,
}

impl Held {
    /// Forgets what a channel held that is gone.
    pub(crate) fn release(&mut self) {
        self.channel = None;
        self.messages.clear();
    }

    pub(crate) fn arrivals(&self, most: usize) -> Vec<Arrival> {
        self.messages.iter().take(most).map(|message| message.arrival.clone()).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.payload.len()).sum()
    }

    pub(crate) fn take_in(&mut self, message: HeldMessage) {
        match self.messages.iter_mut().find(|held| held.arrival.id == message.arrival.id) {
            Some(held) => held.tags.extend(message.tags),
            None => self.messages.push(message),
        }
    }

    pub(crate) fn find(&self, id: &str) -> Option<HeldMessage> {
        self.messages.iter().find(|message| message.arrival.id == id).cloned()
    }

    pub(crate) fn settle(&mut self, id: &str) {
        self.messages.retain(|message| message.arrival.id != id);
        self.settled.push_back(id.to_owned());
        if self.settled.len() > REMEMBERED {
            self.settled.pop_front();
        }
    }

    pub(crate) fn was_settled(&self, id: &str) -> bool {
        self.settled.iter().any(|settled| settled == id)
    }
}
