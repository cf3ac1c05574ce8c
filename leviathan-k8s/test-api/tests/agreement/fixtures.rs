//! The recordings, read.

use serde_json::Value;
use std::path::PathBuf;

pub(crate) fn read(case: &str, file: &str) -> String {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    std::fs::read_to_string(fixtures.join(case).join(file)).expect(file)
}

pub(crate) fn lines(case: &str, file: &str) -> Vec<Value> {
    read(case, file).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The bodies of the answers of an `*.http` file that are JSON.
pub(crate) fn bodies(case: &str, file: &str) -> Vec<Value> {
    let text = read(case, file);
    let answers = text.split("### ").filter_map(|block| block.split_once("\n\n"));
    answers.filter_map(|(_, body)| serde_json::from_str(body.trim()).ok()).collect()
}

/// The `Status` whose message begins so, wherever it is in a case's file.
pub(crate) fn status(case: &str, file: &str, code: u64) -> Value {
    bodies(case, file).into_iter().find(|body| body["code"] == code).expect("such a status")
}
