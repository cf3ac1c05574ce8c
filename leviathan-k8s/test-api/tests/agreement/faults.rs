//! What a test asks to go wrong goes wrong so, and only as often.

use super::asking::{JOBS, ask, job};
use futures::{AsyncBufReadExt, TryStreamExt};
use leviathan_test_kube_api::{Break, Failing, FakeKube, Plan, Resource};
use std::time::Duration;

async fn open(client: &kube::Client) -> impl futures::Stream<Item = std::io::Result<String>> + Unpin {
    let request = axum::http::Request::get(format!("{JOBS}?watch=1")).body(Vec::new()).unwrap();
    Box::pin(client.request_stream(request).await.unwrap().lines())
}

async fn fails(client: &kube::Client) -> bool {
    let request = axum::http::Request::post(JOBS).header("content-type", "application/json");
    let answer = client.request_text(request.body(job("a").to_string().into_bytes()).unwrap()).await;
    matches!(answer, Err(error) if !matches!(error, kube::Error::Api(_)))
}

#[tokio::test]
async fn requests_fail_as_often_as_asked() {
    let kube = FakeKube::start();
    let client = kube.client();
    kube.fail(1, "list", "jobs", Failing::TooMany(Duration::from_secs(2)));
    kube.fail(1, "list", "*", Failing::Status(503));
    let (code, body) = ask(&client, "GET", JOBS, "").await;
    assert_eq!((code, &body["details"]["retryAfterSeconds"]), (429, &2.into()));
    assert_eq!(ask(&client, "GET", JOBS, "").await.0, 503);
    assert_eq!(ask(&client, "GET", JOBS, "").await.0, 200);
    assert_eq!(kube.count("list", "jobs"), 3);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_deed() {
    let kube = FakeKube::start();
    let client = kube.client();
    kube.fail(1, "create", "jobs", Failing::HangUp);
    assert!(fails(&client).await);
    assert!(kube.jobs().is_empty());
    kube.fail(1, "create", "jobs", Failing::HangUpAfter);
    assert!(fails(&client).await);
    assert_eq!(kube.jobs().len(), 1);
    assert_eq!(kube.calls().iter().filter(|call| call.status.is_none()).count(), 2);
}

#[tokio::test]
async fn a_server_that_is_down_answers_nobody_and_forgets_nothing() {
    let kube = FakeKube::start();
    let client = kube.client();
    ask(&client, "POST", JOBS, &job("kept").to_string()).await;
    let mut watch = open(&client).await;
    watch.try_next().await.unwrap().unwrap();
    kube.go_down();
    assert!(!matches!(watch.try_next().await, Ok(Some(_))), "the watch is cut");
    assert!(fails(&client).await);
    kube.come_up();
    assert_eq!(ask(&client, "GET", JOBS, "").await.1["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn watches_break_lose_repeat_and_hold_back() {
    let kube = FakeKube::start();
    let client = kube.client();
    kube.lose_changes(Resource::Jobs, 1);
    kube.repeat_changes(Resource::Jobs, 1);
    let mut watch = open(&client).await;
    kube.until("a watch", |kube| (kube.open_watches(Resource::Jobs) == 1).then_some(())).await;
    ask(&client, "POST", JOBS, &job("a").to_string()).await;
    let lines = [watch.try_next().await.unwrap().unwrap(), watch.try_next().await.unwrap().unwrap()];
    assert!(lines[0].contains("MODIFIED"), "ADDED was lost: {}", lines[0]);
    assert_eq!(lines[0], lines[1]);
    kube.hold_watches(Resource::Jobs);
    kube.delete_job("a");
    kube.break_watches(Resource::Jobs, Break::MidLine);
    let mut rest = Vec::new();
    let end = loop {
        match watch.try_next().await {
            Ok(Some(line)) => rest.push(line),
            Ok(None) => break "over",
            Err(_) => break "cut",
        }
    };
    assert!(rest.iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_err()), "{rest:?}");
    assert!(end == "cut" || !rest.is_empty(), "the end is no good one");
    kube.until("no watch", |kube| (kube.open_watches(Resource::Jobs) == 0).then_some(())).await;
}

#[tokio::test]
async fn what_hangs_stops_when_asked_and_what_is_deaf_when_killed() {
    let kube = FakeKube::with_plans(|job| match job.metadata.name.as_deref() {
        Some("deaf") => Plan::Deaf,
        _ => Plan::Hangs,
    });
    let client = kube.client();
    for name in ["hangs", "deaf"] {
        let mut job = job(name);
        job["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 1.into();
        ask(&client, "POST", JOBS, &job.to_string()).await;
        ask(&client, "DELETE", &format!("{JOBS}/{name}"), r#"{"propagationPolicy":"Foreground"}"#).await;
    }
    let names = |kube: &FakeKube| -> Vec<String> {
        kube.jobs().into_iter().filter_map(|job| job.metadata.name).collect()
    };
    assert_eq!(names(&kube), ["deaf"]);
    kube.until("the deaf one to be killed", |kube| names(kube).is_empty().then_some(())).await;
    let mut late = job("late");
    late["spec"]["template"]["spec"]["activeDeadlineSeconds"] = 1.into();
    ask(&client, "POST", JOBS, &late.to_string()).await;
    kube.until("the deadline", |kube| kube.job("late")?.status?.failed).await;
    let pod = kube.pod_of("late").object().unwrap();
    assert_eq!(pod.status.unwrap().reason.as_deref(), Some("DeadlineExceeded"));
}
