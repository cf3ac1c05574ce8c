//! One watch of what is held.

use super::commands::{Attempt, Held};
use leviathan_core::executor::{Observation, Sighting};
use leviathan_core::id::AttemptId;
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::watch;

/// Turns what is held into observations: all of it at first, then what changed since it was looked at last.
pub(super) struct Watching {
    held: watch::Receiver<Held>,
    /// How far each attempt was when it was looked at last.
    seen: BTreeMap<AttemptId, u8>,
    due: VecDeque<Observation>,
    synced: bool,
}

impl Watching {
    pub(super) fn new(held: watch::Receiver<Held>) -> Self {
        Self { held, seen: BTreeMap::new(), due: VecDeque::new(), synced: false }
    }

    /// The next observation, and nothing once the executor is gone.
    pub(super) async fn next(&mut self) -> Option<Observation> {
        loop {
            if let Some(observation) = self.due.pop_front() {
                return Some(observation);
            }
            if self.synced {
                self.held.changed().await.ok()?;
            }
            self.look();
        }
    }

    fn look(&mut self) {
        let held = self.held.borrow_and_update();
        // What is held no more was released, and of that a watch says nothing.
        self.seen.retain(|attempt, _| held.contains_key(attempt));
        for (attempt, Attempt { phase, .. }) in held.iter() {
            if self.seen.insert(attempt.clone(), phase.rank()) != Some(phase.rank()) {
                let (attempt_id, phase) = (attempt.clone(), phase.clone());
                self.due.push_back(Observation::Held(Sighting { attempt_id, phase, job_name: None }));
            }
        }
        if !std::mem::replace(&mut self.synced, true) {
            self.due.push_back(Observation::Synced);
        }
    }
}
