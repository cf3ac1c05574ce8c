//! The Job controller: makes pods, and says of a Job what became of them.

use crate::plan::Plan;
use crate::resource::Resource;
use crate::timers;
use crate::world::{World, now, owners, text};
use k8s_openapi::api::batch::v1::Job;
use serde_json::{Value, json};

const BACKOFF: (&str, &str) = ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
const REACHED: (&str, &str) = ("CompletionsReached", "Reached expected number of succeeded pods");
pub(crate) const TRACKING: &str = "batch.kubernetes.io/job-tracking";

impl World {
    /// A Job that was just made gets its pod, unless it is to have none, and what is planned happens to that.
    pub(crate) fn start_job(&mut self, job: &Value) {
        let typed: Job = serde_json::from_value(job.clone()).expect("it was read before it was kept");
        let (namespace, name) = (text(&job["metadata"]["namespace"]), text(&job["metadata"]["name"]));
        if job["spec"]["suspend"] == true {
            let suspended = condition("Suspended", "JobSuspended", "Job suspended");
            let status = json!({
                "conditions": [suspended], "terminating": 0, "uncountedTerminatedPods": {}, "ready": 0,
            });
            self.set_job_status(&namespace, &name, status);
            self.event(job, true, "Suspended", "Job suspended", "job-controller");
            return;
        }
        let plan = (self.plans.clone())(&typed);
        let pod = self.make_pod(job);
        let denied = match &plan {
            Plan::Denied { message } => Some(message.clone()),
            _ => self.denies(&namespace, &pod),
        };
        if let Some(message) = denied {
            let started =
                json!({"startTime": now(), "terminating": 0, "uncountedTerminatedPods": {}, "ready": 0});
            let job = self.set_job_status(&namespace, &name, started).unwrap_or_default();
            self.deny(&job, &message);
            return;
        }
        self.put(Resource::Pods, pod.clone());
        let pod_name = text(&pod["metadata"]["name"]);
        let active = active(job, 0, &now());
        self.set_job_status(&namespace, &name, active);
        self.event(job, true, "SuccessfulCreate", &format!("Created pod: {pod_name}"), "job-controller");
        timers::job_deadline(self, job);
        timers::follow(self, &namespace, &pod_name, plan);
    }

    /// Another try to make a pod that may not be.
    pub(crate) fn deny(&mut self, job: &Value, message: &str) {
        let name = format!("{}-{}", text(&job["metadata"]["name"]), self.suffix());
        let message = format!("Error creating: pods {name:?} is forbidden: {message}");
        self.event(job, false, "FailedCreate", &message, "job-controller");
    }

    fn make_pod(&mut self, job: &Value) -> Value {
        let job_name = text(&job["metadata"]["name"]);
        let template = &job["spec"]["template"];
        let mut metadata = template["metadata"].clone();
        metadata["name"] = format!("{job_name}-{}", self.suffix()).into();
        metadata["generateName"] = format!("{job_name}-").into();
        metadata["namespace"] = job["metadata"]["namespace"].clone();
        metadata["generation"] = 1.into();
        metadata["finalizers"] = json!([TRACKING]);
        metadata["ownerReferences"] = json!([{
            "apiVersion": "batch/v1", "kind": "Job", "name": job_name, "uid": job["metadata"]["uid"],
            "controller": true, "blockOwnerDeletion": true,
        }]);
        let mut spec = template["spec"].clone();
        let mut default = |key: &str, value: Value| {
            if spec[key].is_null() {
                spec[key] = value;
            }
        };
        default("serviceAccountName", "default".into());
        default("serviceAccount", "default".into());
        default("priority", 0.into());
        default("enableServiceLinks", true.into());
        default("preemptionPolicy", "PreemptLowerPriority".into());
        let toleration = |condition: &str| {
            json!({"key": format!("node.kubernetes.io/{condition}"), "operator": "Exists",
                   "effect": "NoExecute", "tolerationSeconds": 300})
        };
        default("tolerations", json!([toleration("not-ready"), toleration("unreachable")]));
        let status = json!({"phase": "Pending", "qosClass": "Burstable"});
        let pod =
            json!({"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec, "status": status});
        self.dress(pod)
    }

    fn set_job_status(&mut self, namespace: &str, name: &str, status: Value) -> Option<Value> {
        self.edit(Resource::Jobs, namespace, name, |job| job["status"] = status)
    }

    /// The Job of a pod, unless it is gone, or another one has its name by now.
    pub(crate) fn job_of(&self, pod: &Value) -> Option<Value> {
        let owner = owners(pod).find(|owner| owner["kind"] == "Job")?;
        let job = self.get(Resource::Jobs, &text(&pod["metadata"]["namespace"]), owner["name"].as_str()?)?;
        (job["metadata"]["uid"] == owner["uid"]).then(|| job.clone())
    }

    /// The Job says whether its pod is ready.
    pub(crate) fn job_ready(&mut self, pod: &Value, ready: u64) {
        let Some(job) = self.job_of(pod).filter(|job| job["status"]["active"] == 1) else { return };
        if job["status"]["ready"] != ready {
            let status = active(&job, ready, &text(&job["status"]["startTime"]));
            self.set_job_status(
                &text(&job["metadata"]["namespace"]),
                &text(&job["metadata"]["name"]),
                status,
            );
        }
    }

    /// The Job learns that its pod ended, or that it is going to: the interim condition, then the pod is let go, then
    /// the final one, unless the pod still runs.
    pub(crate) fn job_counts(&mut self, namespace: &str, pod_name: &str) {
        let Some(pod) = self.get(Resource::Pods, namespace, pod_name).cloned() else { return };
        let phase = text(&pod["status"]["phase"]);
        let ended = matches!(phase.as_str(), "Succeeded" | "Failed");
        let leaving = !pod["metadata"]["deletionTimestamp"].is_null();
        let tracked =
            pod["metadata"]["finalizers"].as_array().is_some_and(|all| all.iter().any(|it| it == TRACKING));
        if !tracked || !(ended || leaving) {
            return;
        }
        let Some(job) = self.job_of(&pod) else {
            self.let_go(namespace, pod_name);
            return;
        };
        let job_name = text(&job["metadata"]["name"]);
        let start = job["status"]["startTime"].clone();
        let terminating = u64::from(leaving && !ended);
        if !job["metadata"]["deletionTimestamp"].is_null() {
            self.let_go(namespace, pod_name);
            return;
        }
        let (succeeded, uid) = (phase == "Succeeded", &pod["metadata"]["uid"]);
        let ((reason, message), interim, last, count) = if succeeded {
            (REACHED, "SuccessCriteriaMet", "Complete", "succeeded")
        } else {
            (BACKOFF, "FailureTarget", "Failed", "failed")
        };
        let mut conditions = resumed(&job);
        let first = interim_of(&job).unwrap_or_else(|| condition(interim, reason, message));
        let (reason, message) = (&text(&first["reason"]), &text(&first["message"]));
        conditions.push(first);
        let status = json!({
            "conditions": conditions, "startTime": start, "terminating": terminating,
            "uncountedTerminatedPods": {count: [uid]}, "ready": 0,
        });
        self.set_job_status(namespace, &job_name, status);
        self.let_go(namespace, pod_name);
        let mut status = json!({
            "conditions": conditions, "startTime": start, "terminating": terminating,
            "uncountedTerminatedPods": {}, "ready": 0, count: 1,
        });
        if terminating == 0 {
            conditions.push(condition(last, reason, message));
            status["conditions"] = conditions.into();
            if succeeded {
                status["completionTime"] = now().into();
            }
        }
        if let Some(job) = self.set_job_status(namespace, &job_name, status) {
            self.event(
                &job,
                succeeded,
                if succeeded { "Completed" } else { reason.as_str() },
                message,
                "job-controller",
            );
        }
    }

    /// A pod that was let go is gone: what waited for that goes on.
    pub(crate) fn job_pod_gone(&mut self, pod: &Value) {
        let Some(job) = self.job_of(pod) else { return };
        let (namespace, name) = (text(&job["metadata"]["namespace"]), text(&job["metadata"]["name"]));
        if !job["metadata"]["deletionTimestamp"].is_null() {
            if self.owned(Resource::Pods, &text(&job["metadata"]["uid"])).is_empty() {
                self.forget_job(&job);
            }
            return;
        }
        if job["status"]["terminating"] != 1 {
            return;
        }
        let Some(job) =
            self.edit(Resource::Jobs, &namespace, &name, |job| job["status"]["terminating"] = 0.into())
        else {
            return;
        };
        let mut conditions = job["status"]["conditions"].as_array().cloned().unwrap_or_default();
        if let Some(interim) = interim_of(&job) {
            let last = condition("Failed", &text(&interim["reason"]), &text(&interim["message"]));
            conditions.push(last);
            self.edit(Resource::Jobs, &namespace, &name, |job| {
                job["status"]["conditions"] = conditions.into()
            });
        }
    }

    /// The Job took longer than it may: its pods are deleted, and it has failed once they are gone.
    pub(crate) fn job_late(&mut self, namespace: &str, name: &str, uid: &str) {
        let active = |job: &&Value| job["metadata"]["uid"] == uid && job["status"]["active"] == 1;
        let Some(job) = self.get(Resource::Jobs, namespace, name).filter(active).cloned() else { return };
        let (reason, message) = ("DeadlineExceeded", "Job was active longer than specified deadline");
        let mut conditions = resumed(&job);
        conditions.push(condition("FailureTarget", reason, message));
        let pods = self.owned(Resource::Pods, uid);
        let uids: Vec<&Value> = pods.iter().map(|pod| &pod["metadata"]["uid"]).collect();
        let status = json!({
            "conditions": conditions, "startTime": job["status"]["startTime"], "terminating": 1,
            "uncountedTerminatedPods": {"failed": uids}, "ready": 0,
        });
        self.set_job_status(namespace, name, status);
        for pod in &pods {
            self.delete_pod(namespace, &text(&pod["metadata"]["name"]), None);
        }
    }

    /// The Job is no more, nor are the Secrets that it owned.
    pub(crate) fn forget_job(&mut self, job: &Value) {
        self.remove(Resource::Jobs, &text(&job["metadata"]["namespace"]), &text(&job["metadata"]["name"]));
        for secret in self.owned(Resource::Secrets, &text(&job["metadata"]["uid"])) {
            self.remove(
                Resource::Secrets,
                &text(&secret["metadata"]["namespace"]),
                &text(&secret["metadata"]["name"]),
            );
        }
    }

    pub(crate) fn let_go(&mut self, namespace: &str, pod: &str) {
        self.edit(Resource::Pods, namespace, pod, |pod| {
            if let Some(metadata) = pod["metadata"].as_object_mut() {
                metadata.remove("finalizers");
            }
        });
    }
}

fn active(job: &Value, ready: u64, start: &str) -> Value {
    let active = job["spec"]["parallelism"].as_u64().unwrap_or(1);
    let mut status = json!({
        "startTime": start, "active": active, "terminating": 0, "uncountedTerminatedPods": {}, "ready": ready,
    });
    let resumed = resumed(job);
    if !resumed.is_empty() {
        status["conditions"] = resumed.into();
    }
    status
}

/// That a Job is going to fail, while it has not.
fn interim_of(job: &Value) -> Option<Value> {
    let last = job["status"]["conditions"].as_array()?.last()?;
    (last["type"] == "FailureTarget").then(|| last.clone())
}

/// Of a Job that was suspended, that it is so no more.
fn resumed(job: &Value) -> Vec<Value> {
    let conditions = job["status"]["conditions"].as_array().into_iter().flatten();
    let suspended = conditions.filter(|condition| condition["type"] == "Suspended");
    suspended
        .map(|condition| {
            let mut condition = condition.clone();
            condition["status"] = "False".into();
            condition["reason"] = "JobResumed".into();
            condition["message"] = "Job resumed".into();
            condition
        })
        .collect()
}

fn condition(kind: &str, reason: &str, message: &str) -> Value {
    let time = now();
    json!({"type": kind, "status": "True", "lastProbeTime": time, "lastTransitionTime": time,
           "reason": reason, "message": message})
}
