//! The table `[amqp]` of a manifest.

use serde::Deserialize;

/// Names of queues and exchanges are at most this long (AMQP 0-9-1, short string).
const LONGEST_NAME: usize = 255;

/// How a system uses its broker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmqpTable {
    /// Where documents are published: the default exchange when left out.
    #[serde(default)]
    pub(crate) exchange: String,
    /// With which routing key; with the default exchange it is the name of the queue.
    pub(crate) routing_key: Option<String>,
    /// What a message is.
    #[serde(default)]
    pub(crate) message: Shape,
    /// What comes.
    pub(crate) receive: Option<Receive>,
}

/// What a message is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shape {
    /// A drop package: envelope and all parts, one zip file.
    #[default]
    Package,
    /// The document alone; the envelope is in the headers, and files stay at the hub.
    Document,
}

/// The queue that is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receive {
    /// The queue.
    pub(crate) queue: String,
    /// Where refused messages go, each with its reason.
    pub(crate) dead_letter: String,
    /// Where verdicts are told, if anywhere.
    pub(crate) verdicts: Option<String>,
    /// Whether the hub declares these queues; otherwise they are there already.
    #[serde(default = "yes")]
    pub(crate) declare: bool,
    /// So often a message may come back without a verdict before the broker itself puts it aside.
    #[serde(default = "twenty")]
    pub(crate) delivery_limit: u16,
    /// The longest message, in MiB.
    #[serde(default = "thirty_two")]
    pub(crate) longest_mib: u16,
}

impl AmqpTable {
    /// What cannot hold, and the way out.
    pub(crate) fn contradiction(&self) -> Option<String> {
        let receive = self.receive.iter();
        let queues = receive.flat_map(|one| [Some(&one.queue), Some(&one.dead_letter), one.verdicts.as_ref()]);
        let names: Vec<&String> = queues.flatten().chain(&self.routing_key).collect();
        if names.iter().any(|name| name.is_empty() || name.len() > LONGEST_NAME) || self.exchange.len() > LONGEST_NAME {
            return Some(format!("names of queues and exchanges have 1 to {LONGEST_NAME} bytes"));
        }
        let receive = self.receive.as_ref()?;
        if receive.queue == receive.dead_letter || receive.verdicts.as_ref() == Some(&receive.queue) {
            return Some("queue, dead_letter and verdicts are different queues".to_owned());
        }
        if !(1..=1_000).contains(&receive.delivery_limit) || !(1..=64).contains(&receive.longest_mib) {
            return Some("delivery_limit is 1 to 1000, longest_mib 1 to 64".to_owned());
        }
        None
    }
}

impl Receive {
    pub(crate) fn longest(&self) -> usize {
        usize::from(self.longest_mib) * 1024 * 1024
    }
}

fn yes() -> bool {
    true
}

fn twenty() -> u16 {
    20
}

fn thirty_two() -> u16 {
    32
}
