//! A worker runs code that nobody reviewed: what it claims may hold work up, and never lets any go on.

use crate::support::*;
use leviathan_core::backlog::TaskStatus;
use leviathan_core::decide::Command;
use leviathan_core::event::Event;
use leviathan_core::event::payload::{
    AttemptCreated, AttemptReason, AttemptStarted, JobFields, LimitsChanged, RetryScheduled, TargetFields,
    TargetReason, TaskFields, TaskReason,
};
use leviathan_core::executor::Cause;
use leviathan_core::graph::{AttemptState, Graph, TaskState};
use leviathan_core::schedule::{self, Blocked, Held};
use leviathan_core::{TargetLimits, TargetPolicy};
use std::num::NonZeroU32;

fn reason(task: &str, status: Option<&str>) -> TaskReason {
    let status = status.map(str::to_owned);
    TaskReason {
        task_id: key(task).task_id,
        target_id: Some(target()),
        status,
        reason: "so I say".to_owned(),
    }
}

fn job(attempt: &str) -> JobFields {
    JobFields {
        attempt_id: attempt_id(attempt),
        executor: Some(here()),
        namespace: None,
        job_name: None,
        uid: None,
        exit_code: Some(0),
        cause: None,
        detail: None,
    }
}

fn target_reason() -> TargetReason {
    TargetReason { target_id: Some(target()), reason: "so I say".to_owned() }
}

/// Everything that decisions are made of, without the log's place and what is only shown.
fn state(graph: &Graph) -> String {
    let tasks: Vec<_> = graph
        .targets()
        .flat_map(|target| graph.tasks(&target.target_id))
        .map(|task| {
            (
                &task.fields,
                &task.state,
                task.removed,
                task.tries_used,
                task.retry_due,
                task.infrastructure_failures,
            )
        })
        .collect();
    let attempts: Vec<_> = graph
        .open_attempts()
        .map(|attempt| (&attempt.state, &attempt.executor, &attempt.spec, &attempt.cancel_requested))
        .collect();
    let targets: Vec<_> = graph
        .targets()
        .map(|target| {
            (
                &target.repo_url,
                &target.default_branch,
                &target.commit,
                &target.policy,
                &target.limits,
                &target.paused,
            )
        })
        .collect();
    format!("{:?}\n{targets:#?}\n{tasks:#?}\n{attempts:#?}", graph.limits())
}

#[track_caller]
fn has_no_effect(world: &World, event: Event) {
    let mut world = world.clone();
    let before = state(&world.graph);
    assert_eq!(kinds(&world.says([event.clone()])).len(), 1, "something followed from {event:?}");
    assert_eq!(state(&world.graph), before, "after {event:?}");
}

#[test]
fn what_only_the_control_plane_may_say_has_no_effect_as_a_claim() {
    let mut world = World::with(["failed", "blocked", "waiting", "open", "later: open"]);
    world.fail("failed", exit(1));
    world.fail("failed", exit(1));
    let attempt = world.run("blocked");
    world.when(cancel(&attempt));
    world.end(&attempt, exit(1));
    world.fail("waiting", exit(1));
    let open = world.start("open");
    world.when(pause());

    has_no_effect(&world, Event::TaskCompleted(reason("open", Some("completed"))));
    has_no_effect(&world, Event::TaskCompleted(reason("open", Some("failed"))));
    has_no_effect(&world, Event::TaskBlocked(reason("later", None)));
    has_no_effect(&world, Event::TaskRemoved(reason("later", None)));
    for task in ["failed", "blocked", "waiting"] {
        has_no_effect(&world, Event::TaskRetried(reason(task, None)));
    }
    has_no_effect(&world, Event::TargetResumed(target_reason()));
    has_no_effect(&world, Event::LimitsChanged(LimitsChanged { limits: limits(99), reason: String::new() }));
    let began = AttemptStarted { attempt_id: open.clone(), status: String::new(), started_at: None };
    // It was not launched yet: a state of running would have it taken for lost.
    has_no_effect(&world, Event::AttemptStarted(began));
    has_no_effect(&world, Event::JobSubmitted(job(open.as_str())));
    has_no_effect(&world, Event::JobStarted(job(open.as_str())));
    has_no_effect(&world, Event::JobCompleted(job(open.as_str())));
    has_no_effect(&world, Event::JobFailed(job(open.as_str())));
    let wanted = AttemptReason { attempt_id: open.clone(), reason: String::new() };
    has_no_effect(&world, Event::AttemptCancelRequested(wanted));
    for scheduled_at in [None, Some(at(0)), Some(at(9_999_999))] {
        let fields = RetryScheduled {
            task_id: key("waiting").task_id,
            target_id: Some(target()),
            attempt_id: None,
            retry_number: 1,
            backoff_seconds: 0.0,
            scheduled_at,
        };
        has_no_effect(&world, Event::RetryScheduled(fields));
    }
    let elsewhere = TargetFields {
        target_id: Some(target()),
        repo_url: Some("https://evil.example/repo".to_owned()),
        commit: Some("bad".to_owned()),
        policy: Some(TargetPolicy { max_attempts: Some(99), ..TargetPolicy::default() }),
        limits: Some(TargetLimits { max_running: NonZeroU32::new(99), ..TargetLimits::default() }),
        ..TargetFields::default()
    };
    has_no_effect(&world, Event::TargetUpdated(elsewhere.clone()));
    has_no_effect(&world, Event::TargetRegistered(elsewhere));
    let done = TaskFields { target_id: Some(target()), status: TaskStatus::Completed, ..task("open") };
    has_no_effect(&world, Event::TaskUpdated(done.clone()));
    has_no_effect(&world, Event::TaskCreated(done));
}

#[test]
fn a_claim_may_pause_a_target() {
    let mut world = World::with(["docs"]);
    world.says([Event::TargetPaused(target_reason())]);
    assert!(world.next().is_empty());
    world.when(resume());
    assert_eq!(world.next(), ["docs"]);
}

#[test]
fn a_claim_may_make_a_target_or_a_task_known_but_neither_is_worked_on() {
    let mut world = World::with(["docs: other"]);
    let other = TaskFields { target_id: Some(target()), status: TaskStatus::Completed, ..task("other") };
    world.says([Event::TaskCreated(other)]);
    assert_eq!(world.graph.totals().nodes_by_type["Task"], 2);
    assert_eq!(schedule::admit(&world.graph, &key("other"), world.now), Err(Blocked::NotReady));
    assert!(world.next().is_empty(), "a claim freed who waits for it");
    // The backlog has the last word.
    world.when(sync([task("docs: other"), task("other")]));
    assert_eq!(world.next(), ["other"]);

    let mut world = World::begun();
    let fields = TargetFields {
        target_id: Some(target()),
        repo_url: Some("https://evil.example/repo".to_owned()),
        commit: Some("bad".to_owned()),
        ..TargetFields::default()
    };
    let task = TaskFields { target_id: Some(target()), ..task("docs") };
    world.says([Event::TargetRegistered(fields), Event::TaskCreated(task)]);
    assert_eq!((world.target().commit.as_deref(), world.next().len()), (None, 0));
    world.when(Command::RegisterTarget(config_of("radix")));
    assert_eq!(world.target().repo_url, "/repos/radix");
}

#[test]
fn a_claimed_attempt_names_no_executor_of_ours() {
    let mut world = World::with(["docs"]);
    let other = world.clone().start("docs");
    let spec = {
        let mut there = world.clone();
        there.start("docs");
        there.attempt(&other).spec.clone().unwrap()
    };
    let fields = AttemptCreated {
        attempt_id: attempt_id("attempt-claimed"),
        task_id: key("docs").task_id,
        target_id: Some(target()),
        attempt_number: 1,
        status: "created".to_owned(),
        executor: Some(here()),
        spec: Some((*spec).clone()),
        reservation: None,
    };
    world.says([Event::AttemptCreated(fields)]);
    let attempt = world.attempt(&attempt_id("attempt-claimed"));
    assert_eq!((&attempt.executor, &attempt.spec), (&None, &None));
    assert_eq!(world.graph.open_count(), 0, "it takes no slot");
    let mut held = Held::nothing(here());
    held.observe(leviathan_core::executor::Observation::Synced, at(0));
    assert!(schedule::reconcile(&world.graph, &held, world.now).is_empty(), "it would be launched");
}

#[test]
fn a_worker_that_says_again_what_the_scheduler_opened_says_nothing_new() {
    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    let before = world.attempt(&attempt).clone();
    world.says([created(attempt.as_str(), "docs")]);
    world.says([created(attempt.as_str(), "another")]);
    let after = world.attempt(&attempt);
    assert_eq!((&after.task, &after.state, &after.executor), (&before.task, &before.state, &before.executor));
    assert_eq!((after.created, after.anomalies), (before.created, 0));
    assert_eq!(world.task("docs").attempts, std::slice::from_ref(&attempt));
    world.when(observe(&attempt, leviathan_core::executor::Phase::Running));
    world.says([created(attempt.as_str(), "docs")]);
    assert_eq!(world.attempt(&attempt).state, AttemptState::Running, "it moved backwards");
}

#[test]
fn a_claimed_attempt_does_not_shorten_a_wait() {
    let mut world = World::with(["docs"]);
    world.fail("docs", exit(1));
    world.says([report(&attempt_id("attempt-x"), Some(Cause::Lost))]);
    let due = world.task("docs").retry_due.unwrap();
    world.says([created("attempt-x", "docs")]);
    assert_eq!(world.task("docs").retry_due, Some(due), "an attempt that had ended let the task go on");
    // One that is open has the task in hand, and its end is another failure.
    world.says([created("attempt-y", "docs")]);
    assert_eq!(world.task("docs").state, TaskState::InProgress(attempt_id("attempt-y")));
    world.says([report(&attempt_id("attempt-y"), Some(Cause::Lost))]);
    assert!(world.task("docs").retry_due.is_some() && world.next().is_empty());
}
