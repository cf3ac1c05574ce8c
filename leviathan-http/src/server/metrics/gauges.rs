//! What is looked up when the figures are asked for.

use super::{Figure, Metrics};
use leviathan_core::graph::{Graph, TaskState};
use leviathan_core::id::TargetId;
use leviathan_core::schedule::{Blocked, admit};
use leviathan_core::{Ledger, Timestamp};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// What holds tasks up is looked at this often at most: it takes time in proportion to the tasks.
const EVERY: Duration = Duration::from_secs(15);
/// The states of an attempt that is open.
const OPEN: [&str; 3] = ["created", "submitted", "running"];

/// Looks at the ledger and sets what it shows.
pub(super) async fn look(metrics: &Metrics, ledger: &Ledger) {
    metrics.gauge(Figure::LedgerUp, []).set(if ledger.stopped().is_some() { 0.0 } else { 1.0 });
    metrics.gauge(Figure::LedgerWaiting, []).set(ledger.waiting() as f64);
    let (position, open) = ledger.read(|graph| (graph.head().position.get(), open(graph)));
    metrics.gauge(Figure::LogPosition, []).set(position as f64);
    for state in OPEN {
        metrics.gauge(Figure::AttemptsOpen, [state]).set(open.get(state).copied().unwrap_or_default() as f64);
    }
    if metrics.due(EVERY) {
        let (metrics, ledger) = (metrics.clone(), ledger.clone());
        // Not while others wait for the thread. If it fails, the figures stay as they were.
        let _ = tokio::task::spawn_blocking(move || held_up(&metrics, &ledger)).await;
    }
}

fn open(graph: &Graph) -> BTreeMap<&'static str, u64> {
    let mut open = BTreeMap::new();
    graph.open_attempts().for_each(|attempt| *open.entry(attempt.state.name()).or_default() += 1);
    open
}

/// One target after the other, so that the graph is held for no longer than one of them takes.
fn held_up(metrics: &Metrics, ledger: &Ledger) {
    let now = Timestamp::from(SystemTime::now());
    let targets: Vec<TargetId> =
        ledger.read(|graph| graph.targets().map(|target| target.target_id.clone()).collect());
    // What holds nothing up any more is told, too.
    let mut counts: BTreeMap<&str, u64> = Blocked::NAMES.iter().map(|reason| (*reason, 0)).collect();
    counts.insert("nothing", 0);
    for target in &targets {
        ledger.read(|graph| {
            for task in graph.tasks(target).filter(|task| is_waiting(&task.state)) {
                let reason = admit(graph, &task.key, now).as_ref().err().map_or("nothing", Blocked::name);
                *counts.entry(reason).or_default() += 1;
            }
        });
    }
    for (reason, count) in counts {
        metrics.gauge(Figure::TasksHeldUp, [reason]).set(count as f64);
    }
}

fn is_waiting(state: &TaskState) -> bool {
    !matches!(state, TaskState::InProgress(_) | TaskState::AwaitingMerge(_) | TaskState::Completed)
}
