//! Short words for ids, events, ends and commands.

use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::event::payload::{
    AttemptCreated, AttemptFailed, AttemptReason, AttemptStarted, AttemptSucceeded, ModelCall, TaskFields,
};
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::executor::{Cause, End, FinalMessage, Phase, ReportedOutcome, Sighting};
use leviathan_core::graph::TaskKey;
use leviathan_core::id::{ActorId, AttemptId, EventId, ExecutorName, LogId, TargetId, TaskId};
use leviathan_core::log::Position;
use leviathan_core::schedule::RetryPolicy;
use leviathan_core::{
    Bundle, CompleteOn, ForgeConfig, Limits, TargetConfig, TargetLimits, TargetPolicy, Timestamp,
};
use std::num::NonZeroU32;
use std::time::Duration;

pub(crate) const LOG: LogId = LogId::from_u128(0x0005_eed0);
pub(crate) const COMMIT: &str = "c0ffee";

/// The moment `seconds` after the tests' time begins.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start = leviathan_core::parse_timestamp("2026-01-24T10:00:00Z").unwrap();
    start + chrono::TimeDelta::seconds(seconds)
}

pub(crate) fn target() -> TargetId {
    TargetId::new("radix").unwrap()
}

pub(crate) fn key(task: &str) -> TaskKey {
    key_of("radix", task)
}

pub(crate) fn key_of(target: &str, task: &str) -> TaskKey {
    TaskKey::new(TargetId::new(target).unwrap(), TaskId::new(task).unwrap())
}

pub(crate) fn attempt_id(text: &str) -> AttemptId {
    AttemptId::new(text).unwrap()
}

/// The executor that runs the tests' attempts.
pub(crate) fn here() -> ExecutorName {
    ExecutorName::new("here").unwrap()
}

pub(crate) fn config_of(target: &str) -> TargetConfig {
    TargetConfig {
        target_id: TargetId::new(target).unwrap(),
        repo_url: format!("/repos/{target}"),
        default_branch: "main".to_owned(),
        complete_on: CompleteOn::Pushed,
        limits: TargetLimits::default(),
        forge: ForgeConfig::None,
    }
}

/// A task that may start. `"docs: guide, api"` waits for `guide` and `api`.
pub(crate) fn task(text: &str) -> TaskFields {
    let (id, dependencies) = text.split_once(": ").unwrap_or((text, ""));
    let dependencies =
        dependencies.split(", ").filter(|id| !id.is_empty()).map(|id| TaskId::new(id).unwrap());
    TaskFields {
        task_id: TaskId::new(id).unwrap(),
        target_id: None,
        title: format!("Do {id}"),
        description: String::new(),
        scope: "docs".to_owned(),
        priority: Default::default(),
        estimated_size: String::new(),
        allowed_paths: Vec::new(),
        acceptance_criteria: Vec::new(),
        dependencies: dependencies.collect(),
        labels: Vec::new(),
        ready: true,
        status: Default::default(),
        order: 0,
    }
}

/// A backlog in the order given.
pub(crate) fn backlog(tasks: impl IntoIterator<Item = TaskFields>) -> Backlog {
    let tasks = tasks.into_iter().zip(0..).map(|(task, order)| TaskFields { order, ..task }).collect();
    Backlog { tasks, ..Backlog::default() }
}

pub(crate) fn sync_of(target: &str, tasks: impl IntoIterator<Item = TaskFields>) -> Command {
    Command::SyncBacklog {
        target: TargetId::new(target).unwrap(),
        commit: COMMIT.to_owned(),
        policy: TargetPolicy::default(),
        backlog: backlog(tasks),
    }
}

pub(crate) fn sync(tasks: impl IntoIterator<Item = TaskFields>) -> Command {
    sync_of("radix", tasks)
}

/// So many attempts at once; two tries ten seconds apart, two infrastructure retries.
pub(crate) fn limits(max_running: u32) -> Limits {
    let retry = RetryPolicy {
        max_attempts: NonZeroU32::new(2).unwrap(),
        backoff_seconds: 10,
        max_backoff_seconds: 60,
        max_infrastructure_retries: 2,
    };
    Limits { max_running: NonZeroU32::new(max_running).unwrap(), retry, ..Limits::default() }
}

pub(crate) fn change_limits(limits: Limits) -> Command {
    Command::ChangeLimits { limits, reason: "test".to_owned() }
}

/// Registers `radix` with these limits.
pub(crate) fn limit_target(limits: TargetLimits) -> Command {
    Command::RegisterTarget(TargetConfig { limits, ..config_of("radix") })
}

pub(crate) fn number(number: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(number)
}

/// What a worker says of a call to a model.
pub(crate) fn call(attempt: &AttemptId, call_id: Option<&str>, tokens: (u64, u64), cost_usd: f64) -> Event {
    Event::ModelCallCompleted(ModelCall {
        attempt_id: attempt.clone(),
        call_id: call_id.map(str::to_owned),
        model: None,
        tokens_input: Some(tokens.0),
        tokens_output: Some(tokens.1),
        cost_usd: Some(cost_usd),
        prompt_sha256: None,
        response_sha256: None,
    })
}

pub(crate) fn start(task: &str) -> Command {
    Command::StartAttempt { task: key(task), executor: here(), leadership: None }
}

pub(crate) fn cancel(attempt: &AttemptId) -> Command {
    Command::CancelAttempt { attempt: attempt.clone(), reason: "not wanted".to_owned() }
}

pub(crate) fn retry(task: &str) -> Command {
    Command::RetryTask { task: key(task), reason: "looked at it".to_owned() }
}

pub(crate) fn pause() -> Command {
    Command::PauseTarget { target: target(), reason: "holiday".to_owned() }
}

pub(crate) fn resume() -> Command {
    Command::ResumeTarget { target: target(), reason: "back".to_owned() }
}

pub(crate) fn lose(attempt: &AttemptId) -> Command {
    Command::Lose {
        executor: here(),
        attempt: attempt.clone(),
        detail: "not there".to_owned(),
        leadership: None,
    }
}

pub(crate) fn observe(attempt: &AttemptId, phase: Phase) -> Command {
    Command::Observe { executor: here(), sighting: sighting(attempt, phase), leadership: None }
}

pub(crate) fn sighting(attempt: &AttemptId, phase: Phase) -> Sighting {
    Sighting { attempt_id: attempt.clone(), phase, job_name: None }
}

pub(crate) fn finished(end: End) -> Phase {
    Phase::Finished(Box::new(end))
}

pub(crate) fn exit(code: i32) -> End {
    End { exit_code: Some(code), ..End::default() }
}

pub(crate) fn because(cause: Cause) -> End {
    End { cause: Some(cause), ..End::default() }
}

/// A worker's last word.
pub(crate) fn last_word(attempt: &AttemptId, failure: Option<Cause>) -> FinalMessage {
    let outcome = if failure.is_none() { ReportedOutcome::Succeeded } else { ReportedOutcome::Failed };
    FinalMessage {
        v: 1,
        attempt_id: attempt.clone(),
        outcome,
        cause: failure,
        branch: None,
        commit: None,
        pr_url: None,
        pr_number: None,
        summary: String::new(),
    }
}

pub(crate) fn created(attempt: &str, task: &str) -> Event {
    Event::AttemptCreated(AttemptCreated {
        attempt_id: attempt_id(attempt),
        task_id: TaskId::new(task).unwrap(),
        target_id: Some(target()),
        attempt_number: 1,
        status: "created".to_owned(),
        executor: None,
        spec: None,
        reservation: None,
    })
}

pub(crate) fn started(attempt: &AttemptId) -> Event {
    let status = "running".to_owned();
    Event::AttemptStarted(AttemptStarted { attempt_id: attempt.clone(), status, started_at: None })
}

/// What a worker reports of its end.
pub(crate) fn report(attempt: &AttemptId, failure: Option<Cause>) -> Event {
    let attempt_id = attempt.clone();
    match failure {
        None => Event::AttemptSucceeded(AttemptSucceeded {
            attempt_id,
            status: "succeeded".to_owned(),
            completed_at: None,
            branch_name: None,
            commit_sha: None,
            pr_url: None,
            pr_number: None,
            summary: None,
            unconfirmed: false,
        }),
        Some(failure_type) => Event::AttemptFailed(AttemptFailed {
            attempt_id,
            status: "failed".to_owned(),
            completed_at: None,
            failure_type,
            error_summary: None,
            exit_code: None,
        }),
    }
}

pub(crate) fn cancelled(attempt: &AttemptId) -> Event {
    Event::AttemptCancelled(AttemptReason { attempt_id: attempt.clone(), reason: "gave up".to_owned() })
}

/// An event as a worker claims it. Its id follows from `name`.
pub(crate) fn claim(name: &str, event: &Event) -> EventDraft {
    let actor = ActorId::new("worker").unwrap();
    EventDraft::claimed(EventId::new(name).unwrap(), actor, target(), at(0), event)
}

pub(crate) fn bundle(events: impl IntoIterator<Item = EventDraft>) -> Bundle {
    Bundle { bundle_id: "bundle".to_owned(), target: target(), events: events.into_iter().collect() }
}

/// A fact that only the log knows.
pub(crate) fn fact(name: &str) -> EventDraft {
    fact_saying(name, "{}")
}

pub(crate) fn fact_saying(name: &str, payload: &str) -> EventDraft {
    let text = format!(
        r#"{{"target":"radix","bundle_id":"b","events":[{{"event_id":"{name}","event_type":"file.discovered",
            "timestamp":"2026-01-24T10:00:00Z","actor_id":"worker","payload":{payload}}}]}}"#
    );
    Bundle::parse(text.as_bytes()).unwrap().events.remove(0)
}

pub(crate) fn kinds(events: &[EventDraft]) -> Vec<&str> {
    events.iter().map(|event| event.event_type.as_str()).collect()
}

/// Leads for so many seconds.
pub(crate) fn elect(holder: &str, seconds: u64) -> Command {
    let lease = Some(Duration::from_secs(seconds));
    Command::Elect { holder: holder.to_owned(), lease, takeover: false }
}

pub(crate) fn take_over(holder: &str) -> Command {
    Command::Elect { holder: holder.to_owned(), lease: None, takeover: true }
}

/// A scheduler's command as one that leads since a position gives it.
pub(crate) fn led(mut command: Command, since: Option<Position>) -> Command {
    match &mut command {
        Command::StartAttempt { leadership, .. }
        | Command::Observe { leadership, .. }
        | Command::Lose { leadership, .. } => *leadership = since,
        _ => {}
    }
    command
}
