//! `GET /v1/events/export`: the log in its verifiable form.

use crate::Problem;
use crate::server::ApiState;
use crate::server::asked::Asked;
use crate::server::refusals::BadRequest;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use leviathan_core::Ledger;
use leviathan_core::log::{ExportLine, Position};
use leviathan_core::store::StoreError;
use std::num::NonZeroUsize;
use tokio::sync::OwnedSemaphorePermit;

/// How many events are in memory at once; each has at most 256 KiB.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);
/// The header that says where the export ends.
const HEAD: HeaderName = HeaderName::from_static("leviathan-log-head");

/// The log in its verifiable form, one line for each event.
///
/// It ends where the log ended when it was asked for, which the header `Leviathan-Log-Head` names as `position:hash`. An
/// answer that breaks off before is not whole.
#[utoipa::path(
    get,
    path = "/v1/events/export",
    operation_id = "export",
    params((
        "after" = Option<u64>, Query,
        description = "The position behind which the export begins; from the start if it is left out, and only then can \
            it be verified by itself."
    )),
    responses(
        (
            status = 200,
            description = "The lines.",
            body = String,
            content_type = "application/x-ndjson",
            headers(("Leviathan-Log-Head" = String, description = "Where it ends, as `position:hash`.")),
        ),
        BadRequest,
    )
)]
pub(in crate::server) async fn show(
    State(api): State<ApiState>,
    mut asked: Asked,
) -> Result<Response, Problem> {
    let after = Position::new(asked.number("after").unwrap_or_default());
    asked.end()?;
    let room = api.streams.export()?;
    let head = api.ledger.read(|graph| graph.head());
    let pages = Pages { ledger: api.ledger, after, last: head.position, _room: room };
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson".to_owned()), (HEAD, head.to_string())];
    Ok((headers, Body::from_stream(stream::try_unfold(pages, Pages::next))).into_response())
}

/// What is still to be sent.
struct Pages {
    ledger: Ledger,
    after: Position,
    last: Position,
    _room: OwnedSemaphorePermit,
}

impl Pages {
    /// The next lines. They are read once the ones before were taken.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        let due = self.last.get().saturating_sub(self.after.get());
        let due = usize::try_from(due).unwrap_or(usize::MAX);
        let Some(due) = NonZeroUsize::new(due) else { return Ok(None) };
        let page = self.ledger.store().read(self.after, due.min(PAGE)).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last.head.position;
        let mut lines = Vec::new();
        page.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut lines));
        Ok(Some((lines.into(), self)))
    }
}
