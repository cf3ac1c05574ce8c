//! `Stop`: whether an attempt shall stop, and by when.

use super::waiting::Waiting;
use crate::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The one time by which an attempt shall have stopped. It only ever moves nearer: a repeated cancel gives no more grace.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by: Option<Timestamp>,
    waiting: Waiting,
}

impl Stop {
    /// Asks to stop by then.
    pub(super) fn ask(&self, by: Timestamp) {
        let mut inner = self.inner();
        if inner.by.is_none_or(|earlier| by < earlier) {
            inner.by = Some(by);
            inner.waiting.wake();
        }
    }

    /// By when, if it was asked.
    pub(crate) fn by(&self) -> Option<Timestamp> {
        self.inner().by
    }

    /// Waits until the time is nearer than `known`; any time is nearer than none.
    pub(crate) async fn nearer_than(&self, known: Option<Timestamp>) -> Timestamp {
        loop {
            let changed = {
                let mut inner = self.inner();
                match inner.by {
                    Some(by) if known.is_none_or(|known| by < known) => return by,
                    _ => inner.waiting.join(),
                }
            };
            // The sender is dropped without a word only with `self`, and then nobody waits.
            let _ = changed.await;
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
