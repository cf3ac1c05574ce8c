//! `Driver`: the loop. It only dispatches: what to do is decided by the pure functions of [`schedule`](crate::schedule),
//! who may do it by [`Standing`], and it is done by the effects beside this file.

use super::effect::{Done, carry_out, read_head, stand, start};
use super::standing::{Standing, Stands};
use super::term::Term;
use super::watching::{Watched, watching};
use super::{Leadership, Scheduler, SchedulerError, Until};
use crate::executor::Observation;
use crate::graph::{Attempt, Graph, TaskKey};
use crate::id::AttemptId;
use crate::schedule::{Decision, Held, next, next_due, next_of, reconcile};
use crate::{Timestamp, log::Position};
use futures::future::BoxFuture;
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt, future, pin_mut, stream};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long what is under way at shutdown may take to end.
const LEAVING: Duration = Duration::from_secs(5);

/// One run of a scheduler.
pub(super) struct Driver<'a> {
    scheduler: &'a Scheduler,
    until: Until,
    standing: Standing,
    /// The term in which the executor is watched. What a watch that began before its own term did not show may have been
    /// launched by another scheduler since.
    watched_in: Option<Position>,
    watch: BoxStream<'static, Watched>,
    held: Held,
    effects: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Attempts with an effect under way: nothing more is done about them until it ends.
    busy: BTreeSet<AttemptId>,
    /// Attempts that were asked to stop: asking once is enough, while the executor is watched.
    asked_to_stop: BTreeSet<AttemptId>,
    starting: bool,
    reading_head: bool,
    /// The attempt that `Until::Once` is about.
    the_one: Option<AttemptId>,
}

/// What one look at the graph called for.
struct Look {
    position: Position,
    /// When to look again, if nothing happens before.
    due: Option<Timestamp>,
    done: bool,
}

impl<'a> Driver<'a> {
    pub(super) fn new(scheduler: &'a Scheduler, until: Until) -> Self {
        Self {
            scheduler,
            until,
            standing: Standing::new(scheduler.leadership, scheduler.holder.clone()),
            watched_in: None,
            watch: stream::pending().boxed(),
            held: Held::nothing(scheduler.executor.name().clone()),
            effects: FuturesUnordered::new(),
            busy: BTreeSet::new(),
            asked_to_stop: BTreeSet::new(),
            starting: false,
            reading_head: false,
            the_one: None,
        }
    }

    pub(super) async fn run(
        mut self,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<Option<AttemptId>, SchedulerError> {
        let ledger = &self.scheduler.ledger;
        let shutdown = shutdown.fuse();
        pin_mut!(shutdown);
        loop {
            if let Some(why) = ledger.stopped() {
                return Err(SchedulerError::LedgerStopped(why));
            }
            let now = self.scheduler.clock.now();
            let look = ledger.read(|graph| self.look(graph, now))?;
            if look.done {
                return Ok(self.the_one);
            }
            let due = self.sleep_until(look.due, now).fuse();
            // What happened behind that position since then wakes this wait, too.
            let moved = ledger.moved_past(look.position).fuse();
            pin_mut!(due, moved);
            futures::select_biased! {
                () = shutdown => return Ok(self.leave().await),
                done = self.effects.select_next_some() => self.ended(done),
                seen = self.watch.next().fuse() => match seen {
                    Some(Watched::Seen(observation)) => self.seen(observation),
                    Some(Watched::Began) | None => self.watch_began(),
                },
                () = moved => {}
                () = due => {}
            }
        }
    }

    /// Sets effects going for everything that the graph and the executor call for, as far as this scheduler leads.
    fn look(&mut self, graph: &Graph, now: Timestamp) -> Result<Look, SchedulerError> {
        let mut due = Vec::new();
        match self.standing.look(graph, now) {
            Stands::Leads(term) => {
                self.watch_in(term);
                self.issue(term, graph, now);
                due.extend([self.next_due(graph, now), self.held.next_due(graph, now)]);
            }
            Stands::Waits => {}
            Stands::Superseded(leader) if self.scheduler.leadership == Leadership::Exclusive => {
                let (holder, term, since) = (leader.holder, leader.term, leader.since);
                return Err(SchedulerError::Superseded { holder, term, since });
            }
            Stands::Superseded(leader) => {
                tracing::warn!(holder = %leader.holder, term = leader.term, "another scheduler leads now");
                self.watched_in = None;
                self.watch = stream::pending().boxed();
                self.watch_began();
            }
        }
        if let Some(candidacy) = self.standing.candidacy(graph, now) {
            self.effects.push(stand(self.scheduler, candidacy));
        }
        due.push(self.standing.next_due(graph));
        let due = due.into_iter().flatten().min();
        Ok(Look { position: graph.head().position, due, done: self.is_done(graph, now) })
    }

    /// Watches the executor from the beginning of a term on.
    fn watch_in(&mut self, term: Term) {
        if self.watched_in.replace(term.since) != Some(term.since) {
            self.watch = watching(self.scheduler.executor.clone(), self.scheduler.clock.clone());
            self.watch_began();
        }
    }

    fn watch_began(&mut self) {
        self.asked_to_stop.clear();
        self.held.watch_began(|attempt| self.busy.contains(attempt));
    }

    fn issue(&mut self, term: Term, graph: &Graph, now: Timestamp) {
        let one = || self.open(graph).find(|one| self.concerns(one)).map(|one| one.attempt_id.clone());
        self.the_one = self.the_one.clone().or_else(one);
        for decision in reconcile(graph, &self.held, now) {
            let attempt = decision.attempt_id();
            let asked = matches!(decision, Decision::Cancel(_)) && self.asked_to_stop.contains(attempt);
            if asked || !self.busy.insert(attempt.clone()) {
                continue;
            }
            if let Decision::Launch { .. } = decision {
                self.held.launching(attempt);
            }
            self.effects.push(carry_out(self.scheduler, term, decision));
        }
        if let Some(task) = self.next_start(graph, now) {
            self.starting = true;
            self.effects.push(start(self.scheduler, term, task));
        }
        if !self.reading_head && self.held.wants_head(graph, now) {
            self.reading_head = true;
            self.effects.push(read_head(self.scheduler));
        }
    }

    fn seen(&mut self, observation: Observation) {
        let ended = |attempt: &AttemptId| {
            self.scheduler.ledger.read(|graph| graph.attempt(attempt).is_none_or(Attempt::is_ended))
        };
        match observation {
            // It ended before: there is nothing to find out about it.
            Observation::Gone(attempt) if ended(&attempt) => self.forget(&attempt),
            observation => self.held.observe(observation, self.scheduler.clock.now()),
        }
    }

    fn ended(&mut self, done: Done) {
        match done {
            Done::Stood(receipt) => {
                self.scheduler.ledger.read(|graph| self.standing.answered(receipt, graph));
            }
            Done::Started => self.starting = false,
            Done::HeadRead(asked, head) => {
                self.reading_head = false;
                head.into_iter().for_each(|head| self.held.head_read(asked, head));
            }
            Done::Carried(decision) => {
                self.busy.remove(decision.attempt_id());
                match decision {
                    Decision::Release(attempt) | Decision::RecordLost(attempt) => self.forget(&attempt),
                    Decision::Cancel(attempt) => _ = self.asked_to_stop.insert(attempt),
                    Decision::Launch { .. } | Decision::Record(_) => {}
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

    fn forget(&mut self, attempt: &AttemptId) {
        self.asked_to_stop.remove(attempt);
        self.held.forget(attempt);
    }

    /// Begins nothing more, and lets what is under way end, for a while: the log then says what was done. What is dropped
    /// after that is as if the host had died: the next scheduler asks for it again.
    async fn leave(mut self) -> Option<AttemptId> {
        let mut patience = self.scheduler.clock.sleep(LEAVING).fuse();
        while !self.effects.is_empty() {
            futures::select_biased! {
                done = self.effects.select_next_some() => self.ended(done),
                () = patience => break,
            }
        }
        self.the_one
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

    /// Whether all is done: nothing is under way, nothing is open, and nothing waits for its time. Who does not lead has
    /// not looked at what its executor holds, and so does not know.
    fn is_done(&self, graph: &Graph, now: Timestamp) -> bool {
        let quiet = self.held.is_synced() && self.effects.is_empty() && self.until != Until::Stopped;
        let waits = || self.until == Until::Idle && self.next_due(graph, now).is_some();
        quiet && !waits() && self.open(graph).next().is_none()
    }

    fn next_due(&self, graph: &Graph, now: Timestamp) -> Option<Timestamp> {
        next_due(graph, self.scheduler.only.as_ref(), now)
    }

    fn sleep_until(&self, due: Option<Timestamp>, now: Timestamp) -> BoxFuture<'static, ()> {
        match due {
            Some(due) => self.scheduler.clock.sleep((due - now).to_std().unwrap_or(Duration::ZERO)),
            None => future::pending().boxed(),
        }
    }
}
