//! What every request must have.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Refuses as the API does.
pub(crate) fn refusal(status: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, axum::Json(json!({"message": message, "documentation_url": "https://docs.github.com/rest"})))
        .into_response()
}

/// Refuses a request whose fields are not right, as the API does.
pub(crate) fn invalid(error: serde_json::Value) -> Response {
    let body = json!({"message": "Validation Failed", "errors": [error], "status": "422"});
    (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(body)).into_response()
}

/// The headers that the API wants; what is missing is told.
pub(crate) fn missing_header(headers: &HeaderMap) -> Option<String> {
    let is = |name: &str, wanted: &str| headers.get(name).is_some_and(|value| value == wanted);
    if !headers.contains_key("user-agent") {
        return Some("Request forbidden by administrative rules: it has no User-Agent".to_owned());
    }
    if !is("accept", "application/vnd.github+json") {
        return Some("the header Accept must be application/vnd.github+json".to_owned());
    }
    if !is("x-github-api-version", "2022-11-28") {
        return Some("the header X-GitHub-Api-Version must be 2022-11-28".to_owned());
    }
    None
}
