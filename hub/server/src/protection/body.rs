//! A request's body, watched while it is read: silence and creeping end it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// What is known of a body while it is read; shared with the layer that waits for the answer.
#[derive(Debug)]
pub struct Progress(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    moved_at: Instant,
    stalled: bool,
}

impl Progress {
    fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { moved_at: now, stalled: false })))
    }

    /// When the body last moved.
    #[must_use]
    pub fn moved_at(&self) -> Instant {
        self.state().moved_at
    }

    /// Whether it was given up.
    #[must_use]
    pub fn stalled(&self) -> bool {
        self.state().stalled
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How slow a body may be.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The longest silence; so long its speed does not count either.
    pub idle: Duration,
    /// The slowest average after that, in bytes a second.
    pub slowest: u64,
}

struct Watched {
    body: Body,
    pace: Pace,
    begun: Instant,
    read: u64,
    silence: Pin<Box<Sleep>>,
    progress: Arc<Progress>,
}

/// The body was given up: its sender is silent or creeps.
#[derive(Debug, thiserror::Error)]
#[error("the body does not come at the pace it must")]
pub struct Stalled;

/// Puts a watch over a body.
pub fn watched(body: Body, pace: Pace) -> (Body, Arc<Progress>) {
    let now = Instant::now();
    let progress = Progress::new(now);
    // Most requests have no body at all, or had it with their headers.
    if body.is_end_stream() {
        return (body, progress);
    }
    let silence = Box::pin(sleep_until(now + pace.idle));
    let watched = Watched { body, pace, begun: now, read: 0, silence, progress: Arc::clone(&progress) };
    (Body::new(watched), progress)
}

impl Watched {
    fn creeps(&self, now: Instant) -> bool {
        let counted = (now - self.begun).saturating_sub(self.pace.idle).as_secs();
        self.read < counted.saturating_mul(self.pace.slowest)
    }

    fn give_up(&self) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.progress.state().stalled = true;
        Poll::Ready(Some(Err(axum::Error::new(Stalled))))
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                let now = Instant::now();
                let length = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
                self.read += length as u64;
                self.progress.state().moved_at = now;
                if length > 0 && self.creeps(now) {
                    return self.give_up();
                }
                let until = now + self.pace.idle;
                self.silence.as_mut().reset(until);
                Poll::Ready(frame)
            }
            Poll::Pending => match self.silence.as_mut().poll(context) {
                Poll::Ready(()) => self.give_up(),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
