//! The routes.

use crate::fault::Fault;
use crate::github::FakeGitHub;
use crate::pull::{FakePull, PullState};
use crate::strict::{invalid, missing_header, refusal};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn router(fake: FakeGitHub) -> Router {
    Router::new()
        .route("/repos/{owner}/{name}/pulls", get(list).post(create))
        .route("/repos/{owner}/{name}/pulls/{number}", get(show).patch(update))
        // Where the addresses of further pages lead.
        .route("/repositories/1/pulls", get(list_further))
        .fallback(async || refusal(404, "Not Found"))
        .layer(from_fn_with_state(fake.clone(), guard))
        .with_state(fake)
}

/// Notes a request, lets it fail if it is due, and refuses it if it lacks something.
async fn guard(State(fake): State<FakeGitHub>, request: Request, next: Next) -> Response {
    let fault = {
        let mut state = fake.state();
        state.requests.push(format!("{} {}", request.method(), request.uri().path()));
        match state.faults.pop_front() {
            Some(scripted) => scripted,
            None => state.always.clone(),
        }
    };
    match fault {
        None => {}
        Some(Fault::LosesAnswer) => {
            next.run(request).await;
            return refusal(502, "Bad Gateway");
        }
        Some(Fault::Hangs) => std::future::pending().await,
        Some(Fault::HasNoEnd) => {
            let chunks = futures::stream::repeat(Bytes::from(vec![b' '; 1024 * 1024]));
            return Body::from_stream(chunks.map(Ok::<_, std::convert::Infallible>)).into_response();
        }
        Some(Fault::LeadsTo(url)) => {
            let link = format!("<{url}>; rel=\"next\"");
            return ([(header::LINK, link)], axum::Json(json!([]))).into_response();
        }
        Some(Fault::IsNoJson) => return "<html>come back later</html>".into_response(),
        Some(Fault::RepeatsHeaders) => {
            return refusal(
                400,
                &format!(
                    "what is {:?}",
                    request
                        .headers()
                        .get(header::AUTHORIZATION)
                        .map(|value| value.to_str().unwrap_or_default().to_owned())
                ),
            );
        }
        Some(Fault::Refused(status, headers, message)) => {
            let mut response = refusal(status, message);
            for (name, value) in headers {
                response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
            }
            return response;
        }
    }
    if let Some(missing) = missing_header(request.headers()) {
        return fake.violated(400, &missing);
    }
    let wanted = format!("Bearer {}", fake.token);
    if request.headers().get(header::AUTHORIZATION).is_none_or(|given| given != wanted.as_str()) {
        return refusal(401, "Bad credentials");
    }
    next.run(request).await
}

impl FakeGitHub {
    fn violated(&self, status: u16, what: &str) -> Response {
        self.state().violations.push(what.to_owned());
        refusal(status, what)
    }

    fn is_here(&self, owner: &str, name: &str) -> bool {
        owner == self.owner && name == self.name
    }

    fn json(&self, pull: &FakePull) -> Value {
        pull.json(&self.url(), &self.owner, &self.name)
    }

    /// Open pull requests follow their branches.
    fn look_at_branches(&self) {
        for pull in &mut self.state().pulls {
            if pull.state == PullState::Open && pull.head_owner == self.owner {
                pull.head_sha = self.git.tip(&pull.head).unwrap_or_else(|| pull.head_sha.clone());
            }
        }
    }
}

/// What a listing may be asked with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    state: String,
    base: Option<String>,
    head: Option<String>,
    sort: String,
    direction: String,
    per_page: usize,
    page: Option<usize>,
}

async fn list(
    State(fake): State<FakeGitHub>,
    Path((owner, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    if !fake.is_here(&owner, &name) {
        return refusal(404, "Not Found");
    }
    pages(&fake, &request)
}

async fn list_further(State(fake): State<FakeGitHub>, request: Request) -> Response {
    pages(&fake, &request)
}

fn pages(fake: &FakeGitHub, request: &Request) -> Response {
    let listing = match axum::extract::Query::<Listing>::try_from_uri(request.uri()) {
        Ok(listing) => listing.0,
        Err(error) => return fake.violated(422, &format!("{}: {error}", request.uri())),
    };
    if let Some(wrong) = wrong_with(&listing) {
        return fake.violated(422, &wrong);
    }
    fake.look_at_branches();
    let mut pulls = fake.pulls();
    pulls.retain(|pull| {
        let state = listing.state == "all" || (listing.state == "open") == (pull.state == PullState::Open);
        let label = format!("{}:{}", pull.head_owner, pull.head);
        state
            && listing.base.as_ref().is_none_or(|base| *base == pull.base)
            && listing.head.as_ref().is_none_or(|head| *head == label)
    });
    pulls.reverse();
    let (size, page) =
        (listing.per_page.min(fake.state().page_size.unwrap_or(100)), listing.page.unwrap_or(1));
    let shown: Vec<Value> =
        pulls.iter().skip((page - 1) * size).take(size).map(|pull| fake.json(pull)).collect();
    let mut response = axum::Json(shown).into_response();
    if pulls.len() > page * size {
        let query = request.uri().query().unwrap_or_default();
        let query: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("page=")).collect();
        let address =
            |page: usize| format!("<{}/repositories/1/pulls?{}&page={page}>", fake.url(), query.join("&"));
        let last = pulls.len().div_ceil(size);
        let link = format!("{}; rel=\"next\", {}; rel=\"last\"", address(page + 1), address(last));
        response.headers_mut().insert(header::LINK, HeaderValue::from_str(&link).unwrap());
    }
    response
}

fn wrong_with(listing: &Listing) -> Option<String> {
    let one_of = |value: &str, words: &[&str]| words.contains(&value);
    if !one_of(&listing.state, &["open", "closed", "all"]) {
        return Some(format!("state={}", listing.state));
    }
    if !one_of(&listing.sort, &["created", "updated"]) || !one_of(&listing.direction, &["asc", "desc"]) {
        return Some(format!("sort={} direction={}", listing.sort, listing.direction));
    }
    if !(1..=100).contains(&listing.per_page) || listing.page == Some(0) {
        return Some(format!("per_page={} page={:?}", listing.per_page, listing.page));
    }
    // The original passes it over without a word, and lists everything.
    listing.head.as_ref().filter(|head| !head.contains(':')).map(|head| format!("head={head} has no owner"))
}

/// What a new pull request is made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    title: String,
    head: String,
    base: String,
    body: String,
}

/// What can be changed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    title: String,
    body: String,
}

fn read<T: serde::de::DeserializeOwned>(fake: &FakeGitHub, body: &[u8]) -> Result<T, Box<Response>> {
    serde_json::from_slice(body).map_err(|error| Box::new(fake.violated(422, &format!("the body: {error}"))))
}

fn too_long(title: &str, body: &str) -> Option<Response> {
    let error = |field: &str, most: usize| {
        let message = format!("{field} is too long (maximum is {most} characters)");
        invalid(json!({"resource": "PullRequest", "field": field, "code": "custom", "message": message}))
    };
    if title.chars().count() > 256 {
        return Some(error("title", 256));
    }
    (body.chars().count() > 65_536).then(|| error("body", 65_536))
}

async fn create(
    State(fake): State<FakeGitHub>,
    Path((owner, name)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if !fake.is_here(&owner, &name) {
        return refusal(404, "Not Found");
    }
    let new: New = match read(&fake, &body) {
        Ok(new) => new,
        Err(refused) => return *refused,
    };
    if let Some(refused) = too_long(&new.title, &new.body) {
        return refused;
    }
    for (field, branch) in [("head", &new.head), ("base", &new.base)] {
        if fake.git.tip(branch).is_none() {
            return invalid(json!({"resource": "PullRequest", "field": field, "code": "invalid"}));
        }
    }
    let custom =
        |message: String| invalid(json!({"resource": "PullRequest", "code": "custom", "message": message}));
    if fake.git.ahead(&new.base, &new.head) == 0 {
        return custom(format!("No commits between {} and {}", new.base, new.head));
    }
    let is_same = |pull: &FakePull| {
        pull.state == PullState::Open
            && pull.head_owner == fake.owner
            && pull.head == new.head
            && pull.base == new.base
    };
    if fake.pulls().iter().any(is_same) {
        return custom(format!("A pull request already exists for {owner}:{}.", new.head));
    }
    let number = fake.open_by_hand(&owner, &new.head, &new.base);
    change(&fake, number, new.title, new.body);
    (StatusCode::CREATED, axum::Json(fake.json(&fake.pull(number)))).into_response()
}

async fn show(State(fake): State<FakeGitHub>, Path(path): Path<(String, String, u64)>) -> Response {
    fake.look_at_branches();
    match find(&fake, &path) {
        Some(pull) => axum::Json(fake.json(&pull)).into_response(),
        None => refusal(404, "Not Found"),
    }
}

async fn update(
    State(fake): State<FakeGitHub>,
    Path(path): Path<(String, String, u64)>,
    body: Bytes,
) -> Response {
    let change_to: Change = match read(&fake, &body) {
        Ok(change) => change,
        Err(refused) => return *refused,
    };
    if let Some(refused) = too_long(&change_to.title, &change_to.body) {
        return refused;
    }
    let Some(pull) = find(&fake, &path) else { return refusal(404, "Not Found") };
    change(&fake, pull.number, change_to.title, change_to.body);
    axum::Json(fake.json(&fake.pull(pull.number))).into_response()
}

fn find(fake: &FakeGitHub, (owner, name, number): &(String, String, u64)) -> Option<FakePull> {
    let here = fake.is_here(owner, name);
    fake.pulls().into_iter().find(|pull| here && pull.number == *number)
}

fn change(fake: &FakeGitHub, number: u64, title: String, body: String) {
    let mut state = fake.state();
    let pull = state.pulls.iter_mut().find(|pull| pull.number == number).unwrap();
    (pull.title, pull.body) = (title, body);
}
