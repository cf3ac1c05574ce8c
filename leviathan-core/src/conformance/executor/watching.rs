//! `Watching`: a watch as the suite reads it.

use crate::conformance::Violation;
use crate::executor::{End, Executor, ExecutorError, Observation, Phase, Sighting};
use crate::id::AttemptId;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::collections::BTreeMap;

/// A watch, where an error and the stream's end are violations. Nothing here keeps the time: what waits in vain is ended
/// by the harness's patience.
pub(super) struct Watching(BoxStream<'static, Result<Observation, ExecutorError>>);

/// How an attempt ended, as a watch saw it.
pub(super) enum Ended {
    /// With an end that is remembered.
    Finished(Box<End>),
    /// It was held no more.
    Gone,
}

impl Watching {
    pub(super) fn begin(executor: &impl Executor) -> Self {
        Self(executor.watch())
    }

    /// A watch that has said what is held, and what that was.
    pub(super) async fn open(
        executor: &impl Executor,
    ) -> Result<(Self, BTreeMap<AttemptId, Phase>), Violation> {
        let mut watch = Self::begin(executor);
        let mut held = BTreeMap::new();
        loop {
            match watch.next().await? {
                Observation::Held(sighting) => _ = held.insert(sighting.attempt_id, sighting.phase),
                Observation::Gone(attempt) => _ = held.remove(&attempt),
                Observation::Synced => return Ok((watch, held)),
            }
        }
    }

    pub(super) async fn next(&mut self) -> Result<Observation, Violation> {
        let ended = || Violation::new("the watch ended, while its executor is there");
        Ok(self.0.next().await.ok_or_else(ended)??)
    }

    /// Reads on until the attempt runs; it is a violation if it ended.
    pub(super) async fn runs(&mut self, attempt: &AttemptId) -> Result<(), Violation> {
        loop {
            match self.next().await? {
                Observation::Held(seen) if seen.attempt_id == *attempt => match seen.phase {
                    Phase::Submitted => {}
                    Phase::Running => return Ok(()),
                    Phase::Finished(end) => {
                        return Err(Violation::new(format_args!(
                            "{attempt} was to go on, it ended: {end:?}"
                        )));
                    }
                },
                Observation::Gone(gone) if gone == *attempt => return Err(gone_unasked(attempt)),
                _ => {}
            }
        }
    }

    /// Reads on until the attempt has finished, and gives all that was said until then.
    pub(super) async fn until_finished(
        &mut self,
        attempt: &AttemptId,
    ) -> Result<Vec<Observation>, Violation> {
        let mut said = Vec::new();
        loop {
            let seen = self.next().await?;
            let gone = matches!(&seen, Observation::Gone(gone) if gone == attempt);
            let last = matches!(&seen, Observation::Held(Sighting { attempt_id, phase: Phase::Finished(_), .. })
                if attempt_id == attempt);
            said.push(seen);
            if gone {
                return Err(gone_unasked(attempt));
            }
            if last {
                return Ok(said);
            }
        }
    }

    /// Reads on until the attempt has finished.
    pub(super) async fn finishes(&mut self, attempt: &AttemptId) -> Result<Box<End>, Violation> {
        match self.ends(attempt).await? {
            Ended::Finished(end) => Ok(end),
            Ended::Gone => Err(gone_unasked(attempt)),
        }
    }

    /// Reads on until the attempt has finished, or is gone as it may be after a cancel.
    pub(super) async fn ends(&mut self, attempt: &AttemptId) -> Result<Ended, Violation> {
        loop {
            match self.next().await? {
                Observation::Held(seen) if seen.attempt_id == *attempt => {
                    if let Phase::Finished(end) = seen.phase {
                        return Ok(Ended::Finished(end));
                    }
                }
                Observation::Gone(gone) if gone == *attempt => return Ok(Ended::Gone),
                _ => {}
            }
        }
    }
}

fn gone_unasked(attempt: &AttemptId) -> Violation {
    Violation::new(format_args!("{attempt} is gone, and nobody cancelled or released it"))
}
