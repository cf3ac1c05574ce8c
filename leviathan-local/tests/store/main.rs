//! What the stores of one machine promise, tried on real files.
#![cfg(feature = "store")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]
#![allow(clippy::print_stdout, reason = "a test in a process of its own speaks to its parent so")]

mod artifacts;
mod events;

/// A runtime as a host would have it.
fn block_on<F: Future>(test: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test)
}
