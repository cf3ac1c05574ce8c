//! The host program, from the outside: real processes, a real repository, a real log.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]

mod command_line;
mod draw;
mod faults;
mod host;
mod kill;
mod poster;
mod repository;
mod round;
