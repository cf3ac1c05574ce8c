//! # A forge for tests
//!
//! [`GitServer`] serves repositories over smart HTTP, by `git http-backend`, to whoever knows a token. A [`Gate`] in front
//! of servers lets a test hold a worker at any of its requests.
//!
//! [`FakeGitHub`] is the part of GitHub's REST API that Leviathan uses, for one repository. It is stricter than the
//! original: a header that is missing, a parameter or a field that it does not know is refused and remembered, so that a
//! test can prove that there was none. What branches there are it asks the bare git repository that was pushed to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of tests cannot do fails the test"
)]

mod fault;
mod gate;
mod git;
mod git_server;
mod github;
mod pull;
mod routes;
mod serving;
mod strict;

pub use fault::Fault;
pub use gate::{Gate, Side};
pub use git_server::{Answer, GitServer};
pub use github::FakeGitHub;
pub use pull::{FakePull, PullState};
