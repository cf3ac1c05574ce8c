//! A snapshot stands for the log up to its head, or it is refused.

use crate::lists::lists;
use crate::properties::{Run, TASKS, step};
use crate::support::host::{TokioClock, new_log};
use crate::support::*;
use async_trait::async_trait;
use leviathan_core::Ledger;
use leviathan_core::executor::Observation;
use leviathan_core::graph::{BadSnapshot, Graph, PROJECTION_VERSION};
use leviathan_core::id::AttemptId;
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::schedule::{self, Held, admit, reconcile};
use leviathan_core::store::{EventStore, MemoryEventStore, StoreError};
use proptest::prelude::*;
use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

/// All that anyone asks of a graph.
fn answers(graph: &Graph, attempts: &[AttemptId], now: leviathan_core::Timestamp) -> impl Debug + PartialEq {
    let admitted: Vec<_> = TASKS.iter().map(|task| admit(graph, &key(task), now)).collect();
    let next: Vec<_> = schedule::next(graph, now).collect();
    let next_of: Vec<_> = schedule::next_of(graph, &target(), now).collect();
    let due = schedule::next_due(graph, None, now);
    // Of every third attempt nothing is seen any more, and every other third has ended.
    let mut held = Held::nothing(here());
    for (n, attempt) in attempts.iter().enumerate().filter(|(n, _)| n % 3 > 0) {
        let phase = if n % 3 == 1 { leviathan_core::executor::Phase::Running } else { finished(exit(0)) };
        held.observe(Observation::Held(sighting(attempt, phase)), now);
    }
    held.observe(Observation::Synced, now);
    let artifacts: Vec<_> = attempts.iter().flat_map(|id| graph.artifacts(id)).cloned().collect();
    let requests: Vec<_> = graph.open_pull_requests(&target()).cloned().collect();
    let lists = lists(graph);
    let occupied: Vec<_> = TASKS.iter().map(|task| graph.occupied_by_others(&key(task))).collect();
    (
        (admitted, next, next_of, due),
        (format!("{:?}", reconcile(graph, &held, now)), artifacts, requests, occupied),
        lists,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_graph_that_was_loaded_goes_on_as_if_it_had_never_been_saved(
        steps in prop::collection::vec(step(), 1..80),
        part in 0..=100_usize,
    ) {
        let mut run = Run { world: World::with(TASKS), attempts: Vec::new() };
        steps.into_iter().for_each(|step| run.take(step));
        let (log, now) = (&run.world.log, run.world.now);
        let (before, after) = log.split_at(log.len() * part / 100);

        let mut straight = Graph::new();
        before.iter().for_each(|event| straight.evolve(event));
        let mut loaded = Graph::from_snapshot(&straight.snapshot()).unwrap();
        prop_assert_eq!(loaded.digest(), straight.digest());
        prop_assert_eq!(loaded.snapshot(), straight.snapshot());
        for event in after {
            prop_assert_eq!(answers(&loaded, &run.attempts, now), answers(&straight, &run.attempts, now));
            straight.evolve(event);
            loaded.evolve(event);
        }
        prop_assert_eq!(answers(&loaded, &run.attempts, now), answers(&straight, &run.attempts, now));
        prop_assert_eq!(loaded.digest(), straight.digest());
        prop_assert_eq!(loaded.digest(), run.world.graph.digest());
        for event in log {
            prop_assert!(loaded.has_seen(&event.body.envelope().unwrap().fingerprint()));
        }
    }
}

/// A graph in which something was done.
fn world() -> World {
    let mut world = World::with(TASKS);
    let attempt = world.run("a");
    world.says([report(&attempt, None)]);
    world.end(&attempt, exit(0));
    world
}

#[test]
fn a_snapshot_that_does_not_fit_is_refused_with_what_does_not() {
    let bytes = world().graph.snapshot();
    let refused = |bytes: &[u8]| Graph::from_snapshot(bytes).unwrap_err();
    let with = |from: &str, to: &str| {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        let header = std::str::from_utf8(&bytes[..end]).unwrap();
        assert!(header.contains(from), "{header}");
        sealed([header.replace(from, to).as_bytes(), &bytes[end..bytes.len() - 32]].concat())
    };
    assert_eq!(refused(b""), BadSnapshot::NotOne);
    assert_eq!(refused(b"{\"position\":1}\n"), BadSnapshot::NotOne);
    assert_eq!(refused(&with("format=2", "format=9")), BadSnapshot::Format { found: 9 });
    let other = PROJECTION_VERSION + 1;
    let projection = format!("projection={PROJECTION_VERSION}");
    assert_eq!(
        refused(&with(&projection, &format!("projection={other}"))),
        BadSnapshot::Projection { found: other }
    );
    let head = world().graph.head();
    let said = Head { position: head.position.next(), ..head };
    assert_eq!(refused(&with(&head.to_string(), &said.to_string())), BadSnapshot::Head { said, found: head });
    let nothing = sealed([&bytes[..bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1]].concat());
    assert!(matches!(refused(&nothing), BadSnapshot::Content(_)), "{:?}", refused(&nothing));
}

#[test]
fn a_snapshot_with_any_byte_changed_or_cut_off_is_refused() {
    let bytes = world().graph.snapshot();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Graph::from_snapshot(&changed).is_err(), "byte {at} of {}", bytes.len());
        assert!(Graph::from_snapshot(&bytes[..at]).is_err(), "cut at {at} of {}", bytes.len());
    }
}

/// With the checksum that these bytes have.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = Hash::of(&bytes);
    bytes.extend_from_slice(checksum.as_bytes());
    bytes
}

/// A log in memory that remembers from where it was read.
#[derive(Debug, Default)]
struct Watched {
    log: MemoryEventStore,
    reads: Mutex<Vec<Position>>,
}

#[async_trait]
impl EventStore for Watched {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        self.log.append(head, events).await
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        self.reads.lock().unwrap().push(after);
        self.log.read(after, limit).await
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.log.get(positions).await
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        self.log.settled(at).await
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        self.log.changed(after).await
    }
}

/// Opens the log of `world` with a snapshot: the digest, and from where the log was read first.
async fn opened(world: &World, snapshot: &[u8]) -> (Hash, Position) {
    let store = Arc::new(Watched::default());
    let sealed: Vec<_> =
        world.log.iter().map(|event| SealedEvent { head: event.head, body: event.body.clone() }).collect();
    store.append(&Head::EMPTY, &sealed).await.unwrap();
    let clock = TokioClock::new();
    let (ledger, _task) = Ledger::open_with(store.clone(), clock, new_log(), Some(snapshot)).await.unwrap();
    let first = store.reads.lock().unwrap()[0];
    assert_eq!(Graph::from_snapshot(&ledger.snapshot()).unwrap().digest(), ledger.read(Graph::digest));
    (ledger.read(Graph::digest), first)
}

#[tokio::test]
async fn a_ledger_with_a_snapshot_reads_only_what_stands_behind_it() {
    let mut world = world();
    let (snapshot, head) = (world.graph.snapshot(), world.graph.head());
    let attempt = world.run("b");
    world.end(&attempt, exit(1));
    assert_eq!(opened(&world, &snapshot).await, (world.graph.digest(), head.position));
}

#[tokio::test]
async fn a_snapshot_of_another_log_or_of_a_longer_one_is_thrown_away_and_the_log_replayed() {
    let world = world();
    let mut longer = world.clone();
    longer.run("b");
    let mut other = World::with(TASKS);
    other.now = at(7);
    other.run("a");
    for snapshot in [longer.graph.snapshot(), other.graph.snapshot(), b"damaged".to_vec()] {
        assert_eq!(opened(&world, &snapshot).await, (world.graph.digest(), Position::START));
    }
}
