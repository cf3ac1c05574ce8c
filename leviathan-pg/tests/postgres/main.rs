//! What the store in Postgres promises, tried on real servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]
#![allow(clippy::print_stdout, reason = "a test in a process of its own speaks to its parent so")]

mod append_only;
mod conformance;
mod crashes;
mod cut;
mod damage;
mod export;
mod following;
mod opening;
mod reading;
mod snapshots;
mod support;
mod trouble;
mod upgrading;
mod writers;

use leviathan_pg::PgEventStore;
use support::*;
