//! What an executor's sightings come to.

use super::outcome::{brief, consequences, outcome};
use super::{Decisions, Rejection};
use crate::event::Event;
use crate::event::payload::{AttemptFailed, AttemptReason, AttemptSucceeded, JobFields};
use crate::executor::{Cause, End, Phase, Sighting};
use crate::graph::{Attempt, AttemptState, Graph, Outcome, Report};
use crate::id::{ActorId, AttemptId, ExecutorName};
use crate::safeguard::{self, Safeguard};

/// An executor saw how an attempt stands.
pub(super) fn sighting(
    graph: &Graph,
    executor: &ExecutorName,
    sighting: &Sighting,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let Some(attempt) = open_attempt(graph, executor, &sighting.attempt_id)? else { return Ok(()) };
    let job = JobFields { job_name: sighting.job_name.clone(), ..job(attempt, executor) };
    let target = attempt.task.as_ref().map(|task| &task.target_id);
    if attempt.state == AttemptState::Created {
        decided.push(ActorId::scheduler(), target, Event::JobSubmitted(job.clone()));
    }
    let began = matches!(attempt.state, AttemptState::Created | AttemptState::Submitted);
    match &sighting.phase {
        Phase::Running if began => decided.push(ActorId::scheduler(), target, Event::JobStarted(job)),
        Phase::Finished(end) => end_attempt(graph, attempt, job, end, decided),
        Phase::Submitted | Phase::Running => {}
    }
    Ok(())
}

/// An executor does not know an attempt any more.
pub(super) fn lost(
    graph: &Graph,
    executor: &ExecutorName,
    attempt: &AttemptId,
    detail: &str,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let Some(attempt) = open_attempt(graph, executor, attempt)? else { return Ok(()) };
    let end = End { cause: Some(Cause::Lost), detail: Some(detail.to_owned()), ..End::default() };
    end_attempt(graph, attempt, job(attempt, executor), &end, decided);
    Ok(())
}

/// The attempt if it is still open. An end that is told again is nothing new.
fn open_attempt<'a>(
    graph: &'a Graph,
    executor: &ExecutorName,
    id: &AttemptId,
) -> Result<Option<&'a Attempt>, Rejection> {
    let attempt = graph.attempt(id).ok_or_else(|| Rejection::UnknownAttempt(id.clone()))?;
    if attempt.executor.as_ref() != Some(executor) {
        return Err(Rejection::OtherExecutor { attempt: id.clone(), executor: executor.clone() });
    }
    let is_over = attempt.is_ended() && safeguard::is_on(Safeguard::StickyEnd);
    Ok((!is_over).then_some(attempt))
}

fn job(attempt: &Attempt, executor: &ExecutorName) -> JobFields {
    JobFields {
        attempt_id: attempt.attempt_id.clone(),
        executor: Some(executor.clone()),
        namespace: None,
        job_name: None,
        uid: None,
        exit_code: None,
        cause: None,
        detail: None,
    }
}

/// Records the end that was seen, what was left behind, the outcome, and what follows for the task.
fn end_attempt(graph: &Graph, attempt: &Attempt, job: JobFields, end: &End, decided: &mut Decisions) {
    let attempt_id = &attempt.attempt_id;
    let target = attempt.task.as_ref().map(|task| &task.target_id);
    let actor = ActorId::scheduler;
    let detail = end.detail.as_deref().map(|detail| brief(detail).to_owned());
    let job = JobFields { exit_code: end.exit_code, cause: end.cause.clone(), detail, ..job };
    let ended_well = end.exit_code == Some(0) && end.cause.is_none();
    decided.push(actor(), target, if ended_well { Event::JobCompleted(job) } else { Event::JobFailed(job) });
    for artifact in &end.artifacts {
        decided.push(actor(), target, artifact.created_by(attempt_id.clone()));
    }
    let report = report(attempt, end);
    let outcome = outcome(end, report.as_ref(), attempt.cancel_requested.is_some());
    let summary = summary(&outcome, report.as_ref(), end);
    decided.push(actor(), target, outcome_event(attempt, &outcome, report, end, &summary, decided));
    let Some(key) = &attempt.task else { return };
    let in_hand = graph.task(key).is_some_and(|task| task.is_in_hand_of(attempt_id));
    if in_hand || matches!(outcome, Outcome::Succeeded { .. }) {
        consequences(graph, key, attempt_id, &outcome, &summary, decided);
    }
}

/// What the worker said: in its bundle, else in its last word, if that is about this attempt.
fn report(attempt: &Attempt, end: &End) -> Option<Report> {
    let last_word = end.final_message.as_ref().filter(|message| message.attempt_id == attempt.attempt_id);
    match (attempt.reported.clone(), last_word.map(Report::from)) {
        (Some(mut reported), Some(last_word)) => {
            reported.merge(last_word);
            Some(reported)
        }
        (reported, last_word) => reported.or(last_word),
    }
}

/// A sentence for a person: the worker's where it explains the outcome, else the executor's.
fn summary(outcome: &Outcome, report: Option<&Report>, end: &End) -> String {
    let said =
        report.filter(|report| report.failure.is_none() == matches!(outcome, Outcome::Succeeded { .. }));
    let said = said.and_then(|report| report.summary.as_deref()).or(end.detail.as_deref());
    said.map(|said| brief(said).to_owned()).unwrap_or_else(|| match (end.exit_code, outcome) {
        (Some(0), Outcome::Failed(Cause::NoReport)) => {
            "the worker ended well but reported nothing; its log may say why".to_owned()
        }
        (Some(code), _) => format!("the worker ended with exit code {code}"),
        (None, _) => "the worker's end was not seen".to_owned(),
    })
}

fn outcome_event(
    attempt: &Attempt,
    outcome: &Outcome,
    report: Option<Report>,
    end: &End,
    summary: &str,
    decided: &Decisions,
) -> Event {
    let attempt_id = attempt.attempt_id.clone();
    match outcome {
        Outcome::Succeeded { unconfirmed } => Event::AttemptSucceeded(AttemptSucceeded {
            attempt_id,
            status: "succeeded".to_owned(),
            completed_at: Some(decided.now),
            branch_name: report.as_ref().and_then(|report| report.branch.clone()),
            commit_sha: report.as_ref().and_then(|report| report.commit.clone()),
            pr_url: report.as_ref().and_then(|report| report.pr_url.clone()),
            pr_number: report.as_ref().and_then(|report| report.pr_number),
            summary: Some(summary.to_owned()),
            unconfirmed: *unconfirmed,
        }),
        Outcome::Failed(cause) => Event::AttemptFailed(AttemptFailed {
            attempt_id,
            status: "failed".to_owned(),
            completed_at: Some(decided.now),
            failure_type: cause.clone(),
            error_summary: Some(summary.to_owned()),
            exit_code: end.exit_code,
        }),
        Outcome::Cancelled => {
            let reason = attempt.cancel_requested.clone().unwrap_or_else(|| summary.to_owned());
            Event::AttemptCancelled(AttemptReason { attempt_id, reason })
        }
    }
}
