//! Pods that run as processes of this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what does not hold fails the test")]

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, Pod, Secret};
use kube::api::{Api, LogParams, PostParams};
use leviathan_test_kube_api::{FakeKube, Image, Kubelet, NAMESPACE};
use serde_json::{Value, json};

/// A cluster with a kubelet that knows the image `shell`.
fn cluster() -> (FakeKube, Kubelet) {
    let kube = FakeKube::start();
    let env = vec![("FROM_IMAGE".to_owned(), "image".to_owned())];
    let shell = Image { command: vec!["/bin/sh".to_owned(), "-c".to_owned()], env };
    let kubelet = Kubelet::start(&kube, move |name| (name == "shell").then(|| shell.clone()));
    (kube, kubelet)
}

/// Makes a Job whose container has `args` and whatever `change` makes of its pod.
async fn run(kube: &FakeKube, args: &str, change: impl FnOnce(&mut Value)) {
    let mut pod = json!({
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "containers": [{
            "name": "worker", "image": "shell", "args": [args],
            "volumeMounts": [{"name": "workspace", "mountPath": "/workspace"}],
        }],
        "volumes": [{"name": "workspace", "emptyDir": {}}],
    });
    change(&mut pod);
    let job = json!({
        "metadata": {"name": "job"},
        "spec": {"backoffLimit": 0, "template": {"spec": pod}},
    });
    let job: Job = serde_json::from_value(job).unwrap();
    let jobs = Api::<Job>::namespaced(kube.client_with(kube.admin_token()), NAMESPACE);
    jobs.create(&PostParams::default(), &job).await.unwrap();
}

fn terminated(pod: &Pod) -> Option<ContainerStateTerminated> {
    pod.status.as_ref()?.container_statuses.as_ref()?.first()?.state.as_ref()?.terminated.clone()
}

async fn end(kube: &FakeKube) -> ContainerStateTerminated {
    let end = |kube: &FakeKube| terminated(&kube.find_pod(NAMESPACE, "job")?.object()?);
    kube.until("the end of the pod", end).await
}

async fn wait_reason(kube: &FakeKube) -> String {
    let reason = |kube: &FakeKube| {
        let pod = kube.find_pod(NAMESPACE, "job")?.object()?;
        let state = pod.status?.container_statuses?.first()?.state.clone()?;
        state
            .waiting?
            .reason
            .filter(|reason| !["ContainerCreating", "ErrImagePull"].contains(&reason.as_str()))
    };
    kube.until("a reason to wait", reason).await
}

async fn log(kube: &FakeKube) -> String {
    let pods = Api::<Pod>::namespaced(kube.client_with(kube.admin_token()), NAMESPACE);
    pods.logs(kube.pod_of("job").name(), &LogParams::default()).await.unwrap()
}

async fn make_secret(kube: &FakeKube, key: &str, value: &str) {
    let secret = json!({"metadata": {"name": "keys"}, "stringData": {key: value}});
    let secret: Secret = serde_json::from_value(secret).unwrap();
    let secrets = Api::<Secret>::namespaced(kube.client_with(kube.admin_token()), NAMESPACE);
    secrets.create(&PostParams::default(), &secret).await.unwrap();
}

#[tokio::test]
async fn a_container_runs_with_its_environment_and_its_end_its_message_and_its_log_are_seen() {
    let (kube, _kubelet) = cluster();
    make_secret(&kube, "api-key", "s3cret").await;
    let script = "echo $NAME $KEY $FROM_IMAGE; echo mine > $PLACE/file; cat $PLACE/file >&2; \
                  printf 'last words' > /dev/termination-log; exit 3";
    run(&kube, script, |pod| {
        pod["containers"][0]["env"] = json!([
            {"name": "NAME", "value": "a $$(b)"},
            {"name": "PLACE", "value": "/workspace"},
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "api-key"}}},
        ]);
    })
    .await;
    let end = end(&kube).await;
    assert_eq!((end.exit_code, end.message.as_deref()), (3, Some("last words")));
    kube.until("the end of the Job", |kube| kube.job("job")?.status?.failed).await;
    assert_eq!(log(&kube).await, "a $(b) s3cret image\nmine\n");
}

#[tokio::test]
async fn a_container_waits_for_its_secret_and_for_its_key() {
    let (kube, _kubelet) = cluster();
    run(&kube, "exit 0", |pod| {
        pod["containers"][0]["env"] = json!([
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "api-key"}}},
        ]);
    })
    .await;
    assert_eq!(wait_reason(&kube).await, "CreateContainerConfigError");
    make_secret(&kube, "api-key", "s3cret").await;
    assert_eq!(end(&kube).await.exit_code, 0);
    let (kube, _kubelet) = cluster();
    make_secret(&kube, "api-key", "s3cret").await;
    run(&kube, "exit 0", |pod| {
        pod["containers"][0]["env"] = json!([
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "another"}}},
        ]);
    })
    .await;
    assert_eq!(wait_reason(&kube).await, "CreateContainerConfigError");
}

#[tokio::test]
async fn an_image_that_is_not_there_is_waited_for_and_each_reason_has_its_name() {
    for (image, policy, reason) in [
        ("registry.invalid/worker:1", "Always", "ImagePullBackOff"),
        ("registry.invalid/worker:1", "Never", "ErrImageNeverPull"),
        ("Leviathan/Worker Image", "Always", "InvalidImageName"),
    ] {
        let (kube, _kubelet) = cluster();
        run(&kube, "exit 0", |pod| {
            pod["containers"][0]["image"] = image.into();
            pod["containers"][0]["imagePullPolicy"] = policy.into();
        })
        .await;
        assert_eq!(wait_reason(&kube).await, reason);
        kube.delete_job("job");
        kube.until("the pod to be gone", |kube| kube.pods().is_empty().then_some(())).await;
    }
}

#[tokio::test]
async fn a_command_that_is_not_there_is_a_start_error() {
    let (kube, _kubelet) = cluster();
    run(&kube, "", |pod| pod["containers"][0]["command"] = json!(["/no/such/command"])).await;
    let end = end(&kube).await;
    assert_eq!((end.exit_code, end.reason.as_deref()), (128, Some("StartError")));
}

/// The pid of its shell, once that has said it.
async fn pid(kube: &FakeKube) -> String {
    let running = |kube: &FakeKube| {
        kube.find_pod(NAMESPACE, "job")?.object()?.status?.phase.filter(|it| it == "Running")
    };
    kube.until("the pod to run", running).await;
    loop {
        if let Some(pid) = log(kube).await.strip_suffix('\n') {
            return pid.to_owned();
        }
        tokio::task::yield_now().await;
    }
}

/// Whether a process runs. One that was killed and not waited for does not.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

#[tokio::test]
async fn a_pod_that_is_deleted_is_asked_to_stop() {
    let (kube, _kubelet) = cluster();
    let place = tempfile::tempdir().unwrap();
    let asked = place.path().join("asked");
    let script = format!(
        "trap 'echo yes > {}; exit 7' TERM; echo $$; while true; do sleep 0.01; done",
        asked.display()
    );
    run(&kube, &script, |_| {}).await;
    let pid = pid(&kube).await;
    kube.pod_of("job").deleted();
    kube.until("the pod to be gone", |kube| kube.pods().is_empty().then_some(())).await;
    assert!(!runs(&pid));
    assert_eq!(std::fs::read_to_string(asked).unwrap(), "yes\n");
}

#[tokio::test]
async fn a_pod_that_is_deaf_is_killed_when_its_grace_is_over() {
    let (kube, _kubelet) = cluster();
    run(&kube, "trap '' TERM; echo $$; while true; do sleep 0.01; done", |_| {}).await;
    let pid = pid(&kube).await;
    let start = std::time::Instant::now();
    kube.pod_of("job").deleted();
    kube.until("the pod to be gone", |kube| kube.pods().is_empty().then_some(())).await;
    assert!(!runs(&pid));
    assert!(start.elapsed() >= std::time::Duration::from_secs(1), "its grace was {:?}", start.elapsed());
}

#[tokio::test]
async fn a_pod_ends_at_its_deadline_and_its_log_stays() {
    let (kube, _kubelet) = cluster();
    run(&kube, "echo begun; sleep 600", |pod| pod["activeDeadlineSeconds"] = 1.into()).await;
    end(&kube).await;
    let status = kube.pod_of("job").object().unwrap().status.unwrap();
    assert_eq!(status.reason.as_deref(), Some("DeadlineExceeded"));
    assert_eq!(log(&kube).await, "begun\n");
}

#[tokio::test]
async fn a_container_does_not_start_behind_an_init_container_that_fails() {
    let (kube, _kubelet) = cluster();
    run(&kube, "exit 0", |pod| {
        pod["initContainers"] = json!([{"name": "first", "image": "shell", "args": ["exit 4"]}]);
    })
    .await;
    kube.until("the end of the Job", |kube| kube.job("job")?.status?.failed).await;
    let pod = kube.pod_of("job").object().unwrap();
    assert_eq!(terminated(&pod), None);
    let init = pod.status.unwrap().init_container_statuses.unwrap();
    assert_eq!(init[0].state.as_ref().unwrap().terminated.as_ref().unwrap().exit_code, 4);
}

#[tokio::test]
async fn no_node_has_what_a_selector_asks_for() {
    let (kube, _kubelet) = cluster();
    run(&kube, "exit 0", |pod| pod["nodeSelector"] = json!({"disk": "golden"})).await;
    let reason = |kube: &FakeKube| {
        let conditions = kube.find_pod(NAMESPACE, "job")?.object()?.status?.conditions?;
        conditions.iter().find(|it| it.type_ == "PodScheduled")?.reason.clone()
    };
    assert_eq!(kube.until("a word of the scheduler", reason).await, "Unschedulable");
}

#[tokio::test]
async fn no_node_has_as_many_cpus_as_some_ask_for() {
    let (kube, _kubelet) = cluster();
    let absurd = json!({"requests": {"cpu": "100000"}});
    run(&kube, "exit 0", |pod| pod["containers"][0]["resources"] = absurd).await;
    let why = |kube: &FakeKube| {
        let conditions = kube.find_pod(NAMESPACE, "job")?.object()?.status?.conditions?;
        conditions.iter().find(|it| it.type_ == "PodScheduled")?.message.clone()
    };
    let why = kube.until("a word of the scheduler", why).await;
    assert!(why.contains("Insufficient cpu"), "{why}");
}

#[tokio::test]
async fn who_takes_too_much_memory_is_killed_and_who_fills_a_volume_is_evicted() {
    let (kube, _kubelet) = cluster();
    run(&kube, "exec tail /dev/zero", |pod| {
        pod["containers"][0]["resources"] = json!({"limits": {"memory": "64Mi"}});
    })
    .await;
    let end_of_tail = end(&kube).await;
    assert_eq!((end_of_tail.exit_code, end_of_tail.reason.as_deref()), (137, Some("OOMKilled")));

    let (kube, _kubelet) = cluster();
    run(&kube, "dd if=/dev/zero of=$PLACE/big bs=65536 count=64; exec sleep 600", |pod| {
        pod["containers"][0]["env"] = json!([{"name": "PLACE", "value": "/workspace"}]);
        pod["volumes"][0]["emptyDir"] = json!({"sizeLimit": "1Mi"});
    })
    .await;
    end(&kube).await;
    let status = kube.pod_of("job").object().unwrap().status.unwrap();
    assert_eq!((status.phase.as_deref(), status.reason.as_deref()), (Some("Failed"), Some("Evicted")));
    let message = status.message.unwrap();
    assert!(message.contains("\"workspace\" exceeds the limit \"1Mi\""), "{message}");
}

#[tokio::test]
async fn its_end_ends_what_it_runs() {
    let (kube, kubelet) = cluster();
    run(&kube, "echo $$; exec sleep 600", |_| {}).await;
    let pid = pid(&kube).await;
    assert!(runs(&pid));
    drop(kubelet);
    // It was killed; that it is dead comes a moment later.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while runs(&pid) {
        assert!(std::time::Instant::now() < end, "{pid} runs on");
        std::thread::yield_now();
    }
}
