//! What the API's description says is what the API does, as a stranger finds out who knows nothing but the description.
//!
//! The stranger is schemathesis. `LEVIATHAN_SCHEMATHESIS` names its program; without it these tests say that they asked
//! nothing.

use crate::served::{OPERATOR, Served, api, tokens};
use std::process::Command;

/// What the description cannot say.
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/schemathesis.toml");

/// Has requests made up from the description, good and bad ones, and each answer held against it.
#[track_caller]
fn holds(variables: &[(&str, &str)]) {
    let Some(program) = std::env::var_os("LEVIATHAN_SCHEMATHESIS") else {
        println!("skipped: LEVIATHAN_SCHEMATHESIS does not name the program of schemathesis");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let key = "7".repeat(64);
    let own = [("LEVIATHAN_CHECKPOINT_KEY", key.as_str())];
    let served = Served::start(api(dir.path(), &[&tokens(), &own[..], variables].concat()));
    let output = Command::new(program)
        .current_dir(dir.path())
        .args(["--config-file", CONFIG, "run", &format!("{}/v1/openapi.json", served.url)])
        .args(["--header", &format!("Authorization: Bearer {OPERATOR}")])
        .args(["--max-examples", "20", "--seed", "1", "--generation-deterministic", "--no-color"])
        .output()
        .expect("schemathesis runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", said.lines().rev().find(|line| line.contains(" in ")).unwrap_or_default());
}

#[test]
fn the_api_over_embedded_stores_does_what_its_description_says() {
    holds(&[]);
}

#[cfg(feature = "postgres")]
#[test]
fn the_api_over_postgres_does_what_its_description_says() {
    let url = crate::postgres::server().new_database().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let artifacts = format!("file://{}", dir.path().display());
    holds(&[
        ("LEVIATHAN_BACKEND", "postgres"),
        ("LEVIATHAN_POSTGRES_URL", &url),
        ("LEVIATHAN_LOG", "demo"),
        ("LEVIATHAN_ARTIFACTS_URL", &artifacts),
        ("LEVIATHAN_ARTIFACTS_SHARED", "yes"),
    ]);
}
