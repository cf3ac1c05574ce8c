//! What was ever written stays readable, and means what it meant.

mod first_run;
mod second_run;

use crate::support::*;
use bytes::Bytes;
use first_run::first_run;
use leviathan_core::event::{Event, EventDraft, Payload};
use leviathan_core::graph::{Graph, PROJECTION_VERSION, TaskState};
use leviathan_core::id::{ActorId, EventId, TargetId};
use leviathan_core::log::{EventBody, ExportLine, RecordedEvent, verify_lines};
use second_run::second_run;
use std::collections::BTreeSet;
use std::convert::Infallible;

/// One line for each kind of event, as it was first written. Lines are added, never changed.
const EVENTS: &str = include_str!("../golden/events-v1.ndjson");
/// A whole run as an export, and what it comes to.
struct Golden {
    file: &'static str,
    /// Never changed.
    log: &'static str,
    /// Where the log ends. It never changes.
    head: &'static str,
    /// A change of `evolve`, or of how old events are read, changes the digest: then raise `PROJECTION_VERSION`, and put
    /// both here.
    projection: (u32, &'static str),
    /// What it was written from.
    run: fn() -> World,
}

/// Logs are added, never changed.
const LOGS: [Golden; 2] = [
    Golden {
        file: "log-v1.ndjson",
        log: include_str!("../golden/log-v1.ndjson"),
        head: "65:c07b0a28e20cbda822bd96e3c82851aa5c6dfb2a21c569df30ce2923832e60b5",
        projection: (3, "459a8c572c98e92ed1e45601b8b7cc620c25a1e3607a1536033372dd77f61cab"),
        run: first_run,
    },
    Golden {
        file: "log-v2.ndjson",
        log: include_str!("../golden/log-v2.ndjson"),
        head: "54:dd57b813917801385fd74d793801c028400ef0a7f9e9fd7e1d7278995f35c8d8",
        projection: (3, "d7e1313847e3b0a5411835f25c1e468e82f0a4ff99b0bb9c1fc1b40e31c5f5c2"),
        run: second_run,
    },
];

#[test]
fn every_kind_of_event_reads_as_it_was_first_written_and_is_written_the_same() {
    let mut kinds = BTreeSet::new();
    for line in EVENTS.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let (kind, version) = (line["event_type"].as_str().unwrap(), line["version"].as_u64().unwrap());
        let event = Event::decode(kind, version as u32, &line["payload"].to_string(), None).unwrap();
        let written: serde_json::Value = serde_json::from_str(event.payload().as_str()).unwrap();
        assert_eq!((event.event_type().as_str(), &written), (kind, &line["payload"]));
        kinds.insert(kind.to_owned());
    }
    let all: BTreeSet<String> = Event::KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(kinds, all, "each kind of event has a line in tests/golden/events-v1.ndjson");
}

#[test]
fn a_version_that_is_not_known_is_refused_by_name() {
    let refused = Event::decode("attempt.started", 2, r#"{"attempt_id":"a"}"#, None).unwrap_err();
    assert!(refused.what.contains("version 2 of attempt.started"), "{refused}");
    assert_eq!(Event::decode("file.discovered", 2, "{}", None), Ok(Event::Custom));
}

#[test]
fn the_golden_logs_mean_what_they_meant() {
    for golden in &LOGS {
        let Golden { file, log, head, projection, run } = golden;
        bless(file, &export(&run()));
        let lines = log.split_inclusive('\n').map(|line| Ok::<_, Infallible>(Bytes::from(line)));
        let verified = verify_lines(lines, None).unwrap().unwrap();
        assert_eq!(verified.to_string(), *head, "{file} was changed; logs like it are in use");

        let graph = golden.graph();
        assert_eq!(graph.unreadable(), 0, "{file}");
        assert_eq!(
            (PROJECTION_VERSION, graph.digest().to_string().as_str()),
            *projection,
            "the graph of {file} is another than before: raise PROJECTION_VERSION, so that nobody takes a snapshot of \
             one for the other, and put the new version and digest into LOGS in tests/core/golden.rs"
        );
    }
}

#[test]
fn the_golden_logs_are_about_what_they_were_written_for() {
    let [first, second] = LOGS.map(|golden| golden.graph());
    assert_eq!(first.task(&key("guide")).unwrap().state, TaskState::Completed);
    assert_eq!(first.totals().nodes_by_type["Attempt"], 7);

    let state = |task: &str| format!("{:?}", second.task(&key(task)).unwrap().state);
    let states = ["merged", "closed", "again", "open", "dear"].map(state);
    let begins = ["Completed", "Blocked", "Pending", "AwaitingMerge", "Pending"];
    assert!(states.iter().zip(begins).all(|(state, begin)| state.starts_with(begin)), "{states:?}");
    assert_eq!(second.leader().map(|leader| (leader.holder.as_str(), leader.term)), Some(("two", 2)));
}

#[test]
fn bodies_are_written_to_the_byte_as_they_were_then() {
    for event in LOGS.iter().flat_map(Golden::recorded) {
        let envelope = event.body.envelope().unwrap();
        let draft = EventDraft {
            event_id: EventId::new(&envelope.event_id).unwrap(),
            event_type: envelope.event_type.as_ref().into(),
            version: envelope.version,
            timestamp: envelope.timestamp,
            actor_id: ActorId::new(&envelope.actor_id).unwrap(),
            origin: envelope.origin,
            target: envelope.target.as_ref().map(|target| TargetId::new(target).unwrap()),
            payload: Payload::parse(envelope.payload).unwrap(),
        };
        assert_eq!(EventBody::write(&draft, envelope.recorded_at), event.body);
        assert_eq!(draft.fingerprint(), envelope.fingerprint());
    }
}

#[test]
fn the_same_run_twice_is_the_same_log() {
    for Golden { run, .. } in &LOGS {
        assert_eq!(export(&run()), export(&run()));
    }
}

impl Golden {
    fn recorded(&self) -> impl Iterator<Item = RecordedEvent> + use<> {
        let lines = self.log.split_inclusive('\n');
        lines.map(|line| ExportLine::parse(&Bytes::from(line)).unwrap().into_recorded())
    }

    fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        self.recorded().for_each(|event| graph.evolve(&event));
        graph
    }
}

fn export(world: &World) -> String {
    let mut out = Vec::new();
    world.log.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut out));
    String::from_utf8(out).unwrap()
}

/// Writes the golden file that `LEVIATHAN_BLESS` names, which is right only while nobody has logs of its kind.
#[expect(
    clippy::disallowed_methods,
    reason = "a test may read its environment and write its own golden file"
)]
fn bless(name: &str, text: &str) {
    if std::env::var_os("LEVIATHAN_BLESS").is_some_and(|named| named == name) {
        let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(&path, text).unwrap();
        panic!("{path} was written anew; run the tests once more");
    }
}
