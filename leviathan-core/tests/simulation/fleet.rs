//! `Fleet`: what runs attempts. It survives every host, knows what runs, remembers what finished until it is released,
//! and counts what it really starts.

use super::disk::Disk;
use super::sim::{Owner, Sim};
use super::storm::Fault;
use super::violation::Invariant;
use super::worker::Workers;
use futures::channel::oneshot;
use leviathan_core::executor::{AttemptSpec, Cause, End, ExecutorError, Observation, Phase, Sighting};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::log::{Hash, Head};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};
use std::time::Duration;

pub(crate) struct Fleet {
    sim: Sim,
    name: ExecutorName,
    disk: Arc<Disk>,
    /// Not held: they reach the fleet through the hosts, and neither would ever be freed.
    workers: OnceLock<Weak<Workers>>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    held: BTreeMap<AttemptId, Held>,
    /// How often each attempt was really started, for ever.
    starts: BTreeMap<AttemptId, u32>,
    changes: Vec<Observation>,
    waiting: Vec<oneshot::Sender<()>>,
}

struct Held {
    spec: Hash,
    phase: Phase,
    /// The request to stop was taken.
    is_stopping: bool,
}

impl Fleet {
    pub(crate) fn new(sim: Sim, disk: Arc<Disk>, name: &str) -> Arc<Self> {
        let name = ExecutorName::new(name).unwrap();
        Arc::new(Self { sim, name, disk, workers: OnceLock::new(), inner: Mutex::default() })
    }

    /// Who works here.
    pub(crate) fn employ(&self, workers: &Arc<Workers>) {
        let _ = self.workers.set(Arc::downgrade(workers));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn name(&self) -> &ExecutorName {
        &self.name
    }

    pub(crate) fn launch(
        self: &Arc<Self>,
        host: usize,
        spec: &AttemptSpec,
        created: &Head,
    ) -> Result<(), ExecutorError> {
        let id = &spec.attempt_id;
        super::invariants::intent_first::check(&self.sim, &self.disk, spec, created);
        if let Some(held) = self.inner().held.get(id) {
            self.sim.say(format_args!("host {host}: launches {id}, which is there"));
            if held.spec != spec.hash() {
                return Err(ExecutorError::conflict(format_args!("{id} exists with another spec")));
            }
            return Ok(());
        }
        if self.sim.strikes(Fault::LaunchRejected) && !self.inner().starts.contains_key(id) {
            self.sim.say(format_args!("host {host}: launch of {id} is rejected"));
            return Err(ExecutorError::rejected("there is no such image"));
        }
        self.sim.say(format_args!("host {host}: launches {id}"));
        {
            let mut inner = self.inner();
            let starts = inner.starts.entry(id.clone()).or_default();
            *starts += 1;
            if *starts > 1 {
                self.sim.violated(
                    Invariant::LaunchedOnce,
                    format_args!("{id} was started {starts} times, now by host {host}"),
                );
            }
            let held = Held { spec: spec.hash(), phase: Phase::Submitted, is_stopping: false };
            inner.held.insert(id.clone(), held);
        }
        self.show(id, Some(Phase::Submitted));
        if let Some(workers) = self.workers.get().and_then(Weak::upgrade) {
            self.sim.spawn(Owner::World, workers.work(self.clone(), spec.clone()));
        }
        Ok(())
    }

    pub(crate) fn cancel(self: &Arc<Self>, host: usize, id: &AttemptId, grace: Duration) {
        let asked = self.inner().held.get_mut(id).is_some_and(|held| {
            !matches!(held.phase, Phase::Finished(_)) && !std::mem::replace(&mut held.is_stopping, true)
        });
        if !asked {
            return;
        }
        self.sim.say(format_args!("host {host}: stops {id}"));
        let (fleet, id) = (self.clone(), id.clone());
        let wait = self.sim.sleep(self.sim.span(grace));
        self.sim.spawn(Owner::World, async move {
            wait.await;
            let _ = match fleet.sim.below(3) {
                // As one that can stop a job only by deleting it.
                0 if fleet.lose(&id) => true,
                0 | 1 => fleet.finish(&id, End { exit_code: Some(143), ..End::default() }),
                _ => fleet.finish(&id, End { cause: Some(Cause::Cancelled), ..End::default() }),
            };
        });
    }

    pub(crate) fn release(&self, host: usize, id: &AttemptId) -> Result<(), ExecutorError> {
        let mut inner = self.inner();
        match inner.held.get(id).map(|held| &held.phase) {
            None => Ok(()),
            Some(Phase::Finished(_)) => {
                self.sim.say(format_args!("host {host}: releases {id}"));
                inner.held.remove(id);
                Ok(())
            }
            Some(_) => Err(ExecutorError::rejected(format_args!("{id} is not finished"))),
        }
    }

    /// Its worker runs; whether that is so.
    pub(crate) fn runs(&self, id: &AttemptId) -> bool {
        self.moves(id, Phase::Running)
    }

    /// It ended; whether it had not before.
    pub(crate) fn finish(&self, id: &AttemptId, end: End) -> bool {
        self.moves(id, Phase::Finished(Box::new(end)))
    }

    fn moves(&self, id: &AttemptId, phase: Phase) -> bool {
        match self.inner().held.get_mut(id) {
            Some(held) if held.phase.rank() < phase.rank() => held.phase = phase.clone(),
            _ => return false,
        }
        self.show(id, Some(phase));
        true
    }

    /// Whether its worker runs.
    pub(crate) fn is_running(&self, id: &AttemptId) -> bool {
        self.inner().held.get(id).is_some_and(|held| held.phase == Phase::Running)
    }

    /// It vanishes.
    ///
    /// Only where the log knows that it was submitted, or it was told to stop: what vanishes before anybody has noted
    /// that it was there can't be told from what never was, and every executor would start it again.
    pub(crate) fn lose(&self, id: &AttemptId) -> bool {
        let can = self.inner().held.get(id).is_some_and(|held| !matches!(held.phase, Phase::Finished(_)))
            && self.disk.is_submitted(id);
        if can {
            self.inner().held.remove(id);
            self.show(id, None);
        }
        can
    }

    fn show(&self, id: &AttemptId, phase: Option<Phase>) {
        let observation = match phase {
            Some(phase) => Observation::Held(sighting(id, phase)),
            None => Observation::Gone(id.clone()),
        };
        self.sim.say(format_args!("fleet: {}", brief(&observation)));
        let mut inner = self.inner();
        inner.changes.push(observation);
        inner.waiting.drain(..).for_each(|waiting| _ = waiting.send(()));
    }

    /// Everything held, and how many changes led to it.
    pub(crate) fn held(&self) -> (Vec<Sighting>, usize) {
        let inner = self.inner();
        let held = inner.held.iter().map(|(id, held)| sighting(id, held.phase.clone())).collect();
        (held, inner.changes.len())
    }

    pub(crate) fn change(&self, number: usize) -> Option<Observation> {
        self.inner().changes.get(number).cloned()
    }

    /// Whether any change from `number` on is about the same attempt.
    pub(crate) fn is_overtaken(&self, number: usize, change: &Observation) -> bool {
        self.inner().changes[number..].iter().any(|later| subject(later) == subject(change))
    }

    pub(crate) async fn changed(&self, shown: usize) {
        let changed = {
            let mut inner = self.inner();
            if inner.changes.len() > shown {
                return;
            }
            let (sender, changed) = oneshot::channel();
            inner.waiting.retain(|waiting| !waiting.is_canceled());
            inner.waiting.push(sender);
            changed
        };
        let _ = changed.await;
    }

    /// What is held still.
    pub(crate) fn left(&self) -> Vec<AttemptId> {
        self.inner().held.keys().cloned().collect()
    }

    /// How often each attempt was started.
    pub(crate) fn starts(&self) -> BTreeMap<AttemptId, u32> {
        self.inner().starts.clone()
    }
}

fn sighting(id: &AttemptId, phase: Phase) -> Sighting {
    Sighting { attempt_id: id.clone(), phase, job_name: None }
}

fn subject(observation: &Observation) -> Option<&AttemptId> {
    match observation {
        Observation::Held(sighting) => Some(&sighting.attempt_id),
        Observation::Gone(id) => Some(id),
        Observation::Synced => None,
    }
}

fn brief(observation: &Observation) -> String {
    match observation {
        Observation::Held(Sighting { attempt_id, phase: Phase::Finished(end), .. }) => {
            format!("{attempt_id} finished, exit {:?}, {:?}", end.exit_code, end.cause)
        }
        Observation::Held(sighting) => format!("{} {:?}", sighting.attempt_id, sighting.phase),
        Observation::Gone(id) => format!("{id} is gone"),
        Observation::Synced => "synced".to_owned(),
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("name", &self.name).finish_non_exhaustive()
    }
}
