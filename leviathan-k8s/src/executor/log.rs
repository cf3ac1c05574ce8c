//! Keeps the log of a worker that ended.

use super::capture::Capture;
use super::cluster::Cluster;
use super::log_failure::LogFailure;
use super::log_follow::Followed;
use super::shared::Shared;
use crate::config::Config;
use futures::{AsyncBufRead, AsyncBufReadExt};
use leviathan_core::artifact::{ArtifactErrorKind, ArtifactRef, artifact_stream};
use leviathan_core::output::CapturedOutput;
use std::time::Duration;

/// A log in the artifact store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptLog {
    pub(super) artifact: ArtifactRef,
    /// How many bytes of its middle were left out.
    pub(super) dropped: u64,
    /// Why more of it may be missing.
    pub(super) cut: Option<String>,
}

/// How long to wait before asking again, where that may help.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Keeps what was followed, if that is the whole log; else what the log is found to be now, with one request if all goes
/// well; else as much as was followed. Or says why it is lost.
pub(super) async fn keep_log(
    shared: &Shared,
    pod: Option<&str>,
    followed: Option<Followed>,
    worker_ended: bool,
) -> Result<KeptLog, String> {
    let config = &shared.config;
    let (had, is_whole) = match followed {
        Some(Followed { capture, ended }) => (Some(capture.finish()), worker_ended && ended.is_ok()),
        None => (None, false),
    };
    let had = match had.filter(|had| lost_by(had).is_none()) {
        Some(had) if is_whole => return store(config, had, None).await,
        had => had.filter(|had| length(had) > 0),
    };
    let _slot = match pod {
        // It is never closed.
        Some(_) => Some(shared.log_slots.acquire().await),
        None => None,
    };
    let now = match pod {
        Some(pod) => read(&shared.cluster, pod, config.log_limit).await,
        None => Err("its pod is gone, and its log with it".to_owned()),
    };
    match (now, had) {
        (Ok(now), Some(had)) if length(&now) == 0 => store(config, had, Some(ANOTHER.to_owned())).await,
        (Ok(now), had) => {
            let cut = had.is_some_and(|had| length(&now) < length(&had)).then(|| ANOTHER.to_owned());
            store(config, now, cut).await
        }
        (Err(why), Some(had)) => store(config, had, Some(why)).await,
        (Err(why), None) => Err(why),
    }
}

fn length(output: &CapturedOutput) -> u64 {
    output.head.len() as u64 + output.dropped + output.tail.len() as u64
}

/// Reads a log from its beginning to its end, and again where that may help.
async fn read(cluster: &Cluster, pod: &str, limit: usize) -> Result<CapturedOutput, String> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let failure = match read_once(cluster, pod, limit).await {
            Ok(output) => return Ok(output),
            Err(failure) => failure,
        };
        match pauses.next().filter(|_| failure.is_passing) {
            Some(pause) => tokio::time::sleep(pause.max(failure.retry_after)).await,
            None => return Err(failure.why),
        }
    }
}

async fn read_once(cluster: &Cluster, pod: &str, limit: usize) -> Result<CapturedOutput, LogFailure> {
    let log = cluster.log(pod).await.map_err(LogFailure::of)?;
    let mut capture = Capture::new(limit);
    read_into(&mut capture, log, Some(cluster.call_timeout)).await?;
    let output = capture.finish();
    match lost_by(&output) {
        Some(why) => Err(LogFailure::lost(why)),
        None => Ok(output),
    }
}

/// Reads a log to its end, if it goes on within `patience` each time.
pub(super) async fn read_into(
    capture: &mut Capture,
    mut log: impl AsyncBufRead + Unpin,
    patience: Option<Duration>,
) -> Result<(), LogFailure> {
    capture.begins();
    loop {
        let piece = match patience {
            Some(patience) => tokio::time::timeout(patience, log.fill_buf()).await,
            None => Ok(log.fill_buf().await),
        };
        let piece = match piece {
            Ok(Ok([])) if capture.has_caught_up() => return Ok(()),
            Ok(Ok([])) => return Err(LogFailure::broken(ANOTHER)),
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => return Err(LogFailure::broken(format!("it broke off: {error}"))),
            Err(_) => return Err(LogFailure::broken("it stopped halfway")),
        };
        if !capture.take(piece) {
            return Err(LogFailure::lost(ANOTHER));
        }
        let taken = piece.len();
        log.consume_unpin(taken);
    }
}

/// A node that has rotated a log gives what came after.
const ANOTHER: &str = "its node has no longer all of it";

/// A node that has lost a log says so as if that were the log.
fn lost_by(output: &CapturedOutput) -> Option<String> {
    let nodes_words = ["unable to retriece", "unable to retrieve container logs for "];
    let text = output.to_text();
    let text = text.trim();
    let is_word = nodes_words.iter().any(|words| text.starts_with(words)) && text.lines().count() == 1;
    is_word.then(|| format!("its node has it no more: {text}"))
}

async fn store(config: &Config, output: CapturedOutput, cut: Option<String>) -> Result<KeptLog, String> {
    let (bytes, dropped) = (bytes::Bytes::from(output.to_bytes()), output.dropped);
    // It is held once, and not twice.
    drop(output);
    let limit = bytes.len() as u64;
    let mut pauses = PAUSES.into_iter();
    loop {
        match config.artifacts.put(artifact_stream(bytes.clone()), None, limit).await {
            Ok(stored) => {
                let artifact = ArtifactRef {
                    sha256: stored.sha256,
                    kind: "log".to_owned(),
                    size_bytes: stored.size_bytes,
                    media_type: "text/plain".to_owned(),
                    name: "worker.log".to_owned(),
                };
                return Ok(KeptLog { artifact, dropped, cut });
            }
            Err(error) => {
                let is_passing = error.kind() == ArtifactErrorKind::Unavailable;
                match pauses.next().filter(|_| is_passing) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(format!("the artifact store refused it: {error}")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_fixtures::Case;

    async fn captured(text: &str) -> CapturedOutput {
        let mut capture = Capture::new(64 * 1024);
        read_into(&mut capture, text.as_bytes(), Some(Duration::from_secs(1))).await.unwrap();
        capture.finish()
    }

    #[tokio::test]
    async fn each_recorded_log_is_kept_or_lost_as_it_should_be() {
        for case in Case::all() {
            let Some(expected) = case.expected.log.as_deref().filter(|log| *log != "none") else { continue };
            let (status, body) = case.last_log_answer().unwrap_or((404, String::new()));
            let kept = status == 200 && lost_by(&captured(&body).await).is_none();
            assert_eq!(kept, expected == "kept", "{}: {status} {body:?}", case.name);
        }
    }

    #[tokio::test]
    async fn what_a_worker_says_of_being_unable_to_retrieve_something_is_its_log() {
        assert_eq!(lost_by(&captured("unable to retrieve the parcel\n").await), None);
        assert_eq!(lost_by(&captured("unable to retriece\nbut tried again\n").await), None);
        assert!(
            lost_by(&captured("unable to retrieve container logs for containerd://12ab").await).is_some()
        );
    }
}
