//! What the first golden log was written from.

use crate::support::*;
use leviathan_core::artifact::ArtifactRef;
use leviathan_core::decide::Command;
use leviathan_core::event::Event;
use leviathan_core::event::payload::{ArtifactCreated, TargetReason, TestsFields};
use leviathan_core::executor::{Cause, End, Phase};
use leviathan_core::id::AttemptId;
use leviathan_core::log::Hash;

/// A run with successes, failures, retries, a cancel, claims, artifacts, custom facts and what is told twice.
pub(super) fn first_run() -> World {
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
