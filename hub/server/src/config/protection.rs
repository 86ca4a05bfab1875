//! `[door]` and `[rate]`: what one connection, one address and one party may ask of the hub.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use connectors_contract::Guard;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

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
    /// Addresses (`10.0.0.5`) and networks (`10.0.0.0/24`) of reverse proxies: only they are believed who stands behind
    /// them, by `X-Forwarded-For` and `Client-Cert`.
    #[serde(deserialize_with = "networks")]
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

/// An address alone is the network that holds it and nothing else.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let read = |text: &String| {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        let wrong = |_| format!("{text} is neither an address nor a network like 10.0.0.0/24");
        text.parse().or_else(|_| address()).map_err(wrong)
    };
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(read).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

/// Whom the hub calls when an institution names the address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutgoingConfig {
    /// Networks that may be called though they are private or special, by plain HTTP and any port too.
    pub allow: Vec<IpNet>,
    /// Ports of HTTPS that may be called anywhere.
    pub ports: Vec<u16>,
    /// Folders of this machine below which channels and sources of the directory may read and write.
    pub folders: Vec<PathBuf>,
}

impl Default for OutgoingConfig {
    fn default() -> Self {
        let Guard { allow, ports, folders } = Guard::default();
        Self { allow, ports, folders }
    }
}

impl OutgoingConfig {
    /// The guard it describes.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard { allow: self.allow.clone(), ports: self.ports.clone(), folders: self.folders.clone() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trusted_proxy_is_an_address_or_a_network() {
        let read = |text: &str| toml::from_str::<DoorConfig>(&format!("trusted_proxies = [{text:?}]"));
        let table = [
            ("10.0.0.0/24", "10.0.0.255", true),
            ("10.0.0.0/24", "10.0.1.0", false),
            ("10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", "10.0.0.6", false),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::9", true),
            ("2001:db8::1", "2001:db8::2", false),
        ];
        for (network, address, expected) in table {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(read(network).unwrap().trusted_proxies[0].contains(&address), expected, "{network} {address}");
        }
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1", "example.ro"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
