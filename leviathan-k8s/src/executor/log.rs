//! Keeps the log of a worker that ended.

use super::api_error::ApiError;
use super::cluster::Cluster;
use crate::config::Config;
use futures::{AsyncRead, AsyncReadExt};
use leviathan_core::artifact::{ArtifactErrorKind, ArtifactRef, artifact_stream};
use leviathan_core::output::{CapturedOutput, OutputCap};
use std::time::Duration;

/// A log in the artifact store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptLog {
    pub(super) artifact: ArtifactRef,
    /// How many bytes of its middle were left out.
    pub(super) dropped: u64,
}

/// How long to wait before asking again, where that may help.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Reads the log of a pod's worker, and keeps it; or says why it is lost. One request, if all goes well.
pub(super) async fn keep_log(cluster: &Cluster, config: &Config, pod: &str) -> Result<KeptLog, String> {
    let mut pauses = PAUSES.into_iter();
    let output = loop {
        let failure = match read(cluster, pod, config.log_limit).await {
            Ok(output) => break output,
            Err(failure) => failure,
        };
        match pauses.next().filter(|_| failure.is_passing) {
            Some(pause) => tokio::time::sleep(pause.max(failure.retry_after)).await,
            None => return Err(failure.why),
        }
    };
    if let Some(why) = lost_by(&output) {
        return Err(why);
    }
    store(config, &output).await
}

/// Why a log could not be read, and whether asking again may help.
struct Failure {
    why: String,
    is_passing: bool,
    retry_after: Duration,
}

impl Failure {
    fn of(error: ApiError) -> Self {
        // A node that was just restarted does not know its pod yet; that is a 404 about the log, not about the pod.
        let is_passing = match error.code {
            Some(404) => error.kind == "pods/log",
            Some(code) => code >= 500 || code == 429 || code == 408,
            None => true,
        };
        Self { why: error.to_string(), is_passing, retry_after: error.retry_after.unwrap_or_default() }
    }

    fn broken(why: String) -> Self {
        Self { why, is_passing: true, retry_after: Duration::ZERO }
    }
}

async fn read(cluster: &Cluster, pod: &str, limit: usize) -> Result<CapturedOutput, Failure> {
    let log = cluster.log(pod).await.map_err(Failure::of)?;
    capture(log, limit, cluster.call_timeout).await
}

/// The two ends of a stream, if it goes on within `patience` each time and comes to its end.
async fn capture(
    mut log: impl AsyncRead + Unpin,
    limit: usize,
    patience: Duration,
) -> Result<CapturedOutput, Failure> {
    let (mut cap, mut head, mut chunk) = (OutputCap::new(limit), Vec::new(), vec![0; 16 * 1024]);
    loop {
        match tokio::time::timeout(patience, log.read(&mut chunk)).await {
            Ok(Ok(0)) => break,
            Ok(Ok(read)) => head.extend_from_slice(cap.take(&chunk[..read])),
            Ok(Err(error)) => return Err(Failure::broken(format!("it broke off: {error}"))),
            Err(_) => return Err(Failure::broken("it stopped halfway".to_owned())),
        }
    }
    let (tail, dropped) = cap.finish();
    Ok(CapturedOutput { head, tail, dropped })
}

/// A node that has lost a log says so as if that were the log.
fn lost_by(output: &CapturedOutput) -> Option<String> {
    let nodes_words = ["unable to retriece", "unable to retrieve container logs for "];
    let text = output.to_text();
    let text = text.trim();
    let is_word = nodes_words.iter().any(|words| text.starts_with(words)) && text.lines().count() == 1;
    is_word.then(|| format!("its node has it no more: {text}"))
}

async fn store(config: &Config, output: &CapturedOutput) -> Result<KeptLog, String> {
    let bytes = bytes::Bytes::from(output.to_bytes());
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
                return Ok(KeptLog { artifact, dropped: output.dropped });
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
        capture(text.as_bytes(), 64 * 1024, Duration::from_secs(1))
            .await
            .map_err(|failure| failure.why)
            .unwrap()
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

    #[test]
    fn only_what_passes_is_asked_again() {
        let error = |code, kind: &str| ApiError {
            code: Some(code),
            kind: kind.to_owned(),
            ..ApiError::unanswered("give the log", "")
        };
        let passing = |code, kind| Failure::of(error(code, kind)).is_passing;
        assert!(passing(500, "") && passing(429, "") && passing(404, "pods/log"));
        assert!(!passing(404, "pods") && !passing(400, "") && !passing(403, ""));
    }
}
