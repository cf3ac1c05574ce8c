//! Webhooks: signed, and only a nudge.

use crate::support::{Answer, Api};
use hmac::{Hmac, KeyInit, Mac};
use leviathan_core::decide::Command;
use leviathan_core::id::TargetId;
use leviathan_core::{CompleteOn, ForgeConfig, Secret, TargetConfig};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex};

const SECRET: &str = "webhook-hunter5";

/// An API whose target `radix` is acme/radix on a forge, and the targets that were told of.
async fn listening() -> (Api, Arc<Mutex<Vec<TargetId>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let news = move |target: &TargetId| heard.lock().unwrap().push(target.clone());
    let api = Api::start_with(|state| state.with_github_webhooks(Secret::new(SECRET), Arc::new(news))).await;
    for (target, url) in
        [("radix", "https://github.com/acme/radix.git"), ("other", "https://github.com/acme/other")]
    {
        let config = TargetConfig {
            target_id: target.parse().unwrap(),
            repo_url: url.into(),
            default_branch: "main".into(),
            complete_on: CompleteOn::Merged,
            limits: Default::default(),
            forge: ForgeConfig::of_repository(url),
        };
        api.ledger.submit(Command::RegisterTarget(config)).await.unwrap();
    }
    (api, told)
}

fn signed(body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

async fn post(api: &Api, event: &str, body: &str, signature: &str) -> Answer {
    let request = api.request(Method::POST, "/v1/webhooks/github").header("x-hub-signature-256", signature);
    Answer::of(request.header("x-github-event", event).body(body.to_owned())).await
}

fn merged(repository: &str) -> String {
    json!({"action": "closed", "number": 7, "pull_request": {"merged": true}, "repository": {"full_name": repository}})
        .to_string()
}

#[tokio::test]
async fn news_of_a_pull_request_has_its_target_asked_for_and_records_nothing() {
    let (api, told) = listening().await;
    let before = api.store.events().await.len();
    let body = merged("Acme/Radix");
    for times in 1..=2 {
        let answer = post(&api, "pull_request", &body, &signed(&body)).await;
        assert_eq!(answer.status, 202);
        let receipt: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(receipt, json!({"status": "accepted", "targets": ["radix"]}));
        assert_eq!(told.lock().unwrap().len(), times, "repeating it is harmless");
    }
    assert_eq!(api.store.events().await.len(), before);
}

#[tokio::test]
async fn what_is_about_nothing_of_ours_is_accepted_and_does_nothing() {
    let (api, told) = listening().await;
    for (event, body) in [
        ("ping", json!({"zen": "Keep it logically awesome."}).to_string()),
        ("push", merged("acme/radix")),
        ("pull_request", merged("mallory/radix")),
    ] {
        assert_eq!(post(&api, event, &body, &signed(&body)).await.status, 202, "{event}");
    }
    assert_eq!(*told.lock().unwrap(), []);
}

#[tokio::test]
async fn what_is_not_signed_by_the_secret_is_refused_whatever_it_says() {
    let (api, told) = listening().await;
    let (body, other) = (merged("acme/radix"), merged("acme/other"));
    for signature in ["", "sha256=", "sha256=00", "sha1=00", &signed(&other), &signed(&body)[..60]] {
        let problem = post(&api, "pull_request", &body, signature).await.problem(401);
        assert!(!problem.to_string().contains("hunter"), "{problem}");
    }
    let request = api.request(Method::POST, "/v1/webhooks/github").bearer_auth(crate::support::OPERATOR);
    Answer::of(request.header("x-github-event", "pull_request").body(body)).await.problem(401);
    assert_eq!(*told.lock().unwrap(), []);
}

#[tokio::test]
async fn what_is_signed_and_cannot_be_read_is_named() {
    let (api, _) = listening().await;
    for body in ["", "{", "{}", r#"{"repository":{"full_name":7}}"#] {
        let problem = post(&api, "pull_request", body, &signed(body)).await.problem(400);
        assert_eq!(problem.errors[0].path, "body", "{body}");
    }
    let large = " ".repeat(1024 * 1024 + 1);
    post(&api, "pull_request", &large, &signed(&large)).await.problem(413);
}

#[tokio::test]
async fn without_a_secret_there_are_no_webhooks() {
    let api = Api::start().await;
    let body = merged("acme/radix");
    post(&api, "pull_request", &body, &signed(&body)).await.problem(404);
}
