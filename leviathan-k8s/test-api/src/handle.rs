//! From a request to its answer: who asks, may they, is it to go wrong, and what then is done.

use crate::call::Call;
use crate::failure::Failure;
use crate::fault::{Failing, Fault};
use crate::reply::Reply;
use crate::request::{Asked, Subject};
use crate::rights::Right;
use crate::shared::Shared;
use crate::world::{User, World};
use crate::{create, delete, list, logs, patch, watch};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response, header};
use hyper::body::Incoming;
use std::fmt;
use std::sync::Arc;

const LARGEST_BODY: usize = 3 << 20;

/// Why there is no answer: the connection is cut.
#[derive(Debug)]
pub(crate) struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for HangUp {}

pub(crate) async fn handle(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, HangUp> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), LARGEST_BODY).await.map_err(|_| HangUp)?;
    let Some(asked) = Asked::read(&parts.method, &parts.uri) else {
        shared.change(|world| world.strange.push(format!("{} {}", parts.method, parts.uri)));
        return Ok(Reply::from(Failure::no_such_path()).into_response());
    };
    let index = shared.change(|world| {
        world.calls.push(Call {
            verb: asked.verb,
            resource: asked.resource(),
            namespace: asked.namespace.clone(),
            name: asked.name.clone(),
            uri: parts.uri.to_string(),
            body: String::from_utf8_lossy(&body).into_owned(),
            status: None,
        });
        world.calls.len() - 1
    });
    let may = shared.change(|world| enter(world, &asked, &parts.method, &parts.headers, &body));
    let mut reply = match may {
        Ok((user, fault)) => match fault {
            Some(Failing::HangUp) => return Err(HangUp),
            Some(Failing::TooMany(after)) => too_many(after.as_secs()),
            Some(Failing::Status(code)) => broken(code),
            after => {
                let reply = answer(&shared, &user, &asked, &body);
                match after {
                    Some(Failing::HangUpAfter) => return Err(HangUp),
                    Some(Failing::StatusAfter(code)) => broken(code),
                    _ => reply,
                }
            }
        },
        Err(failure) => Err(failure),
    };
    if let Err(failure) = &reply
        && failure.strange
    {
        let what = format!("{} {}: {}", parts.method, parts.uri, failure.status()["message"]);
        shared.change(|world| world.strange.push(what));
    }
    let reply = match &mut reply {
        Ok(_) => reply.unwrap_or_else(Reply::from),
        Err(failure) => Reply::from(failure.clone()),
    };
    shared.change(|world| world.calls[index].status = Some(reply.status));
    Ok(reply.into_response())
}

/// Whose request it is, if they may make it, and whether it is to go wrong.
fn enter(
    world: &mut World,
    asked: &Asked,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(User, Option<Failing>), Failure> {
    let header = |name| headers.get(name).map(|value: &header::HeaderValue| value.to_str().unwrap_or("?"));
    let user = match header(header::AUTHORIZATION) {
        None => User::Anonymous,
        Some(value) => {
            let token = value.strip_prefix("Bearer ").unwrap_or_default();
            world.tokens.get(token).cloned().ok_or_else(Failure::unauthorized)?
        }
    };
    authorize(world, &user, asked)?;
    if let Some(accept) = header(header::ACCEPT) {
        let taken = accept.split(',').any(|one| matches!(one.trim(), "*/*" | "application/json"));
        if !taken && asked.subject != Subject::PodLog {
            return Err(Failure::media_type(406, "Accept", accept));
        }
    }
    let has_body = !body.is_empty() || method == Method::POST;
    let kind = header(header::CONTENT_TYPE).unwrap_or_default();
    let taken = if method == Method::PATCH { patch::MERGE_PATCH } else { "application/json" };
    if has_body && kind != taken {
        return Err(Failure::media_type(415, "Content-Type", kind));
    }
    Ok((user, due(&mut world.faults, asked)))
}

fn authorize(world: &World, user: &User, asked: &Asked) -> Result<(), Failure> {
    let (resource, sub) = match asked.subject {
        Subject::Objects(resource) => (resource, None),
        Subject::PodLog => (crate::Resource::Pods, Some("log")),
        Subject::AccountToken => (crate::Resource::ServiceAccounts, Some("token")),
        // Everybody may ask for their own rights, and for the version.
        Subject::AccessReview | Subject::Version => return Ok(()),
    };
    let right = Right {
        verb: asked.verb,
        group: resource.group(),
        resource: &asked.resource(),
        namespace: asked.namespace.as_deref(),
    };
    if world.allows(user, right) {
        return Ok(());
    }
    let (namespace, name) = (asked.namespace.as_deref(), asked.name.as_deref());
    Err(Failure::forbidden(&user.name(), asked.verb, resource, sub, namespace, name))
}

fn due(faults: &mut [Fault], asked: &Asked) -> Option<Failing> {
    let resource = asked.resource();
    let hit = |fault: &&mut Fault| {
        let verb = fault.verb == "*" || fault.verb == asked.verb;
        fault.left > 0 && verb && (fault.resource == "*" || fault.resource == resource)
    };
    let fault = faults.iter_mut().find(hit)?;
    fault.left = fault.left.saturating_sub(1);
    Some(fault.how)
}

fn answer(shared: &Arc<Shared>, user: &User, asked: &Asked, body: &[u8]) -> Result<Reply, Failure> {
    match (asked.subject, asked.verb) {
        (Subject::Version, "get") => {
            let version = serde_json::json!({"major": "1", "minor": "36", "gitVersion": "v1.36.2"});
            Ok(Reply::json(200, &version))
        }
        (Subject::AccessReview, "create") => shared.look(|world| create::review(world, user, body)),
        (Subject::AccountToken, "create") => shared.change(|world| create::token(world, asked, body)),
        (Subject::PodLog, "get") => logs::answer(shared, asked),
        (Subject::Objects(resource), "watch") => watch::answer(shared, asked, resource),
        (Subject::Objects(resource), "list") => shared.change(|world| list::answer(world, asked, resource)),
        (Subject::Objects(resource), "get") => shared.look(|world| list::one(world, asked, resource)),
        (Subject::Objects(resource), "create") => {
            shared.change(|world| create::answer(world, asked, resource, body))
        }
        (Subject::Objects(resource), "delete") => {
            shared.change(|world| delete::answer(world, asked, resource, body))
        }
        (Subject::Objects(resource), "patch") => {
            shared.change(|world| patch::answer(world, asked, resource, body))
        }
        (_, verb) => Err(Failure::not_served(&format!("{verb} {}", asked.resource()))),
    }
}

fn too_many(seconds: u64) -> Result<Reply, Failure> {
    let message = "Too many requests, please try again later.";
    Err(Failure::new(429, "TooManyRequests", message)
        .with(serde_json::json!({"retryAfterSeconds": seconds}))
        .after(seconds))
}

fn broken(code: u16) -> Result<Reply, Failure> {
    let reason = match code {
        500 => Some("InternalError"),
        503 => Some("ServiceUnavailable"),
        504 => Some("Timeout"),
        _ => None,
    };
    Err(Failure::new(code, reason, format!("the server said {code} because a test told it to")))
}
