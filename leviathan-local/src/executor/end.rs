//! What an executor says of an attempt that ended: its exit, its last word, its log.

use super::attempt_dir::AttemptDir;
use super::config::ProcessExecutorConfig;
use super::durable_file::read_at_most;
use super::launch::last_words;
use super::log_file::LOG_LIMIT;
use super::outcome::{Outcome, StopReason, WorkerEnd};
use super::records::LaunchRecord;
use leviathan_core::artifact::{ArtifactRef, artifact_stream};
use leviathan_core::executor::{Cause, End, FinalMessage, MAX_FINAL_MESSAGE_BYTES};
use leviathan_core::id::AttemptId;
use leviathan_core::redact::Redactor;
use std::io;
use tokio::task::spawn_blocking;

/// Of an attempt whose supervisor left an outcome.
pub(crate) async fn finished_end(
    dir: &AttemptDir,
    launch: &LaunchRecord,
    outcome: &Outcome,
    config: &ProcessExecutorConfig,
) -> End {
    let mut end = exit_of(outcome, launch);
    if matches!(outcome.worker, WorkerEnd::ExitCode(_) | WorkerEnd::Signal(_)) {
        add_what_it_left(&mut end, dir, launch, config).await;
    }
    if outcome.output_dropped > 0 {
        add_detail(&mut end, format!("log.truncated: {} bytes left out", outcome.output_dropped));
    }
    if let Some(error) = &outcome.output_error {
        add_detail(&mut end, format!("log.truncated: it could not be written whole: {error}"));
    }
    end
}

/// Of an attempt whose supervisor died without an outcome. `why` says what is known.
pub(crate) async fn lost_end(
    dir: &AttemptDir,
    launch: &LaunchRecord,
    why: String,
    config: &ProcessExecutorConfig,
) -> End {
    let mut end = End { cause: Some(Cause::Lost), detail: Some(why), ..End::default() };
    if let Some(words) = last_words(dir) {
        let words = redactor(config).text(&words);
        add_detail(&mut end, format!("its last words: {words}"));
    }
    add_what_it_left(&mut end, dir, launch, config).await;
    end
}

/// The exit alone. A process killed by signal n has the exit code 128 + n, as a shell says it.
fn exit_of(outcome: &Outcome, launch: &LaunchRecord) -> End {
    let (exit_code, killed) = match &outcome.worker {
        WorkerEnd::ExitCode(code) => (Some(*code), None),
        WorkerEnd::Signal(signal) => (Some(128 + signal), Some(*signal)),
        WorkerEnd::NotStarted(why) => {
            return End {
                cause: Some(Cause::ConfigError),
                detail: Some(format!("the worker did not start: {why}")),
                ..End::default()
            };
        }
        WorkerEnd::NeverBegun => (None, None),
    };
    let by_signal = killed.map(|signal| format!("the worker was killed by signal {signal}"));
    let (cause, why) = match outcome.stopped {
        Some(StopReason::Deadline) => (
            Some(Cause::DeadlineExceeded),
            Some(format!("it was stopped at its deadline of {} s", launch.deadline_seconds)),
        ),
        Some(StopReason::Cancelled) => (Some(Cause::Cancelled), Some("it was cancelled".to_owned())),
        Some(StopReason::Interrupted) => (
            Some(Cause::Lost),
            Some("somebody else than its executor told its supervisor to stop (SIGTERM)".to_owned()),
        ),
        None if killed == Some(rustix::process::Signal::KILL.as_raw()) => {
            (None, Some("if nobody did that, the system ran out of memory".to_owned()))
        }
        None => (None, None),
    };
    // What ended well before the stop reached it was not ended by the stop.
    let cause = cause.filter(|_| exit_code != Some(0));
    let detail: Vec<String> = by_signal.into_iter().chain(why).collect();
    End { exit_code, cause, detail: (!detail.is_empty()).then(|| detail.join("; ")), ..End::default() }
}

/// The worker's last word and its log, and what is wrong with them.
async fn add_what_it_left(
    end: &mut End,
    dir: &AttemptDir,
    launch: &LaunchRecord,
    config: &ProcessExecutorConfig,
) {
    let redactor = redactor(config);
    match final_message(dir, &launch.spec.attempt_id, &redactor) {
        Ok(message) => end.final_message = message,
        Err(why) => add_detail(end, format!("its final message is ignored: {why}")),
    }
    match keep_log(dir, config, redactor).await {
        Ok(log) => end.artifacts.push(log),
        Err(why) => add_detail(end, format!("log.missing: {why}")),
    }
}

fn add_detail(end: &mut End, more: String) {
    end.detail = Some(match end.detail.take() {
        Some(detail) => format!("{detail}; {more}"),
        None => more,
    });
}

/// Knows what a worker was given. Workers redact what they tell; this is for what gets past them.
fn redactor(config: &ProcessExecutorConfig) -> Redactor {
    Redactor::new(config.all_secrets().cloned())
}

fn final_message(
    dir: &AttemptDir,
    attempt: &AttemptId,
    redactor: &Redactor,
) -> Result<Option<FinalMessage>, String> {
    // Two bytes more than allowed, so that a longer one is seen to be longer.
    let limit = MAX_FINAL_MESSAGE_BYTES as u64 + 2;
    let bytes = read_at_most(&dir.final_message(), limit).map_err(|error| error.to_string())?;
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
    let message = FinalMessage::parse(&redactor.bytes(bytes)).map_err(|error| error.to_string())?;
    if message.attempt_id != *attempt {
        return Err(format!("it speaks of attempt {:?}", message.attempt_id));
    }
    Ok(Some(message))
}

/// Puts the log into the artifact store. The bytes are named by their hash, so doing it again changes nothing.
async fn keep_log(
    dir: &AttemptDir,
    config: &ProcessExecutorConfig,
    redactor: Redactor,
) -> Result<ArtifactRef, String> {
    // A note of what is left out adds some bytes.
    let limit = LOG_LIMIT as u64 + 1024;
    let path = dir.output();
    let read = move || Ok(read_at_most(&path, limit)?.map(|bytes| redactor.bytes(bytes)));
    let read: io::Result<_> = spawn_blocking(read).await.map_err(io::Error::other).and_then(|read| read);
    let bytes = read.map_err(|error| error.to_string())?.ok_or("there is no file")?;
    let size = bytes.len() as u64;
    let stored = config
        .artifacts
        .put(artifact_stream(bytes), None, size)
        .await
        .map_err(|error| format!("the artifact store refused it: {error}"))?;
    Ok(ArtifactRef {
        sha256: stored.sha256,
        kind: "log".to_owned(),
        size_bytes: stored.size_bytes,
        media_type: "text/plain".to_owned(),
        name: "worker.log".to_owned(),
    })
}
