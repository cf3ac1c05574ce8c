//! What workers do: a script that goes by the task's name.

use k8s_openapi::DeepMerge;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use leviathan_core::executor::AttemptSpec;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::log::{Hash, Head, Position};
use serde_json::{Value, json};

pub(crate) const CREATED: Head = Head { position: Position::new(1), hash: Hash::ZERO };

/// Nothing but `/bin/sh`, `sleep`, and for their own tasks `tail` and `dd`.
const SCRIPT: &str = r#"
say() {
    printf '{"v":1,"attempt_id":"%s","outcome":"%s","summary":"as planned"}' "$ATTEMPT_ID" "$1" \
        > /dev/termination-log
}
wait_for_term() {
    trap 'exit 143' TERM
    while :; do sleep 1 & wait $!; done
}
echo "working on $ATTEMPT_ID"
case "$TASK_ID" in
succeed) say succeeded ;;
fail) say failed; exit 1 ;;
exit-3) sleep 1; echo 'gave up' >&2; exit 3 ;;
hang) wait_for_term ;;
deaf) trap '' TERM; while :; do sleep 1; done ;;
eat-memory) exec tail /dev/zero ;;
fill-disk) dd if=/dev/zero of="$LEVIATHAN_WORKSPACE_DIR/big" bs=1048576 count=48; wait_for_term ;;
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
