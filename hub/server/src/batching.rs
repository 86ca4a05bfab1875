//! The loop that works pushes off, and the hands that open their files.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hub_flow::batches::{Bundled, FileFault, Hands, Opened};
use hub_flow::blobs::Staged;
use hub_flow::flow::{Opener, Pushed};
use hub_flow::log::Lease;
use hub_flow::message::{Envelope, Payload};
use hub_register_files::{Bundle, BundleError, BundleLimits, FileError, table_rows};
use schemas::Violation;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::api::App;
use crate::protection::malware;

/// Works pushes off until told to stop.
pub(crate) async fn run(app: App, lease: Arc<Lease>, every: Duration, mut stop: watch::Receiver<bool>) {
    let mut opener = Opener::new(Arc::clone(&app.hub), lease, Arc::new(Files(app)));
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        match opener.pass().await {
            Ok(Pushed::More) => continue,
            Ok(Pushed::Idle | Pushed::Elsewhere) => {}
            Err(error) => tracing::warn!(%error, "a push was not taken further; trying again"),
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}

/// Opens files, and shows them to the scanner.
struct Files(App);

#[async_trait]
impl Hands for Files {
    fn open(&self, bytes: &Bytes) -> Result<Opened, FileFault> {
        opened(bytes)
    }

    async fn judged(
        &self,
        envelope: &Envelope,
        payloads: &[Payload],
        staged: &[Staged],
    ) -> Result<Vec<Violation>, String> {
        let judged = malware::judged(&self.0, malware::Shown { envelope, payloads, staged }).await;
        judged.map_err(|problem| problem.document().to_string())
    }
}

/// A file, told by its content: PDF, XLSX, ZIP, and CSV else.
pub(crate) fn opened(bytes: &Bytes) -> Result<Opened, FileFault> {
    if bytes.starts_with(b"%PDF-") {
        return Ok(Opened::Paper);
    }
    if bytes.starts_with(b"PK") {
        let bundle = Bundle::open(bytes.clone(), BundleLimits::default()).map_err(|error| of_bundle(&error))?;
        if !bundle.names().any(|name| name == "[Content_Types].xml") {
            return Ok(Opened::Bundle(Box::new(Unpacked(bundle))));
        }
    }
    table_rows(bytes).map(Opened::Table).map_err(|error| of_table(&error))
}

fn of_table(error: &FileError) -> FileFault {
    let text = error.to_string();
    let mut letters = text.chars();
    let ro: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    FileFault::of(ro, format!("The file cannot be read as a table: {error:?}"))
}

fn of_bundle(error: &BundleError) -> FileFault {
    let text = error.to_string();
    let mut letters = text.chars();
    let ro: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    let en = match error {
        BundleError::NotZip(why) => format!("The archive cannot be opened as ZIP ({why}); make it anew"),
        BundleError::TooManyEntries(most) => format!("The archive has more than {most} files; split it"),
        BundleError::BadName(name) => {
            format!("The file \"{name}\" has a name that leads out of the archive; put the files into it directly")
        }
        BundleError::Twice(name) => format!("The archive has the file \"{name}\" twice; keep one"),
        BundleError::Encrypted(name) => {
            format!("The file \"{name}\" is protected by a password; make the archive without one")
        }
        BundleError::UnpacksTooLarge(name) => format!("The file \"{name}\" unpacks to too much; split the archive"),
        BundleError::Missing(name) => {
            format!("The file \"{name}\" is not in the archive; add it or correct its name")
        }
    };
    FileFault::of(ro, en)
}

struct Unpacked(Bundle);

impl Bundled for Unpacked {
    fn names(&self) -> Vec<String> {
        self.0.names().map(str::to_owned).collect()
    }

    fn read(&self, name: &str) -> Result<Bytes, FileFault> {
        self.0.read(name).map_err(|error| of_bundle(&error))
    }
}
