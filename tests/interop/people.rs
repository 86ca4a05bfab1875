//! People in a real browser (Chromium): by a real identity provider (`oidc-provider`, npm), and with a passkey.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hub_server::config::ProviderConfig;
use serde_json::{Value, json};
use tests::county::{HUB_TOWN, SENDER};
use tests::people::{PASSWORD, invite, signed_in};
use tests::process::quiet_port;
use tests::shared::{program, skip};
use tests::{Database, TestHub};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/people");
const PATIENCE: Duration = Duration::from_secs(60);
static INSTALLING: Mutex<()> = Mutex::new(());

/// The folder of the packages of npm; nothing where a program is missing.
fn packages() -> Option<PathBuf> {
    program("node")?;
    program("npm")?;
    program("chromium")?;
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("people-npm-1");
    if folder.join("complete").exists() {
        return Some(folder);
    }
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("package.json"), "{ \"private\": true }").unwrap();
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    let done = npm.args(["oidc-provider@9.13.3", "playwright-core@1.65.1"]).status();
    if !done.is_ok_and(|status| status.success()) {
        skip("oidc-provider and playwright-core cannot be installed");
        return None;
    }
    std::fs::write(folder.join("complete"), "").unwrap();
    Some(folder)
}

/// A provider that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

async fn provider(folder: &Path, port: u16, hub: &str) -> Running {
    let mut node = Command::new("node");
    node.arg(format!("{SCRIPTS}/provider.mjs")).arg(folder).arg(port.to_string()).arg(hub);
    let running = Running(node.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let address = format!("http://127.0.0.1:{port}/.well-known/openid-configuration");
    let begun = Instant::now();
    while !reqwest::get(&address).await.is_ok_and(|answer| answer.status().is_success()) {
        assert!(begun.elapsed() < PATIENCE, "the provider does not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    running
}

async fn browse(folder: &Path, story: &str, arguments: &[&str]) -> Value {
    let mut node = Command::new("node");
    node.arg(format!("{SCRIPTS}/browser.mjs")).arg(folder).arg(story).args(arguments);
    let output = tokio::task::spawn_blocking(move || node.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_by_a_real_provider_in_a_real_browser_and_out_of_both() {
    let Some(folder) = packages() else { return };
    let (port, own) = (quiet_port(4_100), quiet_port(4_900));
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        std::fs::create_dir_all(&config.data).unwrap();
        let secret = config.data.join("provider-secret");
        std::fs::write(&secret, "only-for-tests-of-the-hub-000000000001").unwrap();
        config.listen = format!("127.0.0.1:{own}");
        config.sign_in.providers = vec![ProviderConfig {
            id: "primarie".into(),
            name: "Primăria".into(),
            issuer: format!("http://127.0.0.1:{port}").parse().unwrap(),
            client_id: "hub".into(),
            client_secret: format!("file:{}", secret.display()),
            parties: vec![HUB_TOWN.to_owned()],
            claim: "email".into(),
            creates_accounts: false,
            role: None,
        }];
    })
    .await;
    let url = hub.running().url();
    let _provider = provider(&folder, port, &url).await;
    invite(&hub, HUB_TOWN, "ana@primarie.example", &["clerk"]).await;
    signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let seen = browse(&folder, "provider", &[&url, &format!("http://127.0.0.1:{port}")]).await;
    assert_eq!(seen["ana"]["name"], "Persoană inventată ana@primarie.example", "{seen:#}");
    assert_eq!(seen["cookies"], json!([{"name": "punte", "httpOnly": true, "sameSite": "Lax"}]));
    assert_eq!(seen["after"]["path"], "/sign-in", "signed out here");
    assert_eq!(seen["told"]["path"], "/sign-in", "signed out there, and told from there");
    assert_eq!(seen["vlad"]["account"], "/sign-in", "a provider speaks for no other institution");
    assert_eq!(seen["dan"]["account"], "/sign-in", "an address that was not verified is nobody's");
    assert_eq!(seen["nimeni"]["account"], "/sign-in", "who is not known gets no account");
    let open =
        "select cast(count(*) as bigint) as number from session where ended_at is null and method like 'provider%'";
    assert_eq!(hub.number(open).await, 0);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_adds_a_passkey_in_a_real_browser_and_signs_in_with_it_alone() {
    let Some(folder) = packages() else { return };
    let own = quiet_port(5_700);
    // Passkeys are bound to a name; an address of numbers has none.
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        config.listen = format!("127.0.0.1:{own}");
        config.public_url = Some(format!("http://localhost:{own}"));
    })
    .await;
    let url = format!("http://localhost:{own}");
    let (_, link) = invite(&hub, HUB_TOWN, "ana@primarie.example", &["clerk"]).await;
    let mut ana = tests::people::Browser::of(&hub);
    let token = link.split_once("token=").unwrap().1;
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("token", token), ("password", PASSWORD)])
        .finish();
    let request = ana.bare(reqwest::Method::POST, "/sign-in/invitation").header("origin", &url).body(body);
    assert_eq!(ana.send(request).await.location, "/console");
    let seen = browse(&folder, "passkey", &[&url, "ana@primarie.example", PASSWORD]).await;
    assert_eq!(seen["keys"], 1, "{seen:#}");
    assert_eq!(seen["passkey"]["name"], "Persoană inventată ana@primarie.example", "{seen:#}");
    assert_eq!(seen["session"]["assurance"], "substantial", "a passkey is two factors");
    assert_eq!(seen["unverified"]["path"], "/sign-in", "a device that does not verify its owner lets nobody in");
    hub.stop().await;
}
