//! The executor against an API server that is as strict as the real one, in this process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]

#[path = "../shared/attempt.rs"]
mod attempt;
mod calls;
mod cluster;
mod conformance;
mod ends;
mod killed;
mod logs;
mod never_starts;
mod outages;
mod output;
mod prompt;
mod rights;
mod secrets;
