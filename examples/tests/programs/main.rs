//! The programs, from the outside: real processes, real repositories, real logs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]

mod api;
mod api_page;
mod command_line;
mod contract;
mod ctl;
mod custom_executor;
mod draw;
#[path = "../../executors/mod.rs"]
mod executors;
mod faults;
mod forge;
mod garden;
mod host;
#[cfg(feature = "k8s")]
mod jobs;
mod kill;
mod poster;
#[cfg(feature = "postgres")]
mod postgres;
#[path = "../../../leviathan-worker/tests/resilience/processes.rs"]
mod processes;
mod program;
#[cfg(feature = "postgres")]
#[path = "../../../leviathan-pg/tests/postgres/support/python.rs"]
mod python;
mod repository;
mod round;
mod segments;
mod served;
mod told;
#[cfg(feature = "postgres")]
mod two_apis;
#[cfg(feature = "postgres")]
mod two_hosts;
mod verify;
