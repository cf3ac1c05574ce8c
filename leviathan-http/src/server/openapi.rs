//! `GET /v1/openapi.json`: the API's description, made from its handlers.

use super::{ApiState, Role};
use crate::Problem;
use axum::Extension;
use axum::http::header;
use axum::response::IntoResponse;
use bytes::Bytes;
use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, HeaderBuilder, KnownFormat, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    SchemaFormat, schema,
};
use utoipa_axum::router::OpenApiRouter;

/// The name under which the description speaks of tokens.
const TOKEN: &str = "token";

/// What the description says of the API as a whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Leviathan's control plane",
        description = "Workers report to it; operators and programs ask it and steer by it. Whatever goes wrong is \
            answered as `application/problem+json` (RFC 9457), and for bad input each fault is named with its path."
    ),
    components(schemas(Problem)),
    modifiers(&Tokens)
)]
pub(super) struct Described;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, api: &mut OpenApi) {
        let said = "An operator's token may do everything. A worker's may post bundles and artifacts, and read \
            nothing; an attempt's may do that for its attempt only, and expires.";
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(said)).build();
        let components = api.components.get_or_insert_default();
        components.security_schemes.insert(TOKEN.to_owned(), RefOr::T(SecurityScheme::Http(scheme)));
    }
}

/// The description as it is served.
#[derive(Clone)]
pub(super) struct Description(Bytes);

impl Description {
    pub(super) fn of(api: &OpenApi) -> Self {
        // Text, numbers and lists of them: serde_json refuses none of these.
        Self(serde_json::to_vec(api).unwrap_or_default().into())
    }
}

/// This description of the API.
///
/// OpenAPI 3.1, as JSON. It needs no token.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    operation_id = "describe",
    responses((status = 200, description = "The description.", body = Object))
)]
pub(super) async fn show(Extension(Description(json)): Extension<Description>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], json)
}

/// Says of each operation that it needs a token, and what is answered to others.
pub(super) fn guarded(mut router: OpenApiRouter<ApiState>, role: Role) -> OpenApiRouter<ApiState> {
    let forbidden = match role {
        Role::Worker => "The token may not report this.",
        Role::Operator => "Only an operator's token may do this.",
    };
    for operation in router.get_openapi_mut().paths.paths.values_mut().flat_map(operations) {
        operation.security = Some(vec![SecurityRequirement::new(TOKEN, Vec::<String>::new())]);
        for (status, response) in [
            ("401", refusal("There is no token, or it is not valid here.", false)),
            ("403", refusal(forbidden, false)),
            ("429", refusal("Too much is going on; try again after `Retry-After`.", true)),
            ("500", refusal("The control plane failed to handle the request; its log says more.", false)),
            ("503", refusal("The control plane cannot work just now; try again after `Retry-After`.", true)),
        ] {
            operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
        }
    }
    router
}

/// An answer that is a problem.
pub(super) fn refusal(said: &str, comes_with_wait: bool) -> Response {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new().description(said).content("application/problem+json", problem);
    if !comes_with_wait {
        return response.build();
    }
    let seconds = ObjectBuilder::new()
        .schema_type(schema::Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1));
    let wait = HeaderBuilder::new().schema(Some(seconds)).description(Some("How many seconds to wait."));
    response.header("Retry-After", wait.build()).build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, head, patch, .. } = item;
    [get, put, post, delete, head, patch].into_iter().flatten()
}
