//! What was ever written stays readable, and means what it meant.

use crate::support::*;
use bytes::Bytes;
use leviathan_core::artifact::ArtifactRef;
use leviathan_core::decide::Command;
use leviathan_core::event::payload::{ArtifactCreated, TargetReason, TestsFields};
use leviathan_core::event::{Event, EventDraft, Payload};
use leviathan_core::executor::{Cause, End, Phase};
use leviathan_core::graph::{Graph, PROJECTION_VERSION, TaskState};
use leviathan_core::id::{ActorId, AttemptId, EventId, TargetId};
use leviathan_core::log::{EventBody, ExportLine, Hash, RecordedEvent, verify_lines};
use std::collections::BTreeSet;
use std::convert::Infallible;

/// One line for each kind of event, as it was first written. Lines are added, never changed.
const EVENTS: &str = include_str!("../golden/events-v1.ndjson");
/// An export of a whole run. Never changed.
const LOG: &str = include_str!("../golden/log-v1.ndjson");

/// What the golden log comes to. A change of `evolve`, or of how old events are read, changes the digest: then raise
/// `PROJECTION_VERSION` and put both here.
const PROJECTION: (u32, &str) = (2, "da3f33c545efde976eecc6467cde29bf6beee39b9ede16f0450da17832b698f7");
/// Where the golden log ends. It never changes.
const HEAD: &str = "65:c07b0a28e20cbda822bd96e3c82851aa5c6dfb2a21c569df30ce2923832e60b5";

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
fn the_golden_log_means_what_it_meant() {
    bless("log-v1.ndjson", &export(&a_run()));
    let head =
        verify_lines(LOG.split_inclusive('\n').map(|line| Ok::<_, Infallible>(Bytes::from(line))), None)
            .unwrap()
            .unwrap();
    assert_eq!(head.to_string(), HEAD, "the golden log was changed; logs like it are in use");

    let mut graph = Graph::new();
    recorded().for_each(|event| graph.evolve(&event));
    assert_eq!(graph.unreadable(), 0);
    assert_eq!(
        (PROJECTION_VERSION, graph.digest().to_string().as_str()),
        PROJECTION,
        "the graph of an old log is another than before: raise PROJECTION_VERSION, so that nobody takes a snapshot of \
         one for the other, and put the new version and digest into PROJECTION in tests/core/golden.rs"
    );
    assert_eq!(graph.task(&key("guide")).unwrap().state, TaskState::Completed);
    assert_eq!(graph.totals().nodes_by_type["Attempt"], 7);
}

#[test]
fn bodies_are_written_to_the_byte_as_they_were_then() {
    for event in recorded() {
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
    assert_eq!(export(&a_run()), export(&a_run()));
}

fn recorded() -> impl Iterator<Item = RecordedEvent> {
    LOG.split_inclusive('\n').map(|line| ExportLine::parse(&Bytes::from(line)).unwrap().into_recorded())
}

/// A run with all that this version knows: successes, failures, retries, a cancel, claims, artifacts, custom facts and
/// what is told twice.
fn a_run() -> World {
    let mut world = World::begun();
    world.when(Command::RegisterTarget(config_of("radix")));
    world.when(change_limits(limits(2)));
    world.when(sync(["guide", "api: guide", "flaky", "doomed", "unwanted", "gone"].map(task)));

    world.now = at(1);
    let guide = world.start("guide");
    world.when(observe(&guide, Phase::Submitted));
    world.when(observe(&guide, Phase::Running));
    world.now = at(30);
    let told = [
        claim("created-again", &created(guide.as_str(), "guide")),
        claim("started", &started(&guide)),
        claim("tests", &tests(&guide)),
        claim("log", &log_of(&guide)),
        fact_saying("discovered", r#"{"path":"docs/GUIDE.md","bytes":1e3}"#),
        claim("paused", &Event::TargetPaused(paused())),
        claim("succeeded", &report(&guide, None)),
    ];
    world.when(Command::Ingest(bundle(told.clone())));
    world.when(Command::Ingest(bundle(told.into_iter().chain([fact("late")]))));
    world.when(resume());
    let message = last_word(&guide, None);
    let artifacts = vec![ArtifactRef {
        sha256: Hash::of(b"output"),
        kind: "log".to_owned(),
        size_bytes: 6,
        media_type: "text/plain".to_owned(),
        name: "worker.log".to_owned(),
    }];
    world.end(&guide, End { final_message: Some(message), artifacts, ..exit(0) });

    world.now = at(60);
    world.fail("flaky", because(Cause::NodeLost));
    let flaky = world.fail("flaky", exit(1));
    world.says([report(&flaky, None), cancelled(&flaky)]);
    world.fail("doomed", End { detail: Some("killed".to_owned()), ..because(Cause::OutOfMemory) });
    world.fail("doomed", exit(3));
    world.when(retry("doomed"));

    let unwanted = world.run("unwanted");
    world.when(cancel(&unwanted));
    world.end(&unwanted, exit(143));
    world.when(pause());
    world.when(sync(["guide", "api: guide", "flaky", "doomed", "unwanted"].map(task)));
    world.says([
        created("attempt-foreign", "api"),
        report(&attempt_id("attempt-foreign"), Some(Cause::ChecksFailed)),
    ]);
    world
}

fn tests(attempt: &AttemptId) -> Event {
    Event::TestsPassed(TestsFields {
        attempt_id: attempt.clone(),
        command: "cargo test".to_owned(),
        exit_code: Some(0),
        duration_ms: Some(1_250),
        output_sha256: None,
        round: 1,
    })
}

fn log_of(attempt: &AttemptId) -> Event {
    Event::ArtifactCreated(ArtifactCreated {
        artifact_id: None,
        attempt_id: attempt.clone(),
        sha256: Hash::of(b"log"),
        artifact_type: "log".to_owned(),
        size_bytes: 3,
        storage_path: None,
        name: Some("agent.log".to_owned()),
        media_type: None,
    })
}

fn paused() -> TargetReason {
    TargetReason { target_id: Some(target()), reason: "the token was refused".to_owned() }
}

fn export(world: &World) -> String {
    let mut out = Vec::new();
    world.log.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut out));
    String::from_utf8(out).unwrap()
}

/// Writes a golden file anew if `LEVIATHAN_BLESS` is set, which is right only while nobody has logs of its kind.
#[expect(
    clippy::disallowed_methods,
    reason = "a test may read its environment and write its own golden file"
)]
fn bless(name: &str, text: &str) {
    if std::env::var_os("LEVIATHAN_BLESS").is_some() {
        let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(&path, text).unwrap();
        panic!("{path} was written anew; run the tests once more");
    }
}
