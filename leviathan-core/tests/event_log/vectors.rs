//! The test vectors of `docs/event-log.md` are what this program writes.

use super::document;
use super::python;
use super::random::Log;
use super::verdict::{Case, both};
use leviathan_core::event::payload::LogCreated;
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::id::{ActorId, LogId};
use leviathan_core::log::EventBody;
use leviathan_core::{Bundle, parse_timestamp};
use std::fmt::Write;

/// The three events of the document: how a log begins, and a bundle with everything that is kept as it was posted.
pub(crate) fn bodies() -> Vec<EventBody> {
    let began = parse_timestamp("2026-01-24T10:00:00Z").unwrap();
    let log_id: LogId = "0190f3c4-7a5e-7c21-9d3b-5a1e6f2b8c47".parse().unwrap();
    let created = Event::LogCreated(LogCreated { log_id, name: "example".to_owned(), format: 1 });
    let created = EventDraft::decided(log_id, ActorId::control_plane(), None, began, &created);
    let bundle = Bundle::parse(document::block("json").as_bytes()).unwrap();
    let recorded = parse_timestamp("2026-01-24T10:00:06.25Z").unwrap();
    let claimed = bundle.events.iter().map(|draft| EventBody::write(draft, recorded));
    std::iter::once(EventBody::write(&created, began)).chain(claimed).collect()
}

/// The section of the document that says what comes of [`bodies`].
fn section() -> String {
    let bodies = bodies();
    let log = Log::of(bodies.clone());
    let mut text = String::from("\nThe bodies:\n\n```text\n");
    for body in &bodies {
        writeln!(text, "{}", std::str::from_utf8(body.bytes()).unwrap()).unwrap();
    }
    text.push_str("```\n\n| position | leaf | hash |\n|---|---|---|\n");
    for (body, head) in bodies.iter().zip(&log.heads) {
        writeln!(text, "| {} | `{}` | `{}` |", head.position, body.leaf(), head.hash).unwrap();
    }
    text.push_str("\nThe export:\n\n```ndjson\n");
    text.push_str(std::str::from_utf8(&log.export(3)).unwrap());
    text.push_str("```\n\n");
    text
}

#[test]
fn the_vectors_of_the_document_are_what_this_program_writes() {
    let (documented, written) = (document::section("vectors"), section());
    assert!(documented == written, "if the format was meant to change, the section must read:\n{written}");
}

#[test]
fn the_python_lines_are_few_and_check_the_export_of_the_document_as_they_stand() {
    let lines = document::block("python");
    assert!(
        lines.lines().filter(|line| !line.is_empty()).count() <= 16,
        "a dozen lines, or a few more:\n{lines}"
    );
    let export = document::block("ndjson");
    let head = Log::of(bodies()).head(3);
    let check = |export: &str, head: &str| {
        python::run(&["-c", lines, "/dev/stdin", "--head", head], export.as_bytes().to_vec())
    };
    let good = check(export, &head.to_string());
    assert!(good.status.success(), "{good:?}");
    assert_eq!(String::from_utf8(good.stdout).unwrap(), format!("verified 3 events, head {head}\n"));
    let changed = check(&export.replace("example", "Example"), &head.to_string());
    assert_eq!(changed.status.code(), Some(1), "{changed:?}");
    assert_eq!(String::from_utf8(changed.stderr).unwrap(), "position 1: not what the chain says\n");
}

#[test]
fn an_empty_export_is_an_empty_log_and_only_the_head_tells_it_from_a_cut_one() {
    let head = Log::of(bodies()).head(3);
    let empty = |head| Case { export: Vec::new(), head };
    let verdicts = both(&[empty(None), empty(Some(head))]);
    assert!(verdicts[0].is_ok() && verdicts[1].is_err(), "{verdicts:?}");
}
