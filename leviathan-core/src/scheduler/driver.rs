//! `Driver`: the loop. It only dispatches: what to do is decided by the pure functions of [`schedule`](crate::schedule),
//! and done by the effects beside this file.

use super::effect::{Done, carry_out, start};
use super::watching::{Watched, watching};
use super::{Scheduler, SchedulerError, Until};
use crate::executor::Observation;
use crate::graph::{Attempt, Graph, TaskKey};
use crate::id::AttemptId;
use crate::schedule::{Decision, Held, next, next_due, next_of, reconcile};
use crate::{Timestamp, log::Position};
use futures::future::BoxFuture;
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt, future, pin_mut};
use std::collections::BTreeSet;
use std::time::Duration;

/// One run of a scheduler.
pub(super) struct Driver<'a> {
    scheduler: &'a Scheduler,
    until: Until,
    held: Held,
    watch: BoxStream<'static, Watched>,
    effects: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Attempts with an effect under way: nothing more is done about them until it ends.
    busy: BTreeSet<AttemptId>,
    /// Attempts that were asked to stop: asking once is enough.
    asked_to_stop: BTreeSet<AttemptId>,
    starting: bool,
    /// The attempt that `Until::Once` is about.
    the_one: Option<AttemptId>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(scheduler: &'a Scheduler, until: Until) -> Self {
        Self {
            scheduler,
            until,
            held: Held::nothing(scheduler.executor.name().clone()),
            watch: watching(scheduler.executor.clone(), scheduler.clock.clone()),
            effects: FuturesUnordered::new(),
            busy: BTreeSet::new(),
            asked_to_stop: BTreeSet::new(),
            starting: false,
            the_one: None,
        }
    }

    pub(super) async fn run(
        mut self,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<Option<AttemptId>, SchedulerError> {
        let ledger = self.scheduler.ledger.clone();
        let shutdown = shutdown.fuse();
        pin_mut!(shutdown);
        loop {
            if let Some(why) = ledger.stopped() {
                return Err(SchedulerError::LedgerStopped(why));
            }
            let now = self.scheduler.clock.now();
            // What happens behind this position while effects are issued wakes the wait below.
            let position = self.issue(now);
            if self.is_done(now) {
                return Ok(self.the_one);
            }
            let due = self.wait_for_due(now).fuse();
            let moved = ledger.moved_past(position).fuse();
            pin_mut!(due, moved);
            futures::select_biased! {
                () = shutdown => return Ok(self.the_one),
                done = self.effects.select_next_some() => self.ended(done),
                seen = self.watch.next().fuse() => match seen {
                    Some(Watched::Seen(observation)) => self.seen(observation),
                    Some(Watched::Began) | None => self.held.watch_began(|attempt| self.busy.contains(attempt)),
                },
                () = moved => {}
                () = due => {}
            }
        }
    }

    /// Sets effects going for everything that the graph and the executor call for. Tells which state that was.
    fn issue(&mut self, now: Timestamp) -> Position {
        let (position, decisions, next_start) = self.scheduler.ledger.read(|graph| {
            self.the_one = self.the_one.take().or_else(|| {
                self.open(graph).find(|one| self.concerns(one)).map(|one| one.attempt_id.clone())
            });
            (graph.head().position, reconcile(graph, &self.held), self.next_start(graph, now))
        });
        for decision in decisions {
            let attempt = decision.attempt_id();
            let asked = matches!(decision, Decision::Cancel(_)) && self.asked_to_stop.contains(attempt);
            if asked || !self.busy.insert(attempt.clone()) {
                continue;
            }
            if let Decision::Launch { .. } = decision {
                self.held.launching(attempt);
            }
            self.effects.push(carry_out(self.scheduler, decision));
        }
        if let Some(task) = next_start {
            self.starting = true;
            self.effects.push(start(self.scheduler, task));
        }
        position
    }

    fn seen(&mut self, observation: Observation) {
        let ended = |attempt: &AttemptId| {
            self.scheduler.ledger.read(|graph| graph.attempt(attempt).is_none_or(Attempt::is_ended))
        };
        match observation {
            // It ended before: there is nothing to find out about it.
            Observation::Gone(attempt) if ended(&attempt) => {
                self.asked_to_stop.remove(&attempt);
                self.held.forget(&attempt);
            }
            observation => self.held.observe(observation),
        }
    }

    fn ended(&mut self, done: Done) {
        match done {
            Done::Started | Done::NotStarted => self.starting = false,
            Done::Carried(decision) => {
                self.busy.remove(decision.attempt_id());
                match decision {
                    Decision::Release(attempt) | Decision::RecordLost(attempt) => {
                        self.asked_to_stop.remove(&attempt);
                        self.held.forget(&attempt);
                    }
                    Decision::Cancel(attempt) => {
                        self.asked_to_stop.insert(attempt);
                    }
                    _ => {}
                }
            }
            Done::Failed(decision) => {
                self.busy.remove(decision.attempt_id());
                if let Decision::Launch { spec, .. } = decision {
                    self.held.not_launched(&spec.attempt_id);
                }
            }
        }
    }

    /// The next task to start, once it is known what the executor holds. One start at a time: each changes what may follow.
    fn next_start(&self, graph: &Graph, now: Timestamp) -> Option<TaskKey> {
        let enough = self.until == Until::Once && self.the_one.is_some();
        if self.starting || enough || !self.held.is_synced() {
            return None;
        }
        let start = match &self.scheduler.only {
            Some(target) => next_of(graph, target, now).next(),
            None => next(graph, now).next(),
        };
        start.map(|start| start.task)
    }

    /// The open attempts of our executor.
    fn open<'g>(&self, graph: &'g Graph) -> impl Iterator<Item = &'g Attempt> {
        let executor = self.scheduler.executor.name();
        graph.open_attempts().filter(move |attempt| attempt.executor.as_ref() == Some(executor))
    }

    /// Whether an attempt is of the target that this run is about.
    fn concerns(&self, attempt: &Attempt) -> bool {
        let only = self.scheduler.only.as_ref();
        only.is_none_or(|only| attempt.task.as_ref().is_some_and(|task| task.target_id == *only))
    }

    /// Whether all is done: nothing is under way, nothing is open, and nothing waits for its time.
    fn is_done(&self, now: Timestamp) -> bool {
        let quiet = self.held.is_synced() && self.effects.is_empty() && self.until != Until::Stopped;
        quiet
            && self.scheduler.ledger.read(|graph| {
                let waits = self.until == Until::Idle && self.next_due(graph, now).is_some();
                !waits && self.open(graph).next().is_none()
            })
    }

    fn next_due(&self, graph: &Graph, now: Timestamp) -> Option<Timestamp> {
        next_due(graph, self.scheduler.only.as_ref(), now)
    }

    fn wait_for_due(&self, now: Timestamp) -> BoxFuture<'static, ()> {
        match self.scheduler.ledger.read(|graph| self.next_due(graph, now)) {
            Some(due) => self.scheduler.clock.sleep((due - now).to_std().unwrap_or(Duration::ZERO)),
            None => future::pending().boxed(),
        }
    }
}
