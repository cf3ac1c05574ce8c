//! `WholeOrNot`: an API that is posted anything, and is held to taking each bundle whole or not at all.
//!
//! The property test and the fuzz target (`fuzz/`) share it.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use leviathan_core::artifact::MemoryArtifactStore;
use leviathan_core::graph::Graph;
use leviathan_core::id::LogId;
use leviathan_core::log::{Head, Position, RecordedEvent, Verifier};
use leviathan_core::store::{EventStore, MemoryEventStore};
use leviathan_core::{Bundle, Clock, Ledger, NewLog, Secret, Timestamp};
use leviathan_http::server::{ApiState, Tokens, router};
use leviathan_http::view::IngestReceipt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

const TOKEN: &str = "worker";
/// Far more than any answer has.
const MAX_ANSWER: usize = 1024 * 1024;

/// An API over a log in memory, without a socket.
pub(crate) struct WholeOrNot {
    router: axum::Router,
    ledger: Ledger,
    store: Arc<MemoryEventStore>,
}

/// It is always the same moment, so that what fails once fails again.
#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs(1_769_248_805)
    }

    fn sleep(&self, _: Duration) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

impl WholeOrNot {
    pub(crate) async fn start() -> Self {
        let store = Arc::new(MemoryEventStore::default());
        let new = NewLog { log_id: LogId::from_u128(7), name: "anything".into() };
        let (ledger, task) = Ledger::open(store.clone(), Arc::new(Fixed), new).await.unwrap();
        tokio::spawn(task.run());
        let tokens = Tokens::new(vec![Secret::new("operator")], vec![Secret::new(TOKEN)]).unwrap();
        let state = ApiState::new(ledger.clone(), Arc::new(MemoryArtifactStore::default()), tokens);
        Self { router: router(state), ledger, store }
    }

    /// Posts `body`, which may be anything, and holds the log against what was answered.
    pub(crate) async fn post(&self, body: &[u8]) -> StatusCode {
        let before = self.events().await;
        let request = Request::post("/v1/events/ingest")
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_LENGTH, body.len())
            .body(Body::from(body.to_vec()))
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let said = to_bytes(answer.into_body(), MAX_ANSWER).await.unwrap();
        let after = self.events().await;
        assert_eq!(after[..before.len()], before, "what was recorded has changed");
        match (Bundle::parse(body), status) {
            (Ok(bundle), StatusCode::OK) => {
                let receipt: IngestReceipt = serde_json::from_slice(&said).unwrap();
                let ingested = self.check(&bundle, &after[before.len()..]);
                assert_eq!(receipt.ingested, ingested);
                assert_eq!(receipt.ingested + receipt.duplicates, bundle.events.len());
            }
            // A bundle may be whole and still be refused by the log: nothing else may keep it out.
            (Ok(_), StatusCode::CONFLICT) | (Err(_), StatusCode::BAD_REQUEST) => {
                assert_eq!(after.len(), before.len(), "{status}, and something was recorded all the same");
            }
            (parsed, _) => panic!("{status} for {parsed:?}: {}", String::from_utf8_lossy(&said)),
        }
        status
    }

    /// How many of a bundle's events are among the new ones, all of which were claimed or concluded from them.
    fn check(&self, bundle: &Bundle, new: &[RecordedEvent]) -> usize {
        let is_of_bundle = |recorded: &&RecordedEvent| {
            let envelope = recorded.body.envelope().unwrap();
            bundle.events.iter().any(|event| {
                event.event_id.as_str() == envelope.event_id
                    && event.event_type.as_str() == envelope.event_type
                    && event.payload.as_str() == envelope.payload
            })
        };
        new.iter().filter(is_of_bundle).count()
    }

    /// Holds the whole log against its chain and the graph.
    pub(crate) async fn finish(self) {
        let (mut verifier, mut replayed) = (Verifier::new(Head::EMPTY), Graph::default());
        for event in self.events().await {
            assert!(verifier.accept(event.head, event.body.leaf()), "{}", event.head);
            replayed.evolve(&event);
        }
        assert_eq!(replayed.digest(), self.ledger.read(Graph::digest), "a replay gives another graph");
    }

    async fn events(&self) -> Vec<RecordedEvent> {
        self.store.read(Position::START, NonZeroUsize::MAX).await.unwrap()
    }
}
