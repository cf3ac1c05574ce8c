//! What the host says at the end: the table of tasks, the head of the log, and whether the log verifies.

use anyhow::{Context, Result, ensure};
use comfy_table::{ContentArrangement, Table, presets};
use leviathan_core::Timestamp;
use leviathan_core::graph::{Graph, Outcome, Task, TaskState};
use leviathan_core::id::TargetId;
use leviathan_core::log::{Head, Verifier};
use leviathan_core::schedule::admit;
use leviathan_core::store::EventStore;
use std::fmt::Display;
use std::num::NonZeroUsize;

const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);

/// Widest line of the table where the terminal does not say.
const WIDTH: u16 = 140;

/// A row for each task of a target: task, attempts, outcome, branch, time, why not.
pub(crate) fn table(graph: &Graph, target: &TargetId, now: Timestamp) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    table.set_header(["task", "attempts", "outcome", "branch", "time", "why not"]);
    let mut tasks: Vec<&Task> = graph.tasks(target).collect();
    tasks.sort_by_key(|task| task.fields.order);
    for task in tasks {
        table.add_row([
            task.key.task_id.to_string(),
            task.attempts.len().to_string(),
            outcome(graph, task),
            branch(graph, task).unwrap_or_default(),
            time(graph, task),
            why_not(graph, task, now),
        ]);
    }
    table.to_string()
}

fn outcome(graph: &Graph, task: &Task) -> String {
    let last = task.attempts.last().and_then(|id| graph.attempt(id)).and_then(|attempt| attempt.outcome());
    match (&task.state, last) {
        (TaskState::Completed, Some(Outcome::Succeeded { unconfirmed: true })) => {
            "succeeded (unconfirmed)".to_owned()
        }
        (TaskState::Completed, _) => "succeeded".to_owned(),
        (TaskState::InProgress(_), _) => "running".to_owned(),
        (TaskState::AwaitingMerge(attempt), _) => {
            match graph.attempt(attempt).and_then(|attempt| attempt.pull_request) {
                Some(number) => format!("waits for #{number} to be merged"),
                None => "waits to be merged".to_owned(),
            }
        }
        (_, Some(Outcome::Failed(cause))) => cause.to_string(),
        (_, Some(Outcome::Cancelled)) => "cancelled".to_owned(),
        _ if task.is_completed() => "completed before".to_owned(),
        _ => "not started".to_owned(),
    }
}

fn branch(graph: &Graph, task: &Task) -> Option<String> {
    graph.attempt(task.attempts.last()?)?.reported.as_ref()?.branch.clone()
}

/// The time of all attempts together.
fn time(graph: &Graph, task: &Task) -> String {
    let attempts = task.attempts.iter().filter_map(|id| graph.attempt(id));
    let spent = |attempt: &leviathan_core::graph::Attempt| Some(attempt.completed_at? - attempt.created_at);
    let milliseconds: i64 = attempts.filter_map(spent).map(|spent| spent.num_milliseconds()).sum();
    if task.attempts.is_empty() { String::new() } else { format!("{:.1} s", milliseconds as f64 / 1000.0) }
}

fn why_not(graph: &Graph, task: &Task, now: Timestamp) -> String {
    if task.is_completed() || matches!(task.state, TaskState::InProgress(_) | TaskState::AwaitingMerge(_)) {
        return String::new();
    }
    admit(graph, &task.key, now).err().map(|blocked| shortened(&blocked)).unwrap_or_default()
}

/// One line that leaves room for the other columns.
fn shortened(text: &impl Display) -> String {
    let text = text.to_string();
    let mut line: String = text.lines().next().unwrap_or_default().chars().take(120).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    line
}

/// Verifies what stands in the store, not what is in memory, against the head that this host knows.
pub(crate) async fn verify(store: &dyn EventStore, expected: Head) -> Result<()> {
    let mut verifier = Verifier::new(Head::EMPTY);
    while verifier.head().position < expected.position {
        let after = verifier.head().position;
        // No further: another host may have gone on.
        let rest = usize::try_from(expected.position.get() - after.get()).unwrap_or(usize::MAX);
        let limit = NonZeroUsize::new(rest).map_or(PAGE, |rest| rest.min(PAGE));
        let page = store.read(after, limit).await.context("the log can't be read")?;
        ensure!(!page.is_empty(), "the log ends at {}, it should go on to {expected}", verifier.head());
        for event in page {
            let due = verifier.head().position.next();
            ensure!(
                verifier.accept(event.head, event.body.leaf()),
                "the log does not verify at position {due}"
            );
        }
    }
    ensure!(verifier.head() == expected, "the log's head is {}, it should be {expected}", verifier.head());
    Ok(())
}
