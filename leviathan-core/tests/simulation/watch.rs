//! `watch`: what the fleet shows to one watcher: everything held, then `Synced`, then changes, late and sometimes cut off.

use super::fleet::Fleet;
use super::sim::Sim;
use super::storm::Fault;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use leviathan_core::executor::{ExecutorError, Observation};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

struct Watching {
    sim: Sim,
    fleet: Arc<Fleet>,
    /// What is to be shown before anything else, once the watch has begun.
    opening: Option<VecDeque<Observation>>,
    /// Up to which change it has shown everything.
    shown: usize,
    has_ended: bool,
}

pub(crate) fn watch(sim: Sim, fleet: Arc<Fleet>) -> BoxStream<'static, Result<Observation, ExecutorError>> {
    let watching = Watching { sim, fleet, opening: None, shown: 0, has_ended: false };
    stream::unfold(watching, |mut watching| async move {
        let item = watching.next().await?;
        Some((item, watching))
    })
    .boxed()
}

impl Watching {
    async fn next(&mut self) -> Option<Result<Observation, ExecutorError>> {
        if self.has_ended {
            return None;
        }
        self.sim.dawdle().await;
        let opening = self.opening.get_or_insert_with(|| {
            let (held, changes) = self.fleet.held();
            self.shown = changes;
            let mut opening: VecDeque<Observation> = held.into_iter().map(Observation::Held).collect();
            let rotation = self.sim.below(opening.len());
            opening.rotate_left(rotation);
            opening.push_back(Observation::Synced);
            opening
        });
        if self.sim.strikes(Fault::WatchEnds) {
            self.has_ended = true;
            return self.sim.one_in(2).then(|| Err(ExecutorError::unavailable("the watch broke off")));
        }
        if self.sim.strikes(Fault::WatchLags) {
            self.sim.sleep(self.sim.span(Duration::from_secs(60))).await;
        }
        if let Some(observation) = opening.pop_front() {
            return Some(Ok(observation));
        }
        loop {
            let Some(change) = self.fleet.change(self.shown) else {
                self.fleet.changed(self.shown).await;
                continue;
            };
            self.shown += 1;
            // What was overtaken may be left out.
            if self.sim.one_in(2) || !self.fleet.is_overtaken(self.shown, &change) {
                return Some(Ok(change));
            }
        }
    }
}
