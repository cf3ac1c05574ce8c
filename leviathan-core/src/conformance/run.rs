//! Running one promise's test, with an end to its patience.

use super::{Harness, Violation};
use futures::channel::oneshot;
use futures::future::{self, Either};
use std::pin::pin;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::Poll;
use std::time::Duration;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{property}: {what}")]
pub struct Broken {
    /// The promise's name, which is the name of its function.
    pub property: &'static str,
    /// What was found instead.
    pub what: String,
}

/// Runs the test of one promise.
///
/// # Errors
/// [`Broken`] if the promise was not kept, or if the test did not end within the harness's patience.
pub fn check<H: Harness>(
    harness: &H,
    property: &'static str,
    test: impl AsyncFnOnce(&H) -> Result<(), Violation>,
) -> Result<(), Broken> {
    let patience = harness.patience();
    let ended = harness.block_on(within(patience, test(harness)));
    let hung = || Err(Violation::new(format_args!("the test did not end within {patience:?}")));
    ended.unwrap_or_else(hung).map_err(|violation| Broken { property, what: violation.to_string() })
}

/// Runs the test of one promise; the suites' macros call it in each `#[test]`.
///
/// # Panics
/// If the promise is broken.
#[track_caller]
pub fn prove<H: Harness>(
    harness: &H,
    property: &'static str,
    test: impl AsyncFnOnce(&H) -> Result<(), Violation>,
) {
    if let Err(broken) = check(harness, property, test) {
        panic!("{broken}");
    }
}

/// What `future` gives, or `None` if it takes longer.
#[expect(
    clippy::disallowed_methods,
    reason = "core has no runtime to keep the time, and a hung test has no other end"
)]
async fn within<T>(patience: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (expire, expired) = oneshot::channel();
    let (_waiting, over) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if over.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            // Nobody hears it if the test ended just now.
            let _ = expire.send(());
        }
    });
    match future::select(pin!(future), expired).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// Lets others run once.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls `future` at most `times`, letting others run in between, and then drops it wherever it stands.
pub(crate) async fn poll_times<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(value) = futures::poll!(future.as_mut()) {
            return Some(value);
        }
        yield_once().await;
    }
    None
}

/// Tells the reader of the tests' output what a suite did not ask.
#[expect(clippy::print_stderr, reason = "runs in tests only, whose output is where this belongs")]
pub(crate) fn say(what: &str) {
    eprintln!("{what}");
}
