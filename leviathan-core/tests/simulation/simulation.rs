//! `Simulation`: one seed from its beginning to the end of everything.

use super::client::Client;
use super::disk::Disk;
use super::fleet::Fleet;
use super::forge::Forge;
use super::hosts::{HOSTS, Hosts};
use super::invariants;
use super::people::People;
use super::runtime::Runtime;
use super::sim::{Owner, Sim};
use super::storm::Fault;
use super::violation::Violation;
use super::visitors::visitors;
use super::worker::Workers;
use leviathan_core::log::{Hash, Head};
use std::sync::Arc;
use std::time::Duration;

/// What came of one seed.
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    pub(crate) verdict: Result<(), Violation>,
    pub(crate) head: Head,
    pub(crate) trace: Hash,
    pub(crate) story: String,
}

/// How long everything may take once the storm is over.
const LONGEST_END: Duration = Duration::from_secs(12 * 3600);

/// Runs one seed. `verbose` prints its whole trace.
pub(crate) fn simulate(seed: u64, verbose: bool) -> Outcome {
    let sim = Sim::new(seed, verbose);
    let disk = Arc::new(Disk::new(sim.clone()));
    let fleet = Fleet::new(sim.clone(), disk.clone(), "fleet");
    let hosts = Hosts::new(sim.clone(), disk.clone(), fleet.clone());
    let forge = Forge::new(sim.clone());
    let client = Client::new(hosts.clone());
    let workers = Arc::new(Workers { sim: sim.clone(), client: client.clone(), forge: forge.clone() });
    fleet.employ(&workers);
    (0..HOSTS).for_each(|host| hosts.boot(host));
    sim.spawn(Owner::World, pauses(sim.clone()));
    sim.spawn(Owner::World, visitors(client.clone()));
    sim.spawn(Owner::World, story(client, fleet, forge));
    let crashed = hosts.clone();
    Runtime::new(sim.clone(), move |host| crashed.crashed(host)).run();
    // What was spawned last holds what it was spawned in.
    drop(sim.take_spawned());
    let verdict = sim.verdict().unwrap_or(Ok(()));
    let trace = sim.trace();
    Outcome { seed, verdict, head: disk.head(), trace: trace.hash(), story: trace.to_string() }
}

/// Hosts stand still now and then, as if their machine had been suspended.
async fn pauses(sim: Sim) {
    while !sim.is_calm() {
        sim.sleep(sim.span(Duration::from_secs(400))).await;
        if sim.strikes(Fault::Pause) {
            let (host, duration) = (sim.below(HOSTS), sim.span(Duration::from_secs(240)));
            sim.say(format_args!("host {host}: stands still for {} s", duration.as_secs()));
            sim.pause(host, duration);
        }
    }
}

/// The storm, and what must be once it is over.
async fn story(client: Client, fleet: Arc<Fleet>, forge: Forge) {
    let sim = client.hosts.sim.clone();
    let mut people = People::new(client.clone(), forge.clone());
    people.stir(sim.storm().lasts).await;
    let latest = sim.now() + LONGEST_END;
    while let Err(why) = invariants::everything_ends::check(&client, &fleet, &forge) {
        if sim.now() > latest {
            sim.stuck(&why);
        }
        sim.sleep(Duration::from_secs(30)).await;
    }
    invariants::at_the_end(&client.hosts, &fleet);
    sim.done();
}
