//! `GET /v1/graph/digest`: one hash of the whole graph, now or as it was.

use super::asked::Asked;
use super::refusals::{BadRequest, NoSuchThing};
use super::refuse::{BROKEN, NOT_FOUND, OVERLOADED};
use super::state::ApiState;
use crate::Problem;
use crate::view::GraphDigest;
use axum::Json;
use axum::extract::State;
use leviathan_core::Ledger;
use leviathan_core::graph::{Graph, PROJECTION_VERSION};
use leviathan_core::log::Position;
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

/// How many events are read at once for a replay; each has at most 256 KiB.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// Room for one digest at a time: each holds a second graph in memory.
#[derive(Debug, Clone)]
pub(super) struct DigestRoom(Arc<Semaphore>);

impl Default for DigestRoom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl DigestRoom {
    fn take(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let taken = |_| OVERLOADED.because("another digest is being made, and they are made one at a time");
        self.0.clone().try_acquire_owned().map_err(taken)
    }
}

/// One hash of the whole graph, now or as it was at a position.
///
/// Every replica gives the same for the same position. Now it is that of the graph that answers questions; at a position,
/// that of the log's replay up to there, so asking for both proves that the graph is what the log says. It takes time in
/// proportion to the log, and is made one at a time.
#[utoipa::path(
    get,
    path = "/v1/graph/digest",
    operation_id = "digest",
    params(("at" = Option<u64>, Query, description = "The position up to which the log is replayed; now, if it is left out.")),
    responses((status = 200, description = "The digest.", body = GraphDigest), BadRequest, NoSuchThing)
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    mut asked: Asked,
) -> Result<Json<GraphDigest>, Problem> {
    let at = asked.number("at").map(Position::new);
    asked.end()?;
    let room = api.digests.take()?;
    let graph = match at {
        // The copy is made at once; the hash, which takes longer, holds up nobody.
        None => blocking(move || api.ledger.read(Graph::clone)).await?,
        Some(at) => replay(&api.ledger, at).await?,
    };
    blocking(move || {
        let _room = room;
        let head = graph.head();
        Json(GraphDigest {
            digest: graph.digest(),
            position: head.position,
            head: head.hash,
            projection_version: PROJECTION_VERSION,
        })
    })
    .await
}

/// The log's replay up to a position that it has.
async fn replay(ledger: &Ledger, at: Position) -> Result<Graph, Problem> {
    let last = ledger.read(|graph| graph.head().position);
    if at > last {
        return Err(NOT_FOUND.because(format_args!("there is no event at {at}: the log ends at {last}")));
    }
    let mut graph = Graph::new();
    loop {
        let due = at.get() - graph.head().position.get();
        let Some(due) = NonZeroUsize::new(usize::try_from(due).unwrap_or(usize::MAX)) else {
            return Ok(graph);
        };
        let page = ledger.store().read(graph.head().position, due.min(PAGE)).await?;
        if page.is_empty() {
            return Err(
                BROKEN.because(format_args!("the store has no event behind {}", graph.head().position))
            );
        }
        graph = blocking(move || {
            page.iter().for_each(|event| graph.evolve(event));
            graph
        })
        .await?;
    }
}

/// Does what takes long where it holds up no other request.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let failed = |_| BROKEN.because("the control plane failed to make the digest; its log says more");
    spawn_blocking(work).await.map_err(failed)
}
