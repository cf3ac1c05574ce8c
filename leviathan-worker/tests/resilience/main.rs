//! What an attempt comes to when something breaks: the worker is killed at each of its steps, or the control plane's API
//! is away. A real log, scheduler, supervisor, worker, git server and API; the forge is a strict GitHub of the test's own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]

mod api;
mod api_away;
mod kills;
mod processes;
mod repository;
mod room;
