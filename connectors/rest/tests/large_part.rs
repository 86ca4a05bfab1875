//! A large part is streamed from its file, whole and unchanged, or not at all. A test binary of its own, because it
//! measures the memory of its process.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use connectors_contract::{Outcome, Part, PartContent};
use openssl::sha::Sha256;
use sandbox::{CaseRecord, Esocial, Running};

mod support;
use support::{NOW, SECRET, connector, consignment, manifest};

const SIZE: u64 = 64 * 1024 * 1024;

fn sparse(path: &Path) -> Part {
    File::create(path).unwrap().set_len(SIZE).unwrap();
    let mut hasher = Sha256::new();
    let zeros = vec![0; 1024 * 1024];
    (0..SIZE / 1024 / 1024).for_each(|_| hasher.update(&zeros));
    let (name, content_type) = ("mare.bin".to_owned(), "application/octet-stream".to_owned());
    Part { name, content_type, size: SIZE, sha256: hasher.finish(), content: PartContent::File(path.to_owned()) }
}

fn highest_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

async fn twin() -> Running<CaseRecord> {
    Esocial::start(([127, 0, 0, 1], 0).into(), std::sync::Arc::new(|| NOW)).await.unwrap()
}

#[tokio::test]
async fn a_large_part_is_streamed_from_its_file_with_the_right_hash() {
    let folder = tempfile::tempdir().unwrap();
    let part = sparse(&folder.path().join("mare.bin"));
    let expected = hex::encode(part.sha256);
    let mut document = consignment("key-00000001");
    document.parts.push(part);

    let twin = twin().await;
    let before = highest_memory();
    let attempt = connector(&manifest("esocial"), twin.address, SECRET).deliver(&document).await;
    assert!(matches!(attempt.outcome, Outcome::Delivered { .. }), "{:?}", attempt.outcome);
    let received = &twin.received()[0].parts[1];
    assert_eq!((received.size, &received.sha256), (SIZE, &expected));
    assert!(attempt.exchange.sent_sha256.is_some());
    let grown = highest_memory() - before;
    assert!(grown < SIZE / 4, "sending grew the process by {grown} bytes");
}

#[tokio::test]
async fn a_part_that_changed_on_disk_or_is_gone_is_not_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mare.bin");
    let part = sparse(&path);
    let twin = twin().await;
    let connector = connector(&manifest("esocial"), twin.address, SECRET);
    let spoil: [&dyn Fn(); 4] = [
        &|| {
            let mut file = OpenOptions::new().write(true).open(&path).unwrap();
            file.seek(SeekFrom::Start(SIZE - 1)).unwrap();
            file.write_all(b"x").unwrap();
        },
        &|| File::create(&path).unwrap().set_len(SIZE - 1).unwrap(),
        &|| File::create(&path).unwrap().set_len(SIZE + 1).unwrap(),
        &|| std::fs::remove_file(&path).unwrap(),
    ];
    for (number, spoil) in spoil.into_iter().enumerate() {
        spoil();
        let mut document = consignment(&format!("key-0000000{number}"));
        document.parts.push(part.clone());
        let attempt = connector.deliver(&document).await;
        let Outcome::Unavailable { reason, .. } = attempt.outcome else { panic!("{number}: {:?}", attempt.outcome) };
        assert!(reason.contains("mare.bin"), "{reason}");
        assert_eq!(attempt.exchange.sent_sha256, None);
    }
    assert!(twin.received().is_empty());
}
