//! Hard times for the hub itself: stopped in the middle, its database gone or locked, its disk full, a very large part.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use openssl::sha::sha256;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, ask, form};
use tests::county::{DIRECTORATE, HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::{Client, Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_is_restarted_goes_on_where_it_stopped() {
    Database::each(async |database| {
        let mut hub = TestHub::start(database).await;
        hub.esocial.faults.down(Duration::from_secs(3600)).await;
        let mut messages = Vec::new();
        for number in 1..=5 {
            let commune = hub.client(SENDER);
            let answer = accepted(&commune, number, &[DIRECTORATE, HUB_TOWN]).await;
            assert_eq!(answer.status, 201, "{:#}", answer.body);
            let message = answer.body["message_id"].as_str().unwrap().to_owned();
            commune.wait_for_delivery(&message, DIRECTORATE, "waiting").await;
            messages.push(message);
            hub.restart().await;
        }
        hub.esocial.faults.up().await;
        let (commune, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
        for (message, number) in messages.iter().zip(1..) {
            commune.wait_for_delivery(message, DIRECTORATE, "handed_over").await;
            let waiting = commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
            assert_eq!(waiting["recipient_registration"]["number"], number.to_string());
            let path = format!("/v1/inbox/{}/accept", waiting["id"].as_str().unwrap());
            assert_eq!(town.post(&path, "a", &json!({})).await.0, 200);
            // The same key still means the same message.
            let again = accepted(&commune, number, &[DIRECTORATE, HUB_TOWN]).await;
            assert_eq!((again.status, &again.body["message_id"]), (200, &json!(message)));
        }
        assert!(hub.esocial.received().iter().all(|case| case.stored == 1));
        assert_eq!(hub.esocial.received().len(), 5);
        let backwards = "select cast(count(*) as bigint) as number from evidence earlier, evidence later
                         where later.sequence > earlier.sequence and later.event_time < earlier.event_time";
        assert_eq!(hub.number(backwards).await, 0, "the time of evidence never goes back");
        hub.stop().await;
    })
    .await;
}

/// Sends the letter of a number; the answer is whatever it is.
async fn accepted(commune: &Client, number: usize, recipients: &[&str]) -> Answer {
    let document = letter(recipients, &format!("scrisoarea {number}"));
    commune.submit(&format!("letter-{number}"), "application/json", document.to_string()).await
}

/// Nothing was taken, and the sender is told so and when to come back.
fn come_back_later(answer: &Answer, codes: &[(u16, &str)]) {
    let told = (answer.status, answer.body["code"].as_str().unwrap_or_default());
    assert!(codes.contains(&told), "{answer:#?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u32>().is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_drops_its_connections_loses_nothing_that_was_promised() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    const COUNT: usize = 300;
    let hub = TestHub::start_with(Database::Postgres, |config| config.lease_seconds = 2.try_into().unwrap()).await;
    let commune = hub.client(SENDER);
    let server = std::env::var("PUNTE_TEST_POSTGRES").unwrap();
    let (operator, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let url = hub.config.database_url();
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();

    let (answers, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let insist = |number: usize| {
        let (commune, operator, answers, refused) = (&commune, &operator, &answers, &refused);
        async move {
            for _ in 0..100 {
                let answer = accepted(commune, number, &[HUB_TOWN]).await;
                if answers.fetch_add(1, Ordering::Relaxed) % 40 == 20 {
                    let sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
                    operator.query(sql, &[&name]).await.unwrap();
                }
                if matches!(answer.status, 200 | 201) {
                    return answer.body["message_id"].as_str().unwrap().to_owned();
                }
                come_back_later(&answer, &[(503, "unavailable")]);
                refused.fetch_add(1, Ordering::Relaxed);
            }
            panic!("letter {number} is never accepted");
        }
    };
    let messages: Vec<String> = stream::iter(1..=COUNT).map(insist).buffer_unordered(16).collect().await;
    eprintln!("{} sendings met a dropped connection", refused.load(Ordering::Relaxed));
    for message in &messages {
        commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
    }
    for (party, direction) in [(SENDER, "out"), (HUB_TOWN, "in")] {
        let (_, register) = hub.client(party).get("/v1/registers/general/entries?limit=1000").await;
        let entries = register["entries"].as_array().unwrap();
        assert!(entries.iter().zip(1..).all(|(one, number)| one["number"] == number && one["direction"] == direction));
        assert_eq!(entries.len(), COUNT, "each letter is registered once");
    }
    hub.wait_for_number("select cast(count(*) as bigint) as number from job where kind <> 'expire'", 0).await;
    hub.stop().await;
    connection.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_told_to_the_sender_and_hinders_no_reader() {
    let hub = TestHub::start(Database::Sqlite).await;
    let commune = hub.client(SENDER);
    let other = rusqlite::Connection::open(hub.folder().join("punte.db")).unwrap();
    other.execute_batch("begin immediate").unwrap();
    let (answer, ()) = tokio::join!(accepted(&commune, 1, &[HUB_TOWN]), async {
        for _ in 0..50 {
            assert_eq!(commune.get("/v1/registers").await.0, 200, "reads never wait for writes");
        }
        let entries = commune.get("/v1/registers/general/entries").await;
        assert_eq!(entries.0, 503, "personal data are not shown where the journal cannot say to whom: {:#}", entries.1);
    });
    come_back_later(&answer, &[(503, "unavailable")]);
    other.execute_batch("rollback").unwrap();
    let answer = accepted(&commune, 1, &[HUB_TOWN]).await;
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    assert_eq!(answer.body["sender_registration"]["number"], "1", "the number was given back");
    commune.wait_for_delivery(answer.body["message_id"].as_str().unwrap(), HUB_TOWN, "consigned").await;
    hub.stop().await;
}

/// A small disk in memory; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_takes_nothing_half_and_everything_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&folder.path().join("disk")) else {
        eprintln!("skipped: only root can mount a small disk");
        return;
    };
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        config.data = disk.0.join("data");
        config.database = None;
        // What could not be recorded comes due again soon.
        config.lease_seconds = 2.try_into().unwrap();
    })
    .await;
    let filler = disk.0.join("filler");
    std::fs::write(&filler, vec![0; 3 << 20]).unwrap();
    let commune = hub.client(SENDER);
    let full = [(507, "disk-full")];

    // Large parts fill the disk, then small letters fill what the last large part left.
    let mut taken = Vec::new();
    for number in 1..=40 {
        let (answer, annex) = large(&commune, number, 400_000).await;
        if answer.status != 201 {
            come_back_later(&answer, &full);
            break;
        }
        taken.push((answer.body["message_id"].as_str().unwrap().to_owned(), annex));
    }
    assert!((1..40).contains(&taken.len()), "{} large letters fit", taken.len());
    let mut letters = Vec::new();
    for number in 100..1000 {
        let answer = accepted(&commune, number, &[HUB_TOWN]).await;
        if answer.status != 201 {
            come_back_later(&answer, &full);
            break;
        }
        letters.push(answer.body["message_id"].as_str().unwrap().to_owned());
    }
    assert!(letters.len() < 900, "the disk does not fill");
    assert_eq!(hub.blobs().1, 0, "no upload is left half-way");
    let count = i64::try_from(taken.len() + letters.len()).unwrap();
    assert_eq!(hub.number("select cast(count(*) as bigint) as number from message").await, count);

    std::fs::remove_file(&filler).unwrap();
    let (answer, annex) = large(&commune, taken.len() + 1, 400_000).await;
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    taken.push((answer.body["message_id"].as_str().unwrap().to_owned(), annex));
    for (message, annex) in &taken {
        assert_eq!(&commune.bytes(&format!("/v1/messages/{message}/parts/anexa.pdf")).await, annex);
    }
    for message in taken.iter().map(|(message, _)| message).chain(&letters) {
        commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
    }
    hub.stop().await;
    drop(disk);
}

/// Sends a letter with an annex of so many bytes, told apart by its number.
async fn large(commune: &Client, number: usize, size: usize) -> (Answer, Vec<u8>) {
    let (envelope, parts) = with_annex(&[HUB_TOWN], format!("anexa {number} ").into_bytes().repeat(size / 8));
    let request = commune.request(Method::POST, "/v1/messages").header("idempotency-key", format!("large-{number}"));
    let answer = ask(request.multipart(form(&envelope, &parts))).await;
    (answer, parts.into_iter().last().unwrap().1)
}

/// A generic document with an annex.
fn with_annex(recipients: &[&str], annex: Vec<u8>) -> (Value, Vec<(String, Vec<u8>)>) {
    let document = letter(recipients, "cu anexă");
    let mut envelope = document["envelope"].clone();
    let part = json!({"name": "anexa.pdf", "role": "anexa", "content_type": "application/pdf"});
    envelope["parts"].as_array_mut().unwrap().push(part);
    let body = document["body"].to_string().into_bytes();
    (envelope, vec![("scrisoare.json".to_owned(), body), ("anexa.pdf".to_owned(), annex)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_very_large_part_passes_byte_for_byte_to_the_target_and_back() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let annex: Vec<u8> =
            (0_u32..12 << 20).flat_map(|word| word.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        assert_eq!(annex.len(), 48 << 20);
        let hash = hex::encode(sha256(&annex));
        let (envelope, parts) = with_annex(&[DIRECTORATE], annex);
        let (status, receipt) = commune.send("very-large", &envelope, &parts).await;
        assert_eq!(status, 201, "{receipt:#}");
        assert_eq!(receipt["parts"][1]["sha256"], hash);
        let message = receipt["message_id"].as_str().unwrap();
        commune.wait_for_delivery(message, DIRECTORATE, "handed_over").await;
        let cases = hub.esocial.received();
        let files: Vec<_> = cases[0].parts.iter().filter(|part| part.size == 48 << 20).collect();
        assert_eq!((cases.len(), files.len()), (1, 1));
        assert_eq!(files[0].sha256, hash, "the target has the same bytes");
        let back = commune.bytes(&format!("/v1/messages/{message}/parts/anexa.pdf")).await;
        assert!(back == parts[1].1, "what comes back is what was sent");
        assert_eq!(hub.blobs(), (1, 0));
        hub.stop().await;
    })
    .await;
}
