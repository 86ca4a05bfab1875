//! The bytes on their way out: hashed, counted and, where they come from a file, checked against what was received.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream::{Stream, TryStreamExt, try_unfold};
use openssl::sha::Sha256;
use tokio::fs::File;
use tokio::time::Instant;
use tokio_util::io::ReaderStream;

const CHUNK: usize = 128 * 1024;

/// A piece of a body.
pub enum Segment {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes in a file, which must be exactly these.
    File {
        /// What it is called in an error.
        name: String,
        /// Where it is.
        path: PathBuf,
        /// Its length.
        size: u64,
        /// The SHA-256 of its bytes.
        sha256: [u8; 32],
    },
}

impl Segment {
    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }
}

/// What is known of a sending while it happens.
pub struct Progress(Mutex<State>);

struct State {
    started: bool,
    left: u64,
    hasher: Option<Sha256>,
    sha256: Option<[u8; 32]>,
    broken: Option<String>,
    moved_at: Instant,
}

impl Progress {
    /// Nothing happened yet; `size` is the length of the whole body.
    #[must_use]
    pub fn new(size: u64) -> Arc<Self> {
        let (hasher, moved_at) = (Some(Sha256::new()), Instant::now());
        // An empty body is never asked for, so its sending counts as begun.
        let started = size == 0;
        Arc::new(Self(Mutex::new(State { started, left: size, hasher, sha256: None, broken: None, moved_at })))
    }

    /// Whether a connection asked for the first byte. Before that the target cannot know of the document.
    #[must_use]
    pub fn started(&self) -> bool {
        self.state().started
    }

    /// Why our own side could not give the bytes, if it could not.
    #[must_use]
    pub fn broken(&self) -> Option<String> {
        self.state().broken.clone()
    }

    /// When something last moved.
    #[must_use]
    pub fn moved_at(&self) -> Instant {
        self.state().moved_at
    }

    /// The hash of the whole body, once all of it went out.
    #[must_use]
    pub fn sent_sha256(&self) -> Option<[u8; 32]> {
        self.state().sha256
    }

    fn moved(&self, chunk: &Bytes) {
        let mut state = self.state();
        state.moved_at = Instant::now();
        state.left = state.left.saturating_sub(chunk.len() as u64);
        if let Some(hasher) = &mut state.hasher {
            hasher.update(chunk);
        }
        if state.left == 0 {
            state.sha256 = state.hasher.take().map(Sha256::finish).or(state.sha256);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The segments as one stream that reports to `progress`.
pub fn stream(
    segments: Vec<Segment>,
    progress: &Arc<Progress>,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let progress = Arc::clone(progress);
    let reading = Reading { segments: segments.into(), open: None, progress: Arc::clone(&progress) };
    try_unfold(reading, Reading::next).inspect_err(move |error| progress.state().broken = Some(error.to_string()))
}

struct Reading {
    segments: VecDeque<Segment>,
    open: Option<OpenFile>,
    progress: Arc<Progress>,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        self.progress.state().started = true;
        loop {
            if let Some(file) = &mut self.open {
                if let Some(chunk) = file.next().await? {
                    self.progress.moved(&chunk);
                    return Ok(Some((chunk, self)));
                }
                self.open = None;
            }
            match self.segments.pop_front() {
                None => return Ok(None),
                Some(Segment::Bytes(bytes)) => {
                    self.progress.moved(&bytes);
                    return Ok(Some((bytes, self)));
                }
                Some(Segment::File { name, path, size, sha256 }) => {
                    let file = File::open(&path).await.map_err(|error| with_name(&name, &error.to_string()))?;
                    let reader = ReaderStream::with_capacity(file, CHUNK);
                    self.open =
                        Some(OpenFile { name, reader, left: size, expected: sha256, hasher: Some(Sha256::new()) });
                }
            }
        }
    }
}

struct OpenFile {
    name: String,
    reader: ReaderStream<File>,
    left: u64,
    expected: [u8; 32],
    hasher: Option<Sha256>,
}

impl OpenFile {
    /// The next bytes. The last ones are held back unless the whole file is what was received, so that a target never
    /// gets a complete request with other bytes.
    async fn next(&mut self) -> Result<Option<Bytes>, std::io::Error> {
        let chunk = self.reader.try_next().await.map_err(|error| with_name(&self.name, &error.to_string()))?;
        let length = chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        let wrong_length = length > self.left || (chunk.is_none() && self.left > 0);
        self.left = self.left.saturating_sub(length);
        if let (Some(hasher), Some(chunk)) = (&mut self.hasher, &chunk) {
            hasher.update(chunk);
        }
        let ended = self.left == 0;
        let hashed = if ended { self.hasher.take().map(Sha256::finish) } else { None };
        if wrong_length || hashed.is_some_and(|sha256| sha256 != self.expected) {
            return Err(with_name(&self.name, "its bytes are no longer those that were received"));
        }
        Ok(chunk)
    }
}

fn with_name(name: &str, problem: &str) -> std::io::Error {
    std::io::Error::other(format!("part {name:?} cannot be read: {problem}"))
}
