//! Whether a system's folder keeps what connectors promise, tried against a twin made of the folder itself.
//!
//! One check after the other, each on a twin of its own, each ending in a finding that says what was expected, what
//! happened and what to change. Nothing leaves this machine: the folder's own address is never called. It knows no engine;
//! whoever asks hands one in.

mod deliveries;
mod documents;
mod exchanges;
mod lookups;
mod report;
mod words;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use connectors_contract::manifest::Auth;
use connectors_contract::{Channel, Engine, Lookup, Manifest, Outbound, SystemFolder};
use sandbox::{FolderTwin, KeptDocument, Running};

pub use exchanges::meaning;
pub use report::{Finding, Report, Verdict};

/// The secret of the example in the Standard Webhooks libraries; it fits every kind of auth but one.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// The protocols a folder's twin speaks. Engines of other protocols are tried against real servers by their own tests.
const PLAYED: [&str; 1] = ["rest"];

/// Tries a folder with the engine its manifest names.
pub async fn check(engine: &dyn Engine, folder: &SystemFolder) -> Report {
    let mut bench = Bench { engine, folder, report: Report::new(&folder.manifest.system) };
    if !PLAYED.contains(&folder.manifest.engine.as_str()) {
        let why = format!("motorul {} este încercat de testele lui, cu servere adevărate", folder.manifest.engine);
        bench.report.skip("dosarul este jucat de un simulator", why);
        return bench.report;
    }
    if folder.manifest.deliver.is_none() && folder.manifest.lookups.is_empty() {
        bench.report.fail("manifestul are ce încerca", "nu are nici [deliver], nici [lookup.…]: adăugați o secțiune");
        return bench.report;
    }
    exchanges::check(&mut bench).await;
    if folder.manifest.deliver.is_some() {
        deliveries::check(&mut bench).await;
    }
    if !folder.manifest.lookups.is_empty() {
        lookups::check(&mut bench).await;
    }
    bench.report
}

/// What every check uses.
struct Bench<'a> {
    engine: &'a dyn Engine,
    folder: &'a SystemFolder,
    report: Report,
}

/// Patience with a twin.
#[derive(Clone, Copy)]
enum Patience {
    /// As long as it takes.
    Long,
    /// Shorter than a twin that keeps silent.
    Short,
}

impl Bench<'_> {
    async fn twin(&self) -> Running<KeptDocument> {
        let twin = FolderTwin::start(LOCAL, self.folder.clone(), &secret(&self.folder.manifest)).await;
        twin.expect("a free port of this machine can be bound")
    }

    fn manifest(&self, patience: Patience) -> Manifest {
        let mut manifest = self.folder.manifest.clone();
        manifest.endpoint.timeout = match patience {
            Patience::Long => Duration::from_secs(20),
            Patience::Short => Duration::from_millis(300),
        };
        manifest
    }

    fn outbound(&self, address: SocketAddr, patience: Patience) -> Result<Arc<dyn Outbound>, String> {
        let manifest = self.manifest(patience);
        let built = self.engine.outbound(&manifest, channel(&manifest, address));
        built.map_err(|error| error.to_string())
    }

    fn lookup(&self, address: SocketAddr, patience: Patience) -> Result<Arc<dyn Lookup>, String> {
        let manifest = self.manifest(patience);
        self.engine.lookup(&manifest, channel(&manifest, address)).map_err(|error| error.to_string())
    }
}

fn channel(manifest: &Manifest, address: SocketAddr) -> Channel {
    let address = format!("http://{address}/").parse().expect("an address of this machine is a URL");
    Channel { address: Some(address), secret: Some(secret(manifest).into()), ..Channel::default() }
}

fn secret(manifest: &Manifest) -> String {
    match manifest.endpoint.auth {
        Auth::Basic { user: None } => format!("utilizator:{SECRET}"),
        _ => SECRET.to_owned(),
    }
}
