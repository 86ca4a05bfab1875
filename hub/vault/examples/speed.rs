//! How many megabytes a second pass through a vault in a folder: `cargo run --example speed -p hub-vault -- /folder 512`.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on fails")]

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use hub_vault::{Folder, MasterKeys, Source, Vault, World};

struct Machine;

impl World for Machine {
    #[allow(clippy::disallowed_methods, reason = "a measurement has no other clock")]
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    #[allow(clippy::disallowed_methods, reason = "keys of a measurement are thrown away")]
    fn fill(&self, bytes: &mut [u8]) {
        openssl::rand::rand_bytes(bytes).unwrap();
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap());
    let megabytes: u64 = arguments.next().unwrap().parse().unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let document = folder.join("document");
    let mut file = std::fs::File::create(&document).unwrap();
    let mut block = vec![0; 1_000_000];
    for _ in 0..megabytes {
        Machine.fill(&mut block);
        file.write_all(&block).unwrap();
    }
    file.sync_all().unwrap();
    let keys = MasterKeys::parse(&MasterKeys::begin("viteza", &Machine)).unwrap();
    let world: Arc<dyn World> = Arc::new(Machine);
    let store = Folder::open("folder", &folder.join("store"), Arc::clone(&world)).unwrap();
    let spool = store.incoming();
    let vault = Vault::open(keys, Arc::new(store), &spool, world).unwrap();
    let tell = |what: &str, began: Instant| {
        println!("{:>7.0} MB/s  {what}", megabytes as f64 / began.elapsed().as_secs_f64());
    };
    let began = Instant::now();
    let kept = vault.put(Source::File(&document)).await.unwrap();
    tell("kept: hashed, encrypted, synced", began);
    let began = Instant::now();
    let mut reading = vault.read(&kept.address).await.unwrap();
    let mut read = 0;
    while let Some(part) = reading.next().await.unwrap() {
        read += part.len() as u64;
    }
    assert_eq!(read, kept.size);
    tell("read: opened and checked", began);
    let began = Instant::now();
    assert_eq!(vault.examine(None).blob_of(&kept.address).await.unwrap().faults, []);
    tell("examined", began);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!("{peak}");
    vault.erase(&kept.address).await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
