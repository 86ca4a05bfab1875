//! What must be true on the disk once the program has stopped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hub_flow::db::Db;
use hub_signatures::log::key::{KeyUse, SigningKey};
use hub_signatures::trust::Trust;
use openssl::sha::sha256;
use tests::Database;

use crate::findings::Findings;
use crate::world::World;

/// Counts that must be zero, and what it means when they are not.
const NONE: [(&str, &str); 7] = [
    ("select cast(count(*) as bigint) as n from job where kind <> 'expire'", "jobs are left undone"),
    (
        "select cast(count(*) as bigint) as n from job where kind = 'expire' and not exists
         (select 1 from delivery where delivery.id = job.subject and delivery.state = 'consigned')",
        "deadlines are left of documents that do not wait",
    ),
    (
        "select cast(count(*) as bigint) as n from delivery where state = 'consigned' and (due_at is null or not exists
         (select 1 from job where job.subject = delivery.id and job.kind = 'expire'))",
        "documents wait in an inbox without a deadline",
    ),
    (
        "select cast(count(*) as bigint) as n from evidence where not exists
         (select 1 from message where message.id = evidence.message_id)",
        "evidences are about no message",
    ),
    (
        "select cast(count(*) as bigint) as n from evidence where delivery_id is not null and not exists
         (select 1 from delivery where delivery.id = evidence.delivery_id)",
        "evidences are about no delivery",
    ),
    (
        "select cast(count(*) as bigint) as n from message where not exists
         (select 1 from payload where payload.message_id = message.id and payload.position = 0)",
        "messages have no body",
    ),
    ("select cast(count(*) as bigint) as n from rejection", "documents were refused"),
];

/// Looks at the database; `taken` is how many documents were answered with a 2xx.
pub async fn look(world: &World, taken: usize, findings: &mut Findings) {
    if world.database == Database::Sqlite {
        whole(&world.sqlite(), findings);
    }
    let db = Db::open(&world.database_url).await.expect("the database opens");
    for (sql, wrong) in NONE {
        let count = count(&db, sql).await;
        findings.expect(count == 0, || format!("{count} {wrong}"));
    }
    let messages = count(&db, "select cast(count(*) as bigint) as n from message").await;
    findings.expect(usize::try_from(messages) == Ok(taken), || format!("{messages} messages of {taken} documents"));
}

/// Audits the log: every evidence is in it once, under a head, whatever was killed when.
pub async fn log(world: &World, findings: &mut Findings) {
    let pem = std::fs::read(world.data().join("log.key")).expect("the hub made a key");
    let key = SigningKey::from_pem("localhost/evidence", KeyUse::Log, &pem).expect("an Ed25519 key");
    let keys = [key.verifier().clone()];
    let report = tests::log::audit_database(&world.database_url, &keys, &[], Trust::IntegrityOnly).await;
    findings.expect(report.is_clean(), || format!("the log is wrong: {:#?}", report.findings));
    findings.expect(report.pending == 0 && report.leaves > 0, || format!("evidence is not logged: {report:#?}"));
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    let mut rows = db.query(sql, vec![]).await.expect("the database answers");
    rows[0].take("n").expect("a count")
}

fn whole(connection: &rusqlite::Connection, findings: &mut Findings) {
    let answer: String = connection.query_row("pragma integrity_check", [], |row| row.get(0)).expect("it is looked at");
    findings.expect(answer == "ok", || format!("the database is damaged: {answer}"));
}

/// Every large payload lies under its hash; nothing unfinished lies about.
pub async fn payloads(world: &World, findings: &mut Findings) {
    let db = Db::open(&world.database_url).await.expect("the database opens");
    let blobs = world.data().join("blobs");
    let unfinished = files(&blobs.join("incoming"));
    findings.expect(unfinished.is_empty(), || format!("unfinished uploads are left: {unfinished:?}"));
    let rows = db.query("select distinct sha256 from payload where content is null", vec![]).await;
    for mut row in rows.expect("the database answers") {
        let hash: [u8; 32] = row.take("sha256").expect("a hash");
        let name = hex::encode(hash);
        let content = std::fs::read(blobs.join(&name[..2]).join(&name));
        let same = content.as_ref().is_ok_and(|content| sha256(content) == hash);
        findings.expect(same, || format!("the payload {name} is not there byte for byte: {:?}", content.err()));
    }
    let stored: BTreeSet<PathBuf> = files(&blobs).into_iter().collect();
    for path in stored {
        let named = path.file_name().and_then(|name| name.to_str()).map(str::to_owned).unwrap_or_default();
        let content = std::fs::read(&path).expect("a file of the store is readable");
        findings.expect(hex::encode(sha256(&content)) == named, || format!("{} is not its name", path.display()));
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}
