//! No secret is in a log, however much is logged: the whole demo, every library of the program at its most talkative.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

/// The keys of the demo's systems, which its story shows people and its log must not.
const KEYS: [&str; 2] = ["punte-demo-spas-110571", "punte-demo-registratura-110296"];

#[test]
fn a_whole_story_at_its_most_talkative_logs_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let demo = Command::new(env!("CARGO_BIN_EXE_punte"))
        .args(["--log-json", "demo", "--once", "--data"])
        .arg(&data)
        .env("PUNTE_LOG", "trace")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&demo.stderr);
    assert!(demo.status.success(), "{}", log.lines().rev().take(20).collect::<Vec<_>>().join("\n"));
    assert!(log.contains("\"level\":\"TRACE\""), "the log does not tell everything");
    let planted = planted(&data);
    assert!(planted.len() > 6, "{}", planted.len());
    for (what, secret) in planted {
        assert!(!log.contains(&secret), "the log holds {what}");
    }
}

/// Every secret of the story, by a name that is none.
fn planted(data: &Path) -> Vec<(String, String)> {
    let read = |name: &str| std::fs::read_to_string(data.join(name)).unwrap().trim().to_owned();
    let webhook = read("webhook.secret");
    let mut planted: Vec<(String, String)> =
        KEYS.iter().map(|key| ("a system's key".to_owned(), (*key).to_owned())).collect();
    planted.push(("the token of eSocial".to_owned(), read("esocial.token")));
    planted.push(("the webhook's secret".to_owned(), webhook.trim_start_matches("whsec_").to_owned()));
    let anaf: serde_json::Value = serde_json::from_str(&read("anaf.secret")).unwrap();
    for (name, value) in anaf.as_object().unwrap() {
        // The rest of it is public: who the client is, and for whom.
        if name.contains("secret") || name.contains("token") {
            planted.push((format!("{name} of ANAF"), value.as_str().unwrap().to_owned()));
        }
    }
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let line = text.lines().find(|line| line.len() > 30 && !line.starts_with('-'));
        let key = path.extension().is_some_and(|extension| extension == "key");
        let kept = key || text.contains("PRIVATE KEY");
        planted.extend(line.filter(|_| kept).map(|line| (path.display().to_string(), line.to_owned())));
    }
    planted
}
