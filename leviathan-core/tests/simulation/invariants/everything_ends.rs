//! Once no fault happens any more, everything ends: nothing is open, nothing is held, and each task is done or waits for a
//! person.

use crate::author::Author;
use crate::client::Client;
use crate::clock::timestamp;
use crate::fleet::Fleet;
use crate::forge::Forge;
use leviathan_core::graph::{Graph, TaskKey};
use leviathan_core::schedule::{Blocked, admit};
use leviathan_core::{Ledger, Timestamp};

/// What still goes on, if anything does.
pub(crate) fn check(client: &Client, fleet: &Fleet, forge: &Forge) -> Result<(), String> {
    let hosts = &client.hosts;
    let ledgers = hosts.all().ok_or("a host is down")?;
    if client.is_busy() || hosts.disk.is_any_under_way() {
        return Err("a worker is still reporting".to_owned());
    }
    let left = fleet.left();
    if !left.is_empty() {
        return Err(format!("the fleet still holds {left:?}"));
    }
    if !forge.is_quiet() {
        return Err("the forge has open pull requests".to_owned());
    }
    // Whatever waits for a time is due by then, by any host's clock.
    let now = timestamp(hosts.sim.now()) - chrono::TimeDelta::seconds(10);
    let is_behind = |(_, ledger): &(Author, Ledger)| ledger.read(|graph| graph.head()) != hosts.disk.head();
    match ledgers.iter().find(|host| is_behind(host)) {
        Some((author, _)) => Err(format!("{author} is behind")),
        None => ledgers[0].1.read(|graph| settled(graph, now)),
    }
}

fn settled(graph: &Graph, now: Timestamp) -> Result<(), String> {
    if let Some(open) = graph.open_attempts().next() {
        return Err(format!("{} is open, {}", open.attempt_id, open.state.name()));
    }
    let mut tasks = graph.targets().flat_map(|target| graph.tasks(&target.target_id));
    tasks.try_for_each(|task| waits_for_a_person(graph, &task.key, now))
}

fn waits_for_a_person(graph: &Graph, key: &TaskKey, now: Timestamp) -> Result<(), String> {
    match admit(graph, key, now) {
        Err(
            Blocked::Completed
            | Blocked::Failed(_)
            | Blocked::Blocked(_)
            | Blocked::NotReady
            | Blocked::BacklogStatus(_)
            | Blocked::Removed
            | Blocked::Cycle(_)
            | Blocked::OutsidePrefixes(_)
            | Blocked::AwaitingMerge(_)
            | Blocked::WaitsFor { .. }
            | Blocked::TargetPaused { .. },
        ) => Ok(()),
        Err(blocked) => Err(format!("{key} is never started: {blocked}")),
        Ok(()) => Err(format!("{key} may start, and is not started")),
    }
}
