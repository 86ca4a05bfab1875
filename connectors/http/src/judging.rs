//! Names resolved and judged: the client connects to these addresses and no others.

use std::net::SocketAddr;
use std::sync::Arc;

use connectors_contract::Guard;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves with the system's resolver and judges everything that was found.
pub(crate) struct Judging {
    pub guard: Arc<Guard>,
    pub strict: bool,
}

impl Resolve for Judging {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, strict) = (Arc::clone(&self.guard), self.strict);
        Box::pin(async move {
            // The client puts the port of the address in the place of 0.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let judged = guard.judge_all(found, strict)?;
            Ok(Box::new(judged.into_iter()) as Addrs)
        })
    }
}
