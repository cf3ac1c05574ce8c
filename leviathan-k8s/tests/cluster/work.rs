//! What workers do: a script that goes by the task's name.

use k8s_openapi::DeepMerge;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Value, json};

pub(crate) use crate::attempt::{CREATED, job_of, spec};

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
