//! The executor on a real cluster, and each recorded case that one can be brought to by its API.
//!
//! With `KUBECONFIG` it runs there, with the image of `LEVIATHAN_TEST_IMAGE`, and needs an administrator's rights: each test
//! makes a namespace of its own, gives a service account the Role that `ops/k8s` ships, and lets the executor have a token of
//! that account and nothing else. Without it the same tests run on the API server for tests, and say so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]

#[path = "../shared/attempt.rs"]
mod attempt;
mod cases;
mod conformance;
#[path = "../../src/test_fixtures/expected.rs"]
mod expected;
mod fleets;
mod killed;
mod leftovers;
mod many;
mod place;
mod rights;
mod said;
mod setting;
mod shipped;
mod starts;
mod steps;
mod waiting;
mod work;
