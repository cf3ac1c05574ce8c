//! The API's description.

use crate::support::{Answer, Api};
use leviathan_core::Bundle;
use reqwest::Method;
use serde_json::{Map, Value};

async fn described() -> Value {
    let api = Api::start().await;
    Answer::of(api.request(Method::GET, "/v1/openapi.json")).await.ok()
}

fn operations(description: &Value) -> Vec<(String, &Map<String, Value>)> {
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((format!("{method} {path}"), operation.as_object().unwrap()));
        }
    }
    all
}

/// Every `$ref` within.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().flat_map(references).collect(),
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(map.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn it_is_openapi_3_1_and_needs_no_token() {
    let description = described().await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(description["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_a_summary_and_its_refusals() {
    let description = described().await;
    let operations = operations(&description);
    let mut names: Vec<&str> =
        operations.iter().map(|(_, operation)| operation["operationId"].as_str().unwrap()).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
    for (name, operation) in &operations {
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
        for (status, response) in responses {
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name} {status}");
            if !status.starts_with(['2', '3']) {
                let content = response["content"].as_object().unwrap();
                assert!(content.keys().eq(["application/problem+json"]), "{name} {status}");
            }
        }
        let guarded = operation.contains_key("security");
        let open = ["/healthz", "/readyz", "/v1/openapi.json", "/v1/webhooks/github"]
            .iter()
            .any(|path| name.ends_with(path));
        assert_eq!(guarded, !open, "{name}");
        for status in ["401", "403", "429", "500", "503"] {
            assert!(responses.contains_key(status) || !guarded, "{name} {status}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let description = described().await;
    let references = references(&description);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_example_of_a_bundle_is_one() {
    let description = described().await;
    let bundle = &description["components"]["schemas"]["Bundle"]["example"];
    let read = Bundle::parse(bundle.to_string().as_bytes()).unwrap();
    let attempt = read.attempt().unwrap();
    assert_eq!((read.faults_beyond(&attempt, None), read.events.len()), (vec![], 2));
}
