//! A program run within bounds, and ended with all its children.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::tools::Tools;

/// What one run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Time until it is ended.
    pub time: Duration,
    /// Address space in bytes; LibreOffice wants about 1 GiB of it for nothing.
    pub memory: u64,
    /// Longest file it may write, in bytes.
    pub output: u64,
    /// Largest document that is tried, in bytes.
    pub input: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { time: Duration::from_secs(120), memory: 4 << 30, output: 512 << 20, input: 128 << 20 }
    }
}

/// What a program said before it ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// The first bytes of what it wrote to both outputs.
    pub(crate) said: String,
}

/// Why a run has no end of its own.
pub(crate) enum Unended {
    TimedOut,
    NotStarted(std::io::Error),
}

/// Longest text of a program that is kept.
const SAID: u64 = 64 * 1024;

/// Runs `program` in `folder`, which is its home and temporary folder too, with nothing of our environment.
pub(crate) async fn run(
    tools: &Tools,
    bounds: &Bounds,
    folder: &Path,
    program: &Path,
    arguments: Vec<String>,
) -> Result<Ended, Unended> {
    let mut words = tools.isolation(bounds);
    words.push(program.to_string_lossy().into_owned());
    words.extend(arguments);
    let mut command = Command::new(PathBuf::from(&words[0]));
    command.args(&words[1..]).current_dir(folder).env_clear();
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8").env("SAL_USE_VCLPLUGIN", "svp");
    command.env("HOME", folder).env("TMPDIR", folder);
    // A group of its own: LibreOffice is a script that starts a program that starts others.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(Unended::NotStarted)?;
    let group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let ended = tokio::time::timeout(bounds.time, async {
        let (said, warned) = tokio::join!(listen(output), listen(errors));
        (child.wait().await, said + &warned)
    })
    .await;
    drop(group);
    match ended {
        Ok((Ok(status), said)) => Ok(Ended { status, said }),
        Ok((Err(error), _)) => Err(Unended::NotStarted(error)),
        Err(_) => {
            // Reaped, so that nothing of it is left when the scratch folder is removed.
            drop(child.wait().await);
            Err(Unended::TimedOut)
        }
    }
}

/// Reads an output to its end, keeps its beginning.
async fn listen(output: Option<impl tokio::io::AsyncRead + Unpin>) -> String {
    let Some(mut output) = output else { return String::new() };
    let mut said = Vec::new();
    let read = (&mut output).take(SAID).read_to_end(&mut said).await;
    if read.is_ok() {
        // The rest is read too: a program that cannot write does not end.
        drop(tokio::io::copy(&mut output, &mut tokio::io::sink()).await);
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// Ends a process group when it is dropped, also when its caller was cancelled.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Nobody is left to be ended when it ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
