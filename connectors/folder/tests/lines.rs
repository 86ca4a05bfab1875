//! SFTP when things go wrong: keys, lines, disks and servers that mean ill.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;
#[path = "support/proxy.rs"]
mod proxy;

use std::process::Command;
use std::time::{Duration, Instant};

use connectors_contract::{Channel, Engine as _, Outcome};
use connectors_drop::{outgoing_name, pack};
use support::{Ground, MANIFEST, SCAN, accepted, consignment, manifest, package};

async fn delivered_by(ground: &Ground, channel: Channel, key: &str, scan: &[u8]) -> Outcome {
    let outbound = ground.engine("hub1").outbound(&manifest(MANIFEST), channel).unwrap();
    outbound.deliver(&consignment(key, scan)).await.outcome
}

fn unavailable(outcome: &Outcome, word: &str) {
    assert!(matches!(outcome, Outcome::Unavailable { reason, .. } if reason.contains(word)), "{outcome:?}");
}

#[tokio::test]
async fn a_server_with_another_host_key_is_told_nothing() {
    let ground = Ground::sftp();
    let server = ground.server.as_ref().unwrap();
    let roots = Some(format!("127.0.0.1 {}", server.public("stranger")));
    let outcome = delivered_by(&ground, Channel { roots, ..ground.channel.clone() }, "cheie", SCAN).await;
    unavailable(&outcome, "altă cheie decât cea fixată");
    assert!(!server.log().contains("Accepted"), "{}", server.log());
    assert!(!server.log().contains("Failed publickey"), "{}", server.log());
    assert!(ground.names("out").is_empty());
}

#[tokio::test]
async fn a_key_or_password_the_server_does_not_know_is_told_without_being_shown() {
    let ground = Ground::sftp();
    let stranger = ground.server.as_ref().unwrap().key("stranger");
    let by_key = Channel { identity: Some(stranger), ..ground.channel.clone() };
    unavailable(&delivered_by(&ground, by_key, "cheie", SCAN).await, "nu ne-a recunoscut");
    let by_password = Channel { identity: None, secret: Some("parola-secreta".into()), ..ground.channel.clone() };
    let outcome = delivered_by(&ground, by_password, "cheie", SCAN).await;
    unavailable(&outcome, "nu ne-a recunoscut");
    assert!(!format!("{outcome:?}").contains("parola-secreta"));
}

#[tokio::test]
async fn a_channel_without_host_key_user_or_secret_is_refused_before_anything_is_called() {
    let ground = Ground::sftp();
    let refused = |channel: Channel| match ground.engine("hub1").outbound(&manifest(MANIFEST), channel) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it was taken"),
    };
    assert!(refused(Channel { roots: None, ..ground.channel.clone() }).contains("host key"));
    assert!(refused(Channel { roots: Some("nimic".to_owned()), ..ground.channel.clone() }).contains("host key"));
    assert!(refused(Channel { identity: None, ..ground.channel.clone() }).contains("secret"));
    let address = Some(url::Url::parse("sftp://127.0.0.1/x").unwrap());
    assert!(refused(Channel { address, ..ground.channel.clone() }).contains("a user"));
    let once = MANIFEST.replace("repeatable", "once");
    let outbound = ground.engine("hub1").outbound(&manifest(&once), ground.channel.clone());
    assert!(outbound.err().unwrap().to_string().contains("repeatable"));
}

#[tokio::test]
async fn a_line_cut_anywhere_leaves_one_whole_package_after_the_next_sending() {
    let ground = Ground::sftp();
    let server = ground.server.as_ref().unwrap();
    let scan: Vec<u8> = (0..300_000_u32).map(|number| (number * 7 % 251) as u8).collect();
    let mut cut = 0;
    for bytes in [10, 1500, 3000, 4000, 4400, 4800, 5200, 6000, 40_000, 150_000, 290_000, 305_000, 306_000, 307_000] {
        let key = format!("taiat la {bytes}");
        let line = proxy::cut_after(server.port, bytes).await;
        let outcome = delivered_by(&ground, server.channel_by(line.port(), &ground.root), &key, &scan).await;
        let name = outgoing_name(&key);
        match outcome {
            Outcome::Unavailable { .. } => assert!(!ground.names("out").contains(&name), "{bytes}"),
            Outcome::Unknown { .. } | Outcome::Delivered { .. } => {}
            other => panic!("{bytes}: {other:?}"),
        }
        cut += usize::from(!matches!(outcome, Outcome::Delivered { .. }));
        let again = delivered_by(&ground, ground.channel.clone(), &key, &scan).await;
        assert!(matches!(again, Outcome::Delivered { .. }), "{bytes}: {again:?}");
        let whole = pack(&consignment(&key, &scan), 1 << 20).unwrap().bytes;
        assert!(ground.files("out")[&name] == whole, "{bytes}: the package is whole");
    }
    assert!(cut >= 10, "the line was cut {cut} times");
    assert!(ground.names("out/.work").is_empty());
}

#[tokio::test]
async fn a_line_cut_while_packages_are_fetched_or_answered_loses_and_doubles_nothing() {
    let ground = Ground::sftp();
    let server = ground.server.as_ref().unwrap();
    ground.put("in/a.zip", &package("a"));
    ground.put("in/a.zip.ok", b"");
    for bytes in (2500..9000).step_by(500) {
        let line = proxy::cut_after(server.port, bytes).await;
        let engine = ground.engine("hub1");
        let inbound = engine.inbound(&manifest(MANIFEST), server.channel_by(line.port(), &ground.root)).unwrap();
        let _may_fail = inbound.poll(10).await;
        let whole = ground.inbound("hub1").poll(10).await.unwrap();
        assert_eq!(whole.len(), 1, "{bytes}");
        assert_eq!(whole[0].unreadable, None);
        let _may_fail = inbound.acknowledge(&whole[0].id, &accepted()).await;
        ground.inbound("hub1").acknowledge(&whole[0].id, &accepted()).await.unwrap();
        assert_eq!(ground.names("done").len(), 1, "{bytes}");
        assert_eq!(ground.names("verdicts").iter().filter(|name| !name.starts_with('.')).count(), 3, "{bytes}");
        std::fs::rename(ground.root.join("done").join(&ground.names("done")[0]), ground.root.join("in/a.zip")).unwrap();
        ground.put("in/a.zip.ok", b"");
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing_half_made() {
    let ground = Ground::sftp();
    let local = Ground::local();
    for ground in [&ground, &local] {
        let Some(_disk) = SmallDisk::at(&ground.root.join("out")) else { return };
        let scan: Vec<u8> = (0..900_000_u32).map(|number| (number % 251) as u8).collect();
        let outcome = delivered_by(ground, ground.channel.clone(), "mare", &scan).await;
        unavailable(&outcome, "loc");
        assert!(ground.names("out").is_empty() && ground.names("out/.work").is_empty(), "{}", ground.name);
        let small = delivered_by(ground, ground.channel.clone(), "mic", SCAN).await;
        assert!(matches!(small, Outcome::Delivered { .. }), "{}: there is room again: {small:?}", ground.name);
    }
}

/// A file system of 256 KiB over a folder.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn at(folder: &std::path::Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", "size=256k,mode=755", "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        eprintln!("SKIPPED: a full disk needs the right to mount");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_server_that_only_makes_noise_does_not_hold_the_hub() {
    let ground = Ground::sftp();
    let server = ground.server.as_ref().unwrap();
    let noises: [(&'static [u8], u64); 3] = [(b"S", 100), (b"o linie care nu se mai termina ", 0), (b"antet\r\n", 1)];
    for (noise, pause) in noises {
        let address = proxy::noise(noise, Duration::from_millis(pause)).await;
        let started = Instant::now();
        let channel = server.channel_by(address.port(), &ground.root);
        let outcome = delivered_by(&ground, channel, "cheie", SCAN).await;
        assert!(matches!(outcome, Outcome::Unavailable { .. }), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(15), "{noise:?} held it for {:?}", started.elapsed());
    }
}
