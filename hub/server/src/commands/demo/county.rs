//! The demo county: its directory, its played institutions, and the well-known keys of its systems.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use sandbox::{Anaf, AnafCall, AuditRecord, CaseRecord, Esocial, EventRecord, Onrc, StampRecord, TownHall, Tsa};

use crate::assembly::system_micros;
use crate::protection::secrets;

const DIRECTORY: &str = include_str!("../../../../../demo/directory.toml");
const ESOCIAL_SECRET: &str = "secret = \"env:PUNTE_DEMO_ESOCIAL_TOKEN\"";
const WEBHOOK_SECRET: &str = "secret = \"env:PUNTE_DEMO_WEBHOOK_SECRET\"";
const WEBHOOK_ADDRESS: &str = "address = \"http://127.0.0.1:9\"";
const ANAF_SECRET: &str = "secret = \"env:PUNTE_DEMO_ANAF\"";
const ANAF_ADDRESS: &str = "address = \"http://127.0.0.1:7\"";
/// The code the commune files invoices under; invented, it only passes its check.
const SELLER: &str = "90000014";
/// Firms in the played trade register.
const FIRMS: u32 = 500;
/// Known to everybody who reads this: for the demo alone.
const DEMO_TOKEN: &str = "punte-demo-esocial";
const DEMO_WEBHOOK: &str = "whsec_cHVudGUgZGVtbyBvbmx5LCBuZXZlciBpbiB1c2UgMDAwMDE=";

/// Key of the commune that sends.
pub(super) const SENDER_KEY: &str = "punte-demo-spas-110571";
/// Key of the town hall that comes for its documents.
pub(super) const INBOX_KEY: &str = "punte-demo-registratura-110296";
/// Key of the commune beside it, which writes letters and petitions.
pub(super) const NEIGHBOUR_KEY: &str = "punte-demo-registratura-110456";
/// Key of the directorate.
pub(super) const DIRECTORATE_KEY: &str = "punte-demo-dgaspc-mehedinti";
/// Party of that town hall.
pub(super) const INBOX_PARTY: &str = "uat-110296";

/// The county while it is played.
pub(super) struct County {
    pub(super) directory: PathBuf,
    pub(super) esocial: sandbox::Running<CaseRecord>,
    pub(super) town_hall: sandbox::Running<EventRecord>,
    pub(super) anaf: sandbox::Running<AnafCall>,
    pub(super) onrc: sandbox::Running<AuditRecord>,
    pub(super) authority: sandbox::Running<StampRecord>,
    /// Certificate the played time-stamping authority leads to, PEM.
    pub(super) authority_root: PathBuf,
}

pub(super) async fn start(folder: &Path) -> anyhow::Result<County> {
    let clock: sandbox::Clock = Arc::new(|| system_micros() / 1_000_000);
    let loopback = "127.0.0.1:0".parse()?;
    let esocial = Esocial::start(loopback, Arc::clone(&clock)).await.context("eSocial cannot be played")?;
    let anaf = Anaf::start(loopback, Arc::clone(&clock)).await.context("ANAF cannot be played")?;
    let onrc = Onrc::start(loopback, Arc::clone(&clock), FIRMS).await.context("the trade register cannot be played")?;
    let (authority, root) = Tsa::start(loopback, Arc::clone(&clock)).await.context("no authority can be played")?;
    let authority_root = folder.join("tsa.pem");
    std::fs::write(&authority_root, root)?;
    let town_hall = TownHall::start(loopback, clock, DEMO_WEBHOOK).await.context("the town hall cannot be played")?;
    let token = folder.join("esocial.token");
    let webhook = folder.join("webhook.secret");
    secrets::write(&token, DEMO_TOKEN)?;
    secrets::write(&webhook, DEMO_WEBHOOK)?;
    let anaf_secret = folder.join("anaf.secret");
    secrets::write(&anaf_secret, &signed_in(&anaf.url()).await?)?;
    let directory = folder.join("directory.toml");
    let reference = |path: &Path| format!("secret = \"file:{}\"", path.display());
    let text = DIRECTORY
        .replace(ESOCIAL_SECRET, &format!("{}\naddress = \"{}\"", reference(&token), esocial.url()))
        .replace(WEBHOOK_SECRET, &reference(&webhook))
        .replace(WEBHOOK_ADDRESS, &format!("address = \"{}\"", town_hall.url()))
        .replace(ANAF_SECRET, &reference(&anaf_secret))
        .replace(ANAF_ADDRESS, &format!("address = \"{}\"", anaf.url()));
    std::fs::write(&directory, text)?;
    Ok(County { directory, esocial, town_hall, anaf, onrc, authority, authority_root })
}

/// What a person gets who signs in to the played ANAF with a certificate: the first refresh token, for the channel.
async fn signed_in(anaf: &str) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let given = client.post(format!("{anaf}/_sandbox/anaf/tokens")).send().await.context("ANAF gives no token")?;
    let given: serde_json::Value = given.json().await?;
    let secret = serde_json::json!({
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "refresh_token": given["refresh_token"],
        "cif": SELLER,
    });
    Ok(secret.to_string())
}

impl County {
    pub(super) async fn stop(self) {
        self.esocial.stop().await;
        self.town_hall.stop().await;
        self.anaf.stop().await;
        self.onrc.stop().await;
        self.authority.stop().await;
    }
}
