//! What operators and hosts order, and that ordering it twice is nothing new.

use crate::support::*;
use leviathan_core::backlog::{Backlog, Priority, TaskStatus};
use leviathan_core::decide::{Command, Rejection, decide};
use leviathan_core::event::payload::TaskFields;
use leviathan_core::executor::{Cause, Phase};
use leviathan_core::graph::{AttemptState, Graph, Outcome, TaskState};
use leviathan_core::id::{TargetId, TaskId};
use leviathan_core::schedule::Blocked;
use leviathan_core::{Limits, TargetConfig, TargetLimits, TargetPolicy};
use std::num::NonZeroU32;

#[test]
fn nothing_is_decided_before_the_log_is_begun() {
    let refused = decide(&Graph::new(), &Command::RegisterTarget(config_of("radix")), at(0));
    assert_eq!(refused, Err(Rejection::NoLog));
}

#[test]
fn the_same_order_twice_is_nothing_new() {
    let mut world = World::begun();
    let orders = [
        Command::RegisterTarget(config_of("radix")),
        sync([task("docs"), task("api: docs")]),
        change_limits(limits(3)),
        pause(),
        resume(),
    ];
    for order in orders {
        assert!(!world.when(order.clone()).is_empty(), "{order:?}");
        assert!(world.when(order.clone()).is_empty(), "again: {order:?}");
    }
    let attempt = world.run("docs");
    assert_eq!(kinds(&world.when(cancel(&attempt))), ["attempt.cancel_requested"]);
    assert!(world.when(cancel(&attempt)).is_empty());
}

#[test]
fn a_sync_records_what_appeared_what_changed_and_what_vanished() {
    let mut world = World::with(["docs", "api"]);
    let edited = TaskFields { title: "Write it".to_owned(), order: 0, ..task("docs") };
    let events = world.when(sync([edited, task("more")]));
    assert_eq!(kinds(&events), ["task.updated", "task.created", "task.removed"]);
    assert_eq!(world.task("docs").fields.title, "Write it");
    assert!(world.task("api").removed);
    // What comes back is a task like any other.
    world.when(sync([task("docs"), task("more"), task("api")]));
    assert!(!world.task("api").removed);
}

#[test]
fn a_task_that_the_backlog_names_twice_is_the_first_of_the_two() {
    let mut world = World::with(["docs"]);
    let second = TaskFields { title: "Another".to_owned(), ..task("docs") };
    assert!(world.when(sync([task("docs"), second.clone()])).is_empty());
    assert!(world.when(sync([task("docs"), second])).is_empty());
}

#[test]
fn a_task_that_a_sync_left_out_for_a_fault_stays_as_it_was() {
    let mut world = World::with(["docs", "api"]);
    let Command::SyncBacklog { target, commit, policy, mut backlog } = sync([task("docs")]) else {
        unreachable!()
    };
    backlog.left_out.insert(TaskId::new("api").unwrap());
    assert!(world.when(Command::SyncBacklog { target, commit, policy, backlog }).is_empty());
    assert!(!world.task("api").removed);
}

#[test]
fn edits_touch_the_next_attempt_and_not_the_running_one() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    let Command::SyncBacklog { target, policy, .. } = sync([]) else { unreachable!() };
    let backlog = backlog([]);
    world.when(Command::SyncBacklog { target, commit: "beef".to_owned(), policy, backlog });
    assert_eq!(world.attempt(&attempt).spec.clone().unwrap().base_commit, COMMIT);
    world.end(&attempt, exit(1));
    world.now = world.task("docs").retry_due.unwrap();
    assert_eq!(world.refused(start("docs")), not_admitted("docs", Blocked::Removed));
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let world = World::with(["docs"]);
    let nobody = TargetId::new("nobody").unwrap();
    assert_eq!(world.refused(sync_of("nobody", [])), Rejection::UnknownTarget(nobody.clone()));
    let order = Command::PauseTarget { target: nobody.clone(), reason: String::new() };
    assert_eq!(world.refused(order), Rejection::UnknownTarget(nobody.clone()));
    let order = Command::ResumeTarget { target: nobody.clone(), reason: String::new() };
    assert_eq!(world.refused(order), Rejection::UnknownTarget(nobody));
    assert_eq!(world.refused(retry("none")), Rejection::UnknownTask(key("none")));
    assert_eq!(world.refused(start("none")), not_admitted("none", Blocked::Unknown));
    let unknown = attempt_id("attempt-unknown");
    assert_eq!(world.refused(cancel(&unknown)), Rejection::UnknownAttempt(unknown));
}

#[test]
fn only_what_failed_or_is_blocked_can_be_retried() {
    let mut world = World::with(["docs"]);
    assert_eq!(world.refused(retry("docs")), Rejection::NothingToRetry(key("docs")));
    let attempt = world.run("docs");
    assert_eq!(world.refused(retry("docs")), Rejection::NothingToRetry(key("docs")));
    world.says([report(&attempt, None)]);
    world.end(&attempt, exit(0));
    assert_eq!(world.refused(retry("docs")), Rejection::NothingToRetry(key("docs")));
}

#[test]
fn a_retry_gives_all_tries_back_and_starts_at_once() {
    let mut world = World::with(["docs"]);
    world.fail("docs", exit(1));
    world.fail("docs", exit(1));
    assert!(matches!(world.task("docs").state, TaskState::Failed(_)));
    world.when(retry("docs"));
    let task = world.task("docs");
    assert_eq!((&task.state, task.tries_used, task.retry_due), (&TaskState::Pending, 0, None));
    assert_eq!(world.next(), ["docs"]);
    let attempt = world.start("docs");
    assert_eq!(world.attempt(&attempt).attempt_number, 3, "attempts are counted through");

    let mut world = World::with(["docs"]);
    (0..3).for_each(|_| _ = world.fail("docs", because(Cause::Lost)));
    assert!(matches!(world.task("docs").state, TaskState::Blocked(_)));
    world.when(retry("docs"));
    assert_eq!((world.task("docs").infrastructure_failures, world.next().len()), (0, 1));
}

#[test]
fn an_attempt_is_cancelled_in_any_state_but_its_end() {
    for phase in [None, Some(Phase::Submitted), Some(Phase::Running)] {
        let mut world = World::with(["docs"]);
        let attempt = world.start("docs");
        phase.into_iter().for_each(|phase| _ = world.when(observe(&attempt, phase)));
        let before = world.attempt(&attempt).state.clone();
        world.when(cancel(&attempt));
        assert_eq!(world.attempt(&attempt).state, before, "asking is not ending");
        assert_eq!(world.attempt(&attempt).cancel_requested.as_deref(), Some("not wanted"));
        assert_eq!(world.graph.open_count(), 1, "it keeps its slot until it has ended");
        world.end(&attempt, exit(143));
        assert_eq!(world.attempt(&attempt).state, AttemptState::Ended(Outcome::Cancelled));
        assert_eq!(world.graph.open_count(), 0);
        assert!(matches!(world.task("docs").state, TaskState::Blocked(_)));
        assert_eq!(world.task("docs").tries_used, 0);
        assert_eq!(world.refused(cancel(&attempt)), Rejection::AlreadyEnded(attempt));
    }
}

#[test]
fn other_limits_are_in_force_at_once() {
    let mut world = World::with(["a", "b", "c"]);
    world.when(change_limits(limits(1)));
    assert_eq!(world.graph.limits(), &limits(1));
    world.start("a");
    assert_eq!(world.refused(start("b")), not_admitted("b", Blocked::RunningLimit { running: 1, limit: 1 }));
    world.when(change_limits(Limits { max_running: limits(2).max_running, ..limits(1) }));
    world.start("b");
}

#[test]
fn a_target_that_is_registered_differently_is_updated_and_keeps_the_rest() {
    let mut world = World::with(["docs"]);
    let mut config = config_of("radix");
    config.default_branch = "trunk".to_owned();
    assert_eq!(kinds(&world.when(Command::RegisterTarget(config))), ["target.updated"]);
    let target = world.target();
    assert_eq!((target.default_branch.as_str(), target.commit.as_deref()), ("trunk", Some(COMMIT)));
}

#[test]
fn attempts_are_named_by_what_they_try_and_a_name_that_is_taken_is_passed_over() {
    let mut world = World::with(["docs"]);
    let mut other = World::with(["docs"]);
    let first = world.start("docs");
    assert_eq!(first, other.start("docs"), "deciding twice gives one attempt");

    let mut squatted = World::with(["docs"]);
    squatted.says([started(&first)]);
    let second = squatted.start("docs");
    assert_ne!(second, first);
    assert_eq!(squatted.attempt(&second).attempt_number, 2);
}

#[test]
fn what_the_backlog_calls_done_is_done() {
    let mut world = World::with(["docs", "api: docs"]);
    assert_eq!(world.next(), ["docs"]);
    let done = TaskFields { status: TaskStatus::Completed, ..task("docs") };
    world.when(sync([done, task("api: docs")]));
    assert_eq!(world.next(), ["api"]);
    let urgent = TaskFields { priority: Priority::High, ..task("new") };
    world.when(sync([task("api"), urgent]));
    assert_eq!(world.next(), ["new", "api"]);
}

fn not_admitted(task: &str, blocked: Blocked) -> Rejection {
    Rejection::NotAdmitted { task: key(task), blocked }
}

#[test]
fn the_limits_of_a_target_are_part_of_how_it_is_registered() {
    let limits = |max_running| TargetLimits {
        max_running: NonZeroU32::new(max_running),
        allowed_prefixes: vec!["docs/".to_owned()],
        ..TargetLimits::default()
    };
    let config = |limits| TargetConfig { limits, ..config_of("radix") };
    let mut world = World::begun();
    world.when(Command::RegisterTarget(config(limits(3))));
    assert_eq!(world.target().limits, limits(3));
    assert!(world.when(Command::RegisterTarget(config(limits(3)))).is_empty(), "nothing is new");
    assert_eq!(kinds(&world.when(Command::RegisterTarget(config(limits(1))))), ["target.updated"]);
    assert_eq!(world.target().limits, limits(1));
    world.when(sync([task("docs")]));
    assert_eq!(world.target().limits, limits(1), "a sync leaves them");
    world.when(Command::RegisterTarget(config_of("radix")));
    assert_eq!(world.target().limits, TargetLimits::default(), "limits can be lifted again");
}

#[test]
fn how_many_pull_requests_may_be_open_is_taken_from_the_backlog_at_each_sync() {
    let sync = |max_open_prs| Command::SyncBacklog {
        target: target(),
        commit: COMMIT.to_owned(),
        policy: TargetPolicy::default(),
        backlog: Backlog { max_open_prs: NonZeroU32::new(max_open_prs), ..backlog([task("docs")]) },
    };
    let mut world = World::begun();
    world.when(Command::RegisterTarget(config_of("radix")));
    world.when(sync(2));
    assert_eq!(world.target().policy.max_open_prs, NonZeroU32::new(2));
    assert!(world.when(sync(2)).is_empty(), "nothing is new");
    world.when(sync(0));
    assert_eq!(world.target().policy.max_open_prs, None, "the file says nothing of it any more");
}
