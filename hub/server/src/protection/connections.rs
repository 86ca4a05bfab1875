//! Connections that are open: so many, and so many of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::DoorConfig;

use super::address::counted;

/// Connections that are open, all and by address.
#[derive(Default)]
pub struct Open {
    all: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// The place of one connection; free when it is dropped.
pub struct Place {
    open: Arc<Open>,
    address: IpAddr,
}

impl Open {
    /// A place for a connection from an address; none when it, or all of them, have as many as they may.
    pub fn place(self: &Arc<Self>, peer: IpAddr, door: &DoorConfig) -> Option<Place> {
        let address = counted(peer);
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let here = by_address.get(&address).copied().unwrap_or(0);
        // A proxy brings the connections of all.
        let proxy = door.trusted_proxies.iter().any(|network| network.contains(&peer));
        let crowded = here >= door.connections_per_address && !proxy;
        if crowded || self.all.load(Ordering::Relaxed) >= door.connections {
            return None;
        }
        by_address.insert(address, here + 1);
        self.all.fetch_add(1, Ordering::Relaxed);
        Some(Place { open: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_address = self.open.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                by_address.remove(&self.address);
            }
        }
        self.open.all.fetch_sub(1, Ordering::Relaxed);
    }
}
