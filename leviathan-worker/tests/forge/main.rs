//! The forge's client and poller, against a strict GitHub of the test's own and real git.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]

mod listing;
mod polling;
mod proposing;
mod refusals;
mod support;
