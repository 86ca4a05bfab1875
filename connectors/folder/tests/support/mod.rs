//! A folder on this machine, the same folder behind OpenSSH's own server, and packages to put into it.

#![allow(dead_code, clippy::unwrap_used, reason = "shared by several test programs; a test that cannot go on fails")]

pub mod sshd;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use connectors_contract::{
    Body, Channel, Consignment, Engine as _, Inbound, Manifest, Outbound, Part, PartContent, Verdict,
};
use connectors_drop::sha256;
use connectors_folder::FolderEngine;
use serde_json::json;
use sshd::Sshd;

pub const SCAN: &[u8] = b"%PDF-1.7 o scanare inventata";

pub const MANIFEST: &str = r#"
system = "primarie-dosar"
engine = "folder"
[title]
ro = "Dosar"
en = "Folder"
[endpoint]
timeout = "3s"
[deliver]
side_effect = "repeatable"
receipt_required = false
[folder]
settle = 5
most_mebibytes = 2
"#;

pub const CONFIRMED: &str = r#"
system = "primarie-dosar"
engine = "folder"
[title]
ro = "Dosar"
en = "Folder"
[endpoint]
timeout = "3s"
[deliver]
side_effect = "queryable"
receipt_required = false
[folder]
confirmations = "confirmari"
"#;

/// A town hall's folder and the way a hub gets to it.
pub struct Ground {
    pub name: &'static str,
    pub root: PathBuf,
    pub channel: Channel,
    pub clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
    pub server: Option<Sshd>,
}

impl Ground {
    pub fn local() -> Self {
        let (folder, root) = town_hall();
        let address = url::Url::from_file_path(&root).unwrap();
        let channel = Channel { address: Some(address), ..Channel::default() };
        Self { name: "local", root, channel, clock: Arc::new(AtomicI64::new(NOW)), folder, server: None }
    }

    pub fn sftp() -> Self {
        let (folder, root) = town_hall();
        let server = Sshd::start(folder.path());
        let channel = server.channel(&root);
        Self { name: "sftp", root, channel, clock: Arc::new(AtomicI64::new(NOW)), folder, server: Some(server) }
    }

    pub fn both() -> [Self; 2] {
        [Self::local(), Self::sftp()]
    }

    pub fn engine(&self, claimant: &str) -> FolderEngine {
        let clock = Arc::clone(&self.clock);
        FolderEngine::new(Arc::new(move || clock.load(Ordering::SeqCst)), claimant)
    }

    pub fn inbound(&self, claimant: &str) -> Arc<dyn Inbound> {
        self.engine(claimant).inbound(&manifest(MANIFEST), self.channel.clone()).unwrap()
    }

    pub fn outbound(&self, text: &str) -> Arc<dyn Outbound> {
        self.engine("hub1").outbound(&manifest(text), self.channel.clone()).unwrap()
    }

    pub fn later(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn put(&self, name: &str, content: &[u8]) {
        std::fs::write(self.root.join(name), content).unwrap();
    }

    /// Every file below a folder, hidden ones too, with its bytes.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let at = self.root.join(folder);
        for entry in std::fs::read_dir(&at).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_file() {
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
        found
    }

    pub fn names(&self, folder: &str) -> Vec<String> {
        self.files(folder).into_keys().collect()
    }
}

pub const NOW: i64 = 1_795_000_000;

fn town_hall() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("uat 110296");
    for name in ["in", "out"] {
        std::fs::create_dir_all(root.join(name)).unwrap();
    }
    (folder, root)
}

pub fn manifest(text: &str) -> Manifest {
    Manifest::parse(text, "manifest.toml").unwrap()
}

/// A package a town hall makes; `about` makes it another document.
pub fn package(about: &str) -> Vec<u8> {
    let letter = format!(r#"{{"subiect":"{about}"}}"#);
    let envelope = json!({
        "recipients": [{ "party": "dgaspc-mehedinti" }],
        "document_type": "document-generic", "document_version": "1.0",
        "subject": about, "purpose": "corespondenta", "legal_basis": "OG nr. 27/2002",
        "parts": [
            { "name": "scrisoare.json", "role": "body", "content_type": "application/json", "sha256": hex::encode(sha256(letter.as_bytes())) },
            { "name": "scanare.pdf", "role": "original", "content_type": "application/pdf", "sha256": hex::encode(sha256(SCAN)) },
        ],
    });
    let envelope = serde_json::to_vec(&envelope).unwrap();
    let entries = [("manifest.json", &envelope[..]), ("scrisoare.json", letter.as_bytes()), ("scanare.pdf", SCAN)];
    hub_signatures::asice::zip::write(&entries).unwrap()
}

pub fn accepted() -> Verdict {
    Verdict::Accepted {
        message_id: "0198c0de-0000-7000-8000-000000000001".to_owned(),
        number: Some("417/2026".to_owned()),
        receipt: Bytes::from_static(b"<recipisa sigilata=\"inventata\"/>"),
        again: false,
    }
}

pub fn refused() -> Verdict {
    Verdict::Refused {
        reason: "documentul nu respectă regulile tipului său".to_owned(),
        problem: json!({ "code": "invalid-content", "violations": [
            { "pointer": "/body/persoana/cnp", "rule": "format.cnp", "ro": "CNP greșit", "example": "1900101400081" },
        ] }),
        receipt: None,
    }
}

pub fn consignment(key: &str, scan: &[u8]) -> Consignment {
    let facts = [("sender", "dgaspc-mehedinti"), ("recipient", "uat-110296"), ("sender_number", "4521")];
    Consignment {
        idempotency_key: key.to_owned(),
        facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Body { content_type: "application/json".to_owned(), content: Bytes::from_static(b"{\"subiect\":\"x\"}") },
        parts: vec![Part {
            name: "scanare.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            size: scan.len() as u64,
            sha256: sha256(scan),
            content: PartContent::Inline(Bytes::copy_from_slice(scan)),
        }],
        evidence: vec![],
    }
}

pub fn exists(root: &Path, path: &str) -> bool {
    root.join(path).exists()
}
