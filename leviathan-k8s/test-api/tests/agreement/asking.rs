//! Asks the server as plainly as can be, so that what is compared is what it wrote.

use axum::http::Request;
use futures::AsyncBufReadExt;
use futures::StreamExt;
use serde_json::{Value, json};

/// The answer's status and body.
pub(crate) async fn ask(client: &kube::Client, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut request = Request::builder().method(method).uri(path);
    if !body.is_empty() {
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        request = request.header("content-type", kind);
    }
    let request = request.body(body.as_bytes().to_vec()).unwrap();
    // The client turns answers that are a `Status` into errors, which hold it whole.
    match client.request_text(request).await {
        Ok(text) => (200, serde_json::from_str(&text).unwrap_or(Value::String(text))),
        Err(kube::Error::Api(status)) => {
            let details = serde_json::to_value(&status).unwrap();
            (status.code, details)
        }
        Err(other) => panic!("{method} {path}: {other}"),
    }
}

/// The lines of a watch, until it is over.
pub(crate) async fn watch(client: &kube::Client, path: &str) -> Vec<Value> {
    let request = Request::get(path).body(Vec::new()).unwrap();
    let lines = client.request_stream(request).await.unwrap().lines();
    lines
        .filter_map(|line| async { line.ok() })
        .map(|line| serde_json::from_str(&line).unwrap())
        .collect()
        .await
}

pub(crate) const JOBS: &str = "/apis/batch/v1/namespaces/leviathan/jobs";
pub(crate) const PODS: &str = "/api/v1/namespaces/leviathan/pods";

/// A Job of the recordings' shape.
pub(crate) fn job(name: &str) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "namespace": "leviathan", "labels": {"app": "leviathan", "attempt": "1"}},
        "spec": {"backoffLimit": 0, "completions": 1, "parallelism": 1, "template": {
            "metadata": {"labels": {"app": "leviathan", "attempt": "1"}},
            "spec": {
                "restartPolicy": "Never", "automountServiceAccountToken": false,
                "terminationGracePeriodSeconds": 5,
                "containers": [{
                    "name": "worker", "image": "localhost/busybox:1", "imagePullPolicy": "IfNotPresent",
                    "command": ["/bin/sh", "-c", "true"],
                    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"},
                                  "limits": {"cpu": "250m", "memory": "32Mi"}},
                }],
            },
        }},
    })
}
