//! The loop that keeps the index of the search, and the foreign program that reads PDF for it.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use hub_flow::search::{Followed, Follower, ReadText};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// A document that takes longer is not read.
const PATIENCE: Duration = Duration::from_secs(30);
/// Text of a document that is read, in bytes.
const MOST_TEXT: u64 = 4 * 1024 * 1024;
/// Memory in kilobytes and seconds of work the program gets; foreign files may ask for any.
const BOUNDED: &str = "ulimit -v 1048576; ulimit -t 25; exec pdftotext -q -enc UTF-8 - -";

/// Follows what becomes known until told to stop.
pub(crate) async fn run(hub: Arc<Hub>, lease: Arc<Lease>, every: Duration, mut stop: watch::Receiver<bool>) {
    let follower = Follower::new(hub, lease, Arc::new(PdfText));
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        match follower.pass().await {
            Ok(Followed::More) => continue,
            Ok(Followed::Idle | Followed::Elsewhere) => {}
            Err(error) => tracing::warn!(%error, "the search does not follow; trying again"),
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
    }
}

/// Reads PDF with `pdftotext` (poppler-utils), where it is installed: a process of its own, bounded in memory and time.
pub(crate) struct PdfText;

#[async_trait]
impl ReadText for PdfText {
    async fn read(&self, content_type: &str, bytes: &Bytes) -> Option<String> {
        if content_type.split(';').next().map(str::trim) != Some("application/pdf") {
            return None;
        }
        timeout(PATIENCE, pdf_text(bytes)).await.ok().flatten()
    }
}

async fn pdf_text(bytes: &Bytes) -> Option<String> {
    let mut command = Command::new("sh");
    command.args(["-c", BOUNDED]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.env_clear().env("PATH", std::env::var_os("PATH")?).kill_on_drop(true).spawn().ok()?;
    let (mut input, output) = (child.stdin.take()?, child.stdout.take()?);
    let feed = async {
        // A program that ends before it read everything is no error: what it wrote counts.
        let _ended_early = input.write_all(bytes).await;
        drop(input);
    };
    let mut text = Vec::new();
    let mut output = output.take(MOST_TEXT);
    let (_, read) = tokio::join!(feed, output.read_to_end(&mut text));
    read.ok()?;
    drop(child);
    let text = String::from_utf8_lossy(&text).into_owned();
    (!text.trim().is_empty()).then_some(text)
}
