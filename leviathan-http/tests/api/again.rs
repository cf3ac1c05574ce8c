//! What the API does with what a store keeps, tested again over Postgres.

use crate::support::KEPT;
use std::process::Command;

/// Where they are. What the others ask does not depend on the store, or chooses it.
const MODULES: [&str; 11] = [
    "artifacts",
    "attempts",
    "checkpoint",
    "events",
    "habits",
    "health",
    "ingest",
    "lists",
    "orders",
    "readings",
    "stream",
];

/// Runs them in a process of their own.
fn all_of_them_hold(kept: &str) {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.env(KEPT, kept).args(MODULES.map(|module| format!("{module}::")));
    let output = tests.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "over {kept}: {said}{}", String::from_utf8_lossy(&output.stderr));
    for module in MODULES {
        assert!(said.contains(&format!("test {module}::")), "no test of {module} ran");
    }
}

#[test]
fn all_of_them_hold_over_postgres() {
    all_of_them_hold("postgres");
}
