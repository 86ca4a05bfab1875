//! Those who run a test hub.

use hub_server::config::Config;
use openssl::sha::sha256;

use crate::county::{self, key};

/// The party of those who run the hub.
pub const OPERATOR: &str = "operator-hub";

/// Adds an operator with its system to the directory a hub is about to read.
///
/// # Panics
/// The hub has no directory file.
pub fn with_operator(config: &Config) {
    let hash = hex::encode(sha256(key(OPERATOR).as_bytes()));
    county::change(config, |directory| {
        directory
            + &format!(
                "[[party]]\nid = '{OPERATOR}'\nname = 'Operatorul hubului'\nkind = 'operator'\n\
                 [[system]]\nid = 'system-operator'\nparty = '{OPERATOR}'\nkey_sha256 = '{hash}'\noperator = true\n"
            )
    });
}
