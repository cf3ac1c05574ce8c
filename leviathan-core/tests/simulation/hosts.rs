//! `Hosts`: several programs, each with a ledger and a scheduler of its own, on the one log and the one fleet.

use super::clock::HostClock;
use super::disk::Disk;
use super::executor::SimExecutor;
use super::fleet::Fleet;
use super::invariants::replay_equals_live;
use super::sim::{Owner, Sim};
use super::store::SimStore;
use super::violation::Invariant;
use chrono::TimeDelta;
use leviathan_core::id::LogId;
use leviathan_core::{Ledger, LedgerError, NewLog, Scheduler, Until};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const HOSTS: usize = 3;

pub(crate) struct Hosts {
    pub(crate) sim: Sim,
    pub(crate) disk: Arc<Disk>,
    fleets: Vec<Arc<Fleet>>,
    log_id: LogId,
    ahead: Vec<TimeDelta>,
    ledgers: Mutex<Vec<Option<Ledger>>>,
}

impl Hosts {
    pub(crate) fn new(sim: Sim, disk: Arc<Disk>, fleets: Vec<Arc<Fleet>>) -> Arc<Self> {
        let log_id = LogId::from_u128(u128::from(sim.number()));
        let ahead = (0..HOSTS).map(|_| TimeDelta::milliseconds(sim.below(4_000) as i64 - 2_000)).collect();
        let ledgers = Mutex::new(vec![None; HOSTS]);
        Arc::new(Self { sim, disk, fleets, log_id, ahead, ledgers })
    }

    /// Begins a host's life, or begins it anew after a crash.
    pub(crate) fn boot(self: &Arc<Self>, host: usize) {
        self.sim.is_up_again(host);
        self.sim.say(format_args!("host {host}: begins"));
        self.sim.spawn(Owner::Host(host), self.clone().live(host));
    }

    async fn live(self: Arc<Self>, host: usize) {
        let sim = self.sim.clone();
        let clock = Arc::new(HostClock::new(sim.clone(), self.ahead[host]));
        let store = Arc::new(SimStore { sim: sim.clone(), disk: self.disk.clone(), host });
        let (ledger, task) = loop {
            let new = NewLog { log_id: self.log_id, name: "simulation".to_owned() };
            match Ledger::open(store.clone(), clock.clone(), new).await {
                Ok(opened) => break opened,
                Err(LedgerError::Store(_)) => sim.sleep(Duration::from_secs(1)).await,
                Err(error) => {
                    return sim.violated(Invariant::LedgerGoesOn, format_args!("host {host}: {error}"));
                }
            }
        };
        sim.say(format_args!("host {host}: is at {}", ledger.read(|graph| graph.head()).position));
        self.ledgers.lock().unwrap()[host] = Some(ledger.clone());
        sim.spawn(Owner::Host(host), task.run());
        let fleet = self.fleets[host % self.fleets.len()].clone();
        let executor = Arc::new(SimExecutor { sim: sim.clone(), fleet, host });
        let scheduler = Scheduler::new(ledger.clone(), executor, clock);
        if let Err(error) = scheduler.run(Until::Stopped, std::future::pending()).await {
            sim.violated(Invariant::LedgerGoesOn, format_args!("host {host}: {error}"));
        }
    }

    /// A host has lost its memory. It begins anew after a while.
    pub(crate) fn crashed(self: &Arc<Self>, host: usize) {
        self.sim.say(format_args!("host {host}: CRASHED"));
        let ledger = self.ledgers.lock().unwrap()[host].take();
        if let Some(ledger) = ledger.filter(|_| self.sim.one_in(4)) {
            replay_equals_live::check(&self.sim, &self.disk, host, &ledger);
        }
        let hosts = self.clone();
        let down = self.sim.sleep(self.sim.span(Duration::from_secs(180)));
        self.sim.spawn(Owner::World, async move {
            down.await;
            hosts.boot(host);
        });
    }

    /// A host that is up, if there is one.
    pub(crate) fn any(&self) -> Option<(usize, Ledger)> {
        let ledgers = self.ledgers.lock().unwrap();
        let up: Vec<usize> = (0..HOSTS).filter(|host| ledgers[*host].is_some()).collect();
        let host = *up.get(self.sim.below(up.len()))?;
        ledgers[host].clone().map(|ledger| (host, ledger))
    }

    /// The ledgers of all hosts, once all are up.
    pub(crate) fn all(&self) -> Option<Vec<Ledger>> {
        self.ledgers.lock().unwrap().iter().cloned().collect()
    }
}
