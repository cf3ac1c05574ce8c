//! `GET /v1/events/stream`: what comes, as it comes.

use super::follower::Follower;
use crate::Problem;
use crate::server::asked::Asked;
use crate::server::refusals::BadRequest;
use crate::server::refuse::bad_part;
use crate::server::{ApiState, Stopping};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, stream};
use leviathan_core::log::Position;
use std::convert::Infallible;
use tokio::sync::{mpsc, oneshot};

/// How many pieces wait for a client to take them.
const AHEAD: usize = 4;
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Has proxies pass on what comes at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The log from a position on, and what comes, as Server-Sent Events.
///
/// Each event's `id` is its position and its `data` is what `/v1/events` shows of it, so a client that comes again with
/// `Last-Event-ID` misses nothing and sees nothing twice. A stream that the server ends says why in an event `error`.
#[utoipa::path(
    get,
    path = "/v1/events/stream",
    operation_id = "follow",
    params(
        (
            "after" = Option<u64>, Query,
            description = "The position behind which the stream begins; from the log's start if it is left out. The header \
                `Last-Event-ID` counts for more."
        ),
        ("Last-Event-ID" = Option<u64>, Header, description = "The last position that the client has seen."),
    ),
    responses(
        (status = 200, description = "The events.", body = String, content_type = "text/event-stream"),
        BadRequest,
    )
)]
pub(in crate::server) async fn follow(
    State(api): State<ApiState>,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
    mut asked: Asked,
) -> Result<Response, Problem> {
    let asked_after = Position::new(asked.number("after").unwrap_or_default());
    asked.end()?;
    let after = last_seen(&headers)?.unwrap_or(asked_after);
    let place = api.streams.follower()?;
    let (out, pieces) = mpsc::channel(AHEAD);
    let (end, ended) = oneshot::channel();
    let follower = Follower { ledger: api.ledger, streams: api.streams, after, out, _place: place };
    tokio::spawn(async move {
        // A client that is gone needs no last word.
        let _ = end.send(follower.run(stopping.map(|Extension(stopping)| stopping)).await);
    });
    let pieces = stream::unfold(pieces, |mut pieces| async { Some((pieces.recv().await?, pieces)) });
    let last = stream::once(ended).filter_map(|last| async { last.ok().flatten() });
    let body = Body::from_stream(pieces.chain(last).map(Ok::<Bytes, Infallible>));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (UNBUFFERED, "no"),
    ];
    Ok((headers, body).into_response())
}

fn last_seen(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    // Browsers send an empty one when they were given none.
    let Some(text) = headers.get(LAST_EVENT_ID).filter(|text| !text.is_empty()) else { return Ok(None) };
    let position = text.to_str().ok().and_then(|text| text.parse().ok());
    let expected = || bad_part("Last-Event-ID", "expected the position of an event");
    position.map(|position| Some(Position::new(position))).ok_or_else(expected)
}
