//! # A GitHub for tests
//!
//! The part of GitHub's REST API that Leviathan uses, for one repository, in the test's own process. It is stricter than
//! the original: a header that is missing, a parameter or a field that it does not know is refused and remembered, so that
//! a test can prove that there was none. What branches there are it asks the bare git repository that was pushed to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of tests cannot do fails the test"
)]

mod fault;
mod git;
mod github;
mod pull;
mod routes;
mod strict;

pub use fault::Fault;
pub use github::FakeGitHub;
pub use pull::{FakePull, PullState};
