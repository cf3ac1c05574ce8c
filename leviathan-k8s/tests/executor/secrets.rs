//! Tokens of attempts, and that no secret is seen where it has no business.

use crate::cluster::{CREATED, Cluster, done, end_of, soon, spec, until};
use crate::output::Output;
use leviathan_core::executor::{AttemptTokens, Executor, Phase};
use leviathan_core::id::AttemptId;
use leviathan_core::{Secret, Timestamp};
use leviathan_test_kube_api::Failing;
use std::sync::Arc;

/// Tokens that are easily found.
#[derive(Debug)]
pub(crate) struct Marked;

impl AttemptTokens for Marked {
    fn token_for(&self, attempt: &AttemptId, _: Timestamp) -> Secret {
        Secret::new(format!("hunter2-{attempt}"))
    }
}

#[tokio::test]
async fn a_token_stands_in_its_secret_alone_which_belongs_to_the_job() {
    let output = Output::capture();
    let cluster = Cluster::start();
    let executor = cluster.builder().tokens(Arc::new(Marked)).build().await.unwrap();
    let mut seen = format!("{executor:?}");
    for work in ["succeed", "fail", "hang"] {
        let spec = spec(work, work);
        executor.launch(&spec, &CREATED).await.unwrap();
        if work == "hang" {
            until(&executor, &spec.attempt_id, |phase| *phase == Phase::Running).await;
            executor.cancel(&spec.attempt_id, std::time::Duration::from_secs(1)).await.unwrap();
            continue;
        }
        seen += &format!("{:?}", end_of(&executor, &spec.attempt_id).await);
        done(|| executor.release(&spec.attempt_id)).await;
    }
    cluster.api.fail(1, "create", "*", Failing::Status(500));
    seen += &format!("{:?}", executor.launch(&spec("broken", "succeed"), &CREATED).await.unwrap_err());
    let mut kept = Vec::new();
    for call in cluster.api.calls() {
        if call.resource == "secrets" {
            let secret: serde_json::Value = serde_json::from_str(&call.body).unwrap();
            let owner = &secret["metadata"]["ownerReferences"][0];
            kept.push((secret["stringData"]["token"].clone(), owner["kind"].clone(), owner["name"].clone()));
        } else {
            assert!(!call.body.contains("hunter2") && !call.uri.contains("hunter2"), "{call:?}");
        }
    }
    let expected = |name: &str| {
        (format!("hunter2-attempt-{name}").into(), "Job".into(), format!("leviathan-attempt-{name}").into())
    };
    assert_eq!(kept[1..], ["succeed", "fail", "hang"].map(expected), "the first one was a question");
    assert!(!seen.contains("hunter2"), "{seen}");
    assert!(!output.text().contains("hunter2"));
}

#[tokio::test]
async fn a_secret_that_a_launch_left_unmade_is_made_by_whoever_sees_the_job() {
    for host_dies in [false, true] {
        let cluster = Cluster::start();
        let mut executor = cluster.builder().tokens(Arc::new(Marked)).build().await.unwrap();
        // It finds out that it may make Secrets.
        let first = spec("0", "succeed");
        executor.launch(&first, &CREATED).await.unwrap();
        end_of(&executor, &first.attempt_id).await;
        cluster.api.fail(1, "create", "secrets", Failing::HangUp);
        executor.launch(&spec("1", "no-key"), &CREATED).await.unwrap_err();
        if host_dies {
            drop(executor);
            executor = cluster.builder().tokens(Arc::new(Marked)).build().await.unwrap();
        }
        let made = || {
            let mut calls = cluster.api.calls().into_iter();
            calls.any(|call| {
                let name = "leviathan-attempt-1-token";
                call.resource == "secrets" && call.status == Some(201) && call.body.contains(name)
            })
        };
        soon(async {
            while !made() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(cluster.api.count("create", "jobs"), 2);
        drop(executor);
    }
}
