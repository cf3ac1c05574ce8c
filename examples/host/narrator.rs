//! The narrator: follows the log and tells what happens, a line for each event that a person would want to see.

use super::progress::Progress;
use futures::future::{Either, select};
use leviathan_core::Ledger;
use leviathan_core::event::{Event, Origin};
use leviathan_core::executor::Cause;
use leviathan_core::id::AttemptId;
use leviathan_core::log::{Position, RecordedEvent};
use std::num::NonZeroUsize;
use std::pin::pin;
use tokio::sync::oneshot;

const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// Tells everything behind `after` as it comes, until `stop` is said and all was told.
pub(crate) async fn narrate(
    ledger: Ledger,
    progress: Progress,
    mut after: Position,
    stop: oneshot::Receiver<()>,
) {
    let mut stop = pin!(stop);
    loop {
        let told_to_stop =
            matches!(select(stop.as_mut(), pin!(ledger.moved_past(after))).await, Either::Left(_));
        let stopping = told_to_stop || ledger.stopped().is_some();
        after = tell(&ledger, &progress, after).await;
        if stopping {
            return;
        }
    }
}

/// Tells what is behind `after` now, and where that ends.
async fn tell(ledger: &Ledger, progress: &Progress, mut after: Position) -> Position {
    loop {
        let page = match ledger.store().read(after, PAGE).await {
            Ok(page) if !page.is_empty() => page,
            Ok(_) => break,
            Err(error) => {
                progress.line(&format!("the log can't be read: {error}"));
                break;
            }
        };
        for event in page {
            if let Some(line) = line(ledger, &event) {
                progress.line(&line);
            }
            after = event.head.position;
        }
    }
    progress.status(status(ledger));
    after
}

fn status(ledger: &Ledger) -> String {
    ledger.read(|graph| {
        let open: Vec<_> = graph
            .open_attempts()
            .filter_map(|attempt| Some(attempt.task.as_ref()?.task_id.as_str()))
            .collect();
        match open.as_slice() {
            [] => format!("log at {}, nothing is running", graph.head().position),
            open => format!("log at {}, running: {}", graph.head().position, open.join(", ")),
        }
    })
}

fn line(ledger: &Ledger, recorded: &RecordedEvent) -> Option<String> {
    let envelope = recorded.body.envelope().ok()?;
    let observed = envelope.origin == Origin::Observed;
    let event = Event::decode(&envelope.event_type, envelope.version, envelope.payload, None);
    let (subject, told) = match event.ok()? {
        Event::AttemptCreated(fields) => {
            (fields.task_id.to_string(), format!("attempt {} opened", fields.attempt_number))
        }
        Event::JobStarted(fields) => (task_of(ledger, &fields.attempt_id), "its worker runs".to_owned()),
        Event::TestsPassed(fields) => (
            task_of(ledger, &fields.attempt_id),
            format!("round {}: passed `{}`", fields.round, fields.command),
        ),
        Event::TestsFailed(fields) => (
            task_of(ledger, &fields.attempt_id),
            format!("round {}: FAILED `{}`", fields.round, fields.command),
        ),
        Event::PrCreated(fields) if !observed => {
            let page = fields.pr_url.unwrap_or_default();
            (task_of(ledger, &fields.attempt_id?), format!("pull request #{} {page}", fields.pr_number))
        }
        Event::PrMerged(fields) if observed => {
            (task_of(ledger, &fields.attempt_id?), format!("pull request #{} was merged", fields.pr_number))
        }
        Event::TargetForgeUnknown(fields) => (
            fields.target_id?.to_string(),
            format!("starts nothing until its forge answers: {}", fields.reason),
        ),
        Event::TargetForgeKnown(fields) => (fields.target_id?.to_string(), "its forge answers".to_owned()),
        Event::AttemptSucceeded(fields) if observed => {
            let branch = fields.branch_name.unwrap_or_else(|| "no branch".to_owned());
            (task_of(ledger, &fields.attempt_id), format!("succeeded, pushed {branch}"))
        }
        Event::AttemptFailed(fields) if observed => {
            let why = fields.error_summary.unwrap_or_default();
            (task_of(ledger, &fields.attempt_id), failed(&fields.failure_type, &why))
        }
        Event::AttemptCancelled(fields) if observed => {
            (task_of(ledger, &fields.attempt_id), format!("cancelled: {}", fields.reason))
        }
        Event::RetryScheduled(fields) => {
            (fields.task_id.to_string(), format!("will be tried again in {:.1} s", fields.backoff_seconds))
        }
        Event::TaskCompleted(fields) if fields.status.as_deref() == Some("failed") => {
            (fields.task_id.to_string(), "given up".to_owned())
        }
        Event::TaskBlocked(fields) => {
            (fields.task_id.to_string(), format!("waits for a person: {}", fields.reason))
        }
        Event::TargetPaused(fields) => (fields.target_id?.to_string(), format!("PAUSED: {}", fields.reason)),
        Event::TargetResumed(fields) => {
            (fields.target_id?.to_string(), format!("goes on: {}", fields.reason))
        }
        _ => return None,
    };
    Some(format!("{:>6}  {subject:<12}  {told}", recorded.head.position))
}

fn failed(cause: &Cause, why: &str) -> String {
    let first = why.lines().next().unwrap_or_default();
    format!("failed with {cause}: {first}")
}

fn task_of(ledger: &Ledger, attempt: &AttemptId) -> String {
    let task = |graph: &leviathan_core::graph::Graph| {
        Some(graph.attempt(attempt)?.task.as_ref()?.task_id.to_string())
    };
    ledger.read(task).unwrap_or_else(|| attempt.to_string())
}
