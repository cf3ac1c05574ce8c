//! What workers do: a script that goes by the task's name.

use k8s_openapi::DeepMerge;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use leviathan_core::executor::AttemptSpec;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::log::{Hash, Head, Position};
use leviathan_test_kube_api::{Plan, env_of};
use serde_json::{Value, json};

pub(crate) const CREATED: Head = Head { position: Position::new(1), hash: Hash::ZERO };

/// Nothing but `/bin/sh`, `sleep`, and for their own tasks `tail` and `dd`.
const SCRIPT: &str = r#"
say() {
    printf '{"v":1,"attempt_id":"%s","outcome":"%s","summary":"as planned"}' "$ATTEMPT_ID" "$1" \
        > "${LEVIATHAN_FINAL_MESSAGE:-/dev/termination-log}"
}
echo "working on $ATTEMPT_ID"
case "$TASK_ID" in
succeed) say succeeded ;;
fail) say failed; exit 1 ;;
exit-3) echo 'gave up' >&2; exit 3 ;;
hang) trap 'exit 143' TERM; while :; do sleep 1 & wait $!; done ;;
deaf) trap '' TERM; while :; do sleep 1; done ;;
eat-memory) exec tail /dev/zero ;;
fill-disk) dd if=/dev/zero of=/workspace/big bs=1048576 count=48; trap 'exit 143' TERM; while :; do sleep 1 & wait $!; done ;;
*) echo "no such work: $TASK_ID" >&2; exit 64 ;;
esac
"#;

/// Workers of this script, and what else a test wants of their pods.
pub(crate) fn pod_template(more: &Value) -> String {
    let template =
        json!({"spec": {"containers": [{"name": "worker", "command": ["/bin/sh", "-c", SCRIPT]}]}});
    let read = |value: Value| serde_json::from_value::<PodTemplateSpec>(value).expect("a template");
    let mut template = read(template);
    template.merge_from(read(more.clone()));
    serde_json::to_string(&template).expect("it was read")
}

/// An attempt at such work.
pub(crate) fn spec(name: &str, work: &str) -> AttemptSpec {
    AttemptSpec {
        attempt_id: AttemptId::new(format!("attempt-{name}")).unwrap(),
        attempt_number: 1,
        target_id: TargetId::new("radix").unwrap(),
        task_id: TaskId::new(work).unwrap(),
        repo_url: "https://github.com/o/radix.git".to_owned(),
        default_branch: "main".to_owned(),
        base_commit: "c0ffee".to_owned(),
        deadline_seconds: None,
        forge: Default::default(),
    }
}

/// The name of its Job.
pub(crate) fn job_of(spec: &AttemptSpec) -> String {
    format!("leviathan-{}", spec.attempt_id)
}

/// What the script comes to, where no pod runs it.
pub(crate) fn plan(job: &Job) -> Plan {
    let attempt = env_of(job, "ATTEMPT_ID").unwrap_or_default();
    let exits = |code: i32, outcome: Option<&str>| {
        let message = outcome.map(|outcome| {
            json!({"v": 1, "attempt_id": attempt, "outcome": outcome, "summary": "as planned"}).to_string()
        });
        Plan::Exits { code, message: message.unwrap_or_default(), log: format!("working on {attempt}\n") }
    };
    match env_of(job, "TASK_ID").unwrap_or_default().as_str() {
        "succeed" => exits(0, Some("succeeded")),
        "fail" => exits(1, Some("failed")),
        "exit-3" => exits(3, None),
        "hang" => Plan::Hangs,
        "deaf" => Plan::Deaf,
        _ => exits(64, None),
    }
}
