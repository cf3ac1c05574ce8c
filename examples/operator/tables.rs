//! How things are shown to people.

use super::plain::{one_line, plain};
use comfy_table::{ContentArrangement, Table, presets};
use leviathan_core::{Timestamp, format_timestamp};
use leviathan_http::view::{AttemptDetail, AttemptView, EventView, FailureView, GraphSummary, TaskView};

/// Widest line of a table where the terminal does not say.
const WIDTH: u16 = 160;
/// How much of a text that may be long is shown in a table.
const CELL: usize = 160;
/// How much of a payload is shown on an event's line.
const PAYLOAD: usize = 200;

fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    table.set_header(header);
    let (mut count, rows) = (0, rows.into_iter());
    for row in rows {
        table.add_row(row.map(|cell| cut(&one_line(&cell), CELL)));
        count += 1;
    }
    if count == 0 { "nothing".to_owned() } else { table.trim_fmt() }
}

fn cut(text: &str, most: usize) -> String {
    let mut cut: String = text.chars().take(most).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

fn time(at: Timestamp) -> String {
    format_timestamp(at)
}

fn shown<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

pub(crate) fn summary(summary: &GraphSummary) -> String {
    let nodes = summary.nodes_by_type.iter().map(|(kind, count)| [kind.clone(), count.to_string()]);
    let edges = summary.edges_by_type.iter().map(|(kind, count)| [kind.clone(), count.to_string()]);
    format!(
        "{}\n\nhead  {}:{}",
        table(["things and relations", "how many"], nodes.chain(edges)),
        summary.position,
        summary.head
    )
}

pub(crate) fn attempts(attempts: &[AttemptView]) -> String {
    let header =
        ["attempt", "target", "task", "no.", "status", "opened", "ended", "why", "branch", "pull request"];
    table(
        header,
        attempts.iter().map(|attempt| {
            let status = if attempt.confirmed {
                attempt.status.name().to_owned()
            } else {
                format!("{} (claimed)", attempt.status.name())
            };
            [
                attempt.attempt_id.to_string(),
                shown(&attempt.target),
                shown(&attempt.task_id),
                attempt.attempt_number.to_string(),
                status,
                time(attempt.timestamp),
                attempt.completed_at.map(time).unwrap_or_default(),
                why(attempt),
                attempt.branch_name.clone().unwrap_or_default(),
                attempt
                    .pr_url
                    .clone()
                    .or(attempt.pr_number.map(|number| format!("#{number}")))
                    .unwrap_or_default(),
            ]
        }),
    )
}

fn why(attempt: &AttemptView) -> String {
    let cause = attempt.failure_type.as_ref().map(ToString::to_string);
    [cause, attempt.error_summary.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ")
}

pub(crate) fn attempt(detail: &AttemptDetail) -> String {
    let of = &detail.attempt_node.properties;
    let lines = [
        ("attempt", of.attempt_id.to_string()),
        ("target", shown(&of.target)),
        ("task", shown(&of.task_id)),
        ("number", of.attempt_number.to_string()),
        ("status", of.status.name().to_owned()),
        ("confirmed", of.confirmed.to_string()),
        ("why", why(of)),
        ("cancel", of.cancel_requested.clone().unwrap_or_default()),
        ("opened", time(of.timestamp)),
        ("began", of.started_at.map(time).unwrap_or_default()),
        ("ended", of.completed_at.map(time).unwrap_or_default()),
        ("branch", of.branch_name.clone().unwrap_or_default()),
        ("commit", of.commit_sha.clone().unwrap_or_default()),
        ("request", of.pr_url.clone().unwrap_or_default()),
        ("cost", format!("{:.4} USD, {} tokens", of.cost_usd, of.tokens)),
        ("anomalies", of.anomalies.to_string()),
    ];
    let lines = lines.iter().filter(|(_, value)| !value.is_empty());
    let head: Vec<String> = lines.map(|(name, value)| format!("{name:<10}{}", plain(value))).collect();
    let events: Vec<String> = detail.events.iter().map(event).collect();
    let artifacts = table(
        ["artifact", "type", "bytes", "sha256"],
        detail.artifacts.iter().map(|artifact| {
            [
                artifact.name.clone().unwrap_or_else(|| artifact.artifact_id.clone()),
                artifact.artifact_type.clone(),
                artifact.size_bytes.to_string(),
                artifact.sha256.to_string(),
            ]
        }),
    );
    let some =
        |shown: usize, all: usize| if shown < all { format!(" ({shown} of {all})") } else { String::new() };
    format!(
        "{}\n\nevents{}\n{}\n\nartifacts{}\n{artifacts}",
        head.join("\n"),
        some(events.len(), detail.events_total),
        events.join("\n"),
        some(detail.artifacts.len(), detail.artifacts_total),
    )
}

pub(crate) fn failures(failures: &[FailureView]) -> String {
    table(
        ["attempt", "target", "task", "when", "cause", "error"],
        failures.iter().map(|failure| {
            [
                failure.attempt_id.to_string(),
                shown(&failure.target),
                shown(&failure.task_id),
                time(failure.timestamp),
                shown(&failure.failure_type),
                failure.error.clone().unwrap_or_default(),
            ]
        }),
    )
}

pub(crate) fn tasks(tasks: &[TaskView]) -> String {
    table(
        ["target", "task", "title", "status", "attempts", "why not"],
        tasks.iter().map(|task| {
            [
                task.target.to_string(),
                task.task_id.to_string(),
                task.title.clone(),
                task.status.name().to_owned(),
                task.attempts.to_string(),
                why_not(task),
            ]
        }),
    )
}

/// What runs or is done needs no reason.
fn why_not(task: &TaskView) -> String {
    use leviathan_http::view::TaskStatus::{AwaitingMerge, Completed, InProgress};
    let runs = matches!(task.status, InProgress | AwaitingMerge | Completed);
    task.blocked.clone().filter(|_| !runs).unwrap_or_default()
}

pub(crate) fn task(task: &TaskView) -> String {
    let list = |list: Vec<String>| list.join(", ");
    let lines = [
        ("target", task.target.to_string()),
        ("task", task.task_id.to_string()),
        ("title", task.title.clone()),
        ("scope", task.scope.clone()),
        ("status", task.status.name().to_owned()),
        ("reason", task.reason.clone().unwrap_or_default()),
        ("why not", why_not(task)),
        ("due", task.retry_due.map(time).unwrap_or_default()),
        ("attempts", task.attempts.to_string()),
        ("tries", task.tries_used.to_string()),
        ("last", shown(&task.last_attempt)),
        ("needs", list(task.dependencies.iter().map(ToString::to_string).collect())),
        ("labels", list(task.labels.clone())),
    ];
    let lines = lines.iter().filter(|(_, value)| !value.is_empty());
    lines.map(|(name, value)| format!("{name:<10}{}", one_line(value))).collect::<Vec<_>>().join("\n")
}

/// An event on one line.
pub(crate) fn event(event: &EventView) -> String {
    let (kind, actor) = (one_line(&event.event_type), one_line(&event.actor_id));
    let payload = cut(&one_line(event.payload.get()), PAYLOAD);
    format!("{:>8}  {}  {kind:<24}  {actor}  {payload}", event.position, time(event.timestamp))
}
