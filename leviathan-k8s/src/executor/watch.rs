//! `watch`: what is known of the fleet's attempts, as a stream.

use super::board::Board;
use super::table::Table;
use futures::stream::{self, BoxStream, StreamExt};
use leviathan_core::executor::{ExecutorError, Observation};
use leviathan_core::id::AttemptId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Weak};

/// Tells the table's attempts, and then what differs from what was told. However slowly it is read, it keeps no more than
/// that difference: of each attempt the latest.
pub(super) fn watch(board: &Arc<Board>) -> BoxStream<'static, Result<Observation, ExecutorError>> {
    let watch = Watch {
        changes: board.changes(),
        // The executor's end is the end of its watches.
        board: Arc::downgrade(board),
        told: BTreeMap::new(),
        ready: VecDeque::new(),
        number: None,
        upto: None,
        progress: Progress::Opening,
    };
    stream::unfold(watch, |mut watch| async move { watch.next().await.map(|seen| (seen, watch)) }).boxed()
}

struct Watch {
    changes: tokio::sync::watch::Receiver<()>,
    board: Weak<Board>,
    told: BTreeMap<AttemptId, Told>,
    ready: VecDeque<Result<Observation, ExecutorError>>,
    /// By which the table knows it, once it has opened.
    number: Option<u64>,
    /// The table's changes when it was last looked at.
    upto: Option<u64>,
    progress: Progress,
}

/// What was told of an attempt.
struct Told {
    job_uid: String,
    changed: u64,
}

#[derive(PartialEq)]
enum Progress {
    Opening,
    Synced,
    Failed,
}

impl Watch {
    async fn next(&mut self) -> Option<Result<Observation, ExecutorError>> {
        loop {
            if let Some(seen) = self.ready.pop_front() {
                return Some(seen);
            }
            if self.progress == Progress::Failed {
                return None;
            }
            self.changes.mark_unchanged();
            let board = self.board.upgrade()?;
            board.change_quietly(|table| self.look(table));
            drop(board);
            if self.ready.is_empty() {
                self.changes.changed().await.ok()?;
            }
        }
    }

    fn look(&mut self, table: &mut Table) {
        if self.progress == Progress::Opening {
            match (table.is_synced(), table.trouble()) {
                (true, _) => {}
                (false, None) => return,
                (false, Some(trouble)) => {
                    self.ready.push_back(Err(ExecutorError::unavailable(trouble)));
                    self.progress = Progress::Failed;
                    return;
                }
            }
        } else if self.upto == Some(table.changes()) {
            return;
        }
        self.upto = Some(table.changes());
        let number = *self.number.get_or_insert_with(|| table.watch_begins());
        let departed = table.watch_looked(number);
        let attempts = table.attempts();
        let is_held = |attempt: &AttemptId, told: &Told| {
            attempts.get(attempt).is_some_and(|tracked| tracked.identity.uid == told.job_uid)
        };
        let ready = &mut self.ready;
        // What came and went between two looks is told too: whoever launched it waits for word of it.
        let unseen = departed.into_iter().filter(|attempt| !attempts.contains_key(attempt));
        let unseen = unseen.filter(|attempt| !self.told.contains_key(attempt));
        ready.extend(unseen.map(|attempt| Ok(Observation::Gone(attempt))));
        self.told.retain(|attempt, told| {
            let held = is_held(attempt, told);
            if !held {
                ready.push_back(Ok(Observation::Gone(attempt.clone())));
            }
            held
        });
        for (attempt, tracked) in attempts {
            if self.told.get(attempt).is_none_or(|told| told.changed < tracked.changed) {
                let told = Told { job_uid: tracked.identity.uid.clone(), changed: tracked.changed };
                self.told.insert(attempt.clone(), told);
                self.ready.push_back(Ok(Observation::Held(tracked.sighting())));
            }
        }
        if self.progress == Progress::Opening {
            self.ready.push_back(Ok(Observation::Synced));
            self.progress = Progress::Synced;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let (Some(board), Some(number)) = (self.board.upgrade(), self.number) {
            board.change_quietly(|table| table.watch_ends(number));
        }
    }
}

#[cfg(test)]
#[path = "watch/tests.rs"]
mod tests;
