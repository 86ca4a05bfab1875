//! The console in a real browser (Chromium through playwright-core) on the demo county as a newcomer starts it, judged by
//! axe-core. Pictures stay in `target/tmp/browser`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::process::{punte, quiet_port};
use tests::shared::{program, skip};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser/visit.mjs");
const PASSWORD: &str = "podul peste Motru 2026";
const PATIENCE: Duration = Duration::from_secs(180);
/// Most bytes of a first visit.
const LIGHT: u64 = 150_000;
/// One of each kind of people.
const PEOPLE: [&str; 7] = [
    "primarie@bacles.example",
    "secretar@bacles.example",
    "registratura@dgaspc.example",
    "conformitate@dgaspc.example",
    "integrator@dgaspc.example",
    "administrator@dgaspc.example",
    "operator@hub.example",
];

/// What each kind of people does.
const STORIES: [(&str, &str); 7] = [
    ("clerk", "primarie@bacles.example"),
    ("municipality", "primarie@bacles.example"),
    ("administrator", "administrator@dgaspc.example"),
    ("head", "secretar@bacles.example"),
    ("officer", "conformitate@dgaspc.example"),
    ("integrator", "integrator@dgaspc.example"),
    ("registry", "registratura@dgaspc.example"),
];

/// The folder of the packages of npm; nothing where a program is missing.
fn packages() -> Option<PathBuf> {
    program("node")?;
    program("npm")?;
    program("chromium")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-npm-1");
    if folder.join("complete").exists() {
        return Some(folder);
    }
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("package.json"), "{ \"private\": true }").unwrap();
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    let done = npm.args(["playwright-core@1.65.1", "axe-core@4.14.1"]).status();
    if !done.is_ok_and(|status| status.success()) {
        skip("playwright-core and axe-core cannot be installed");
        return None;
    }
    std::fs::write(folder.join("complete"), "").unwrap();
    Some(folder)
}

/// The demo while it stays open; it is asked to end with the test.
struct Demo {
    child: Child,
    url: String,
    _data: tempfile::TempDir,
}

impl Demo {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let said = data.path().join("said");
        let port = quiet_port(7_300);
        let mut demo = Command::new(punte());
        demo.arg("demo").arg("--data").arg(data.path().join("data")).args(["--listen", &format!("127.0.0.1:{port}")]);
        let log = File::create(&said).unwrap();
        let mut child = demo.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let begun = Instant::now();
        loop {
            let told = std::fs::read_to_string(&said).unwrap();
            if told.contains("/console") && told.contains("Ctrl-C") {
                break;
            }
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "the demo does not open: {told}");
            std::thread::sleep(Duration::from_millis(100));
        }
        Self { child, url: format!("http://127.0.0.1:{port}"), _data: data }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// One story in a browser; answers what it saw.
fn visit(packages: &Path, demo: &Demo, story: &str, login: &str) -> Value {
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let mut node = Command::new("node");
    node.arg(SCRIPT).arg(packages).args([demo.url.as_str(), PASSWORD]).arg(pictures).args([story, login]);
    let output = node.stderr(Stdio::inherit()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let seen: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap_or_default();
    assert_eq!(seen["done"], json!(true), "{story} of {login}: {said}");
    for fault in ["errors", "outside", "axe", "wide"] {
        assert_eq!(seen[fault], json!([]), "{story} of {login}: {fault}");
    }
    seen
}

#[test]
fn the_console_serves_every_kind_of_people_in_a_real_browser() {
    let Some(packages) = packages() else { return };
    let demo = Demo::start();
    // They only look, so they look two at a time.
    let (theirs, others) = PEOPLE.split_at(PEOPLE.len() / 2);
    std::thread::scope(|scope| {
        for people in [theirs, others] {
            let (packages, demo) = (&packages, &demo);
            scope.spawn(move || {
                people.iter().for_each(|login| println!("{login}: {}", visit(packages, demo, "walk", login)["pages"]))
            });
        }
    });
    for (story, login) in STORIES {
        visit(&packages, &demo, story, login);
    }
    let seen = visit(&packages, &demo, "weight", PEOPLE[0]);
    println!("first visit: {} bytes", seen["bytes"]);
    assert!(seen["bytes"].as_u64().unwrap() < LIGHT, "{seen}");
}
