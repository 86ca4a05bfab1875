//! `[door]` and `[rate]`: what one connection, one address and one party may ask of the hub.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use connectors_contract::Guard;
use ipnet::IpNet;
use serde::Deserialize;

/// Bounds of connections and requests at the HTTP door.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoorConfig {
    /// Connections open at once.
    pub connections: usize,
    /// Connections open at once from one address (one /64 network for IPv6).
    pub connections_per_address: usize,
    /// Seconds in which all headers of a request must have come; also how long an idle connection is kept.
    pub header_seconds: u64,
    /// Most bytes of the request line and all headers.
    pub header_bytes: usize,
    /// Most headers of a request.
    pub headers: usize,
    /// Seconds of silence inside a body after which it is given up, and the time that a body has before its speed counts.
    pub idle_seconds: u64,
    /// Slowest average of a body, in bytes a second.
    pub slowest_upload: u64,
    /// Seconds from the end of a body to the beginning of the answer.
    pub answer_seconds: u64,
    /// Seconds for which a client may take no byte of its answer.
    pub write_seconds: u64,
    /// Networks of reverse proxies: only they are believed what `X-Forwarded-For` says.
    pub trusted_proxies: Vec<IpNet>,
    /// Names under which this hub is called; another `Host` is refused. Empty: any.
    pub hosts: Vec<String>,
}

impl Default for DoorConfig {
    fn default() -> Self {
        Self {
            connections: 8_192,
            connections_per_address: 1_024,
            header_seconds: 15,
            header_bytes: 32 * 1024,
            headers: 64,
            idle_seconds: 30,
            slowest_upload: 4 * 1024,
            answer_seconds: 300,
            write_seconds: 60,
            trusted_proxies: Vec::new(),
            hosts: Vec::new(),
        }
    }
}

/// Whom the hub calls when an institution names the address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutgoingConfig {
    /// Networks that may be called though they are private or special, by plain HTTP and any port too.
    pub allow: Vec<IpNet>,
    /// Ports of HTTPS that may be called anywhere.
    pub ports: Vec<u16>,
}

impl Default for OutgoingConfig {
    fn default() -> Self {
        let Guard { allow, ports } = Guard::default();
        Self { allow, ports }
    }
}

impl OutgoingConfig {
    /// The guard it describes.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard { allow: self.allow.clone(), ports: self.ports.clone() }
    }
}

/// Who looks for programs that do harm.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MalwareConfig {
    /// A ClamAV daemon: `unix:PATH` or `tcp:HOST:PORT`. Without it, nothing is looked through.
    pub scanner: Option<String>,
    /// Nothing is taken without a verdict.
    pub required: bool,
    /// Documents of these types are not taken without a verdict.
    pub required_types: Vec<String>,
    /// Seconds for one part, connecting included.
    pub timeout_seconds: u64,
    /// Largest part that is shown to the daemon, in bytes; not above its own `StreamMaxLength`.
    pub max_bytes: u64,
}

impl Default for MalwareConfig {
    fn default() -> Self {
        Self {
            scanner: None,
            required: false,
            required_types: Vec::new(),
            timeout_seconds: 60,
            max_bytes: 25 * 1024 * 1024,
        }
    }
}

/// So many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Requests, which may also come all at once.
    pub requests: NonZeroU32,
    /// Seconds in which they come back.
    pub seconds: NonZeroU32,
}

impl Budget {
    const fn of(requests: u32, seconds: u32) -> Self {
        let (Some(requests), Some(seconds)) = (NonZeroU32::new(requests), NonZeroU32::new(seconds)) else {
            panic!("a budget written here is not zero")
        };
        Self { requests, seconds }
    }
}

/// What a party may ask of the hub, by class of request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateConfig {
    /// Whether budgets are kept. Without, nothing is refused.
    pub enforce: bool,
    /// Documents sent, and dispatches of other services.
    pub send: Budget,
    /// Everything else that changes something.
    pub write: Budget,
    /// Everything that is only read.
    pub read: Budget,
    /// Looks into the inbox, the evidence feed and the notices.
    pub poll: Budget,
    /// Questions to registers.
    pub lookup: Budget,
    /// Attempts to sign in or to get a token, by address.
    pub sign_in: Budget,
    /// Requests of those who are not known, by address.
    pub open: Budget,
    /// Requests of one party that are worked on at once; further ones wait in line.
    pub concurrent: usize,
    /// Requests of one party that may wait in line.
    pub waiting: usize,
    /// Milliseconds that a request waits in line.
    pub wait_ms: u64,
    /// Addresses whose budgets are remembered one by one; beyond, newcomers share one.
    pub addresses: usize,
    /// Budgets of single parties, in place of those above.
    pub party: BTreeMap<String, PartyRate>,
}

impl Default for RateConfig {
    fn default() -> Self {
        Self {
            enforce: true,
            send: Budget::of(50_000, 10),
            write: Budget::of(10_000, 10),
            read: Budget::of(20_000, 10),
            poll: Budget::of(1_200, 60),
            lookup: Budget::of(5_000, 10),
            sign_in: Budget::of(30, 60),
            open: Budget::of(6_000, 60),
            concurrent: 64,
            waiting: 512,
            wait_ms: 5_000,
            addresses: 50_000,
            party: BTreeMap::new(),
        }
    }
}

/// Budgets of one party; what is absent is as for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PartyRate {
    /// As in [`RateConfig::send`].
    pub send: Option<Budget>,
    /// As in [`RateConfig::write`].
    pub write: Option<Budget>,
    /// As in [`RateConfig::read`].
    pub read: Option<Budget>,
    /// As in [`RateConfig::poll`].
    pub poll: Option<Budget>,
    /// As in [`RateConfig::lookup`].
    pub lookup: Option<Budget>,
    /// As in [`RateConfig::concurrent`].
    pub concurrent: Option<usize>,
}
