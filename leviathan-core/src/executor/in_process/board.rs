//! `Board`: the latest state of every attempt that is held, in the order of the latest changes.

use super::stop::Stop;
use super::waiting::Waiting;
use crate::executor::{AttemptSpec, Cause, End, ExecutorError, Phase, Sighting};
use crate::id::AttemptId;
use crate::log::Hash;
use futures::channel::oneshot;
use futures::future::AbortHandle;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is held now, and which version of the board each attempt changed last at. A watch is a version that it has read
/// up to, so it needs no queue.
#[derive(Debug, Default)]
pub(super) struct Board {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    version: u64,
    held: BTreeMap<AttemptId, Held>,
    /// The same attempts by the version of their latest change.
    changes: BTreeMap<u64, AttemptId>,
    waiting: Waiting,
    closed: bool,
}

#[derive(Debug)]
struct Held {
    spec: Hash,
    phase: Phase,
    version: u64,
    stop: Arc<Stop>,
    abort: AbortHandle,
}

/// What a board says to a watch.
pub(super) enum News {
    /// The next change that it has not seen, and the version it has then read up to.
    Changed(u64, Sighting),
    /// None; this resolves when there is one.
    Nothing(oneshot::Receiver<()>),
    /// None, and there will never be one.
    Closed,
}

impl Board {
    /// Takes an attempt. `None` if it is held already with the same spec.
    pub(super) fn take(
        board: &Arc<Self>,
        spec: &AttemptSpec,
        stop: Arc<Stop>,
        abort: AbortHandle,
    ) -> Result<Option<Ticket>, ExecutorError> {
        let attempt = &spec.attempt_id;
        let hash = spec.hash();
        let mut inner = board.inner();
        if let Some(held) = inner.held.get(attempt) {
            if held.spec == hash {
                return Ok(None);
            }
            return Err(ExecutorError::conflict(format_args!(
                "attempt {attempt} is held with a spec of hash {}, it cannot be launched with one of hash {hash}",
                held.spec
            )));
        }
        let held = Held { spec: hash, phase: Phase::Submitted, version: 0, stop, abort };
        inner.held.insert(attempt.clone(), held);
        inner.changed(attempt);
        Ok(Some(Ticket { board: Arc::clone(board), attempt: attempt.clone(), finished: false }))
    }

    /// The switch that stops an attempt which has not finished.
    pub(super) fn stop_of(&self, attempt: &AttemptId) -> Option<Arc<Stop>> {
        let inner = self.inner();
        let held = inner.held.get(attempt)?;
        (!held.finished()).then(|| Arc::clone(&held.stop))
    }

    /// Forgets a finished attempt.
    pub(super) fn release(&self, attempt: &AttemptId) -> Result<(), ExecutorError> {
        let mut inner = self.inner();
        let Some(held) = inner.held.get(attempt) else { return Ok(()) };
        if !held.finished() {
            return Err(ExecutorError::rejected(format_args!(
                "attempt {attempt} has not finished: cancel it, or wait for its end, before it is released"
            )));
        }
        let version = held.version;
        inner.changes.remove(&version);
        inner.held.remove(attempt);
        Ok(())
    }

    /// The first change behind `version`.
    pub(super) fn news_after(&self, version: u64) -> News {
        let mut inner = self.inner();
        let next = inner.changes.range(version.saturating_add(1)..).next();
        if let Some((version, held)) =
            next.and_then(|(version, id)| Some((*version, inner.held.get_key_value(id)?)))
        {
            let (attempt_id, held) = (held.0.clone(), held.1);
            return News::Changed(
                version,
                Sighting { attempt_id, phase: held.phase.clone(), job_name: None },
            );
        }
        if inner.closed && inner.held.values().all(Held::finished) {
            return News::Closed;
        }
        News::Nothing(inner.waiting.join())
    }

    /// Drops every run; watches end once they have seen that.
    pub(super) fn close(&self) {
        let mut inner = self.inner();
        inner.closed = true;
        for held in inner.held.values() {
            held.abort.abort();
        }
        inner.waiting.wake();
    }

    /// Moves an attempt on; never back.
    fn advance(&self, attempt: &AttemptId, phase: Phase) {
        let mut inner = self.inner();
        if let Some(held) = inner.held.get_mut(attempt)
            && held.phase.rank() < phase.rank()
        {
            held.phase = phase;
            inner.changed(attempt);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn finished(&self) -> bool {
        matches!(self.phase, Phase::Finished(_))
    }
}

impl Inner {
    /// Puts an attempt at the end of the changes.
    fn changed(&mut self, attempt: &AttemptId) {
        let Some(held) = self.held.get_mut(attempt) else { return };
        self.version += 1;
        self.changes.remove(&held.version);
        held.version = self.version;
        self.changes.insert(self.version, attempt.clone());
        self.waiting.wake();
    }
}

/// The right to move one attempt on. Dropped before the attempt finished, it ends the attempt as lost.
pub(super) struct Ticket {
    board: Arc<Board>,
    attempt: AttemptId,
    finished: bool,
}

impl Ticket {
    /// The run begins.
    pub(super) fn running(&self) {
        self.board.advance(&self.attempt, Phase::Running);
    }

    /// The run is over.
    pub(super) fn finish(mut self, end: End) {
        self.finished = true;
        self.board.advance(&self.attempt, Phase::Finished(Box::new(end)));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // Once finished, the attempt may be released and launched anew: the next one is not this ticket's to end.
        if !self.finished {
            let detail =
                "its future was dropped before it ended: the executor or the host's runtime was shut down";
            let end = End { cause: Some(Cause::Lost), detail: Some(detail.to_owned()), ..End::default() };
            self.board.advance(&self.attempt, Phase::Finished(Box::new(end)));
        }
    }
}
