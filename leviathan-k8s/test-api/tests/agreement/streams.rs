//! What watches show is what was recorded: the same objects in the same order, but for names, times and updates that
//! change nothing.

use super::asking::{JOBS, PODS, ask, job, watch};
use super::fixtures::lines;
use leviathan_test_kube_api::{Exit, FakeKube, Plan};
use serde_json::{Value, json};

/// What a classification could go by, of each line; repeats left out.
fn story(lines: &[Value]) -> Vec<Value> {
    let told = lines.iter().map(|line| {
        let object = &line["object"];
        let (metadata, status) = (&object["metadata"], &object["status"]);
        let leaving = !metadata["deletionTimestamp"].is_null();
        let kind = if line["type"] == "DELETED" { "DELETED" } else { "there" };
        let all = status["conditions"].as_array().cloned().unwrap_or_default();
        if object["kind"] == "Job" {
            let conditions: Vec<Value> =
                all.iter().map(|it| json!([it["type"], it["status"], it["reason"], it["message"]])).collect();
            let uncounted = status["uncountedTerminatedPods"].as_object().map_or(0, serde_json::Map::len);
            let counts =
                ["active", "ready", "succeeded", "failed", "terminating"].map(|key| status[key].clone());
            return json!([kind, leaving, conditions, counts, uncounted]);
        }
        let state = &status["containerStatuses"][0]["state"];
        let end = &state["terminated"];
        let container = json!([
            state["waiting"]["reason"],
            state["running"].is_object(),
            end["exitCode"],
            end["reason"],
            end["message"],
        ]);
        let conditions: Vec<Value> = all
            .iter()
            .filter(|it| ["PodScheduled", "Ready"].iter().any(|wanted| it["type"] == *wanted))
            .map(|it| json!([it["type"], it["status"], it["reason"], it["message"]]))
            .collect();
        let tracked = metadata["finalizers"].is_array();
        json!([
            kind,
            leaving,
            tracked,
            status["phase"],
            status["reason"],
            object["spec"]["nodeName"],
            container,
            conditions
        ])
    });
    let mut told: Vec<Value> = told.collect();
    told.dedup();
    told
}

struct Told {
    jobs: Vec<Value>,
    pods: Vec<Value>,
}

async fn play(name: &str, moves: impl AsyncFnOnce(&FakeKube, &kube::Client)) -> Told {
    play_with(job(name), moves).await
}

async fn play_with(job: Value, moves: impl AsyncFnOnce(&FakeKube, &kube::Client)) -> Told {
    let fake = FakeKube::start();
    let client = fake.client();
    let (_, list) = ask(&client, "GET", JOBS, "").await;
    let version = list["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    ask(&client, "POST", JOBS, &job.to_string()).await;
    moves(&fake, &client).await;
    let rest = format!("watch=1&timeoutSeconds=0&resourceVersion={version}");
    let (jobs, pods) =
        (watch(&client, &format!("{JOBS}?{rest}")).await, watch(&client, &format!("{PODS}?{rest}")).await);
    Told { jobs: story(&jobs), pods: story(&pods) }
}

fn as_recorded(told: &Told, case: &str) {
    for (told, file) in [(&told.jobs, "jobs.ndjson"), (&told.pods, "pods.ndjson")] {
        let recorded = story(&lines(case, file));
        assert_eq!(format!("{told:#?}"), format!("{recorded:#?}"), "{case} {file}");
    }
}

#[tokio::test]
async fn a_success_is_told_as_recorded() {
    let message = lines("success", "pods.ndjson").last().unwrap()["object"]["status"]["containerStatuses"][0]
        ["state"]["terminated"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    let told = play("a", async |kube, _| _ = kube.pod_of("a").running().exits(0, &message)).await;
    as_recorded(&told, "success");
}

#[tokio::test]
async fn a_failure_is_told_as_recorded() {
    let told = play("a", async |kube, _| _ = kube.pod_of("a").running().exits(3, "")).await;
    as_recorded(&told, "failure-exit-3");
}

#[tokio::test]
async fn a_foreground_deletion_is_told_as_recorded() {
    let told = play("a", async |kube, client| {
        let pod = kube.pod_of("a");
        pod.running();
        ask(client, "DELETE", &format!("{JOBS}/a"), r#"{"propagationPolicy":"Foreground"}"#).await;
        pod.stops(137);
    })
    .await;
    as_recorded(&told, "job-deleted-foreground");
}

#[tokio::test]
async fn a_background_deletion_is_told_as_recorded() {
    let told = play("a", async |kube, client| {
        let pod = kube.pod_of("a");
        pod.running();
        ask(client, "DELETE", &format!("{JOBS}/a"), r#"{"propagationPolicy":"Background"}"#).await;
        pod.stops(137);
    })
    .await;
    as_recorded(&told, "job-deleted-background");
}

#[tokio::test]
async fn a_pod_deleted_by_hand_is_told_as_recorded() {
    let told = play("a", async |kube, _| {
        let pod = kube.pod_of("a");
        pod.running().deleted();
        pod.stops(137);
    })
    .await;
    as_recorded(&told, "pod-deleted-by-hand");
}

#[tokio::test]
async fn out_of_memory_is_told_as_recorded() {
    let told = play("a", async |kube, _| _ = kube.pod_of("a").running().ends(&Exit::oom_killed())).await;
    as_recorded(&told, "oom-killed");
}

#[tokio::test]
async fn a_plan_denies_a_pod_and_only_an_event_says_so() {
    let message = "exceeded quota: no-pods, requested: pods=1, used: pods=0, limited: pods=0";
    let kube = FakeKube::with_plans(move |_| Plan::Denied { message: message.to_owned() });
    let client = kube.client();
    ask(&client, "POST", JOBS, &job("a").to_string()).await;
    let (_, events) =
        ask(&client, "GET", "/api/v1/namespaces/leviathan/events?fieldSelector=involvedObject.name=a", "")
            .await;
    let said = &events["items"][0];
    let recorded = &lines("quota-no-pod", "events.ndjson")[0]["object"];
    assert_eq!(said["reason"], recorded["reason"]);
    let after = |text: &Value| text.as_str().unwrap().split(" is forbidden").nth(1).unwrap().to_owned();
    assert_eq!(after(&said["message"]), after(&recorded["message"]));
    assert!(kube.pods().is_empty());
}

#[tokio::test]
async fn a_job_that_is_resumed_is_told_as_recorded() {
    let mut suspended = job("a");
    suspended["spec"]["suspend"] = true.into();
    let told = play_with(suspended, async |kube, _| {
        assert!(kube.pods().is_empty(), "it has a pod while it is suspended");
        let admin = kube.client_with(kube.admin_token());
        let resume = r#"{"spec": {"suspend": false}}"#;
        assert_eq!(ask(&admin, "PATCH", &format!("{JOBS}/a"), resume).await.0, 200);
        kube.pod_of("a").running().exits(0, "");
    })
    .await;
    as_recorded(&told, "job-suspended");
}

#[tokio::test]
async fn the_deadline_of_a_job_is_told_as_recorded() {
    let told = play("a", async |kube, _| {
        kube.pod_of("a").running();
        let admin = kube.client_with(kube.admin_token());
        let late = r#"{"spec": {"activeDeadlineSeconds": 0}}"#;
        assert_eq!(ask(&admin, "PATCH", &format!("{JOBS}/a"), late).await.0, 200);
        let is_late = |kube: &FakeKube| kube.job("a")?.status?.conditions.map(drop);
        kube.until("the Job is late", is_late).await;
        kube.pod_of("a").stops(137);
    })
    .await;
    as_recorded(&told, "deadline-job");
}

#[tokio::test]
async fn nothing_else_of_a_job_can_be_patched() {
    let kube = FakeKube::start();
    let admin = kube.client_with(kube.admin_token());
    ask(&admin, "POST", JOBS, &job("a").to_string()).await;
    for patch in [r#"{"spec": {"suspend": true}}"#, r#"{"spec": {"parallelism": 2}}"#, r#"{"metadata": {}}"#]
    {
        assert_eq!(ask(&admin, "PATCH", &format!("{JOBS}/a"), patch).await.0, 400, "{patch}");
    }
    let resume = r#"{"spec": {"suspend": false}}"#;
    assert_eq!(ask(&kube.client(), "PATCH", &format!("{JOBS}/a"), resume).await.0, 403);
}

/// Why the Job's pod was refused.
async fn denied(case: &str, change: impl FnOnce(&mut Value), before: impl AsyncFnOnce(&kube::Client)) {
    let kube = FakeKube::start();
    let admin = kube.client_with(kube.admin_token());
    before(&admin).await;
    let mut job = job("a");
    change(&mut job);
    ask(&admin, "POST", JOBS, &job.to_string()).await;
    assert!(kube.pods().is_empty());
    let events = "/api/v1/namespaces/leviathan/events?fieldSelector=involvedObject.name=a";
    let (_, events) = ask(&admin, "GET", events, "").await;
    let said = &events["items"][0];
    let recorded = &lines(case, "events.ndjson")[0]["object"];
    assert_eq!((&said["reason"], &said["type"]), (&recorded["reason"], &recorded["type"]));
    let after = |text: &Value| text.as_str().unwrap().split(" is forbidden").nth(1).unwrap().to_owned();
    assert_eq!(after(&said["message"]), after(&recorded["message"]));
}

#[tokio::test]
async fn a_missing_account_a_quota_and_pod_security_deny_a_pod_as_recorded() {
    let account =
        |job: &mut Value| job["spec"]["template"]["spec"]["serviceAccountName"] = "not-there".into();
    denied("missing-serviceaccount", account, async |_| {}).await;
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "no-pods"}, "spec": {"hard": {"pods": "0"}}
    });
    let quotas = "/api/v1/namespaces/leviathan/resourcequotas";
    denied(
        "quota-no-pod",
        |_| {},
        async |admin| {
            assert_eq!(ask(admin, "POST", quotas, &quota.to_string()).await.0, 200);
        },
    )
    .await;
    let space = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "leviathan", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    });
    denied(
        "pod-security-denied",
        |_| {},
        async |admin| {
            ask(admin, "DELETE", "/api/v1/namespaces/leviathan", "").await;
            assert_eq!(ask(admin, "POST", "/api/v1/namespaces", &space.to_string()).await.0, 200);
        },
    )
    .await;
}

#[tokio::test]
async fn a_list_in_parts_is_of_one_moment() {
    let kube = FakeKube::start();
    let client = kube.client();
    for name in ["a", "b", "c"] {
        ask(&client, "POST", JOBS, &job(name).to_string()).await;
    }
    let (_, first) = ask(&client, "GET", &format!("{JOBS}?limit=2"), "").await;
    assert_eq!(
        (first["items"].as_array().unwrap().len(), &first["metadata"]["remainingItemCount"]),
        (2, &json!(1))
    );
    kube.delete_job("c");
    let token = first["metadata"]["continue"].as_str().unwrap();
    let (_, rest) = ask(&client, "GET", &format!("{JOBS}?limit=2&continue={token}"), "").await;
    assert_eq!(rest["items"][0]["metadata"]["name"], "c");
    assert_eq!(rest["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
    assert_eq!(ask(&client, "GET", &format!("{JOBS}?continue={token}"), "").await.0, 410);
}

#[tokio::test]
async fn a_watch_may_begin_with_the_state_and_says_where_that_ends() {
    let kube = FakeKube::start();
    let client = kube.client();
    ask(&client, "POST", JOBS, &job("a").to_string()).await;
    let lines = watch(
        &client,
        &format!(
            "{JOBS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=0"
        ),
    )
    .await;
    let kinds: Vec<&Value> = lines.iter().map(|line| &line["type"]).collect();
    assert_eq!(kinds, ["ADDED", "BOOKMARK"]);
    assert_eq!(lines[1]["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
}
