//! `World`: a control plane with something of everything.

use super::Route;
use super::route::Case;
use crate::support::{Answer, Api, Kept, OPERATOR, soon};
use crate::wire::{bundle, event};
use leviathan_core::Secret;
use leviathan_core::id::AttemptId;
use leviathan_core::log::Head;
use leviathan_http::checkpoint::CheckpointKey;
use reqwest::Method;
use serde_json::json;

/// The digest of no bytes.
pub(crate) const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// The digest of the world's artifact.
const KEPT: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// A control plane whose log has the target `radix`, its task `docs` with an attempt that an executor of ours runs, and the
/// failed attempt `foreign-1` that none does.
pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) attempt: AttemptId,
}

impl World {
    /// One in which this route has something to do.
    pub(crate) async fn start(kept: Kept, route: &Route) -> Self {
        let key = CheckpointKey::parse(&Secret::new("7".repeat(64))).unwrap();
        let api = Api::start_in(kept, |state| state.with_checkpoint_key(key)).await;
        let attempt = api.open_attempt().await;
        let at = "2026-01-24T10:00:05Z";
        let end = json!({"attempt_id": "foreign-1", "status": "failed", "failure_type": "checks_failed"});
        api.tell(bundle(&[event("e-foreign", "attempt.failed", at, end)])).await;
        assert_eq!(api.put_artifact(KEPT, b"hello").await.status, 201);
        let world = Self { api, attempt };
        if let Some((path, body)) = route.before {
            let request = world.api.request(Method::POST, &world.fill(path)).bearer_auth(OPERATOR);
            assert_eq!(Answer::of(request.body(world.fill(body))).await.status, 200);
        }
        world
    }

    pub(crate) fn head(&self) -> Head {
        self.api.ledger.read(|graph| graph.head())
    }

    /// Asks this of a route, with this header `Authorization` or none.
    pub(crate) async fn send(
        &self,
        route: &Route,
        case: &Case,
        authorization: Option<&str>,
    ) -> reqwest::Response {
        let mut request = self.api.request(route.method(), &self.fill(case.path));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        soon(request.body(self.fill(case.body)).send()).await.unwrap()
    }

    fn fill(&self, text: &str) -> String {
        let text = text.replace("{attempt}", self.attempt.as_str());
        text.replace("{kept}", KEPT).replace("{empty}", DIGEST)
    }
}
