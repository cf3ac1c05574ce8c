//! Pull requests: a worker's word makes one known and open, the forge's word settles it, and tasks wait for that.

use crate::support::*;
use leviathan_core::backlog::TaskStatus;
use leviathan_core::decide::{Command, Rejection, SeenPullRequest};
use leviathan_core::event::Event;
use leviathan_core::event::payload::{PullRequestFields, TaskFields};
use leviathan_core::executor::Cause;
use leviathan_core::graph::{PullRequestState, TaskState};
use leviathan_core::id::{AttemptId, TargetId};
use leviathan_core::schedule::Blocked;
use leviathan_core::{CompleteOn, TargetConfig};

/// A target whose tasks are completed by being merged.
fn merging<'a>(tasks: impl IntoIterator<Item = &'a str>) -> World {
    let mut world = World::with(tasks);
    world.when(Command::RegisterTarget(TargetConfig {
        complete_on: CompleteOn::Merged,
        ..config_of("radix")
    }));
    world
}

fn fields(attempt: Option<&AttemptId>, number: u64) -> PullRequestFields {
    PullRequestFields {
        attempt_id: attempt.cloned(),
        pr_number: number,
        pr_url: None,
        title: None,
        state: None,
        branch_name: None,
        commit_sha: None,
    }
}

fn opened(attempt: &AttemptId, number: u64) -> Event {
    Event::PrCreated(fields(Some(attempt), number))
}

fn seen(number: u64, state: PullRequestState) -> SeenPullRequest {
    SeenPullRequest { number, state, url: None, title: None, branch: None, commit: None }
}

fn answered(pull_requests: impl IntoIterator<Item = SeenPullRequest>) -> Command {
    Command::ForgeAnswered { target: target(), pull_requests: pull_requests.into_iter().collect() }
}

fn silent() -> Command {
    Command::ForgeSilent { target: target(), since: at(-600), reason: "it answered 502".to_owned() }
}

/// Runs a task to a success with this pull request.
fn succeed(world: &mut World, task: &str, number: u64) -> AttemptId {
    let attempt = world.run(task);
    world.says([opened(&attempt, number), report(&attempt, None)]);
    world.end(&attempt, exit(0));
    attempt
}

fn state_of(world: &World, number: u64) -> PullRequestState {
    world.graph.pull_request(&target(), number).unwrap().state
}

#[test]
fn a_success_waits_until_the_forge_says_that_it_was_merged() {
    let mut world = merging(["docs", "api: docs"]);
    let attempt = succeed(&mut world, "docs", 7);
    assert_eq!(world.task("docs").state, TaskState::AwaitingMerge(attempt.clone()));
    assert_eq!(
        world.refused(start("docs")).to_string(),
        format!("radix/docs may not start: {}", Blocked::AwaitingMerge(attempt))
    );
    assert!(world.next().is_empty(), "api began before docs was merged");

    let events = world.when(answered([seen(7, PullRequestState::Merged)]));
    assert_eq!(kinds(&events), ["pr.merged", "task.completed"]);
    assert_eq!(
        (state_of(&world, 7), &world.task("docs").state),
        (PullRequestState::Merged, &TaskState::Completed)
    );
    assert_eq!(world.next(), ["api"]);
    assert!(world.when(answered([seen(7, PullRequestState::Merged)])).is_empty(), "it was told twice");
}

#[test]
fn a_backlog_that_calls_the_work_completed_is_as_good_as_a_merge() {
    let mut world = merging(["docs", "api: docs"]);
    succeed(&mut world, "docs", 7);
    let done = TaskFields { status: TaskStatus::Completed, ..task("docs") };
    world.when(sync([done, task("api: docs")]));
    assert_eq!(world.next(), ["api"]);
}

#[test]
fn a_pull_request_that_was_closed_blocks_its_task_until_an_operator_retries() {
    let mut world = merging(["docs"]);
    succeed(&mut world, "docs", 7);
    let events = world.when(answered([seen(7, PullRequestState::Closed)]));
    assert_eq!(kinds(&events), ["pr.closed", "task.blocked"]);
    assert_eq!(
        world.task("docs").state,
        TaskState::Blocked("pull request #7 was closed without being merged".to_owned())
    );
    assert!(world.next().is_empty());
    world.when(retry("docs"));
    assert_eq!(world.next(), ["docs"]);
}

#[test]
fn a_pull_request_that_is_reopened_is_waited_for_again() {
    let mut world = merging(["docs"]);
    let attempt = succeed(&mut world, "docs", 7);
    world.when(answered([seen(7, PullRequestState::Closed)]));
    world.when(answered([seen(7, PullRequestState::Open)]));
    assert_eq!(world.task("docs").state, TaskState::AwaitingMerge(attempt));
    assert_eq!(world.graph.open_pull_requests(&target()).count(), 1);
    world.when(answered([seen(7, PullRequestState::Merged)]));
    assert_eq!(world.task("docs").state, TaskState::Completed);
}

#[test]
fn a_task_that_was_blocked_for_another_reason_stays_blocked_when_an_old_pull_request_is_reopened() {
    let mut world = merging(["docs"]);
    succeed(&mut world, "docs", 7);
    world.when(answered([seen(7, PullRequestState::Closed)]));
    world.when(retry("docs"));
    let second = world.run("docs");
    world.when(cancel(&second));
    world.end(&second, exit(143));
    world.when(answered([seen(7, PullRequestState::Open)]));
    assert!(matches!(world.task("docs").state, TaskState::Blocked(_)), "{:?}", world.task("docs").state);
}

#[test]
fn what_the_forge_said_before_the_worker_reported_counts_when_it_does() {
    for (state, completed) in [(PullRequestState::Merged, true), (PullRequestState::Closed, false)] {
        let mut world = merging(["docs"]);
        let attempt = world.run("docs");
        world.says([opened(&attempt, 7)]);
        world.when(answered([seen(7, state)]));
        world.says([report(&attempt, None)]);
        world.end(&attempt, exit(0));
        assert_eq!(
            world.task("docs").state == TaskState::Completed,
            completed,
            "{:?}",
            world.task("docs").state
        );
        assert_eq!(matches!(world.task("docs").state, TaskState::Blocked(_)), !completed);
    }
}

#[test]
fn a_pull_request_that_no_worker_told_of_is_known_by_its_branch() {
    let mut world = merging(["docs"]);
    let attempt = world.run("docs");
    world.end(&attempt, exit(1));
    let on =
        |branch: &str| SeenPullRequest { branch: Some(branch.to_owned()), ..seen(7, PullRequestState::Open) };
    assert!(
        world.when(answered([on("feature/docs"), on("agent/unknown")])).is_empty(),
        "it is somebody else's"
    );
    assert_eq!(kinds(&world.when(answered([on("agent/docs")]))), ["pr.created"]);
    let request = world.graph.pull_request(&target(), 7).unwrap();
    assert_eq!((request.task.as_ref(), request.attempt.as_ref()), (Some(&key("docs")), Some(&attempt)));
}

#[test]
fn a_claim_opens_a_pull_request_and_neither_settles_nor_reopens_one() {
    let mut world = merging(["docs"]);
    let attempt = succeed(&mut world, "docs", 7);
    let claims = [Event::PrMerged(fields(Some(&attempt), 7)), Event::PrClosed(fields(Some(&attempt), 7))];
    world.says(claims);
    assert_eq!(state_of(&world, 7), PullRequestState::Open);
    assert_eq!(world.task("docs").state, TaskState::AwaitingMerge(attempt.clone()));
    world.when(answered([seen(7, PullRequestState::Closed)]));
    world.says([Event::PrCreated(PullRequestFields {
        title: Some("again".to_owned()),
        ..fields(Some(&attempt), 7)
    })]);
    assert_eq!(state_of(&world, 7), PullRequestState::Closed);
}

#[test]
fn a_report_or_a_last_word_that_names_a_pull_request_makes_it_known() {
    let mut world = merging(["docs"]);
    let attempt = world.run("docs");
    let said = leviathan_core::executor::FinalMessage { pr_number: Some(7), ..last_word(&attempt, None) };
    world.end(&attempt, leviathan_core::executor::End { final_message: Some(said), ..exit(0) });
    assert_eq!(state_of(&world, 7), PullRequestState::Open);
    assert_eq!(world.attempt(&attempt).pull_request, Some(7));
}

#[test]
fn a_pull_request_is_named_by_its_target_and_its_number() {
    let mut world = merging(["docs"]);
    world.when(Command::RegisterTarget(config_of("other")));
    world.when(sync_of("other", [task("docs")]));
    succeed(&mut world, "docs", 7);
    let other = TargetId::new("other").unwrap();
    assert!(world.graph.pull_request(&other, 7).is_none());
    let told = Command::ForgeTold { target: other, pull_request: seen(7, PullRequestState::Merged) };
    assert!(world.when(told).is_empty(), "the other target's #7 is nobody's");
    assert_eq!(state_of(&world, 7), PullRequestState::Open);
}

#[test]
fn other_tasks_with_an_open_attempt_or_pull_request_are_counted_once_each() {
    let mut world = merging(["a", "b", "c"]);
    let occupied = |world: &World, task: &str| world.graph.occupied_by_others(&key(task));
    let attempt = world.run("a");
    assert_eq!((occupied(&world, "a"), occupied(&world, "b")), (0, 1));
    world.says([opened(&attempt, 7)]);
    assert_eq!(occupied(&world, "b"), 1, "an attempt and its pull request are one");
    world.end(&attempt, exit(1));
    assert_eq!((occupied(&world, "a"), occupied(&world, "b")), (0, 1), "its own never counts");
    world.run("b");
    assert_eq!(occupied(&world, "c"), 2);
    world.when(answered([seen(7, PullRequestState::Closed)]));
    assert_eq!(occupied(&world, "c"), 1);
    assert_eq!(occupied(&world.clone(), "c"), 1);
}

#[test]
fn a_pull_request_told_of_before_its_attempt_is_found_by_its_task_later() {
    let mut world = merging(["a", "b"]);
    let foreign = attempt_id("attempt-foreign");
    world.says([opened(&foreign, 7)]);
    assert_eq!(
        world.graph.occupied_by_others(&key("a")),
        1,
        "nobody knows whose it is, so it counts for all"
    );
    world.says([created("attempt-foreign", "a")]);
    assert_eq!(world.graph.pull_request(&target(), 7).unwrap().task, Some(key("a")));
    assert_eq!(
        (world.graph.occupied_by_others(&key("a")), world.graph.occupied_by_others(&key("b"))),
        (0, 1)
    );
}

#[test]
fn nothing_starts_while_the_forge_does_not_answer() {
    let mut world = merging(["docs"]);
    assert_eq!(kinds(&world.when(silent())), ["target.forge_unknown"]);
    assert!(world.when(silent()).is_empty(), "it was told twice");
    let blocked = Blocked::ForgeUnknown { since: at(-600), reason: "it answered 502".to_owned() };
    assert_eq!(world.refused(start("docs")), Rejection::NotAdmitted { task: key("docs"), blocked });
    assert!(world.next().is_empty());

    let told = Command::ForgeTold { target: target(), pull_request: seen(7, PullRequestState::Open) };
    assert!(world.when(told).is_empty());
    assert!(world.next().is_empty(), "a forge that tells something does not yet answer");
    assert_eq!(kinds(&world.when(answered([]))), ["target.forge_known"]);
    assert_eq!(world.next(), ["docs"]);
}

#[test]
fn a_forge_of_an_unknown_target_is_refused() {
    let world = World::begun();
    for command in [answered([]), silent()] {
        assert_eq!(world.refused(command), Rejection::UnknownTarget(target()));
    }
}

#[test]
fn a_failure_with_an_open_pull_request_is_tried_again_and_may_use_the_same() {
    let mut world = merging(["docs"]);
    let first = world.run("docs");
    world.says([opened(&first, 7), report(&first, Some(Cause::ChecksFailed))]);
    world.end(&first, exit(1));
    world.now = world.task("docs").retry_due.unwrap();
    let second = succeed(&mut world, "docs", 7);
    assert_eq!(world.graph.pull_request(&target(), 7).unwrap().attempt, Some(first));
    assert_eq!(world.task("docs").state, TaskState::AwaitingMerge(second.clone()));
    world.when(answered([seen(7, PullRequestState::Closed)]));
    world.when(answered([seen(7, PullRequestState::Open)]));
    assert_eq!(world.task("docs").state, TaskState::AwaitingMerge(second));
}
