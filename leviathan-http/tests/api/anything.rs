//! Whatever is posted, a bundle is taken whole or not at all, and nothing panics.

use crate::whole_or_not::WholeOrNot;
use axum::http::StatusCode;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value, json};

const TYPES: [&str; 22] = [
    "attempt.created",
    "attempt.started",
    "attempt.succeeded",
    "attempt.failed",
    "attempt.cancelled",
    "attempt.invalidated",
    "artifact.created",
    "job.started",
    "limits.changed",
    "log.created",
    "model.call_completed",
    "policy.receipt",
    "pr.created",
    "pr.merged",
    "retry.scheduled",
    "scheduler.elected",
    "target.registered",
    "task.completed",
    "task.created",
    "tests.failed",
    "file.discovered",
    "",
];
const FIELDS: [&str; 14] = [
    "attempt_id",
    "task_id",
    "target_id",
    "attempt_number",
    "status",
    "sha256",
    "pr_number",
    "pr_url",
    "cost_usd",
    "tokens_input",
    "spec",
    "title",
    "dependencies",
    "failure_type",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..3_u64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["attempt-1", "attempt-2", "docs", "radix", "succeeded", "", "\0", "../x"])
            .prop_map(Value::from),
        Just(Value::from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(FIELDS.to_vec()), inner, 0..4).prop_map(object),
        ]
    })
}

fn object(fields: std::collections::BTreeMap<&'static str, Value>) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// Usually a payload that names its subjects, else anything.
fn payload() -> impl Strategy<Value = Value> {
    let more = prop::collection::btree_map(prop::sample::select(FIELDS.to_vec()), value(), 0..5);
    let named = (prop::sample::select(vec!["attempt-1", "attempt-2"]), more).prop_map(|(attempt, more)| {
        let mut payload = object(more);
        payload["attempt_id"] = json!(attempt);
        payload["task_id"] = json!("docs");
        payload["target_id"] = json!("radix");
        payload["attempt_number"] = json!(1);
        payload
    });
    prop_oneof![6 => named, 1 => value()]
}

fn event() -> impl Strategy<Value = Value> {
    let at = prop::sample::select(vec![
        "2026-01-24T10:00:05Z",
        "2026-01-24T12:00:05+02:00",
        "2026-01-24T10:00:05",
    ]);
    (0..6_u32, prop::sample::select(TYPES.to_vec()), at, payload()).prop_map(|(id, kind, at, payload)| {
        json!({"event_id": format!("e{id}"), "event_type": kind, "timestamp": at, "actor_id": "worker-1",
            "payload": payload})
    })
}

fn bundle() -> impl Strategy<Value = Vec<u8>> {
    let artifact =
        json!({"sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 1});
    let artifacts = prop_oneof![
        3 => Just(Value::Null),
        1 => Just(json!([artifact])),
        1 => prop::collection::vec(value(), 0..2).prop_map(Value::from),
    ];
    (prop::collection::vec(event(), 0..5), artifacts).prop_map(|(events, artifacts)| {
        json!({"target": "radix", "bundle_id": "b", "events": events, "artifacts": artifacts})
            .to_string()
            .into_bytes()
    })
}

/// A bundle, one with a byte changed or its end cut off, or no bundle at all.
fn posted() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => bundle(),
        1 => (bundle(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
        1 => (bundle(), any::<prop::sample::Index>()).prop_map(|(mut bytes, at)| {
            bytes.truncate(at.index(bytes.len()));
            bytes
        }),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// Each case makes an API, which takes its time.
fn fewer() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.div_ceil(4), ..usual }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn a_bundle_is_taken_whole_or_not_at_all_whatever_it_holds(all in prop::collection::vec(posted(), 1..6)) {
        run(async {
            let api = WholeOrNot::start().await;
            for body in &all {
                api.post(body).await;
            }
            api.finish().await;
        });
    }
}

#[test]
fn the_property_sees_bundles_that_are_taken_and_bundles_that_are_not() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut taken = [0; 2];
    run(async {
        for _ in 0..200 {
            let body = posted().new_tree(&mut runner).unwrap().current();
            let status = WholeOrNot::start().await.post(&body).await;
            taken[usize::from(status == StatusCode::OK)] += 1;
        }
    });
    assert!(taken.iter().all(|count| *count > 40), "{taken:?}");
}
