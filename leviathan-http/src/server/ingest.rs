//! `POST /v1/events/ingest`: taking a worker's bundle.

use super::bundle_body::BundleBody;
use super::bundle_room::Reserved;
use super::metrics::{Figure, is_about};
use super::refusals::{BadRequest, BodyTooLarge};
use super::refuse::{BROKEN, FORBIDDEN};
use super::unread::unread;
use super::{ApiState, Caller};
use crate::Problem;
use crate::view::IngestReceipt;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::{Extension, Json};
use bytes::Bytes;
use leviathan_core::decide::Command;
use leviathan_core::id::AttemptId;
use leviathan_core::{Bundle, Ledger, MAX_BUNDLE_BYTES};
use std::time::Instant;

/// The largest bundle that is read between other requests.
const MAX_INLINE: usize = 64 * 1024;

/// Takes a worker's bundle.
///
/// Records a bundle whole or not at all, and answers once it is durable. What it holds is always claimed.
#[utoipa::path(
    post,
    path = "/v1/events/ingest",
    operation_id = "ingest",
    request_body = BundleBody,
    responses(
        (status = 200, description = "All of it is in the log.", body = IngestReceipt),
        BadRequest,
        BodyTooLarge,
    )
)]
pub(super) async fn ingest(
    State(ApiState { ledger, metrics, .. }): State<ApiState>,
    Extension(caller): Extension<Caller>,
    _room: Reserved,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<IngestReceipt>, Problem> {
    let bundle = parse(body.map_err(|rejection| unread(rejection, "a bundle", MAX_BUNDLE_BYTES))?).await?;
    let begun = Instant::now();
    is_about("target_id", bundle.target.as_str());
    if let Some(attempt) = bundle.attempt() {
        is_about("attempt_id", attempt.as_str());
    }
    if let Caller::Attempt(attempt) = &caller {
        speaks_for(&ledger, attempt, &bundle)?;
    }
    let (bundle_id, events) = (bundle.bundle_id.clone(), bundle.events.len());
    let receipt = ledger.submit(Command::Ingest(bundle)).await?;
    // What the control plane recorded because of the bundle is not of the bundle.
    let ingested = events.saturating_sub(receipt.duplicates);
    metrics.histogram(Figure::IngestSeconds, []).record(begun.elapsed());
    metrics.counter(Figure::IngestEvents, []).increment(ingested as u64);
    metrics.counter(Figure::IngestDuplicates, []).increment(receipt.duplicates as u64);
    Ok(Json(IngestReceipt {
        status: "ok".to_owned(),
        bundle_id,
        ingested,
        duplicates: receipt.duplicates,
        position: receipt.head.position,
        head: receipt.head.hash,
    }))
}

/// An attempt's token is good for what is about that attempt, and for nothing else.
fn speaks_for(ledger: &Ledger, attempt: &AttemptId, bundle: &Bundle) -> Result<(), Problem> {
    let task = ledger.read(|graph| graph.attempt(attempt)?.task.clone());
    let faults = bundle.faults_beyond(attempt, task.as_ref().map(|task| &task.target_id));
    if faults.is_empty() {
        return Ok(());
    }
    let detail = "the token speaks for one attempt only, and nothing of the bundle was recorded";
    Err(FORBIDDEN.because(detail).with_faults(faults))
}

/// Reads and checks a bundle, a large one where it holds up nobody else.
async fn parse(body: Bytes) -> Result<Bundle, Problem> {
    if body.len() <= MAX_INLINE {
        return Ok(Bundle::parse(&body)?);
    }
    let parsed = tokio::task::spawn_blocking(move || Bundle::parse(&body)).await;
    Ok(parsed
        .map_err(|_| BROKEN.because("the control plane failed to read the bundle; its log says more"))??)
}
