//! Suites that prove an implementation of a seam: one async function for each promise, one macro that names them all.
//!
//! Switch core's feature `conformance` on in your dev-dependencies (beside `tokio`, or what your implementation runs on):
//!
//! ```toml
//! [dev-dependencies]
//! leviathan-core = { version = "0.1", features = ["conformance"] }
//! ```
//!
//! Then say with a [`Harness`] how your implementation is opened, and let the suite's macro write one `#[test]` for each
//! promise, in a module of its own:
//!
//! - [`event_store_suite!`](crate::event_store_suite) proves an [`EventStore`](crate::store::EventStore),
//! - [`artifact_store_suite!`](crate::artifact_store_suite) an [`ArtifactStore`](crate::artifact::ArtifactStore),
//! - [`executor_suite!`](crate::executor_suite) an [`Executor`](crate::executor::Executor), and wants an
//!   [`ExecutorHarness`](executor::ExecutorHarness).
//!
//! ```
//! use leviathan_core::conformance::Harness;
//! use leviathan_core::store::MemoryEventStore;
//!
//! struct InMemory;
//!
//! impl Harness for InMemory {
//!     type Subject = MemoryEventStore;
//!
//!     fn block_on<F: Future>(&self, test: F) -> F::Output {
//!         tokio::runtime::Runtime::new().unwrap().block_on(test)
//!     }
//!
//!     async fn fresh(&self) -> MemoryEventStore {
//!         MemoryEventStore::default()
//!     }
//!
//!     async fn reopen(&self, _: MemoryEventStore) -> Option<MemoryEventStore> {
//!         None // Nothing survives: the suite says so and asks no more.
//!     }
//! }
//!
//! mod memory_event_store {
//!     use super::InMemory;
//!     leviathan_core::event_store_suite!(InMemory);
//! }
//! # fn main() {}
//! ```
//!
//! A suite is only as good as what it catches: core's own tests run every promise against an implementation that breaks
//! it on purpose.

pub mod artifact_store;
pub mod event_store;
pub mod executor;
mod harness;
mod run;
mod violation;

pub use harness::Harness;
pub use run::{Broken, check, prove};
pub(crate) use run::{poll_times, say, yield_once};
pub use violation::{Violation, ensure};

/// Expands to one `#[test]` for each promise of a suite, under the promise's name.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($suite:ident, $harness:expr, $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::conformance::prove(
                    &$harness,
                    stringify!($promise),
                    $crate::conformance::$suite::$promise,
                );
            }
        )*
    };
}
