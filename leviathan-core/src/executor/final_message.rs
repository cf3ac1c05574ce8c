//! `FinalMessage`: the few bytes that a worker leaves behind even if nobody answers its report.

use super::Cause;
use crate::id::AttemptId;
use serde::{Deserialize, Serialize};

/// The largest final message in bytes, as Kubernetes keeps a termination message.
pub const MAX_FINAL_MESSAGE_BYTES: usize = 4096;

/// How a worker says its attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportedOutcome {
    /// The work is done and pushed.
    Succeeded,
    /// It is not.
    Failed,
}

/// A worker's last word, read by the executor: `{"v":1,"attempt_id",…}` in at most [`MAX_FINAL_MESSAGE_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalMessage {
    /// The format's version, 1.
    pub v: u32,
    /// The attempt that speaks; a message of another attempt is ignored.
    pub attempt_id: AttemptId,
    /// How it ended.
    pub outcome: ReportedOutcome,
    /// Why it failed.
    #[serde(default)]
    pub cause: Option<Cause>,
    /// The branch that was pushed.
    #[serde(default)]
    pub branch: Option<String>,
    /// Its tip.
    #[serde(default)]
    pub commit: Option<String>,
    /// The pull request.
    #[serde(default)]
    pub pr_url: Option<String>,
    /// Its number.
    #[serde(default)]
    pub pr_number: Option<u64>,
    /// What was done, or what went wrong, in a sentence.
    #[serde(default)]
    pub summary: String,
}

/// Bytes that are no final message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a final message: {0}")]
pub struct BadFinalMessage(String);

impl FinalMessage {
    /// The message as JSON, its summary cut on a character boundary so that the whole fits.
    pub fn to_bytes(&self) -> Vec<u8> {
        let ends: Vec<usize> =
            self.summary.char_indices().map(|(start, _)| start).chain([self.summary.len()]).collect();
        let with_summary = |end: usize| {
            let summary = self.summary[..end].to_owned();
            // Text and integers: serde_json refuses none of these.
            serde_json::to_vec(&Self { summary, ..self.clone() }).unwrap_or_default()
        };
        let fitting = ends.partition_point(|end| with_summary(*end).len() <= MAX_FINAL_MESSAGE_BYTES);
        with_summary(fitting.checked_sub(1).map_or(0, |last| ends[last]))
    }

    /// Reads a message, white space around it allowed.
    ///
    /// # Errors
    /// [`BadFinalMessage`] if it is too long, no JSON of this form, or of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadFinalMessage> {
        if bytes.len() > MAX_FINAL_MESSAGE_BYTES + 1 {
            return Err(BadFinalMessage(format!("{} bytes, at most {MAX_FINAL_MESSAGE_BYTES}", bytes.len())));
        }
        let message: Self =
            serde_json::from_slice(bytes).map_err(|error| BadFinalMessage(error.to_string()))?;
        if message.v != 1 {
            return Err(BadFinalMessage(format!("version {}, expected 1", message.v)));
        }
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_summary_is_cut_between_characters_and_the_rest_survives() {
        let message = FinalMessage {
            v: 1,
            attempt_id: AttemptId::new("attempt-1").unwrap(),
            outcome: ReportedOutcome::Failed,
            cause: Some(Cause::ExitCode(3)),
            branch: Some("agent/x".into()),
            commit: None,
            pr_url: None,
            pr_number: None,
            summary: "\u{1f40b}\"\n".repeat(2000),
        };
        let bytes = message.to_bytes();
        assert!(bytes.len() <= MAX_FINAL_MESSAGE_BYTES && bytes.len() > MAX_FINAL_MESSAGE_BYTES - 64);
        let read = FinalMessage::parse(&bytes).unwrap();
        assert!(message.summary.starts_with(&read.summary));
        assert_eq!(
            FinalMessage { summary: String::new(), ..read },
            FinalMessage { summary: String::new(), ..message }
        );
    }
}
