//! `Sim`: what everything in a simulation shares: the virtual time, the draws of the seed, the trace, and the verdict.

mod sleep;

use super::storm::{Fault, Storm};
use super::trace::Trace;
use super::violation::{Invariant, Violation};
use futures::future::BoxFuture;
use sleep::Sleep;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Duration;

/// Whose task it is, and so what takes it along when it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// The world outside: workers, people, disks. It never crashes.
    World,
    /// A host.
    Host(usize),
}

/// A handle to what is shared. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sim(Arc<Mutex<State>>);

struct State {
    now: Duration,
    chance: fastrand::Rng,
    storm: Storm,
    is_calm: bool,
    trace: Trace,
    verdict: Option<Result<(), Violation>>,
    timers: BTreeMap<(Duration, u64), Waker>,
    next_timer: u64,
    spawned: Vec<(Owner, BoxFuture<'static, ()>)>,
    crashed: Vec<usize>,
    paused: BTreeMap<usize, Duration>,
    down: BTreeSet<usize>,
}

impl Sim {
    pub(crate) fn new(seed: u64, verbose: bool) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let storm = Storm::draw(&mut chance);
        let state = State {
            now: Duration::ZERO,
            chance,
            storm,
            is_calm: false,
            trace: Trace::new(verbose),
            verdict: None,
            timers: BTreeMap::new(),
            next_timer: 0,
            spawned: Vec::new(),
            crashed: Vec::new(),
            paused: BTreeMap::new(),
            down: BTreeSet::new(),
        };
        let sim = Self(Arc::new(Mutex::new(state)));
        let storm = sim.storm();
        sim.say(format_args!("seed {seed}: {storm:?}"));
        sim
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    // Time.

    pub(crate) fn now(&self) -> Duration {
        self.state().now
    }

    pub(crate) fn sleep(&self, duration: Duration) -> Sleep {
        Sleep { sim: self.clone(), at: self.now() + duration, timer: None }
    }

    /// Lets time pass to the next timer, or the end of the next pause. Nothing to wait for: `false`.
    pub(super) fn pass_time(&self) -> bool {
        let due = {
            let mut state = self.state();
            let timer = state.timers.keys().next().map(|(at, _)| *at);
            let pause = state.paused.values().min().copied();
            let Some(next) = timer.into_iter().chain(pause).min() else { return false };
            state.now = state.now.max(next);
            let now = state.now;
            state.paused.retain(|_, until| *until > now);
            let later = state.timers.split_off(&(now, u64::MAX));
            std::mem::replace(&mut state.timers, later)
        };
        due.into_values().for_each(Waker::wake);
        true
    }

    // Draws.

    /// A number below `bound`; 0 if there is none.
    pub(crate) fn below(&self, bound: usize) -> usize {
        if bound < 2 { 0 } else { self.state().chance.usize(..bound) }
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn number(&self) -> u64 {
        self.state().chance.u64(..)
    }

    pub(crate) fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A span of time up to `most`, more often a short one.
    pub(crate) fn span(&self, most: Duration) -> Duration {
        let unit = self.state().chance.f64();
        Duration::from_millis((most.as_millis() as f64 * unit * unit) as u64)
    }

    /// Whether this fault happens now. None does once the storm is over.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let mut state = self.state();
        let rate = if state.is_calm { 0 } else { state.storm.rate(fault) };
        rate > 0 && state.chance.u32(..10_000) < rate
    }

    /// Anything that crosses a wire takes a moment, and others go on meanwhile.
    pub(crate) async fn dawdle(&self) {
        let most = match self.below(20) {
            0..=9 => return,
            10..=17 => Duration::from_millis(20),
            18 => Duration::from_millis(400),
            _ if self.strikes(Fault::Slow) => Duration::from_secs(20),
            _ => Duration::from_secs(2),
        };
        self.sleep(self.span(most)).await;
    }

    // Tasks and hosts.

    pub(crate) fn spawn(&self, owner: Owner, future: impl Future<Output = ()> + Send + 'static) {
        self.state().spawned.push((owner, Box::pin(future)));
    }

    /// The host loses its memory right here: its futures go no further, and are dropped.
    pub(crate) async fn die(&self, host: usize) {
        self.crash(host);
        std::future::pending().await
    }

    fn crash(&self, host: usize) {
        let mut state = self.state();
        if state.down.insert(host) {
            state.crashed.push(host);
            state.paused.remove(&host);
        }
    }

    pub(super) fn may_crash(&self, host: usize) {
        if self.strikes(Fault::CrashAtPoll) {
            self.crash(host);
        }
    }

    /// The hosts that crashed since this was asked last.
    pub(crate) fn take_crashed(&self) -> Vec<usize> {
        std::mem::take(&mut self.state().crashed)
    }

    pub(crate) fn is_up_again(&self, host: usize) {
        self.state().down.remove(&host);
    }

    /// The host is not polled for so long, as if its machine had been suspended.
    pub(crate) fn pause(&self, host: usize, duration: Duration) {
        let mut state = self.state();
        if !state.down.contains(&host) {
            let until = state.now + duration;
            state.paused.insert(host, until);
        }
    }

    pub(super) fn is_paused(&self, owner: Owner) -> bool {
        matches!(owner, Owner::Host(host) if self.state().paused.contains_key(&host))
    }

    pub(super) fn take_spawned(&self) -> Vec<(Owner, BoxFuture<'static, ()>)> {
        std::mem::take(&mut self.state().spawned)
    }

    // The storm, the trace and the verdict.

    /// No fault happens from here on, and nobody is paused.
    pub(crate) fn calm(&self) {
        self.say(format_args!("the storm is over"));
        let mut state = self.state();
        state.is_calm = true;
        state.paused.clear();
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.state().is_calm
    }

    /// The storm of this seed.
    pub(crate) fn storm(&self) -> Storm {
        self.state().storm.clone()
    }

    pub(crate) fn say(&self, what: fmt::Arguments<'_>) {
        let mut state = self.state();
        let now = state.now;
        state.trace.say(now, what);
    }

    pub(crate) fn trace(&self) -> Trace {
        self.state().trace.clone()
    }

    /// All went well to the end.
    pub(crate) fn done(&self) {
        self.state().verdict.get_or_insert(Ok(()));
    }

    /// Something that must never be was seen. The first counts.
    pub(crate) fn violated(&self, invariant: Invariant, what: impl fmt::Display) {
        self.say(format_args!("VIOLATED {invariant:?}: {what}"));
        self.state().verdict.get_or_insert(Err(Violation { invariant, what: what.to_string() }));
    }

    pub(super) fn stuck(&self, why: &str) {
        self.violated(Invariant::EverythingEnds, why);
    }

    pub(super) fn is_over(&self) -> bool {
        self.state().verdict.is_some()
    }

    pub(crate) fn verdict(&self) -> Option<Result<(), Violation>> {
        self.state().verdict.clone()
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sim")
    }
}
