//! Bundles of workers that nobody of ours runs, and what is told twice.

use crate::support::*;
use leviathan_core::decide::Command;
use leviathan_core::event::Event;
use leviathan_core::executor::Cause;
use leviathan_core::graph::{AttemptState, Outcome, TaskState};

/// Everything that the worker of a foreign attempt says, split into bundles in each possible way, comes to the same.
#[track_caller]
fn whole_or_in_parts(events: &[Event], check: impl Fn(&World)) {
    for cut in 0..events.len() {
        let mut world = World::with(["docs", "later: docs"]);
        let (first, second) = events.split_at(cut);
        world.says(first.to_vec());
        world.says(second.to_vec());
        check(&world);
    }
}

#[test]
fn a_foreign_attempt_ends_by_its_own_report_and_its_task_goes_on() {
    let id = attempt_id("attempt-foreign");
    let success = [created("attempt-foreign", "docs"), started(&id), report(&id, None)];
    whole_or_in_parts(&success, |world| {
        let state = AttemptState::Ended(Outcome::Succeeded { unconfirmed: false });
        assert_eq!(world.attempt(&id).state, state);
        assert_eq!(world.task("docs").state, TaskState::Completed);
        assert_eq!(world.next(), ["later"]);
    });
    let failure = [created("attempt-foreign", "docs"), started(&id), report(&id, Some(Cause::ChecksFailed))];
    whole_or_in_parts(&failure, |world| {
        let task = world.task("docs");
        assert_eq!((&task.state, task.tries_used), (&TaskState::Pending, 1));
        assert!(task.retry_due.is_some(), "it is tried again at once");
    });
    let denied = [created("attempt-foreign", "docs"), report(&id, Some(Cause::PushDenied))];
    whole_or_in_parts(&denied, |world| assert!(world.target().paused.is_some()));
    whole_or_in_parts(&[created("attempt-foreign", "docs"), cancelled(&id)], |world| {
        assert_eq!(world.attempt(&id).state, AttemptState::Ended(Outcome::Cancelled));
        assert!(matches!(world.task("docs").state, TaskState::Blocked(_)));
    });
}

#[test]
fn the_tries_of_foreign_attempts_are_counted_like_ours() {
    let mut world = World::with(["docs"]);
    world.fail("docs", exit(1));
    let id = attempt_id("attempt-foreign");
    world.says([created("attempt-foreign", "docs"), report(&id, Some(Cause::ChecksFailed))]);
    assert!(matches!(world.task("docs").state, TaskState::Failed(_)), "{:?}", world.task("docs").state);
}

#[test]
fn a_foreign_attempt_that_was_cancelled_is_not_tried_again() {
    let mut world = World::with(["docs"]);
    let id = attempt_id("attempt-foreign");
    world.says([created("attempt-foreign", "docs")]);
    world.when(cancel(&id));
    world.says([report(&id, Some(Cause::ExitCode(143)))]);
    assert_eq!(world.attempt(&id).outcome(), Some(&Outcome::Cancelled));
    let task = world.task("docs");
    assert!(matches!(task.state, TaskState::Blocked(_)) && task.tries_used == 0, "{:?}", task.state);
}

#[test]
fn an_attempt_that_has_not_the_task_in_hand_decides_nothing_but_by_success() {
    let mut world = World::with(["docs"]);
    let ours = world.run("docs");
    let other = attempt_id("attempt-foreign");
    let before = world.task("docs").clone();
    world.says([created("attempt-foreign", "docs"), report(&other, Some(Cause::ChecksFailed))]);
    let after = world.task("docs");
    assert_eq!((&after.state, after.tries_used, after.retry_due), (&before.state, 0, None));

    let third = attempt_id("attempt-third");
    world.says([created("attempt-third", "docs"), report(&third, None)]);
    assert_eq!(world.task("docs").state, TaskState::Completed);
    // What is completed stays so, however the attempt ends that had the task in hand.
    let mut cancelled = world.clone();
    cancelled.when(cancel(&ours));
    cancelled.end(&ours, exit(143));
    assert_eq!(cancelled.task("docs").state, TaskState::Completed);
    world.end(&ours, exit(1));
    assert_eq!((&world.task("docs").state, world.next().len()), (&TaskState::Completed, 0));
    assert_eq!(world.attempt(&ours).outcome(), Some(&Outcome::Failed(Cause::ExitCode(1))));
}

#[test]
fn the_end_of_an_attempt_that_nobody_opened_is_kept_and_moves_no_task() {
    let mut world = World::with(["docs"]);
    let id = attempt_id("attempt-unheard-of");
    assert_eq!(world.says([report(&id, None)]).len(), 1);
    assert!(world.attempt(&id).is_ended() && world.attempt(&id).task.is_none());
    world.says([created("attempt-unheard-of", "docs")]);
    assert_eq!((&world.task("docs").state, world.next().len()), (&TaskState::Pending, 1));
}

#[test]
fn what_is_told_twice_is_counted_and_recorded_once() {
    let mut world = World::with(["docs"]);
    let events = [fact("a"), fact("b"), fact("a")];
    let decided = world.decide(&Command::Ingest(bundle(events.clone()))).unwrap();
    assert_eq!((decided.events.len(), decided.duplicates), (2, 1));
    world.when(Command::Ingest(bundle(events.clone())));
    let again = world.decide(&Command::Ingest(bundle(events))).unwrap();
    assert_eq!((again.events.len(), again.duplicates), (0, 3));
    // White space outside strings is nothing that anyone said.
    assert_eq!(fact_saying("c", "{ \"x\" : 1 }"), fact_saying("c", "{\"x\":1}"));
}

#[test]
fn the_same_id_with_other_content_is_another_fact() {
    let mut world = World::with(["docs"]);
    world.when(Command::Ingest(bundle([fact("a")])));
    let other = world.decide(&Command::Ingest(bundle([fact_saying("a", r#"{"x":1}"#)]))).unwrap();
    assert_eq!((other.events.len(), other.duplicates), (1, 0));
}

#[test]
fn a_report_that_is_posted_again_has_no_consequences_twice() {
    let mut world = World::with(["docs"]);
    let id = attempt_id("attempt-foreign");
    let failed = report(&id, Some(Cause::ChecksFailed));
    let events = [claim("1", &created("attempt-foreign", "docs")), claim("2", &failed), claim("3", &failed)];
    world.when(Command::Ingest(bundle(events.clone())));
    assert_eq!(world.task("docs").tries_used, 1);
    assert!(world.when(Command::Ingest(bundle(events))).is_empty());
    world.when(Command::Ingest(bundle([claim("4", &failed)])));
    assert_eq!((world.task("docs").tries_used, world.attempt(&id).anomalies), (1, 0));
}

#[test]
fn a_replay_gives_the_same_graph() {
    let mut world = World::with(["docs", "api: docs"]);
    world.fail("docs", exit(1));
    world.says([created("attempt-foreign", "api"), fact_event()]);
    assert_eq!(world.replayed().digest(), world.graph.digest());
    let mut other = world.clone();
    other.now = at(7);
    other.when(pause());
    assert_ne!(other.graph.digest(), world.graph.digest());
}

fn fact_event() -> Event {
    started(&attempt_id("attempt-foreign"))
}
