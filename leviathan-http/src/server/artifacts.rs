//! `PUT`, `GET` and `HEAD /v1/artifacts/{sha256}`: bytes in and out.

use super::ApiState;
use super::artifact_part::Part;
use super::refusals::{BadRequest, BeyondEnd, BodyTooLarge, NoSuchThing, WrongDigest};
use super::refuse::{BEYOND_END, NOT_FOUND, TOO_LARGE, bad_part};
use crate::Problem;
use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use leviathan_core::artifact::{ArtifactError, ArtifactErrorKind, ArtifactStream, StoredArtifact};
use leviathan_core::log::Hash;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

/// How long the next bytes of an artifact may take to arrive.
const IDLE: Duration = Duration::from_secs(30);

/// The digest in a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only its description is used")]
struct Digested {
    /// SHA-256 of the bytes, in lower-case hex digits.
    #[param(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    sha256: String,
}

/// Bytes that are kept.
#[derive(ToSchema)]
#[schema(as = StoredArtifact)]
#[expect(dead_code, reason = "only its description is used")]
struct StoredArtifactSchema {
    /// SHA-256 of the bytes.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// How many there are.
    size_bytes: u64,
}

type Digest = Result<Path<String>, PathRejection>;

/// Keeps bytes under their digest.
///
/// They are hashed while they arrive, and kept whole or not at all.
#[utoipa::path(
    put,
    path = "/v1/artifacts/{sha256}",
    operation_id = "putArtifact",
    params(Digested),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "They are kept.", body = StoredArtifactSchema),
        (status = 200, description = "They were kept already.", body = StoredArtifactSchema),
        BadRequest,
        BodyTooLarge,
        WrongDigest,
    )
)]
pub(super) async fn put(
    State(api): State<ApiState>,
    digest: Digest,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<StoredArtifact>), Problem> {
    let sha256 = parse(digest)?;
    let limit = api.max_artifact_bytes;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > limit) {
        return Err(TOO_LARGE.because(format_args!("an artifact has at most {limit} bytes; it was not kept")));
    }
    let known = api.artifacts.find(&sha256).await?.is_some();
    let stored = api.artifacts.put(arriving(body), Some(sha256), limit).await?;
    Ok((if known { StatusCode::OK } else { StatusCode::CREATED }, Json(stored)))
}

/// The bytes of a digest, or a part of them.
///
/// They are sent to be kept and not to be shown. One range of them may be asked for, and whoever has them already by
/// their `ETag` is told so.
#[utoipa::path(
    get,
    path = "/v1/artifacts/{sha256}",
    operation_id = "getArtifact",
    params(
        Digested,
        ("Range" = Option<String>, Header, description = "The range that is asked for, as `bytes=0-99`."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of bytes that the caller has."),
    ),
    responses(
        (status = 200, description = "The bytes.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The range.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The caller has them."),
        BadRequest,
        NoSuchThing,
        BeyondEnd,
    )
)]
pub(super) async fn get(
    State(api): State<ApiState>,
    digest: Digest,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = find(&api, parse(digest)?).await?;
    let (whole, size) = (describe(&found), found.size_bytes);
    let range = match Part::asked(&headers, &etag(&found), size) {
        Part::Known => return Ok((StatusCode::NOT_MODIFIED, whole).into_response()),
        Part::Beyond => {
            let beyond = BEYOND_END.because(format_args!("the artifact has {size} bytes"));
            return Ok(([(header::CONTENT_RANGE, format!("bytes */{size}"))], beyond).into_response());
        }
        Part::Whole => None,
        Part::Range(range) => Some(range),
    };
    let content = Body::from_stream(api.artifacts.get(&found.sha256, range.clone()).await?);
    let Some(range) = range else { return Ok((whole, length(size), content).into_response()) };
    let place = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
    let part = ([(header::CONTENT_RANGE, place)], length(range.end - range.start));
    Ok((StatusCode::PARTIAL_CONTENT, whole, part, content).into_response())
}

/// Whether there are bytes of a digest, and how many.
#[utoipa::path(
    head,
    path = "/v1/artifacts/{sha256}",
    operation_id = "findArtifact",
    params(Digested),
    responses(
        (status = 200, description = "There are as many as `Content-Length` says."),
        BadRequest,
        NoSuchThing,
    )
)]
pub(super) async fn head(State(api): State<ApiState>, digest: Digest) -> Result<Response, Problem> {
    let found = find(&api, parse(digest)?).await?;
    Ok((describe(&found), length(found.size_bytes)).into_response())
}

async fn find(api: &ApiState, sha256: Hash) -> Result<StoredArtifact, Problem> {
    let found = api.artifacts.find(&sha256).await?;
    found.ok_or_else(|| NOT_FOUND.because(format_args!("there is no artifact {sha256}")))
}

fn parse(digest: Digest) -> Result<Hash, Problem> {
    let Path(text) = digest.map_err(|error| bad_part("sha256", error))?;
    text.parse().map_err(|error| bad_part("sha256", error))
}

/// Untrusted bytes: they are never shown as anything, whatever they look like.
fn describe(found: &StoredArtifact) -> [(header::HeaderName, String); 6] {
    [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::ETAG, etag(found)),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ]
}

fn length(bytes: u64) -> [(header::HeaderName, String); 1] {
    [(header::CONTENT_LENGTH, bytes.to_string())]
}

fn etag(found: &StoredArtifact) -> String {
    format!("\"{}\"", found.sha256)
}

/// The body as the store takes it. It ends with an error if it breaks off or nothing of it comes for too long.
fn arriving(body: Body) -> ArtifactStream {
    let next = |mut body: BodyDataStream| async move {
        let interrupted = |what: String| ArtifactError::new(ArtifactErrorKind::Interrupted, what);
        let chunk = match timeout(IDLE, body.next()).await {
            Err(_) => Err(interrupted(format!("nothing of the artifact came for {} s", IDLE.as_secs()))),
            Ok(None) => return None,
            Ok(Some(chunk)) => chunk
                .map_err(|error| interrupted(format!("the artifact broke off: {error}")).with_source(error)),
        };
        Some((chunk, body))
    };
    stream::unfold(body.into_data_stream(), next).boxed()
}
