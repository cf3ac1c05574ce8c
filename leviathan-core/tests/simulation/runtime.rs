//! `Runtime`: polls one task after the other on one thread, in an order that the seed draws, and lets time pass only when
//! nobody has anything to do.

use super::sim::{Owner, Sim};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// After so many polls a simulation is taken to go round in circles.
const MOST_POLLS: u64 = 20_000_000;

/// All tasks of a simulation.
pub(crate) struct Runtime {
    sim: Sim,
    tasks: BTreeMap<u64, Task>,
    woken: Arc<Mutex<Vec<u64>>>,
    /// Those that want to be polled, each once.
    ready: Vec<u64>,
    next_task: u64,
    /// Told of each host that lost its memory.
    crashed: Box<dyn Fn(usize)>,
}

struct Task {
    owner: Owner,
    future: BoxFuture<'static, ()>,
    waker: Waker,
    is_ready: bool,
}

/// Puts its task among those that want to be polled.
struct TaskWaker {
    task: u64,
    woken: Arc<Mutex<Vec<u64>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap().push(self.task);
    }
}

impl Runtime {
    pub(crate) fn new(sim: Sim, crashed: impl Fn(usize) + 'static) -> Self {
        let crashed = Box::new(crashed);
        Self { sim, tasks: BTreeMap::new(), woken: Arc::default(), ready: Vec::new(), next_task: 0, crashed }
    }

    /// Runs until somebody has ended the simulation, or nothing can ever happen again.
    pub(crate) fn run(&mut self) {
        for _ in 0..MOST_POLLS {
            self.take_orders();
            if self.sim.is_over() {
                return;
            }
            match self.draw() {
                Some(task) => self.poll(task),
                None if self.sim.pass_time() => {}
                None => return self.sim.stuck("nothing will ever happen again"),
            }
        }
        self.sim.stuck("it goes round in circles");
    }

    /// Starts what was spawned, drops what was killed, and notes who was woken.
    fn take_orders(&mut self) {
        let spawned = self.sim.take_spawned();
        for host in self.sim.take_crashed() {
            let of_host = |(_, task): &(&u64, &Task)| task.owner == Owner::Host(host);
            let dead: Vec<u64> = self.tasks.iter().filter(of_host).map(|(id, _)| *id).collect();
            // Dropping a future may wake and spawn others.
            dead.iter().for_each(|id| drop(self.tasks.remove(id)));
            (self.crashed)(host);
        }
        for (owner, future) in spawned {
            let id = self.next_task;
            self.next_task += 1;
            let waker = Waker::from(Arc::new(TaskWaker { task: id, woken: self.woken.clone() }));
            self.tasks.insert(id, Task { owner, future, waker, is_ready: true });
            self.ready.push(id);
        }
        for id in std::mem::take(&mut *self.woken.lock().unwrap()) {
            if let Some(task) = self.tasks.get_mut(&id).filter(|task| !task.is_ready) {
                task.is_ready = true;
                self.ready.push(id);
            }
        }
    }

    /// One of those that want to be polled and whose owner is not paused.
    fn draw(&mut self) -> Option<u64> {
        let Self { tasks, ready, sim, .. } = self;
        ready.retain(|id| tasks.contains_key(id));
        let awake: Vec<usize> =
            (0..ready.len()).filter(|index| !sim.is_paused(tasks[&ready[*index]].owner)).collect();
        let drawn = *awake.get(sim.below(awake.len()))?;
        Some(ready.swap_remove(drawn))
    }

    fn poll(&mut self, id: u64) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        task.is_ready = false;
        let waker = task.waker.clone();
        let owner = task.owner;
        if let Poll::Ready(()) = task.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.tasks.remove(&id);
        }
        if let Owner::Host(host) = owner {
            self.sim.may_crash(host);
        }
    }
}
