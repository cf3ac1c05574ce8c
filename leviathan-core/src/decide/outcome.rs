//! What an attempt's end comes to: what its executor observed against what its worker reported.

use super::{Decisions, forge};
use crate::event::Event;
use crate::event::payload::{RetryScheduled, TargetReason, TaskReason};
use crate::executor::{Cause, CauseClass, End};
use crate::graph::{Graph, Outcome, Report, TaskKey, TaskState};
use crate::id::{ActorId, AttemptId};
use crate::schedule::RetryPolicy;
use crate::target::CompleteOn;
use std::num::NonZeroU32;

/// The most bytes of a sentence that an executor or a worker gave, where it is repeated in what follows.
const LONGEST_SENTENCE: usize = 4096;

/// A sentence of somebody else's, cut where it is too long to be repeated.
pub(super) fn brief(sentence: &str) -> &str {
    &sentence[..sentence.floor_char_boundary(LONGEST_SENTENCE)]
}

/// The table of the design: an observed end and a report make one outcome.
pub(super) fn outcome(end: &End, report: Option<&Report>, cancel_requested: bool) -> Outcome {
    let reported_success = report.is_some_and(|report| report.failure.is_none());
    let reported_failure = report.and_then(|report| report.failure.clone());
    if cancel_requested && end.exit_code != Some(0) && !reported_success {
        return Outcome::Cancelled;
    }
    // Who knows neither code nor cause knows only that it is gone.
    let gone = end.exit_code.is_none().then_some(Cause::Lost);
    match (end.cause.clone().or(gone), end.exit_code.unwrap_or_default()) {
        (Some(cause), _) if reported_success && cause.class() == CauseClass::Infrastructure => {
            Outcome::Succeeded { unconfirmed: true }
        }
        (Some(cause), _) => Outcome::Failed(reported_failure.unwrap_or(cause)),
        (None, 0) if reported_success => Outcome::Succeeded { unconfirmed: false },
        (None, 0) => Outcome::Failed(reported_failure.unwrap_or(Cause::NoReport)),
        (None, code) => Outcome::Failed(reported_failure.unwrap_or(Cause::ExitCode(code))),
    }
}

/// What follows for the task: completed, tried again later, failed, blocked, or its target paused.
///
/// A success completes the task in any case, unless it has to be merged; callers ask about another end only if the attempt
/// has the task in hand.
pub(super) fn consequences(
    graph: &Graph,
    key: &TaskKey,
    attempt: &AttemptId,
    outcome: &Outcome,
    summary: &str,
    decided: &mut Decisions,
) {
    let Some(task) = graph.task(key).filter(|task| task.state != TaskState::Completed) else { return };
    let target = Some(&key.target_id);
    let task_id = task.fields.task_id.clone();
    let reason = |status: Option<&str>, reason: String| TaskReason {
        task_id: task_id.clone(),
        target_id: target.cloned(),
        status: status.map(str::to_owned),
        reason,
    };
    let actor = ActorId::scheduler();
    let cause = match outcome {
        Outcome::Succeeded { .. } if merges(graph, key) => return awaited(graph, key, attempt, decided),
        Outcome::Succeeded { .. } => {
            let event = Event::TaskCompleted(reason(Some("completed"), format!("{attempt} succeeded")));
            return decided.push(actor, target, event);
        }
        Outcome::Cancelled => {
            return decided.push(
                actor,
                target,
                Event::TaskBlocked(reason(None, format!("{attempt} was cancelled"))),
            );
        }
        Outcome::Failed(cause) => cause,
    };
    let summary = brief(summary);
    let policy = retry_policy(graph, key);
    let retry = match cause.class() {
        CauseClass::Cancelled => {
            return decided.push(
                actor,
                target,
                Event::TaskBlocked(reason(None, format!("{attempt} was cancelled"))),
            );
        }
        CauseClass::Configuration => {
            let reason = format!("{attempt} failed with {cause}: {summary}");
            let pause = TargetReason { target_id: target.cloned(), reason };
            return decided.push(actor, target, Event::TargetPaused(pause));
        }
        CauseClass::Task if task.tries_used + 1 >= policy.max_attempts.get() => {
            let tries = format!("all {} tries failed, the last with {cause}: {summary}", policy.max_attempts);
            return decided.push(actor, target, Event::TaskCompleted(reason(Some("failed"), tries)));
        }
        CauseClass::Task => task.tries_used + 1,
        CauseClass::Infrastructure if task.infrastructure_failures >= policy.max_infrastructure_retries => {
            let times = task.infrastructure_failures + 1;
            let tries = format!(
                "{times} attempts in a row failed without a fault of the task, the last with {cause}: {summary}"
            );
            return decided.push(actor, target, Event::TaskBlocked(reason(None, tries)));
        }
        CauseClass::Infrastructure => task.infrastructure_failures + 1,
    };
    let wait = policy.backoff(attempt, retry);
    let event = Event::RetryScheduled(RetryScheduled {
        task_id: task_id.clone(),
        target_id: target.cloned(),
        attempt_id: Some(attempt.clone()),
        retry_number: retry,
        backoff_seconds: wait.as_secs_f64(),
        scheduled_at: Some(decided.now + wait),
    });
    decided.push(actor, target, event);
}

/// Whether a target's tasks are completed only by being merged.
fn merges(graph: &Graph, key: &TaskKey) -> bool {
    graph.target(&key.target_id).is_some_and(|target| target.complete_on == CompleteOn::Merged)
}

/// The work waits to be merged, unless the forge has said before the worker did what became of it.
fn awaited(graph: &Graph, key: &TaskKey, attempt: &AttemptId, decided: &mut Decisions) {
    let number = graph.attempt(attempt).and_then(|attempt| attempt.pull_request);
    let request = number.and_then(|number| graph.pull_request(&key.target_id, number));
    if let Some(request) = request {
        let waits = graph.task(key).is_some_and(|task| task.may_await_merge_of(attempt));
        forge::settled(graph, key, request.number, request.state, waits, decided);
    }
}

/// The log's retry policy, with what the target's own policy says instead.
fn retry_policy(graph: &Graph, key: &TaskKey) -> RetryPolicy {
    let policy = graph.limits().retry;
    let Some(target) = graph.target(&key.target_id) else { return policy };
    RetryPolicy {
        max_attempts: target.policy.max_attempts.and_then(NonZeroU32::new).unwrap_or(policy.max_attempts),
        backoff_seconds: target.policy.backoff_seconds.unwrap_or(policy.backoff_seconds),
        ..policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(exit_code: Option<i32>, cause: Option<Cause>) -> End {
        End { exit_code, cause, ..End::default() }
    }

    fn report(failure: Option<Cause>) -> Option<Report> {
        Some(Report { failure, branch: None, commit: None, pr_url: None, pr_number: None, summary: None })
    }

    #[track_caller]
    fn check(end: End, report: Option<Report>, cancel: bool, expected: Outcome) {
        assert_eq!(
            outcome(&end, report.as_ref(), cancel),
            expected,
            "{end:?} with {report:?}, cancel {cancel}"
        );
    }

    #[test]
    fn each_row_of_the_table_comes_out_as_the_design_says() {
        use Outcome::*;
        let success = || report(None);
        let failure = || report(Some(Cause::ChecksFailed));
        check(end(Some(0), None), success(), false, Succeeded { unconfirmed: false });
        check(end(Some(0), None), None, false, Failed(Cause::NoReport));
        check(end(Some(0), None), failure(), false, Failed(Cause::ChecksFailed));
        check(end(Some(1), None), failure(), false, Failed(Cause::ChecksFailed));
        check(end(Some(3), None), None, false, Failed(Cause::ExitCode(3)));
        check(end(Some(3), None), success(), false, Failed(Cause::ExitCode(3)));
        check(end(Some(137), Some(Cause::OutOfMemory)), success(), false, Failed(Cause::OutOfMemory));
        check(end(None, Some(Cause::DeadlineExceeded)), None, false, Failed(Cause::DeadlineExceeded));
        check(end(None, Some(Cause::Lost)), success(), false, Succeeded { unconfirmed: true });
        check(end(None, Some(Cause::Lost)), None, false, Failed(Cause::Lost));
        check(end(None, None), success(), false, Succeeded { unconfirmed: true });
        check(end(None, None), None, false, Failed(Cause::Lost));
        check(end(None, Some(Cause::Evicted)), failure(), false, Failed(Cause::ChecksFailed));
        check(end(Some(143), None), None, true, Cancelled);
        check(end(None, Some(Cause::Lost)), failure(), true, Cancelled);
        check(end(Some(0), None), success(), true, Succeeded { unconfirmed: false });
        check(end(None, Some(Cause::Lost)), success(), true, Succeeded { unconfirmed: true });
    }
}
