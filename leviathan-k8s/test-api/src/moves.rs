//! The moves of a pod: what scheduler, kubelet and node write into it.

use crate::resource::Resource;
use crate::world::{World, now, text};
use serde_json::{Value, json};

const IMAGE_ID: &str = "sha256:96452d22325725ebfd680cca8f3811aa2960e8c360fb5337777e06afa554e238";
const LATE: &str = "Pod was active on the node longer than the specified deadline";

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// The exit code.
    pub code: i32,
    /// `Completed`, `Error`, `OOMKilled`, `StartError` ….
    pub reason: String,
    /// What stood in `/dev/termination-log`; nothing if it was empty.
    pub message: String,
    /// Whether the times of its start and end are known.
    pub times: Times,
}

/// What is known of the times of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Both.
    Known,
    /// It did not start: 1970.
    NeverStarted,
    /// Neither.
    Unknown,
}

impl Exit {
    /// An end by itself, or by a kill.
    pub fn new(code: i32, message: &str) -> Self {
        let reason = if code == 0 { "Completed" } else { "Error" };
        Self { code, reason: reason.to_owned(), message: message.to_owned(), times: Times::Known }
    }

    /// 137, `OOMKilled`.
    pub fn oom_killed() -> Self {
        Self { reason: "OOMKilled".to_owned(), ..Self::new(137, "") }
    }

    /// 128, `StartError`: there is no such command.
    pub fn start_error(message: &str) -> Self {
        Self { reason: "StartError".to_owned(), times: Times::NeverStarted, ..Self::new(128, message) }
    }

    /// 137, `ContainerStatusUnknown`: the container could not be found.
    pub fn unknown() -> Self {
        let message = "The container could not be located when the pod was terminated";
        Self { reason: "ContainerStatusUnknown".to_owned(), times: Times::Unknown, ..Self::new(137, message) }
    }

    /// 255, `Unknown`: the node crashed and came back.
    pub fn node_crashed() -> Self {
        Self { reason: "Unknown".to_owned(), ..Self::new(255, "") }
    }

    fn state(&self, started: &Value, id: &str) -> Value {
        let (start, end) = match self.times {
            Times::Known if started.is_string() => (started.clone(), now().into()),
            Times::Known => (Value::from(now()), Value::from(now())),
            Times::NeverStarted => (Value::from("1970-01-01T00:00:00Z"), Value::from(now())),
            Times::Unknown => (Value::Null, Value::Null),
        };
        let mut state =
            json!({"exitCode": self.code, "reason": self.reason, "startedAt": start, "finishedAt": end});
        if !self.message.is_empty() {
            state["message"] = self.message.clone().into();
        }
        if self.times != Times::Unknown {
            state["containerID"] = id.into();
        }
        json!({"terminated": state})
    }
}

impl World {
    fn edit_pod(&mut self, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) -> Option<Value> {
        self.edit(Resource::Pods, namespace, name, change)
    }

    fn pod(&self, namespace: &str, name: &str) -> Value {
        self.get(Resource::Pods, namespace, name).cloned().unwrap_or_default()
    }

    /// A node takes it.
    pub(crate) fn assigned(&mut self, namespace: &str, name: &str) {
        if !self.pod(namespace, name)["spec"]["nodeName"].is_null() {
            return;
        }
        let pod = self.edit_pod(namespace, name, |pod| {
            pod["spec"]["nodeName"] = "node1".into();
            pod["status"]["conditions"] = json!([condition("PodScheduled", true, None, None)]);
        });
        if let Some(pod) = pod {
            let message = format!("Successfully assigned {namespace}/{name} to node1");
            self.event(&pod, true, "Scheduled", &message, "default-scheduler");
        }
    }

    /// No node takes it.
    pub(crate) fn unschedulable(&mut self, namespace: &str, name: &str, message: &str) {
        let pod = self.edit_pod(namespace, name, |pod| {
            pod["status"]["conditions"] =
                json!([condition("PodScheduled", false, Some("Unschedulable"), Some(message))]);
        });
        if let Some(pod) = pod {
            self.event(&pod, false, "FailedScheduling", message, "default-scheduler");
        }
    }

    /// The kubelet has it, and makes its container.
    pub(crate) fn creating(&mut self, namespace: &str, name: &str) {
        self.assigned(namespace, name);
        if self.pod(namespace, name)["status"]["containerStatuses"].is_null() {
            self.wait(namespace, name, json!({"reason": "ContainerCreating"}));
        }
    }

    /// The container waits, for a reason that does not pass by itself.
    pub(crate) fn waiting(&mut self, namespace: &str, name: &str, reason: &str, message: &str) {
        self.creating(namespace, name);
        self.wait(namespace, name, json!({"reason": reason, "message": message}));
        let pod = self.pod(namespace, name);
        self.event(&pod, false, "Failed", &format!("Error: {message}"), "kubelet");
    }

    fn wait(&mut self, namespace: &str, name: &str, waiting: Value) {
        self.edit_pod(namespace, name, |pod| {
            let conditions = stage(pod, "False", Some("ContainersNotReady"));
            let container = pod["spec"]["containers"][0].clone();
            let init = pod["spec"]["initContainers"].is_array();
            let status = &mut pod["status"];
            status["conditions"] = conditions;
            status["hostIP"] = "10.244.0.1".into();
            status["startTime"] = now().into();
            let waiting = if init && waiting["reason"] == "ContainerCreating" {
                json!({"reason": "PodInitializing"})
            } else {
                waiting
            };
            status["containerStatuses"] = json!([{
                "name": container["name"], "state": {"waiting": waiting}, "lastState": {}, "ready": false,
                "restartCount": 0, "image": container["image"], "imageID": "", "started": false,
            }]);
        });
    }

    /// Its container runs.
    pub(crate) fn running(&mut self, namespace: &str, name: &str) {
        self.creating(namespace, name);
        let pod = self.edit_pod(namespace, name, |pod| {
            let conditions = stage(pod, "True", None);
            let id = container_id(pod);
            let status = &mut pod["status"];
            status["phase"] = "Running".into();
            status["conditions"] = conditions;
            status["podIP"] = "10.244.0.10".into();
            let container = &mut status["containerStatuses"][0];
            container["state"] = json!({"running": {"startedAt": now()}});
            container["ready"] = true.into();
            container["started"] = true.into();
            container["imageID"] = IMAGE_ID.into();
            container["containerID"] = id.into();
        });
        if let Some(pod) = pod {
            self.event(&pod, true, "Started", "Container started", "kubelet");
            self.job_ready(&pod, 1);
        }
    }

    /// Its container has ended; the phase does not say so yet.
    pub(crate) fn container_exits(&mut self, namespace: &str, name: &str, exit: &Exit) {
        self.creating(namespace, name);
        let pod = self.edit_pod(namespace, name, |pod| end_container(pod, exit));
        if let Some(pod) = pod {
            self.job_ready(&pod, 0);
        }
    }

    /// The phase says what the container said before.
    pub(crate) fn phase_follows(&mut self, namespace: &str, name: &str) {
        self.edit_pod(namespace, name, |pod| pod["status"]["phase"] = ended_phase(pod).into());
    }

    /// Its first init container fails, so that its container never starts.
    pub(crate) fn init_fails(&mut self, namespace: &str, name: &str, code: i32) {
        self.creating(namespace, name);
        self.edit_pod(namespace, name, |pod| {
            let init = pod["spec"]["initContainers"][0].clone();
            let id = container_id(pod);
            let state = Exit::new(code, "").state(&Value::Null, &id);
            let status = &mut pod["status"];
            status["phase"] = "Failed".into();
            status["initContainerStatuses"] = json!([{
                "name": init["name"], "state": state, "lastState": {}, "ready": false, "restartCount": 0,
                "image": init["image"], "imageID": IMAGE_ID, "containerID": id, "started": false,
            }]);
        });
        self.job_counts(namespace, name);
    }

    /// It ran for longer than it may.
    pub(crate) fn deadline_exceeded(&mut self, namespace: &str, name: &str) {
        let pod = self.edit_pod(namespace, name, |pod| {
            end_container(pod, &Exit::new(137, ""));
            let status = &mut pod["status"];
            status["phase"] = "Failed".into();
            status["reason"] = "DeadlineExceeded".into();
            status["message"] = LATE.into();
        });
        if let Some(pod) = pod {
            self.event(&pod, true, "DeadlineExceeded", LATE, "kubelet");
            self.job_ready(&pod, 0);
            self.job_counts(namespace, name);
        }
    }

    /// The kubelet throws it out. `exit` is what it then says of the container.
    pub(crate) fn evicted(&mut self, namespace: &str, name: &str, message: &str, exit: &Exit) {
        let pod = self.pod(namespace, name);
        self.event(&pod, false, "Evicted", message, "kubelet");
        self.edit_pod(namespace, name, |pod| {
            end_container(pod, exit);
            let status = &mut pod["status"];
            status["phase"] = "Failed".into();
            status["reason"] = "Evicted".into();
            status["message"] = message.into();
        });
        let pod = self.pod(namespace, name);
        self.job_ready(&pod, 0);
        self.job_counts(namespace, name);
    }

    /// Its node answers no more.
    pub(crate) fn node_not_ready(&mut self, namespace: &str, name: &str) {
        let pod = self.edit_pod(namespace, name, |pod| set_ready(pod, false));
        if let Some(pod) = pod {
            self.event(&pod, false, "NodeNotReady", "Node is not ready", "node-controller");
            self.job_ready(&pod, 0);
        }
    }

    /// Its node is back.
    pub(crate) fn node_ready(&mut self, namespace: &str, name: &str) {
        if let Some(pod) = self.edit_pod(namespace, name, |pod| set_ready(pod, true)) {
            self.job_ready(&pod, 1);
        }
    }

    /// It is deleted because of its node: a `DisruptionTarget`, then the deletion.
    pub(crate) fn disrupted(&mut self, namespace: &str, name: &str, reason: &str, message: &str) {
        self.edit_pod(namespace, name, |pod| {
            let mut disruption = condition("DisruptionTarget", true, Some(reason), Some(message));
            disruption["observedGeneration"] = 1.into();
            if let Some(conditions) = pod["status"]["conditions"].as_array_mut() {
                conditions.push(disruption);
            }
        });
        self.delete_pod(namespace, name, None);
    }

    /// A pod that was asked to stop has done so, or was killed, and is gone.
    pub(crate) fn stopped(&mut self, namespace: &str, name: &str, exit: &Exit) {
        self.edit_pod(namespace, name, |pod| {
            end_container(pod, exit);
            pod["status"]["phase"] = ended_phase(pod).into();
        });
        self.job_counts(namespace, name);
        self.edit_pod(namespace, name, |pod| pod["metadata"]["deletionGracePeriodSeconds"] = 0.into());
        self.drop_pod(namespace, name);
    }
}

fn end_container(pod: &mut Value, exit: &Exit) {
    let reason = if exit.code == 0 { "PodCompleted" } else { "PodFailed" };
    let conditions = stage(pod, "False", Some(reason));
    let id = container_id(pod);
    let status = &mut pod["status"];
    let disruption: Vec<Value> = status["conditions"]
        .as_array()
        .map(|all| all.iter().filter(|it| it["type"] == "DisruptionTarget").cloned().collect())
        .unwrap_or_default();
    status["conditions"] = conditions;
    if let Some(all) = status["conditions"].as_array_mut() {
        all.extend(disruption);
    }
    let container = &mut status["containerStatuses"][0];
    let started = container["state"]["running"]["startedAt"].clone();
    container["state"] = exit.state(&started, &id);
    container["ready"] = false.into();
    container["started"] = false.into();
}

fn ended_phase(pod: &Value) -> &'static str {
    match pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"].as_i64() {
        Some(0) => "Succeeded",
        _ => "Failed",
    }
}

fn container_id(pod: &Value) -> String {
    format!("containerd://{:0>64}", text(&pod["metadata"]["uid"]).replace('-', ""))
}

fn set_ready(pod: &mut Value, ready: bool) {
    let Some(conditions) = pod["status"]["conditions"].as_array_mut() else { return };
    for condition in conditions.iter_mut().filter(|it| it["type"] == "Ready") {
        condition["status"] = if ready { "True" } else { "False" }.into();
        condition["lastTransitionTime"] = now().into();
    }
}

/// The conditions of a pod that is on a node.
fn stage(pod: &Value, ready: &str, reason: Option<&str>) -> Value {
    let is_ready = ready == "True";
    let name = text(&pod["spec"]["containers"][0]["name"]);
    let unready = format!("containers with unready status: [{name}]");
    let message = (reason == Some("ContainersNotReady")).then_some(unready.as_str());
    let started = reason != Some("ContainersNotReady");
    let completed = reason.filter(|reason| *reason == "PodCompleted");
    json!([
        condition("PodReadyToStartContainers", started, None, None),
        condition("Initialized", true, completed, None),
        condition("Ready", is_ready, reason, message),
        condition("ContainersReady", is_ready, reason, message),
        condition("PodScheduled", true, None, None),
    ])
}

fn condition(kind: &str, holds: bool, reason: Option<&str>, message: Option<&str>) -> Value {
    let status = if holds { "True" } else { "False" };
    let mut condition =
        json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": now()});
    for (key, value) in [("reason", reason), ("message", message)] {
        if let Some(value) = value {
            condition[key] = value.into();
        }
    }
    condition
}
