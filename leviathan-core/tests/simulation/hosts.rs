//! `Hosts`: several programs, each with a ledger and a scheduler of its own, on the one log and the one fleet.

use super::author::Author;
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
use leviathan_core::{Leadership, Ledger, LedgerError, NewLog, Scheduler, Until};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const HOSTS: usize = 3;

pub(crate) struct Hosts {
    pub(crate) sim: Sim,
    pub(crate) disk: Arc<Disk>,
    fleet: Arc<Fleet>,
    log_id: LogId,
    ahead: Vec<TimeDelta>,
    lease: Duration,
    lives: Mutex<[u32; HOSTS]>,
    ledgers: Mutex<Vec<Option<(Author, Ledger)>>>,
    /// What each host saved of its graph last.
    snapshots: Mutex<[Option<Vec<u8>>; HOSTS]>,
}

impl Hosts {
    pub(crate) fn new(sim: Sim, disk: Arc<Disk>, fleet: Arc<Fleet>) -> Arc<Self> {
        let log_id = LogId::from_u128(u128::from(sim.number()));
        let ahead = (0..HOSTS).map(|_| TimeDelta::milliseconds(sim.below(500) as i64 - 250)).collect();
        let ledgers = Mutex::new(vec![None; HOSTS]);
        let lease = Duration::from_secs(20 + sim.below(40) as u64);
        Arc::new(Self {
            sim,
            disk,
            fleet,
            log_id,
            ahead,
            lease,
            lives: Mutex::default(),
            ledgers,
            snapshots: Mutex::default(),
        })
    }

    /// Begins a host's life, or begins it anew after a crash.
    pub(crate) fn boot(self: &Arc<Self>, host: usize) {
        self.sim.is_up_again(host);
        let life = {
            let mut lives = self.lives.lock().unwrap();
            lives[host] += 1;
            lives[host]
        };
        let author = Author { host, life };
        self.sim.say(format_args!("{author}: begins"));
        self.sim.spawn(Owner::Host(host), self.clone().live(author));
    }

    async fn live(self: Arc<Self>, author: Author) {
        let host = author.host;
        let sim = self.sim.clone();
        let clock = Arc::new(HostClock::new(sim.clone(), self.ahead[host]));
        let store = Arc::new(SimStore { sim: sim.clone(), disk: self.disk.clone(), author });
        let (ledger, task) = loop {
            let new = NewLog { log_id: self.log_id, name: "simulation".to_owned() };
            let snapshot = self.snapshots.lock().unwrap()[host].clone();
            match Ledger::open_with(store.clone(), clock.clone(), new, snapshot.as_deref()).await {
                Ok(opened) => break opened,
                Err(LedgerError::Store(_)) => sim.sleep(Duration::from_secs(1)).await,
                Err(error) => {
                    return sim.violated(Invariant::LedgerGoesOn, format_args!("{author}: {error}"));
                }
            }
        };
        sim.say(format_args!("{author}: is at {}", ledger.read(|graph| graph.head()).position));
        self.ledgers.lock().unwrap()[host] = Some((author, ledger.clone()));
        sim.spawn(Owner::Host(host), task.run());
        let executor = Arc::new(SimExecutor { sim: sim.clone(), fleet: self.fleet.clone(), host });
        let scheduler = Scheduler::new(ledger, executor, clock)
            .with_leadership(Leadership::Lease(self.lease))
            .with_holder(author.to_string());
        if let Err(error) = scheduler.run(Until::Stopped, std::future::pending()).await {
            sim.violated(Invariant::LedgerGoesOn, format_args!("{author}: {error}"));
        }
    }

    /// A host has lost its memory. It begins anew after a while.
    pub(crate) fn crashed(self: &Arc<Self>, host: usize) {
        self.sim.say(format_args!("host {host}: CRASHED"));
        let ledger = self.ledgers.lock().unwrap()[host].take();
        if let Some((author, ledger)) = &ledger
            && self.sim.one_in(4)
        {
            replay_equals_live::check(&self.sim, &self.disk, *author, ledger);
        }
        if let Some((_, ledger)) = ledger.filter(|_| self.sim.one_in(2)) {
            self.snapshots.lock().unwrap()[host] = Some(ledger.snapshot());
        }
        let hosts = self.clone();
        let down = self.sim.sleep(self.sim.span(Duration::from_secs(180)));
        self.sim.spawn(Owner::World, async move {
            down.await;
            hosts.boot(host);
        });
    }

    /// A host that is up, if there is one.
    pub(crate) fn any(&self) -> Option<(Author, Ledger)> {
        let ledgers = self.ledgers.lock().unwrap();
        let up: Vec<usize> = (0..HOSTS).filter(|host| ledgers[*host].is_some()).collect();
        let host = *up.get(self.sim.below(up.len()))?;
        ledgers[host].clone()
    }

    /// The ledgers of all hosts, once all are up.
    pub(crate) fn all(&self) -> Option<Vec<(Author, Ledger)>> {
        self.ledgers.lock().unwrap().iter().cloned().collect()
    }
}
