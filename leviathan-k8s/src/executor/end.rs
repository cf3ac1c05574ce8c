//! The end of an attempt, as it is told: its exit, its last word, its log.

use super::log::KeptLog;
use crate::classify::{Ended, PodView};
use k8s_openapi::api::core::v1::Pod;
use leviathan_core::executor::{End, FinalMessage};
use leviathan_core::id::AttemptId;

/// What became of a log: kept, or lost and why. Nothing, where there is none.
pub(super) type LogFate = Option<Result<KeptLog, String>>;

pub(super) fn end_of(attempt: &AttemptId, ended: Ended, pod: Option<&Pod>, log: LogFate) -> End {
    let Ended { exit_code, cause, detail, worker_ran } = ended;
    let mut details: Vec<String> = detail.into_iter().collect();
    let final_message = match pod.filter(|_| worker_ran).map(|pod| final_message(attempt, pod)) {
        Some(Ok(message)) => message,
        Some(Err(why)) => {
            details.push(format!("its final message is ignored: {why}"));
            None
        }
        None => None,
    };
    let mut artifacts = Vec::new();
    match log {
        Some(Ok(log)) => {
            if log.dropped > 0 {
                details.push(format!("log.truncated: {} bytes left out", log.dropped));
            }
            if let Some(why) = log.cut {
                details.push(format!("log.truncated: more of it may be missing: {why}"));
            }
            artifacts.push(log.artifact);
        }
        Some(Err(why)) => details.push(format!("log.missing: {why}")),
        None => {}
    }
    let detail = (!details.is_empty()).then(|| details.join("; "));
    End { exit_code, cause, detail, final_message, artifacts }
}

fn final_message(attempt: &AttemptId, pod: &Pod) -> Result<Option<FinalMessage>, String> {
    let said = PodView(pod).worker_end().and_then(|end| end.message.as_deref()).unwrap_or_default();
    if said.trim().is_empty() {
        return Ok(None);
    }
    let message = FinalMessage::parse(said.as_bytes()).map_err(|error| error.to_string())?;
    if message.attempt_id != *attempt {
        return Err(format!("it speaks of attempt {:?}", message.attempt_id));
    }
    Ok(Some(message))
}
