//! Permits for the requests that are made inside one call of an engine.
//!
//! A quota is about requests, and one `poll` or `ask` may make many: a list page by page, a download for each line of it.
//! The hub counts the call before it makes it, which pays for the first request; every further one asks here, wherever in
//! the engine it is made. It goes with the task, so that no engine has to hand it through; a request that is made outside a
//! call (by a command, in a test) asks nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

/// Gives permits for the requests of one call.
#[async_trait]
pub trait Permits: Send + Sync {
    /// Takes one, waiting for a short turn.
    ///
    /// # Errors
    /// There is none now, and the request must not be made; a Romanian sentence says until when.
    async fn take(&self) -> Result<(), String>;
}

struct Under {
    permits: Arc<dyn Permits>,
    /// Whether the next request is paid for already.
    paid: AtomicBool,
}

tokio::task_local! {
    static UNDER: Arc<Under>;
}

/// Makes a call whose requests need permits. `paid` tells whether the first of them was counted before.
pub async fn under<T>(permits: Arc<dyn Permits>, paid: bool, call: impl Future<Output = T>) -> T {
    UNDER.scope(Arc::new(Under { permits, paid: AtomicBool::new(paid) }), call).await
}

/// Asks for a permit; called before every request that a quota counts.
///
/// # Errors
/// As [`Permits::take`].
pub async fn request() -> Result<(), String> {
    let Ok(under) = UNDER.try_with(Arc::clone) else { return Ok(()) };
    if under.paid.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    under.permits.take().await
}
