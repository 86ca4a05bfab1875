//! An institution leaves a hub and comes to another, with everything that is its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::Parser as _;
use hub_flow::flow::transfer::{LEFT, TABLES, present};
use hub_proofs::{Kind, Status, Trusted, verify_package};
use hub_server::commands::{self, Arguments};
use hub_server::config::Config;
use hub_signatures::certificate::Certificate;
use serde_json::{Value, json};
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::letter;
use tests::hub::unix_seconds;
use tests::log::{authority_lasting, often, settled};
use tests::{Client, Database, TestHub};

/// Runs a command of the program on the data of a hub that is closed.
async fn punte(config: &Config, words: &[&str]) -> anyhow::Result<u8> {
    let text = format!("data = '{}'\ndatabase = '{}'\n", config.data.display(), config.database_url());
    fs::create_dir_all(&config.data).unwrap();
    let path = config.data.join("punte.toml");
    fs::write(&path, text).unwrap();
    let words = ["punte", "--config", path.to_str().unwrap()].into_iter().chain(words.iter().copied());
    commands::run(Arguments::parse_from(words)).await
}

/// The other database, where there is one.
fn other(database: Database) -> Database {
    Database::all().into_iter().find(|one| *one != database).unwrap_or(database)
}

/// A hub that knows nobody.
async fn empty(database: Database) -> TestHub {
    TestHub::start_with(database, |config| {
        often(config);
        config.directory = None;
    })
    .await
}

const FIVE_YEARS: i64 = 5 * 366 * 86_400;
/// The institution that moves.
const MOVING: &str = HUB_TOWN;

/// Letters in and out, one accepted, one too large for the database; answers the messages.
async fn correspondence(hub: &TestHub) -> Vec<String> {
    let (commune, town) = (hub.client(SENDER), hub.client(MOVING));
    let mut messages = Vec::new();
    let large = format!("lung {}", "𝄞".repeat(19_000));
    let letters = [
        (&commune, letter(&[MOVING, INBOX_TOWN], "către doi, cu ș și ț")),
        (&commune, letter(&[MOVING], &large)),
        (&town, letter(&[INBOX_TOWN], "răspuns")),
    ];
    for (number, (sender, letter)) in letters.iter().enumerate() {
        let (status, receipt) = sender.post("/v1/messages", &number.to_string(), letter).await;
        assert_eq!(status, 201, "{receipt:#}");
        messages.push(receipt["message_id"].as_str().unwrap().to_owned());
    }
    let waiting = commune.wait_for_delivery(&messages[0], MOVING, "consigned").await;
    commune.wait_for_delivery(&messages[0], INBOX_TOWN, "consigned").await;
    commune.wait_for_delivery(&messages[1], MOVING, "consigned").await;
    town.wait_for_delivery(&messages[2], INBOX_TOWN, "consigned").await;
    town.post(&format!("/v1/inbox/{}/accept", waiting["id"].as_str().unwrap()), "a", &json!({})).await;
    commune.wait_for_delivery(&messages[0], MOVING, "handed_over").await;
    messages
}

/// What a system of the town sees of its registers and messages.
async fn seen(town: &Client, messages: &[String]) -> Vec<Value> {
    let mut seen = vec![town.get("/v1/registers/general/entries").await.1];
    for message in messages {
        let (status, mut told) = town.get(&format!("/v1/messages/{message}")).await;
        assert_eq!(status, 200, "{told:#}");
        // Where the evidence stands in a log is that log's, and a tracking code is of the hub that gave it.
        told.as_object_mut().unwrap().retain(|name, _| name != "log" && name != "tracking");
        seen.push(told);
        for evidence in town.chain(message).await {
            let document = town.bytes(&format!("{}?level=b", evidence["href"].as_str().unwrap())).await;
            seen.push(json!([evidence["id"], evidence["event"], String::from_utf8(document).unwrap()]));
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_institution_moves_to_the_other_database_and_nothing_is_lost() {
    Database::each(|database| async move {
        let folder = tempfile::tempdir().unwrap();
        let (_tsa, stamping) = authority_lasting(folder.path(), 700 * 86_400).await;
        let roots = fs::read(&stamping.roots).unwrap();
        let mut old = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(stamping);
        })
        .await;
        let messages = correspondence(&old).await;
        settled(&old).await;
        old.wait_for_number(tests::log::UNSTAMPED, 0).await;
        let before = seen(&old.client(MOVING), &messages).await;
        let (seal, key) = (old.running().seal_certificate.clone(), old.running().hub.log.verifier().clone());
        old.close().await;
        let out = folder.path().join("export");
        let export = out.to_str().unwrap();
        assert_eq!(
            punte(
                &old.config,
                &[
                    "archive",
                    "export",
                    "--purpose",
                    "predare",
                    "--legal-basis",
                    "Legea nr. 16/1996",
                    "--party",
                    MOVING,
                    "--out",
                    export
                ]
            )
            .await
            .unwrap(),
            0
        );

        let mut new = empty(other(database)).await;
        new.close().await;
        let pem = folder.path().join("sigiliu.pem");
        fs::write(&pem, &seal).unwrap();
        let import = ["archive", "import", "--certificate", pem.to_str().unwrap(), export];
        assert_eq!(punte(&new.config, &import).await.unwrap(), 0);
        // Run again, as after an interruption, it finds everything there.
        assert_eq!(punte(&new.config, &import).await.unwrap(), 0);
        new.up().await;

        let town = new.client(MOVING);
        assert_eq!(seen(&town, &messages).await, before);
        // The next number follows the last one.
        let numbers = |entries: &Value| -> Vec<i64> {
            entries["entries"].as_array().unwrap().iter().map(|entry| entry["number"].as_i64().unwrap()).collect()
        };
        let last = numbers(&before[0]).into_iter().max().unwrap();
        assert_eq!(last, 3);
        let (status, receipt) = town.post("/v1/messages", "9", &letter(&[INBOX_TOWN], "din hubul nou")).await;
        assert_eq!(status, 201, "{receipt:#}");
        let entries = town.get("/v1/registers/general/entries").await.1;
        assert_eq!(numbers(&entries).into_iter().max(), Some(last + 1), "{entries:#}");
        // The same submission is the same message still.
        let (status, again) = town.post("/v1/messages", "2", &letter(&[INBOX_TOWN], "răspuns")).await;
        assert_eq!((status.as_u16() / 100, again["message_id"].as_str()), (2, Some(messages[2].as_str())), "{again:#}");

        // What the old hub proved verifies with the old hub gone: its seal, its log, its time-stamps.
        let sql = "select content from carried_pack order by message_id";
        let packs = new.running().hub.db.query(sql, vec![]).await.unwrap();
        assert_eq!(packs.len(), messages.len());
        let trusted = Trusted {
            seals: Some(Certificate::all_from_pem(&seal).unwrap()),
            authorities: Some(Certificate::all_from_pem(&roots).unwrap()),
            log_keys: vec![key],
            ..Trusted::default()
        };
        for mut row in packs {
            let pack: Vec<u8> = row.take("content").unwrap();
            // Today, and five years later, when seal and authority have expired and nobody answers any more.
            for at in [unix_seconds(), unix_seconds() + FIVE_YEARS] {
                let verdict = verify_package(&pack, &trusted, at).unwrap();
                // What other recipients alone may see is not in it, and the verdict says so; nothing else fails.
                let failed = verdict.claims.iter().filter(|claim| claim.status == Status::Failed);
                assert!(failed.clone().all(|claim| claim.kind == Kind::Complete), "{}", verdict.to_json());
                for kind in [Kind::Seal, Kind::Log, Kind::HeadTimeStamp] {
                    let proven = |claim: &&hub_proofs::Claim| claim.kind == kind && claim.status == Status::Proven;
                    assert!(verdict.claims.iter().any(|claim| proven(&claim)), "{kind:?}: {}", verdict.to_json());
                }
            }
        }
        // The new hub logs what came, and proves it too.
        settled(&new).await;
        let chain = town.chain(&messages[0]).await;
        let proof = town.bytes(&format!("{}/log-proof", chain[0]["href"].as_str().unwrap())).await;
        assert!(proof.starts_with(b"c2sp.org/tlog-proof"), "{}", String::from_utf8_lossy(&proof));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_was_touched_is_refused_and_told_where() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = TestHub::start_with(Database::Sqlite, often).await;
    correspondence(&old).await;
    settled(&old).await;
    old.close().await;
    let out = folder.path().join("export");
    let words = [
        "archive",
        "export",
        "--purpose",
        "predare",
        "--legal-basis",
        "Legea nr. 16/1996",
        "--party",
        MOVING,
        "--out",
        out.to_str().unwrap(),
    ];
    assert_eq!(punte(&old.config, &words).await.unwrap(), 0);
    let refused = punte(&old.config, &words).await.unwrap_err();
    assert!(format!("{refused:#}").contains("not empty"), "{refused:#}");
    let (data, import) = (folder.path().join("data"), ["archive", "import", out.to_str().unwrap()]);
    let config = Config { data, directory: None, ..Config::default() };
    let told = async || format!("{:#}", punte(&config, &import).await.unwrap_err());

    let entries = out.join("tables/register_entry.jsonl");
    let whole = fs::read(&entries).unwrap();
    fs::write(&entries, String::from_utf8(whole.clone()).unwrap().replacen("Solicitare", "Sollicitare", 1)).unwrap();
    assert!(told().await.contains("tables/register_entry.jsonl was changed"));
    fs::remove_file(&entries).unwrap();
    assert!(told().await.contains("tables/register_entry.jsonl is missing"));
    fs::write(&entries, &whole).unwrap();
    fs::write(out.join("bytes/strain"), "x").unwrap();
    assert!(told().await.contains("bytes/strain is there"));
    fs::remove_file(out.join("bytes/strain")).unwrap();
    let signed = fs::read(out.join("manifest.asice")).unwrap();
    let at = signed.windows(5).position(|window| window == b"party").unwrap();
    let mut forged = signed.clone();
    forged[at + 12] ^= 1;
    fs::write(out.join("manifest.asice"), forged).unwrap();
    assert!(told().await.contains("manifest.asice"));
    fs::write(out.join("manifest.asice"), &signed).unwrap();
    // Another's seal is not the one that is asked for.
    let stranger = TestHub::start(Database::Sqlite).await;
    let pem = folder.path().join("alt.pem");
    fs::write(&pem, &stranger.running().seal_certificate).unwrap();
    let words = ["archive", "import", "--certificate", pem.to_str().unwrap(), out.to_str().unwrap()];
    let refused = format!("{:#}", punte(&config, &words).await.unwrap_err());
    assert!(refused.contains("signature"), "{refused}");
    // Untouched it is taken; a later export of the same institution is not, where its numbers are already.
    assert_eq!(punte(&config, &import).await.unwrap(), 0);
    let later = folder.path().join("later");
    let words = [
        "archive",
        "export",
        "--purpose",
        "predare",
        "--legal-basis",
        "Legea nr. 16/1996",
        "--party",
        MOVING,
        "--out",
        later.to_str().unwrap(),
    ];
    assert_eq!(punte(&old.config, &words).await.unwrap(), 0);
    let refused = punte(&config, &["archive", "import", later.to_str().unwrap()]).await.unwrap_err();
    assert!(format!("{refused:#}").contains("registers of"), "{refused:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_is_carried_or_left_for_a_reason() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let there: BTreeSet<String> = present(&hub.running().hub.db).await.unwrap().into_iter().collect();
        let carried: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
        let left: BTreeSet<&str> = LEFT.iter().map(|(table, _)| *table).collect();
        assert!(carried.is_disjoint(&left));
        let forgotten: Vec<_> =
            there.iter().filter(|name| !carried.contains(name.as_str()) && !left.contains(name.as_str())).collect();
        assert!(forgotten.is_empty(), "decide whether these tables leave with an institution: {forgotten:?}");
    })
    .await;
}

/// A value for a column of this type; the institution where it is asked for.
fn invented(column: &str, kind: &str, row: usize) -> String {
    match (column, kind) {
        ("party", _) => format!("'{MOVING}'"),
        ("state", "text") => "'open'".to_owned(),
        ("sheet", "text") => format!(
            "'{}'",
            json!({"owner": "Ș", "issuer": "Ț", "holder": "Ă", "history": ["Î"],
            "document_type": "x", "classification": "public", "format": "x", "keywords": [], "physical_location": "-",
            "identifier": format!("RO/{row}"), "issued_on": "2026-01-02", "archived_on": "2026-01-03", "term": "5"})
        ),
        (_, "text") => format!("'{column} ăîșț ''{row}'''"),
        (_, "bigint") => format!("{}", 1_000 + row),
        (name, _) if name.contains("sha256") => format!("X'{}'", format!("{row:02x}").repeat(32)),
        _ => format!("X'{}'", format!("{row:02x}").repeat(16)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_of_every_register_and_archive_table_comes_through() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = TestHub::start(Database::Sqlite).await;
    let db = &old.running().hub.db;
    // A list of a proof is never erased: its bytes are carried with its row.
    let mut lists = Vec::new();
    for row in 0..3 {
        let list = hub_vault::Source::Bytes(format!("listă inventată {row}").into());
        lists.push(hex::encode(old.running().hub.vault.put(list).await.unwrap().address));
    }
    let mut filled = Vec::new();
    let mut statements = String::new();
    for table in TABLES.iter().filter(|table| table.key.contains(&"party") || table.name.starts_with("archive_")) {
        let sql: &'static str = Box::leak(
            format!("select name, lower(type) as kind from pragma_table_info('{}')", table.name).into_boxed_str(),
        );
        let columns: Vec<(String, String)> = db
            .query(sql, vec![])
            .await
            .unwrap()
            .into_iter()
            .map(|mut row| (row.take("name").unwrap(), row.take("kind").unwrap()))
            .collect();
        if columns.iter().all(|(column, _)| column != "party") {
            continue;
        }
        let names: Vec<_> = columns.iter().map(|(column, _)| column.as_str()).collect();
        for (row, list) in lists.iter().enumerate() {
            let value = |(column, kind): &(String, String)| match (table.name, column.as_str()) {
                ("archive_destruction_list", "sha256") => format!("X'{list}'"),
                _ => invented(column, kind, row),
            };
            let values: Vec<_> = columns.iter().map(value).collect();
            // One row has nothing where nothing may be.
            statements += &format!(
                "insert or ignore into {} ({}) values ({});\n",
                table.name,
                names.join(", "),
                values.join(", ")
            );
        }
        filled.push(table.name);
    }
    assert!(filled.contains(&"register_act"), "{filled:?}");
    old.close().await;
    old.execute(&statements).await.unwrap();
    let out = folder.path().join("export");
    // Rows without meaning make no dossier for an archive.
    let words = [
        "archive",
        "export",
        "--purpose",
        "predare",
        "--legal-basis",
        "Legea nr. 16/1996",
        "--party",
        MOVING,
        "--without-packages",
        "--out",
        out.to_str().unwrap(),
    ];
    assert_eq!(punte(&old.config, &words).await.unwrap(), 0);
    let rows = |table: &str| fs::read_to_string(out.join(format!("tables/{table}.jsonl"))).unwrap().lines().count();
    for table in &filled {
        assert!(rows(table) > 0, "{table}");
    }
    for database in Database::all() {
        let mut new = empty(database).await;
        new.close().await;
        // What was read back is compared with what was written, column by column, by the command itself.
        assert_eq!(punte(&new.config, &["archive", "import", out.to_str().unwrap()]).await.unwrap(), 0);
        let sql = "update register_state set subject = 'altul'";
        new.execute(sql).await.unwrap();
        assert_eq!(punte(&new.config, &["archive", "import", out.to_str().unwrap()]).await.unwrap(), 3);
    }
    assert!(Path::new(&out).join("CITESTE-MA.txt").exists());
}

/// A closed dossier with two documents: a letter that can be converted, and one of a message. Their bytes are in the
/// vault; answers them, and the rows that are written once the hub is closed.
async fn dossier(hub: &TestHub, message: &str) -> ([(String, Vec<u8>); 2], String) {
    let hub = &hub.running().hub;
    let letter = b"{\\rtf1\\ansi Anchet\\u259? social\\u259? \\par}".to_vec();
    let documents = [("Anchetă socială.rtf".to_owned(), letter), ("scrisoare.json".to_owned(), vec![b'{'; 700_000])];
    for (_, bytes) in &documents {
        hub.vault.put(hub_vault::Source::Bytes(bytes.clone().into())).await.unwrap();
    }
    let message = message.replace('-', "");
    let rows = documents.iter().enumerate().map(|(number, (name, bytes))| {
        let (position, hash) = (number + 1, hex::encode(openssl::sha::sha256(bytes)));
        let message = if number == 0 { "null".to_owned() } else { format!("X'{message}'") };
        let sheet = json!({
            "owner": "Comuna (inventată)", "issuer": "DGASPC (inventată)", "holder": "Comuna (inventată)",
            "history": ["înregistrat la nr. 1"], "document_type": "anchetă socială", "classification": "neclasificat",
            "format": "application/rtf", "keywords": ["anchetă"], "physical_location": "nu există",
            "identifier": format!("{MOVING}:{position}"), "issued_on": "2026-01-02", "archived_on": "2026-01-03", "term": "10 ani",
        });
        format!(
            "insert into archive_document (id, party, identifier, dossier, position, filing, role, name, content_type, size, \
             pages, sha256, message_id, payload, sheet, archived_at) values (X'{position:032x}', '{MOVING}', '{MOVING}:{position}', \
             X'{DOSSIER}', {position}, X'{position:032x}', 'document', '{name}', 'application/rtf', {}, 1, X'{hash}', {message}, \
             null, '{sheet}', 1767434400000000);\n",
            bytes.len()
        )
    });
    let rows: String = rows.collect();
    let dossier = format!(
        "insert into archive_dossier (id, party, year, code, volume, version, title, years, commission, units, state, pages, \
         documents, size, first_date, last_date, due_year, opened_at, changed_at) values (X'{DOSSIER}', '{MOVING}', 2026, 'V/B/3', 1, 1, \
         'Anchete sociale', 10, 0, '[]', 'closed', 2, 2, 700100, '2026-01-02', '2026-01-02', 2037, 1767434400000000, 1767434400000000);\n"
    );
    (documents, dossier + &rows)
}

const DOSSIER: &str = "0198000000007000800000000000000a";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dossier_is_handed_over_as_a_package_and_its_bytes_move_with_the_institution() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = TestHub::start_with(Database::Sqlite, often).await;
    let messages = correspondence(&old).await;
    settled(&old).await;
    let (documents, rows) = dossier(&old, &messages[0]).await;
    old.close().await;
    old.execute(&rows).await.unwrap();
    let (packages, out) = (folder.path().join("packages"), folder.path().join("export"));
    let words = [
        "archive",
        "package",
        "--purpose",
        "predare",
        "--legal-basis",
        "Legea nr. 16/1996",
        "--party",
        MOVING,
        "--copies",
        "--folders",
        "--out",
        packages.to_str().unwrap(),
    ];
    assert_eq!(punte(&old.config, &words).await.unwrap(), 0);
    let root = packages.join(format!("{MOVING}-2026-V-B-3-1"));
    let package =
        hub_eark::read(&mut hub_eark::source::FolderSource::new(&root), &hub_eark::Limits::default()).unwrap();
    assert_eq!(package.header.reference.as_deref(), Some("2026/V/B/3/1"));
    assert_eq!(package.sheets[0].sheets[0].retention, "10");
    let letter = root.join("representations/rep1/data/00001_Ancheta_sociala.rtf");
    assert_eq!(fs::read(letter).unwrap(), documents[0].1);
    let premis = fs::read_to_string(root.join("metadata/preservation/premis.xml")).unwrap();
    for kind in ["registration", "SubmissionAcceptance", "ContentHandover", "ingestion"] {
        assert!(premis.contains(&format!("<premis:eventType>{kind}</premis:eventType>")), "{kind}: {premis}");
    }
    // The copy is beside the original, where LibreOffice is installed, and is an event with both hashes.
    if Path::new("/usr/bin/soffice").exists() {
        let copy = fs::read(root.join("representations/rep2/data/00001_Ancheta_sociala.rtf.pdf")).unwrap();
        assert!(copy.starts_with(b"%PDF-") && premis.contains("<premis:eventType>migration</premis:eventType>"));
        for bytes in [&copy, &documents[0].1] {
            assert!(premis.contains(&hex::encode(openssl::sha::sha256(bytes))));
        }
    } else {
        tests::shared::skip("LibreOffice is not installed; the package has no copies");
    }

    let words = [
        "archive",
        "export",
        "--purpose",
        "predare",
        "--legal-basis",
        "Legea nr. 16/1996",
        "--party",
        MOVING,
        "--out",
        out.to_str().unwrap(),
    ];
    assert_eq!(punte(&old.config, &words).await.unwrap(), 0);
    let zip = fs::File::open(out.join(format!("dossiers/{MOVING}-2026-V-B-3-1.zip"))).unwrap();
    hub_eark::read(&mut hub_eark::source::ZipSource::new(zip), &hub_eark::Limits::default()).unwrap();
    let mut new = empty(other(Database::Sqlite)).await;
    new.close().await;
    assert_eq!(punte(&new.config, &["archive", "import", out.to_str().unwrap()]).await.unwrap(), 0);
    new.up().await;
    for (name, bytes) in &documents {
        let kept = new.running().hub.vault.read_all(&openssl::sha::sha256(bytes), 1 << 20).await.unwrap();
        assert!(kept == *bytes, "{name}");
    }
}
