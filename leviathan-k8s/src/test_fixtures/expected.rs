//! What `tests/fixtures/causes.toml` says: what each recorded case comes to. The suite for real clusters reads it, too.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What `causes.toml` says of a case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    pub(crate) end: Option<String>,
    pub(crate) never_starts: Option<String>,
    pub(crate) log: Option<String>,
}

/// Where the cases are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The few lines of TOML that are there: tables, and keys with a text or `true`.
pub(crate) fn expectations() -> BTreeMap<String, Expected> {
    let text = std::fs::read_to_string(folder().join("causes.toml")).expect("causes.toml");
    let mut all = BTreeMap::<String, Expected>::new();
    let mut name = String::new();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        if let Some(table) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name = table.to_owned();
            all.insert(name.clone(), Expected::default());
        } else if let Some((key, value)) = line.split_once('=') {
            let value = Some(value.trim().trim_matches('"').to_owned());
            let expected = all.get_mut(&name).expect("a key outside of a table");
            match key.trim() {
                "end" => expected.end = value,
                "never_starts" => expected.never_starts = value,
                "log" => expected.log = value,
                "final_message" => {}
                other => panic!("no such key: {other}"),
            }
        }
    }
    all
}
