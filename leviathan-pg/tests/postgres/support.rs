//! What the tests share: a server, logs in it, and events.

pub(crate) mod child;
mod host;
mod proxy;
pub(crate) mod python;
mod words;

pub(crate) use host::Host;
pub(crate) use proxy::{Proxy, Way};
pub(crate) use words::*;

use futures::TryStreamExt;
use leviathan_core::log::{EventBody, Hash, Head, Position, RecordedEvent, SealedEvent, Verifier};
use leviathan_core::store::{EventStore, StoreErrorKind};
use leviathan_pg::PgEventStore;
use leviathan_test_postgres::Server;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The patience of a store that is going to lose it: long enough for what goes well on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// A runtime as a host would have it.
pub(crate) fn block_on<F: Future>(test: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test)
}

/// The server that the tests of this process share.
#[track_caller]
pub(crate) fn server() -> &'static Server {
    match Server::shared() {
        Ok(server) => server,
        Err(why) => panic!("{why}"),
    }
}

/// The database that tests share which need only a log of their own.
pub(crate) fn database() -> &'static str {
    static DATABASE: OnceLock<String> = OnceLock::new();
    DATABASE.get_or_init(|| server().new_database().unwrap())
}

/// A name that no other log of this process has.
pub(crate) fn log_name() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("log-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) async fn open(url: &str, log: &str) -> PgEventStore {
    PgEventStore::connect(url, log).await.unwrap()
}

/// An empty log.
pub(crate) async fn new_log() -> PgEventStore {
    open(database(), &log_name()).await
}

/// Events behind `head`, with bodies that name what they are for.
pub(crate) fn events(head: Head, count: usize, name: &str) -> Vec<SealedEvent> {
    let body =
        |n: usize| format!("{{\"event_id\":\"{name}-{n}\",\"payload\":{{\"n\":{n},\"text\":\"é\\\"}}\"}}}}");
    SealedEvent::chain(head, (0..count).map(|n| EventBody::seal(body(n).into())))
}

/// Appends that many events at the log's end.
pub(crate) async fn append(store: &PgEventStore, count: usize, name: &str) -> Vec<SealedEvent> {
    let head = store.head().await.unwrap();
    let events = events(head, count, name);
    store.append(&head, &events).await.unwrap();
    events
}

pub(crate) fn end(events: &[SealedEvent]) -> Head {
    events.last().map_or(Head::EMPTY, |event| event.head)
}

pub(crate) fn recorded(events: &[SealedEvent]) -> Vec<RecordedEvent> {
    events.iter().cloned().map(SealedEvent::recorded).collect()
}

/// What the store says in the end, asked as the ledger asks.
pub(crate) async fn settled(store: &PgEventStore, at: Position) -> Option<Hash> {
    loop {
        match store.settled(at).await {
            Ok(settled) => return settled,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}"),
        }
    }
}

/// The whole log, verified.
pub(crate) async fn read_all(store: &PgEventStore) -> Vec<RecordedEvent> {
    let all = store.read(Position::START, NonZeroUsize::MAX).await.unwrap();
    let mut verifier = Verifier::new(Head::EMPTY);
    for event in &all {
        assert!(verifier.accept(event.head, event.body.leaf()), "it does not verify at {}", event.head);
    }
    all
}

/// Writes the log to a file in its verifiable form, and gives its head.
pub(crate) async fn export_to(store: &PgEventStore, file: &Path) -> Head {
    let head = store.head().await.unwrap();
    let mut lines = std::pin::pin!(store.export(Position::START).await.unwrap());
    let mut out = BufWriter::new(File::create(file).unwrap());
    while let Some(line) = lines.try_next().await.unwrap() {
        out.write_all(&line).unwrap();
    }
    out.flush().unwrap();
    head
}

/// A server that belongs to a test, for stopping it.
#[track_caller]
pub(crate) fn own_server() -> Server {
    match Server::start() {
        Ok(server) => server,
        Err(why) => panic!("{why}"),
    }
}
