//! Each recorded case that a cluster can be brought to by its API alone, held against what `causes.toml` says of it.

mod by_others;
mod ends;
mod never_starts;
mod requests;

use crate::expected::{expectations, folder};
use crate::place::Place;
use crate::waiting::{done, end_of};
use crate::work::CREATED;
use leviathan_core::artifact::{ArtifactStore, artifact_bytes};
use leviathan_core::executor::{AttemptSpec, End, Executor};
use leviathan_k8s::K8sExecutorBuilder;
use std::collections::BTreeSet;

/// The recorded cases and the tests that bring a cluster to them.
const MADE: &[(&str, fn())] = &[
    ("create-conflict", requests::create_conflict),
    ("create-container-config-error", never_starts::create_container_config_error),
    ("deadline-job", by_others::deadline_job),
    ("deadline-pod", ends::deadline_pod),
    ("err-image-never-pull", never_starts::err_image_never_pull),
    ("evicted-ephemeral-storage", ends::evicted_ephemeral_storage),
    // Which of the two answers a node gives for the log is up to it.
    ("evicted-ephemeral-storage-log-lost", ends::evicted_ephemeral_storage),
    ("failure-exit-3", ends::failure_exit_3),
    ("forbidden", requests::forbidden),
    ("image-pull-backoff", never_starts::image_pull_backoff),
    ("init-container-fails", ends::init_container_fails),
    ("invalid-image-name", never_starts::invalid_image_name),
    ("job-deleted-background", by_others::job_deleted_background),
    ("job-deleted-foreground", by_others::job_deleted_foreground),
    ("job-suspended", by_others::job_suspended),
    ("missing-serviceaccount", never_starts::missing_serviceaccount),
    ("oom-killed", ends::oom_killed),
    ("pod-deleted-by-hand", by_others::pod_deleted_by_hand),
    ("pod-security-denied", never_starts::pod_security_denied),
    ("quota-no-pod", never_starts::quota_no_pod),
    ("short-container", ends::short_container),
    ("start-error", ends::start_error),
    ("success", ends::success),
    ("unauthorized", requests::unauthorized),
    ("unschedulable", never_starts::unschedulable),
    ("validation-422", requests::validation_422),
];

/// The recorded cases that take more than the API, and why.
pub(crate) const BEYOND_THE_API: &[(&str, &str)] = &[
    ("node-lost", "not with API access only: the node's agent has to be stopped"),
    (
        "node-lost-finished-meanwhile",
        "not with API access only: the node's agent has to be stopped and started",
    ),
    ("node-lost-no-eviction", "not with API access only: the agents of all nodes have to be stopped"),
    ("watch-410", "not with API access only: the API server has to forget its history"),
];

#[test]
fn each_recorded_case_is_made_here_or_said_to_be_beyond_the_api() {
    let recorded: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let mut here = BTreeSet::new();
    for name in MADE.iter().map(|(name, _)| name).chain(BEYOND_THE_API.iter().map(|(name, _)| name)) {
        assert!(here.insert((*name).to_owned()), "{name} is named twice");
    }
    assert_eq!(here, recorded);
}

/// Brings an attempt to its end, which is the one that `causes.toml` has for this case, and releases it.
async fn comes_out(case: &str, place: &Place, builder: K8sExecutorBuilder, spec: &AttemptSpec) -> End {
    let executor = builder.build().await.unwrap();
    done("launch", || executor.launch(spec, &CREATED)).await;
    let end = end_of(&executor, &spec.attempt_id).await;
    is_as_recorded(case, place, &end).await;
    done("release", || executor.release(&spec.attempt_id)).await;
    end
}

async fn is_as_recorded(case: &str, place: &Place, end: &End) {
    let expected = expectations().remove(case).unwrap_or_else(|| panic!("causes.toml has no {case}"));
    let found = match (&end.cause, end.exit_code) {
        (Some(cause), _) => cause.to_string(),
        (None, code) => format!("exit({})", code.unwrap_or(-1)),
    };
    assert_eq!(Some(found), expected.end.or(expected.never_starts), "{case}: {end:?}");
    let detail = end.detail.as_deref().unwrap_or_default();
    match expected.log.as_deref().unwrap_or("any") {
        "kept" => {
            let text = log_of(place, end).await;
            assert!(text.starts_with("working on attempt-"), "{case}: {text:?}");
            assert!(!detail.contains("log.missing"), "{case}: {detail}");
        }
        // There is nothing to be read of it after the end; it may have been followed before.
        "lost" => {
            let lost = end.artifacts.is_empty();
            assert_eq!(detail.contains("log.missing"), lost, "{case}: {end:?}");
        }
        "none" => assert!(end.artifacts.is_empty(), "{case}: {end:?}"),
        "any" => {}
        other => panic!("{case}: what is a log {other}?"),
    }
}

/// What the worker wrote, as it is kept.
async fn log_of(place: &Place, end: &End) -> String {
    let [log] = end.artifacts.as_slice() else { panic!("one log is kept: {end:?}") };
    let kept = place.artifacts.get(&log.sha256, None).await.unwrap();
    String::from_utf8(artifact_bytes(kept, 1 << 20).await.unwrap().to_vec()).unwrap()
}
