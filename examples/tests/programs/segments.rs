//! The segments of the embedded store, read as `docs/event-log.md` says that anybody can.

use leviathan_core::log::{EventBody, Head, SealedEvent};
use leviathan_core::store::EventStore;
use leviathan_local::events::FileEventStore;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The text of the only fenced block of the document with this info string and beginning.
fn block(info: &str, beginning: &str) -> &'static str {
    let text = include_str!("../../../docs/event-log.md");
    let fence = format!("\n```{info}\n");
    let mut found = text.split(&fence).skip(1).filter(|block| block.starts_with(beginning));
    let block = found.next().unwrap_or_else(|| panic!("docs/event-log.md has no such block"));
    assert!(found.next().is_none(), "docs/event-log.md has such a block twice");
    block.split_once("```\n").unwrap().0
}

/// A log of several segments and batches in `directory`, closed again.
async fn log_in(directory: &Path) -> Head {
    let (store, _) = FileEventStore::open_with(directory, 512).unwrap();
    let mut head = Head::EMPTY;
    for batch in 1..=6 {
        let bodies = (0..batch).map(|n| EventBody::seal(format!("{{\"event_id\":\"{batch}-{n}\"}}").into()));
        let events = SealedEvent::chain(head, bodies);
        store.append(&head, &events).await.unwrap();
        head = store.head();
    }
    head
}

#[tokio::test]
async fn segments_are_checked_with_cat_grep_and_the_python_lines() {
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("log");
    let head = log_in(&log).await;
    fs::write(log.join("check.py"), block("python", "import")).unwrap();
    let output =
        Command::new("sh").args(["-c", block("sh", "cat *.ndjson")]).current_dir(&log).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("verified 21 events, head {head}\n"));
}

#[tokio::test]
async fn segments_and_commit_lines_look_as_the_document_shows_them() {
    let root = tempfile::tempdir().unwrap();
    let head = log_in(root.path()).await;
    let mut segments: Vec<_> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ndjson"))
        .collect();
    segments.sort();
    assert!(segments.len() > 1, "{segments:?}");
    assert_eq!(segments[0].file_name().unwrap(), "00000000000000000001.ndjson");

    let text = fs::read_to_string(segments.last().unwrap()).unwrap();
    let written = text.lines().last().unwrap();
    let shown = block("text", "{\"commit\":").trim_end();
    let fields = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["commit"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(fields(written), fields(shown));
    let commit: Value = serde_json::from_str(written).unwrap();
    assert_eq!(commit["commit"]["head"], head.to_string());
    assert_eq!(commit["commit"]["count"], 6);
}
