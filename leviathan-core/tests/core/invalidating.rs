//! An operator takes back what an attempt came to, or the attempt itself.

use crate::support::*;
use leviathan_core::decide::{Command, Rejection};
use leviathan_core::executor::{Cause, Phase};
use leviathan_core::graph::{AttemptState, Outcome, TaskState};
use leviathan_core::id::AttemptId;
use leviathan_core::{CompleteOn, TargetConfig};

fn invalidate(attempt: &AttemptId) -> Command {
    Command::InvalidateAttempt { attempt: attempt.clone(), reason: "it broke the build".to_owned() }
}

fn succeed(world: &mut World, task: &str) -> AttemptId {
    let attempt = world.run(task);
    world.says([report(&attempt, None)]);
    world.end(&attempt, exit(0));
    attempt
}

#[test]
fn a_success_that_is_taken_back_is_done_anew_and_what_depends_on_it_waits() {
    for complete_on in [CompleteOn::Pushed, CompleteOn::Merged] {
        let mut world = World::with(["docs", "api: docs"]);
        world.when(Command::RegisterTarget(TargetConfig { complete_on, ..config_of("radix") }));
        let attempt = succeed(&mut world, "docs");
        assert_eq!(kinds(&world.when(invalidate(&attempt))), ["attempt.invalidated"]);
        assert_eq!(world.task("docs").state, TaskState::Pending);
        assert_eq!(world.next(), ["docs"]);
        let found = world.attempt(&attempt);
        let was = Some(Outcome::Succeeded { unconfirmed: false });
        assert_eq!(found.state, AttemptState::Invalidated { was, reason: "it broke the build".to_owned() });
        assert!(world.when(invalidate(&attempt)).is_empty(), "it was taken back twice");
    }
}

#[test]
fn a_task_with_another_success_stays_completed() {
    let mut world = World::with(["docs"]);
    let first = succeed(&mut world, "docs");
    world.says([created("attempt-foreign", "docs"), report(&attempt_id("attempt-foreign"), None)]);
    world.when(invalidate(&first));
    assert_eq!(world.task("docs").state, TaskState::Completed);
    world.when(invalidate(&attempt_id("attempt-foreign")));
    assert_eq!(world.task("docs").state, TaskState::Pending);
}

#[test]
fn an_open_attempt_that_is_taken_back_frees_its_slot_and_blocks_its_task_until_an_operator_retries() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    assert_eq!(kinds(&world.when(invalidate(&attempt))), ["attempt.invalidated", "task.blocked"]);
    assert_eq!(world.graph.open_count(), 0);
    assert!(
        matches!(&world.task("docs").state, TaskState::Blocked(why) if why.contains("it broke the build"))
    );
    assert!(world.when(observe(&attempt, finished(exit(0)))).is_empty(), "its end changes nothing any more");
    world.when(retry("docs"));
    assert_eq!(world.next(), ["docs"]);
}

#[test]
fn an_attempt_that_nobody_hears_of_any_more_lets_its_task_go_once_it_is_taken_back() {
    let mut world = World::with(["docs"]);
    world.says([created("attempt-foreign", "docs")]);
    let attempt = attempt_id("attempt-foreign");
    world.when(Command::CancelAttempt { attempt: attempt.clone(), reason: "gone".to_owned() });
    assert_eq!(world.task("docs").state, TaskState::InProgress(attempt.clone()));
    world.when(invalidate(&attempt));
    world.when(retry("docs"));
    assert_eq!(world.next(), ["docs"]);
}

#[test]
fn a_failure_that_is_taken_back_leaves_its_task_as_it_is() {
    let mut world = World::with(["docs"]);
    let attempt = world.fail("docs", because(Cause::OutOfMemory));
    let before = world.task("docs").clone();
    world.when(invalidate(&attempt));
    assert_eq!(world.task("docs"), &before);
    assert_eq!(world.attempt(&attempt).outcome(), Some(&Outcome::Failed(Cause::OutOfMemory)));
}

#[test]
fn what_a_worker_says_after_its_attempt_was_taken_back_is_kept_and_is_no_anomaly() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.when(invalidate(&attempt));
    world.says([report(&attempt, None)]);
    world.says([report(&attempt, Some(Cause::ChecksFailed))]);
    let found = world.attempt(&attempt);
    assert_eq!((found.anomalies, found.reported.as_ref().unwrap().failure.clone()), (0, None));
    assert!(matches!(world.task("docs").state, TaskState::Blocked(_)));
}

#[test]
fn an_attempt_that_is_over_is_not_cancelled_and_one_that_is_unknown_is_not_taken_back() {
    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    world.when(invalidate(&attempt));
    assert_eq!(world.refused(cancel(&attempt)), Rejection::AlreadyEnded(attempt));
    let unknown = attempt_id("attempt-unknown");
    assert_eq!(world.refused(invalidate(&unknown)), Rejection::UnknownAttempt(unknown));
}

#[test]
fn an_attempt_that_was_invalidated_before_it_was_seen_running_is_seen_no_further() {
    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    world.when(invalidate(&attempt));
    for phase in [Phase::Submitted, Phase::Running] {
        assert!(world.when(observe(&attempt, phase)).is_empty());
    }
}
