//! Clients of ANAF that nobody here wrote, unmodified, against the twin: `efactura-sdk` (npm) and `anafpy` (PyPI).

use std::process::Command;

use crate::network::{Network, anafpy, efactura_sdk};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/anaf");

#[test]
fn efactura_sdk_files_lists_downloads_and_validates_unmodified() {
    let Some(network) = Network::open("js") else { return };
    let Some(folder) = efactura_sdk() else { return };
    let seen = network
        .run(Command::new("node").arg(format!("{SCRIPTS}/efactura-sdk.mjs")).arg(&folder), "NODE_EXTRA_CA_CERTS");
    assert_eq!((&seen["client"], &seen["members"]), (&"efactura-sdk".into(), &2.into()), "{seen}");
}

#[test]
fn anafpy_files_lists_downloads_and_declares_transports_unmodified() {
    let Some(folder) = anafpy() else { return };
    let Some(network) = Network::open("py") else { return };
    let mut client = Command::new(folder.join("environment/bin/python"));
    client.arg(format!("{SCRIPTS}/anafpy_client.py")).arg(format!("{SCRIPTS}/invoice.xml"));
    let seen = network.run(&mut client, "SSL_CERT_FILE");
    assert_eq!(seen["client"], "anafpy", "{seen}");
    assert!(seen["listed"].as_u64().is_some_and(|listed| listed >= 501), "{seen}");
}
