//! The fake agrees with what was recorded of a real cluster, in `leviathan-k8s/tests/fixtures`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what does not hold fails the test")]

mod answers;
mod asking;
mod faults;
mod fixtures;
mod streams;
