//! The core's deciding code, proven from outside: what commands come to, what may start, what an executor is asked, what
//! the ledger promises, how the scheduler drives, and that what was written once stays readable.

#![allow(clippy::unwrap_used, reason = "what a helper of a test cannot do fails the test")]

mod bundles;
mod claims;
mod evidence;
mod forges;
mod golden;
mod invalidating;
mod leadership;
mod ledger;
mod limits;
mod lists;
mod outcomes;
mod properties;
mod pull_requests;
mod reconcile;
mod schedule;
mod scheduler;
mod snapshots;
mod steering;
mod support;
mod transitions;
