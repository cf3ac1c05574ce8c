//! How much memory the export of a large log takes. A program of its own with one test, since every allocation in it is
//! counted: those of the server, and those of the client that reads.
#![allow(clippy::expect_used, reason = "what a helper of a test cannot do fails the test")]

use async_trait::async_trait;
use bytes::{Buf, Bytes, BytesMut};
use cap::Cap;
use futures::StreamExt;
use leviathan_benches::{Serving, backlog};
use leviathan_core::Secret;
use leviathan_core::log::{
    EventBody, ExportLine, Hash, Head, Position, RecordedEvent, SealedEvent, Verifier,
};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use leviathan_http::client::ControlPlane;
use std::alloc::System;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// How many events the log has.
const EVENTS: usize = 1_000_000;
/// What an export of any length may take in bytes: a page of small events as it is read and as it is sent, and what lies in
/// the buffers of both sides.
const MOST: usize = 4 * 1024 * 1024;
/// Of so many pieces the client takes each only after a pause, so that the server would be far ahead if it could.
const SLOWLY: usize = 500;

/// A log that is made whenever it is read, and of which only every so-and-so-manieth head is kept.
#[derive(Debug)]
struct MadeLog {
    beginning: Vec<Bytes>,
    heads: Vec<Head>,
    /// The most memory that was in use when something was read.
    most: AtomicUsize,
}

impl MadeLog {
    /// How far the heads that are kept are apart.
    const STEP: usize = 256;

    fn new() -> Self {
        let mut log = Self { beginning: backlog(0, 0), heads: vec![Head::EMPTY], most: AtomicUsize::new(0) };
        for step in 0..EVENTS / Self::STEP {
            let last = log.chain(step).last().map(|event| event.head);
            log.heads.extend(last);
        }
        log
    }

    /// The events of one step.
    fn chain(&self, step: usize) -> Vec<SealedEvent> {
        let bodies = (step * Self::STEP..EVENTS.min((step + 1) * Self::STEP)).map(|n| self.body(n));
        SealedEvent::chain(self.heads[step], bodies.map(EventBody::seal))
    }

    fn body(&self, n: usize) -> Bytes {
        let made = || {
            Bytes::from(format!(
                r#"{{"event_id":"file-{n}","event_type":"file.discovered","version":1,"timestamp":"2026-01-24T10:00:05Z","recorded_at":"2026-01-24T10:00:06Z","actor_id":"indexer","origin":"claimed","target":"radix","payload":{{"path":"docs/{n}"}}}}"#
            ))
        };
        self.beginning.get(n).cloned().unwrap_or_else(made)
    }
}

#[async_trait]
impl EventStore for MadeLog {
    async fn append(&self, _: &Head, _: &[SealedEvent]) -> Result<(), StoreError> {
        Err(StoreError::new(StoreErrorKind::Unavailable, "this log is made, and takes nothing"))
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        let first = usize::try_from(after.get()).unwrap_or(EVENTS);
        let steps = first / Self::STEP..EVENTS.div_ceil(Self::STEP);
        let events = steps.flat_map(|step| self.chain(step)).filter(|event| event.head.position > after);
        let page = events.take(limit.get()).map(SealedEvent::recorded).collect();
        self.most.fetch_max(MEMORY.allocated(), Ordering::Relaxed);
        Ok(page)
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut events = Vec::new();
        for position in positions {
            let before = Position::new(position.get() - 1);
            events.extend(self.read(before, NonZeroUsize::MIN).await?);
        }
        Ok(events)
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        Ok(self.get(&[at]).await?.first().map(|event| event.head.hash))
    }

    async fn changed(&self, _: Position) -> Result<(), StoreError> {
        std::future::pending().await
    }
}

/// Takes the lines that have come whole off `come`, and goes on with `verifier` by them.
fn verify(verifier: &mut Verifier, come: &mut BytesMut) {
    while let Some(end) = come.iter().position(|byte| *byte == b'\n') {
        let line = ExportLine::parse(&Bytes::copy_from_slice(&come[..=end])).expect("a line of an export");
        assert!(verifier.accept(line.head, Hash::leaf(&line.body)), "{}", line.head);
        come.advance(end + 1);
    }
}

#[tokio::test]
async fn an_export_takes_as_much_memory_at_a_million_events_as_at_a_page_of_them() {
    let begun = Instant::now();
    let log = Arc::new(MadeLog::new());
    let serving = Serving::start(log.clone()).await.expect("the control plane starts");
    println!("{EVENTS} events are served after {:?}", begun.elapsed());
    let url = format!("http://{}", serving.at);
    let client = ControlPlane::new(&url, Secret::new(Serving::TOKEN)).expect("a client");
    let (begun, before) = (Instant::now(), MEMORY.allocated());
    log.most.store(before, Ordering::Relaxed);

    let asking = client.asking_until(begun + Duration::from_secs(60));
    let mut export = asking.export(Position::START).await.expect("an export");
    let (mut verifier, mut come) = (Verifier::new(Head::EMPTY), BytesMut::new());
    let (mut most, mut bytes, mut pieces) = (before, 0, 0);
    while let Some(piece) = export.bytes.next().await {
        let piece = piece.expect("the export goes on");
        (bytes, pieces) = (bytes + piece.len(), pieces + 1);
        if pieces <= SLOWLY {
            // This is the being slow itself.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        come.extend_from_slice(&piece);
        verify(&mut verifier, &mut come);
        most = most.max(MEMORY.allocated());
    }
    let taken = most.max(log.most.load(Ordering::Relaxed)) - before;
    println!("{bytes} bytes in {:?}, of which at most {taken} were in memory at once", begun.elapsed());
    assert_eq!((verifier.head(), verifier.head().position.get()), (export.head, EVENTS as u64));
    assert!(taken < MOST, "{taken} bytes");
}
