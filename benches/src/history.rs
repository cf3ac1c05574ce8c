//! `history`: a log as a working control plane writes it.

use bytes::Bytes;
use leviathan_core::log::{EventBody, Head, RecordedEvent, SealedEvent};

/// How many events each attempt of a [`history`] has, that of its task's end included.
pub const EVENTS_OF_ATTEMPT: usize = 13;
/// How many attempts are under way at once, so that their events stand between each other's.
const AT_ONCE: usize = 8;
/// How many tasks share a target.
const TASKS_OF_TARGET: usize = 10_000;

/// The bodies of a log in which each of `attempts` tasks is tried once and completed.
///
/// An attempt has all that there is of one that goes well: opened with its whole spec, seen by its executor, its model
/// call, check, artifact, receipt and pull request, its report, and its end.
pub fn history(attempts: usize) -> Vec<Bytes> {
    let mut log = backlog(attempts, attempts);
    for first in (0..attempts).step_by(AT_ONCE) {
        let under_way: Vec<Vec<Bytes>> =
            (first..attempts.min(first + AT_ONCE)).map(|n| attempt(n, &target(n))).collect();
        for step in 0..EVENTS_OF_ATTEMPT {
            log.extend(under_way.iter().filter_map(|events| events.get(step).cloned()));
        }
    }
    log
}

/// The bodies of a log with `tasks` tasks of which the last `ready` may start, and nothing tried yet.
pub fn backlog(tasks: usize, ready: usize) -> Vec<Bytes> {
    let limits = r#"{"max_running":1000,"retry":{"max_attempts":3,"backoff_seconds":30},"reason":"bench"}"#;
    let log_id = r#"{"log_id":"00000000-0000-0000-0000-00000005eed0","name":"bench","format":1}"#;
    let mut log = vec![
        observed(0, "log.created", "control-plane", None, log_id),
        observed(1, "limits.changed", "operator", None, limits),
    ];
    for first in (0..tasks).step_by(TASKS_OF_TARGET) {
        let target = target(first);
        let payload = format!(
            r#"{{"target_id":"{target}","name":"{target}","repo_url":"https://git.example.org/team/{target}.git","default_branch":"main","complete_on":"pushed"}}"#
        );
        log.push(observed(log.len(), "target.registered", "operator", Some(&target), &payload));
        let payload = format!(r#"{{"target_id":"{target}","commit":"{:040x}"}}"#, 0xc0ffee);
        log.push(observed(log.len(), "target.updated", "control-plane", Some(&target), &payload));
    }
    for n in 0..tasks {
        let (target, ready) = (target(n), n + ready >= tasks);
        let payload = format!(
            r#"{{"task_id":"task-{n}","target_id":"{target}","title":"Say in the guide how part {n} works","description":"People ask how part {n} works. Say it where they look first.","scope":"docs","priority":"medium","estimated_size":"small","allowed_paths":["docs/"],"acceptance_criteria":["the guide says it"],"dependencies":[],"labels":["docs"],"ready":{ready},"status":"pending","order":{n}}}"#
        );
        log.push(observed(log.len(), "task.created", "control-plane", Some(&target), &payload));
    }
    log
}

/// Events that stand in a log, from its beginning.
pub fn recorded(bodies: Vec<Bytes>) -> Vec<RecordedEvent> {
    let sealed = SealedEvent::chain(Head::EMPTY, bodies.into_iter().map(EventBody::seal));
    sealed.into_iter().map(SealedEvent::recorded).collect()
}

/// The target of the `n`th task.
pub fn target(n: usize) -> String {
    format!("target-{}", n / TASKS_OF_TARGET)
}

/// All that happens of the first attempt at the `n`th task.
fn attempt(n: usize, target: &str) -> Vec<Bytes> {
    // Spread like derived ids are.
    let id = format!("attempt-{:016x}", (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let worker = format!("worker-{id}");
    let (base, tip, digest) =
        (format!("{:040x}", 0xc0ffee), format!("{:040x}", n + 1), format!("{:064x}", n + 1));
    let pull = format!("https://git.example.org/team/{target}/pulls/{n}");
    let observed = |kind: &str, fields: String| {
        let payload = format!(r#"{{"attempt_id":"{id}",{fields}}}"#);
        body(n, kind, "scheduler", "observed", Some(target), &payload)
    };
    let claimed = |kind: &str, fields: String| {
        let payload = format!(r#"{{"attempt_id":"{id}",{fields}}}"#);
        body(n, kind, &worker, "claimed", Some(target), &payload)
    };
    let succeeded = format!(
        r#""status":"succeeded","completed_at":"2026-01-24T10:05:00.125Z","branch_name":"agent/task-{n}","commit_sha":"{tip}","pr_url":"{pull}","pr_number":{n},"summary":"The guide says how part {n} works.""#
    );
    vec![
        observed(
            "attempt.created",
            format!(
                r#""task_id":"task-{n}","target_id":"{target}","attempt_number":1,"status":"created","executor":"local-5eed5eed","spec":{{"attempt_id":"{id}","attempt_number":1,"target_id":"{target}","task_id":"task-{n}","repo_url":"https://git.example.org/team/{target}.git","default_branch":"main","base_commit":"{base}","deadline_seconds":1800}}"#
            ),
        ),
        observed("job.submitted", r#""executor":"local-5eed5eed""#.to_owned()),
        observed("job.started", r#""executor":"local-5eed5eed""#.to_owned()),
        claimed("attempt.started", r#""status":"running","started_at":"2026-01-24T10:00:05Z""#.to_owned()),
        claimed(
            "model.call_completed",
            format!(
                r#""call_id":"call-1","model":"some-model","tokens_input":12034,"tokens_output":3400,"cost_usd":0.0871,"prompt_sha256":"{digest}","response_sha256":"{digest}""#
            ),
        ),
        claimed(
            "tests.passed",
            format!(
                r#""command":"cargo test --workspace","exit_code":0,"duration_ms":12500,"output_sha256":"{digest}","round":1"#
            ),
        ),
        claimed(
            "artifact.created",
            format!(
                r#""sha256":"{digest}","artifact_type":"log","size_bytes":48123,"name":"agent.log","media_type":"text/plain""#
            ),
        ),
        claimed(
            "policy.receipt",
            format!(
                r#""base_commit":"{base}","head_commit":"{tip}","tree":"{tip}","changed_paths":["docs/GUIDE.md","docs/parts/part-{n}.md"],"policy_sha256":"{digest}","verdict":"allowed""#
            ),
        ),
        claimed(
            "pr.created",
            format!(
                r#""pr_number":{n},"pr_url":"{pull}","title":"Say in the guide how part {n} works","state":"open","branch_name":"agent/task-{n}","commit_sha":"{tip}""#
            ),
        ),
        claimed("attempt.succeeded", succeeded.clone()),
        observed("job.completed", r#""executor":"local-5eed5eed","exit_code":0"#.to_owned()),
        observed("attempt.succeeded", succeeded),
        body(
            n,
            "task.completed",
            "scheduler",
            "observed",
            Some(target),
            &format!(
                r#"{{"task_id":"task-{n}","target_id":"{target}","status":"completed","reason":"{id} succeeded"}}"#
            ),
        ),
    ]
}

fn observed(n: usize, kind: &str, actor: &str, target: Option<&str>, payload: &str) -> Bytes {
    body(n, kind, actor, "observed", target, payload)
}

fn body(n: usize, kind: &str, actor: &str, origin: &str, target: Option<&str>, payload: &str) -> Bytes {
    let target = target.map_or("null".to_owned(), |target| format!("\"{target}\""));
    Bytes::from(format!(
        r#"{{"event_id":"ev-{n:032x}","event_type":"{kind}","version":1,"timestamp":"2026-01-24T10:00:05Z","recorded_at":"2026-01-24T10:00:06.120Z","actor_id":"{actor}","origin":"{origin}","target":{target},"payload":{payload}}}"#
    ))
}
