//! A control plane in the test's process, and someone to speak to it.

mod api;
mod clock;
mod follower;
mod held_store;
mod kept;
mod raw;

pub(crate) use api::{Answer, Api, OPERATOR, OPERATOR_BEFORE, WORKER, attempt_token};
pub(crate) use clock::TokioClock;
pub(crate) use follower::Follower;
pub(crate) use held_store::HeldStore;
pub(crate) use kept::{KEPT, Kept};
pub(crate) use raw::Raw;

use std::time::Duration;

/// Far longer than anything here takes. Only a test that fails waits for it.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// Waits for something that must happen.
#[track_caller]
pub(crate) fn soon<F: Future>(what: F) -> impl Future<Output = F::Output> {
    let at = std::panic::Location::caller();
    async move { tokio::time::timeout(SOON, what).await.unwrap_or_else(|_| panic!("it did not happen: {at}")) }
}

/// Asks until it is so.
#[track_caller]
pub(crate) fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) -> impl Future<Output = ()> {
    soon(async move {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    })
}
