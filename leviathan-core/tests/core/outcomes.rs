//! What the end of an attempt comes to: the table of observed ends and reports, and what follows for the task.

use crate::support::*;
use leviathan_core::decide::{Command, Rejection};
use leviathan_core::event::Event;
use leviathan_core::executor::{Cause, End, Phase};
use leviathan_core::graph::{AttemptState, Outcome, TaskState};
use leviathan_core::id::ExecutorName;

/// What a worker said, if anything.
type Said = Option<Option<Cause>>;

const NOTHING: Said = None;
const SUCCESS: Said = Some(None);
const FAILURE: Said = Some(Some(Cause::ChecksFailed));

/// How an attempt of ours ends when its worker says `said`, by its bundle or by its last word.
#[track_caller]
fn outcome(end: &End, said: &Said, by_bundle: bool, cancelled: bool) -> (World, Outcome) {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    let mut end = end.clone();
    match said {
        Some(failure) if by_bundle => {
            world.says([report(&attempt, failure.clone())]);
            assert_eq!(world.attempt(&attempt).state, AttemptState::Running, "a report ended it");
            assert_eq!(world.task("docs").state, TaskState::InProgress(attempt.clone()));
        }
        Some(failure) => end.final_message = Some(last_word(&attempt, failure.clone())),
        None => {}
    }
    if cancelled {
        world.when(cancel(&attempt));
    }
    world.end(&attempt, end);
    let outcome = world.attempt(&attempt).outcome().unwrap().clone();
    assert_eq!(world.attempt(&attempt).anomalies, 0);
    (world, outcome)
}

#[track_caller]
fn comes_to(end: End, said: Said, cancelled: bool, expected: Outcome) {
    for by_bundle in [true, false] {
        let (world, found) = outcome(&end, &said, by_bundle, cancelled);
        assert_eq!(found, expected, "{end:?} with {said:?} by bundle {by_bundle}, cancelled {cancelled}");
        let task = world.task("docs");
        let (tries, infrastructure) = (task.tries_used, task.infrastructure_failures);
        match expected.clone() {
            Outcome::Succeeded { .. } => assert_eq!(task.state, TaskState::Completed),
            Outcome::Cancelled => assert!(matches!(task.state, TaskState::Blocked(_)), "{:?}", task.state),
            Outcome::Failed(Cause::ConfigError) => {
                assert_eq!((tries, infrastructure, task.retry_due), (0, 0, None));
                assert!(world.target().paused.is_some());
            }
            Outcome::Failed(Cause::Lost | Cause::Evicted) => {
                assert_eq!((tries, infrastructure, task.retry_due.is_some()), (0, 1, true));
            }
            Outcome::Failed(_) => {
                assert_eq!((tries, infrastructure, task.retry_due.is_some()), (1, 0, true));
            }
        }
    }
}

#[test]
fn each_observed_end_with_each_report_comes_out_as_the_table_says() {
    use Outcome::{Cancelled, Failed, Succeeded};
    let sure = Succeeded { unconfirmed: false };
    let unsure = Succeeded { unconfirmed: true };

    comes_to(exit(0), SUCCESS, false, sure.clone());
    comes_to(exit(0), NOTHING, false, Failed(Cause::NoReport));
    comes_to(exit(0), FAILURE, false, Failed(Cause::ChecksFailed));

    comes_to(exit(1), FAILURE, false, Failed(Cause::ChecksFailed));
    comes_to(exit(3), NOTHING, false, Failed(Cause::ExitCode(3)));
    comes_to(exit(3), SUCCESS, false, Failed(Cause::ExitCode(3)));
    let killed = End { exit_code: Some(137), ..because(Cause::OutOfMemory) };
    comes_to(killed.clone(), NOTHING, false, Failed(Cause::OutOfMemory));
    comes_to(killed, SUCCESS, false, Failed(Cause::OutOfMemory));
    comes_to(because(Cause::DeadlineExceeded), NOTHING, false, Failed(Cause::DeadlineExceeded));
    comes_to(because(Cause::ConfigError), NOTHING, false, Failed(Cause::ConfigError));

    for gone in [Cause::Lost, Cause::Evicted] {
        comes_to(because(gone.clone()), SUCCESS, false, unsure.clone());
        comes_to(because(gone.clone()), NOTHING, false, Failed(gone.clone()));
        comes_to(because(gone), FAILURE, false, Failed(Cause::ChecksFailed));
    }

    for end in [exit(1), exit(143), because(Cause::Lost), because(Cause::OutOfMemory)] {
        comes_to(end.clone(), NOTHING, true, Cancelled);
        comes_to(end, FAILURE, true, Cancelled);
    }
    comes_to(exit(0), SUCCESS, true, sure);
    comes_to(because(Cause::Lost), SUCCESS, true, unsure);
    comes_to(exit(0), FAILURE, true, Failed(Cause::ChecksFailed));
    comes_to(exit(0), NOTHING, true, Failed(Cause::NoReport));
}

#[test]
fn an_attempt_that_its_executor_lost_ends_like_any_other() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.when(lose(&attempt));
    assert_eq!(world.attempt(&attempt).outcome(), Some(&Outcome::Failed(Cause::Lost)));
    assert_eq!(world.task("docs").infrastructure_failures, 1);
    assert!(world.when(lose(&attempt)).is_empty(), "it was lost twice");
}

#[test]
fn a_last_word_about_another_attempt_is_ignored() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    let other = last_word(&attempt_id("attempt-other"), None);
    world.end(&attempt, End { final_message: Some(other), ..exit(0) });
    assert_eq!(world.attempt(&attempt).outcome(), Some(&Outcome::Failed(Cause::NoReport)));
}

#[test]
fn the_outcome_holds_what_bundle_and_last_word_know_together() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    let Event::AttemptSucceeded(mut fields) = report(&attempt, None) else { unreachable!() };
    fields.branch_name = Some("agent/docs".to_owned());
    world.says([Event::AttemptSucceeded(fields)]);
    let mut message = last_word(&attempt, None);
    message.commit = Some("f00d".to_owned());
    message.summary = "wrote it".to_owned();
    world.end(&attempt, End { final_message: Some(message), ..exit(0) });
    let reported = world.attempt(&attempt).reported.clone().unwrap();
    let known = (reported.branch.as_deref(), reported.commit.as_deref(), reported.summary.as_deref());
    assert_eq!(known, (Some("agent/docs"), Some("f00d"), Some("wrote it")));
}

#[test]
fn a_report_that_comes_after_the_end_adds_fields_and_is_no_anomaly() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.end(&attempt, End { final_message: Some(last_word(&attempt, None)), ..exit(0) });
    let Event::AttemptSucceeded(mut fields) = report(&attempt, None) else { unreachable!() };
    fields.pr_number = Some(7);
    world.says([Event::AttemptSucceeded(fields)]);
    assert_eq!(world.attempt(&attempt).anomalies, 0);
    assert_eq!(world.attempt(&attempt).reported.as_ref().unwrap().pr_number, Some(7));
}

#[test]
fn what_contradicts_an_end_is_counted_and_changes_nothing_else() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.end(&attempt, End { final_message: Some(last_word(&attempt, None)), ..exit(0) });
    let before = world.attempt(&attempt).clone();
    let contradictions = [report(&attempt, Some(Cause::Lost)), cancelled(&attempt)];
    for (count, event) in (1..).zip(contradictions) {
        world.says([event]);
        let after = world.attempt(&attempt);
        assert_eq!(after.anomalies, count);
        assert_eq!((&after.state, &after.reported), (&before.state, &before.reported));
    }
    world.says([started(&attempt)]);
    assert_eq!(world.attempt(&attempt).state, before.state);
    assert_eq!(world.task("docs").state, TaskState::Completed);
    assert!(world.end(&attempt, exit(1)).is_empty(), "an end was recorded twice");
}

#[test]
fn two_reports_of_one_attempt_that_disagree_are_an_anomaly_and_the_first_counts() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.says([report(&attempt, Some(Cause::ChecksFailed))]);
    world.says([report(&attempt, None)]);
    assert_eq!(world.attempt(&attempt).anomalies, 1);
    world.end(&attempt, exit(1));
    assert_eq!(world.attempt(&attempt).outcome(), Some(&Outcome::Failed(Cause::ChecksFailed)));
}

#[test]
fn tries_are_used_up_one_by_one_and_then_the_task_failed() {
    let mut world = World::with(["docs"]);
    world.fail("docs", exit(3));
    assert_eq!((&world.task("docs").state, world.task("docs").tries_used), (&TaskState::Pending, 1));
    world.fail("docs", exit(4));
    let TaskState::Failed(why) = &world.task("docs").state else { panic!("{:?}", world.task("docs").state) };
    assert!(why.contains("2 tries") && why.contains("exit_code(4)"), "{why}");
    assert_eq!(world.task("docs").attempts.len(), 2);
}

#[test]
fn a_targets_own_policy_goes_before_the_retry_policy() {
    let mut world = World::with(["docs"]);
    let Command::SyncBacklog { target, commit, mut policy, backlog } = sync([task("docs")]) else {
        unreachable!()
    };
    (policy.max_attempts, policy.backoff_seconds, policy.deadline_seconds) = (Some(1), Some(2), Some(90));
    world.when(Command::SyncBacklog { target, commit, policy, backlog });
    let attempt = world.run("docs");
    let spec = world.attempt(&attempt).spec.clone().unwrap();
    assert_eq!((spec.deadline_seconds.unwrap().get(), spec.base_commit.as_str()), (90, COMMIT));
    world.end(&attempt, because(Cause::Lost));
    let wait = world.task("docs").retry_due.unwrap() - world.now;
    assert!((1_500..=2_000).contains(&wait.num_milliseconds()), "{wait}");
    world.fail("docs", exit(1));
    assert!(matches!(world.task("docs").state, TaskState::Failed(_)));
}

#[test]
fn infrastructure_failures_use_no_try_and_are_bounded() {
    let mut world = World::with(["docs"]);
    for count in 1..=2 {
        world.fail("docs", because(Cause::NodeLost));
        let task = world.task("docs");
        assert_eq!(
            (task.tries_used, task.infrastructure_failures, &task.state),
            (0, count, &TaskState::Pending)
        );
    }
    world.fail("docs", because(Cause::Evicted));
    let TaskState::Blocked(why) = &world.task("docs").state else { panic!("{:?}", world.task("docs").state) };
    assert!(why.contains("3 attempts in a row") && why.contains("evicted"), "{why}");
    assert_eq!(world.task("docs").tries_used, 0);
}

#[test]
fn infrastructure_failures_are_counted_in_a_row() {
    let mut world = World::with(["docs"]);
    world.fail("docs", because(Cause::NodeLost));
    world.fail("docs", because(Cause::NodeLost));
    world.fail("docs", exit(1));
    assert_eq!((world.task("docs").tries_used, world.task("docs").infrastructure_failures), (1, 0));
}

#[test]
fn waits_double_within_their_cap_and_the_due_time_is_recorded() {
    let mut world = World::with(["docs"]);
    let mut policy = limits(4);
    policy.retry.max_infrastructure_retries = 9;
    world.when(change_limits(policy));
    for (retry, whole) in [(1, 10), (2, 20), (3, 40), (4, 60), (5, 60)] {
        world.fail("docs", because(Cause::Lost));
        let wait = (world.task("docs").retry_due.unwrap() - world.now).num_milliseconds();
        assert!((whole * 750..=whole * 1000).contains(&wait), "retry {retry}: {wait} ms");
    }
}

#[test]
fn no_wait_leaves_the_calendar() {
    let mut world = World::with(["docs"]);
    let mut policy = limits(4);
    (policy.retry.backoff_seconds, policy.retry.max_backoff_seconds) = (u64::MAX, u64::MAX);
    world.when(change_limits(policy));
    world.fail("docs", exit(1));
    let wait = world.task("docs").retry_due.unwrap() - world.now;
    assert!((270..=365).contains(&wait.num_days()), "{wait}");
}

#[test]
fn a_configuration_error_pauses_the_target_and_says_what_to_look_at() {
    let mut world = World::with(["docs", "api"]);
    let attempt = world.run("docs");
    world.end(
        &attempt,
        End { detail: Some("secret git-token is missing".to_owned()), ..because(Cause::ConfigError) },
    );
    let pause = world.target().paused.clone().unwrap();
    assert!(pause.reason.contains("secret git-token is missing"), "{}", pause.reason);
    assert_eq!(pause.by.as_str(), "scheduler");
    assert!(world.next().is_empty());
    world.when(resume());
    assert_eq!(world.next(), ["api", "docs"].map(str::to_owned).into_iter().rev().collect::<Vec<_>>());
    assert_eq!(world.task("docs").tries_used, 0);
}

#[test]
fn text_of_others_can_neither_make_an_event_unreadable_nor_grow_without_bound() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    let mut message = last_word(&attempt, Some(Cause::ChecksFailed));
    message.summary = "nul \0, backslash-u \\u0000, quote \"".to_owned();
    let detail = Some("\u{1f40b}".repeat(100_000));
    // `when` checks that each event passes as a payload.
    let events = world.end(&attempt, End { final_message: Some(message), detail, ..exit(1) });
    assert!(events.iter().all(|event| event.payload.as_str().len() < 20_000));
    let reported = world.attempt(&attempt).reported.clone().unwrap();
    assert_eq!(reported.summary.unwrap(), "nul \u{fffd}, backslash-u \\u0000, quote \"");
    world.fail("docs", End { detail: Some("\0".repeat(1_000_000)), ..exit(1) });
    assert!(matches!(world.task("docs").state, TaskState::Failed(_)));
}

#[test]
fn a_sighting_is_recorded_once() {
    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    assert_eq!(kinds(&world.when(observe(&attempt, Phase::Submitted))), ["job.submitted"]);
    assert!(world.when(observe(&attempt, Phase::Submitted)).is_empty());
    assert_eq!(world.attempt(&attempt).state, AttemptState::Submitted);
    assert_eq!(kinds(&world.when(observe(&attempt, Phase::Running))), ["job.started"]);
    assert!(world.when(observe(&attempt, Phase::Running)).is_empty());
    assert!(world.when(observe(&attempt, Phase::Submitted)).is_empty(), "a phase went back");
    assert_eq!(world.attempt(&attempt).state, AttemptState::Running);
    assert_eq!(kinds(&world.end(&attempt, exit(3))), ["job.failed", "attempt.failed", "retry.scheduled"]);
    assert!(world.end(&attempt, exit(3)).is_empty());
}

#[test]
fn an_end_that_is_seen_first_records_the_whole_way_there() {
    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    let events = world.end(&attempt, End { final_message: Some(last_word(&attempt, None)), ..exit(0) });
    assert_eq!(kinds(&events), ["job.submitted", "job.completed", "attempt.succeeded", "task.completed"]);
}

#[test]
fn an_executor_speaks_only_of_its_own_attempts() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    let there = ExecutorName::new("there").unwrap();
    let other = Command::Observe {
        executor: there.clone(),
        sighting: sighting(&attempt, finished(exit(0))),
        leadership: None,
    };
    assert!(matches!(world.refused(other), Rejection::OtherExecutor { .. }));
    let lost = Command::Lose { executor: there, attempt, detail: String::new(), leadership: None };
    assert!(matches!(world.refused(lost), Rejection::OtherExecutor { .. }));
    let unknown = attempt_id("attempt-unknown");
    assert_eq!(world.refused(lose(&unknown)), Rejection::UnknownAttempt(unknown.clone()));
}
