//! Answers that are a `Status` are those recorded, word for word.

use super::asking::{JOBS, PODS, ask, job, watch};
use super::fixtures::{bodies, lines, status};
use leviathan_test_kube_api::{Exit, FakeKube, LogAnswer, narrow};
use serde_json::{Value, json};

/// Message, reason, code and details of a recorded answer, with the recording's names replaced.
fn same(found: &Value, recorded: &Value, names: &[(&str, &str)]) {
    let mut expected = recorded.to_string();
    for (old, new) in names {
        expected = expected.replace(old, new);
    }
    let expected: Value = serde_json::from_str(&expected).unwrap();
    for key in ["message", "reason", "code", "status"] {
        let (found, expected) = (&found[key], &expected[key]);
        let empty = |value: &Value| value.is_null() || value == "";
        assert!(found == expected || (empty(found) && empty(expected)), "{key}: {found} is not {expected}");
    }
    for key in ["name", "group", "kind"] {
        let text = |value: &Value| value["details"][key].as_str().unwrap_or_default().to_owned();
        assert_eq!(text(found), text(&expected), "{key}");
    }
}

#[tokio::test]
async fn both_conflicts_are_told_as_recorded() {
    let kube = FakeKube::start();
    let client = kube.client();
    let body = job("leviathan-attempt-15b426b8").to_string();
    assert_eq!(ask(&client, "POST", JOBS, &body).await.0, 200);
    let (_, living) = ask(&client, "POST", JOBS, &body).await;
    same(&living, &status("create-conflict", "conflict-already-exists.http", 409), &[]);
    kube.pod_of("leviathan-attempt-15b426b8").running();
    let path = format!("{JOBS}/leviathan-attempt-15b426b8");
    ask(&client, "DELETE", &path, r#"{"propagationPolicy":"Foreground"}"#).await;
    let (_, leaving) = ask(&client, "POST", JOBS, &body).await;
    same(&leaving, &status("create-conflict", "conflict-being-deleted.http", 409), &[]);
    kube.pod_of("leviathan-attempt-15b426b8").stops(137);
    assert_eq!(ask(&client, "POST", JOBS, &body).await.0, 200, "the name is free once the pod is gone");
}

#[tokio::test]
async fn what_is_invalid_is_told_as_recorded() {
    let kube = FakeKube::start();
    let client = kube.client();
    let mut label = job("leviathan-attempt-0f350651");
    label["metadata"]["labels"]["attempt"] = "b".repeat(64).into();
    let mut template = job("leviathan-attempt-0f350651");
    template["spec"]["template"]["metadata"]["labels"]["attempt"] = "b".repeat(64).into();
    let long = format!("leviathan-attempt-{}", "a".repeat(46));
    for (job, file) in [
        (label, "label-64.http"),
        (template, "template-label-64.http"),
        (job(&long), "name-64.http"),
        (job("Leviathan_Attempt"), "name-invalid-characters.http"),
    ] {
        let (code, found) = ask(&client, "POST", JOBS, &job.to_string()).await;
        assert_eq!(code, 422, "{file}");
        let recorded = status("validation-422", file, 422);
        if file != "name-invalid-characters.http" {
            same(&found, &recorded, &[]);
        } else {
            // The recording is of a Job whose labels were good.
            assert_eq!(found["message"], recorded["message"]);
        }
    }
    let (code, made) =
        ask(&client, "POST", &format!("{JOBS}?dryRun=All"), &job(&long[..63]).to_string()).await;
    assert_eq!((code, &made["metadata"]["resourceVersion"]), (200, &Value::Null));
    assert_eq!(kube.jobs().len(), 0);
}

#[tokio::test]
async fn a_made_job_has_the_recorded_shape() {
    let kube = FakeKube::start();
    let recorded = lines("failure-exit-3", "created.json").remove(0);
    let body: Value = serde_json::from_str(&super::fixtures::read("failure-exit-3", "job.json")).unwrap();
    let (_, mut made) = ask(&kube.client(), "POST", JOBS, &body.to_string()).await;
    let uid = made["metadata"]["uid"].as_str().unwrap().to_owned();
    let old = recorded["metadata"]["uid"].as_str().unwrap();
    made = serde_json::from_str(&made.to_string().replace(&uid, old)).unwrap();
    for key in ["creationTimestamp", "resourceVersion"] {
        made["metadata"][key] = recorded["metadata"][key].clone();
    }
    assert_eq!(made, recorded);
}

#[tokio::test]
async fn what_a_role_does_not_allow_is_told_as_recorded() {
    let kube = FakeKube::start();
    kube.set_rights(&narrow());
    let client = kube.client();
    let account = [("leviathan-executor", "leviathan-scheduler")];
    let name = "leviathan-attempt-43ed5c45-abcde";
    for (method, path, file) in [
        ("GET", format!("{PODS}?watch=1"), "watch-pods.http"),
        ("DELETE", format!("{PODS}/{name}"), "delete-pod.http"),
        ("GET", "/api/v1/namespaces/leviathan/events".to_owned(), "events.http"),
        ("GET", "/apis/batch/v1/jobs".to_owned(), "list-jobs-all-namespaces.http"),
    ] {
        let (code, found) = ask(&client, method, &path, "").await;
        assert_eq!(code, 403, "{file}");
        same(&found, &status("forbidden", file, 403), &account);
    }
    let other = JOBS.replace("leviathan", "leviathan-missing");
    let (_, found) = ask(&client, "POST", &other, &job("a").to_string()).await;
    same(&found, &status("forbidden", "create-job-missing-namespace.http", 403), &account);
    let nobody = kube.client();
    kube.set_rights(&[]);
    let (_, found) = ask(&nobody, "GET", &format!("{PODS}/{name}/log"), "").await;
    same(&found, &status("forbidden", "pod-log.http", 403), &[("leviathan-nobody", "leviathan-scheduler")]);
    let (_, found) = ask(&nobody, "GET", &format!("{JOBS}/leviathan-attempt-43ed5c45"), "").await;
    same(&found, &status("forbidden", "get-job.http", 403), &[("leviathan-nobody", "leviathan-scheduler")]);
}

#[tokio::test]
async fn an_unknown_token_is_told_as_recorded() {
    let kube = FakeKube::start();
    let (_, found) = ask(&kube.client_with("nobody"), "GET", JOBS, "").await;
    same(&found, &status("unauthorized", "watch-jobs.http", 401), &[]);
}

#[tokio::test]
async fn a_deletion_is_answered_as_recorded() {
    let kube = FakeKube::start();
    let client = kube.client();
    let name = "leviathan-attempt-375bb134";
    ask(&client, "POST", JOBS, &job(name).to_string()).await;
    kube.pod_of(name).running();
    let wrong = r#"{"propagationPolicy":"Background","preconditions":{"uid":"another"}}"#;
    assert_eq!(ask(&client, "DELETE", &format!("{JOBS}/{name}"), wrong).await.0, 409);
    let background = r#"{"propagationPolicy":"Background"}"#;
    let (_, mut found) = ask(&client, "DELETE", &format!("{JOBS}/{name}"), background).await;
    let recorded = bodies("job-deleted-background", "delete.http");
    found["details"]["uid"] = recorded[0]["details"]["uid"].clone();
    assert_eq!(found, recorded[0]);
    let (_, found) = ask(&client, "GET", &format!("{JOBS}/{name}"), "").await;
    same(&found, &recorded[1], &[]);
    // The name is free at once, while the old pod goes on.
    assert_eq!(ask(&client, "POST", JOBS, &job(name).to_string()).await.0, 200);
    assert_eq!(kube.pods().len(), 2);
}

#[tokio::test]
async fn without_a_policy_pods_are_orphaned_and_run_on() {
    let kube = FakeKube::start();
    let client = kube.client();
    ask(&client, "POST", JOBS, &job("a").to_string()).await;
    let pod = kube.pod_of("a");
    pod.running();
    ask(&client, "DELETE", &format!("{JOBS}/a"), "").await;
    let left = pod.object().unwrap();
    assert_eq!(left.metadata.owner_references, None);
    assert_eq!(left.metadata.deletion_timestamp, None);
    assert!(kube.jobs().is_empty());
}

#[tokio::test]
async fn questions_for_logs_are_answered_as_recorded() {
    let kube = FakeKube::start();
    let client = kube.client();
    ask(&client, "POST", JOBS, &job("a").to_string()).await;
    let pod = kube.pod_of("a");
    let path = format!("{PODS}/{}/log?container=worker", pod.name());
    let of = |case: &str| {
        let pods = lines(case, "pods.ndjson");
        pods[0]["object"]["metadata"]["name"].as_str().unwrap().to_owned()
    };
    let check = async |case: &str, which: &str| {
        let recorded = bodies(case, "log.http");
        let recorded =
            recorded.iter().find(|body| body["message"].as_str().is_some_and(|it| it.contains(which)));
        let (_, found) = ask(&client, "GET", &path, "").await;
        same(&found, recorded.expect(which), &[(&of(case), pod.name())]);
    };
    assert_eq!(ask(&client, "GET", &path, "").await.1, "", "204, as it has no node");
    pod.assigned();
    check("job-suspended", "pods/log").await;
    pod.creating();
    check("success", "ContainerCreating").await;
    pod.waiting("ErrImagePull", "no");
    check("image-pull-backoff", "image can't be pulled").await;
    pod.waiting("ImagePullBackOff", "no");
    check("image-pull-backoff", "trying and failing").await;
    pod.running().logs("cloning\n").logs("done\n");
    assert_eq!(ask(&client, "GET", &path, "").await.1, "cloning\ndone\n");
    pod.answers_logs_with(Some(LogAnswer::Terminated));
    check("evicted-ephemeral-storage", "is terminated").await;
    pod.node_lost();
    check("node-lost", "connection refused").await;
    pod.answers_logs_with(Some(LogAnswer::Lost("unable to retriece container logs for x".to_owned())));
    assert_eq!(ask(&client, "GET", &path, "").await.1, "unable to retriece container logs for x");
    pod.vanishes();
    check("job-deleted-foreground", "not found").await;
    assert_eq!(kube.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn versions_that_are_too_old_too_new_or_none_are_told_as_recorded() {
    let kube = FakeKube::start();
    let client = kube.client();
    kube.forget_history();
    let lines = watch(&client, &format!("{JOBS}?watch=1&resourceVersion=1&timeoutSeconds=5")).await;
    let recorded = &bodies("watch-410", "watch-too-old.http")[0];
    assert_eq!((lines.len(), &lines[0]["type"]), (1, &json!("ERROR")));
    let oldest = lines[0]["object"]["message"].as_str().unwrap().rsplit('(').next().unwrap().to_owned();
    same(&lines[0]["object"], &recorded["object"], &[("1752)", &oldest)]);
    let exact = format!("{JOBS}?resourceVersion=1&resourceVersionMatch=Exact&limit=1");
    same(&ask(&client, "GET", &exact, "").await.1, &status("watch-410", "list-too-old.http", 410), &[]);
    let (_, new) = ask(&client, "GET", &format!("{JOBS}?resourceVersion=99999999&limit=1"), "").await;
    let current = new["message"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    same(&new, &status("watch-410", "list-future-resource-version.http", 504), &[("1924", &current)]);
    let (_, none) = ask(&client, "GET", &format!("{JOBS}?watch=1&resourceVersion=abc"), "").await;
    same(&none, &status("watch-410", "watch-invalid-resource-version.http", 500), &[]);
}

#[tokio::test]
async fn what_nothing_of_ours_should_ask_is_refused_and_remembered() {
    let kube = FakeKube::start();
    let client = kube.client();
    let mut unknown = job("a");
    unknown["spec"]["backoffLimits"] = 1.into();
    assert_eq!(ask(&client, "GET", &format!("{JOBS}?pageSize=1"), "").await.0, 400);
    assert_eq!(ask(&client, "POST", JOBS, &unknown.to_string()).await.0, 400);
    assert_eq!(ask(&client, "GET", "/apis/apps/v1/namespaces/leviathan/deployments", "").await.0, 404);
    let refused = kube.refused();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(refused[1].contains("unknown field"), "{refused:?}");
    ask(&client, "POST", JOBS, &job("b").to_string()).await;
    kube.pod_of("b").ends(&Exit::oom_killed());
    assert_eq!(kube.refused().len(), 3);
}
