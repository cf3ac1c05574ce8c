//! What a DELETE does: to the object, and to what it owns.

use crate::resource::Resource;
use crate::timers;
use crate::world::{World, now, text, time_in};
use serde_json::{Value, json};
use std::time::Duration;

/// What becomes of the pods of a Job that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Propagation {
    Orphan,
    Background,
    Foreground,
}

impl World {
    /// What is left of the Job, if it stays for its pods.
    pub(crate) fn delete_job(&mut self, job: &Value, how: Propagation) -> Option<Value> {
        let (namespace, name) = (text(&job["metadata"]["namespace"]), text(&job["metadata"]["name"]));
        let uid = text(&job["metadata"]["uid"]);
        let pods: Vec<String> =
            self.owned(Resource::Pods, &uid).iter().map(|pod| text(&pod["metadata"]["name"])).collect();
        match how {
            Propagation::Foreground => {
                let leaving = if job["metadata"]["deletionTimestamp"].is_null() {
                    self.edit(Resource::Jobs, &namespace, &name, |job| {
                        let metadata = &mut job["metadata"];
                        metadata["deletionTimestamp"] = now().into();
                        metadata["deletionGracePeriodSeconds"] = 0.into();
                        metadata["finalizers"] = json!(["foregroundDeletion"]);
                        metadata["generation"] = (metadata["generation"].as_u64().unwrap_or(1) + 1).into();
                    })?
                } else {
                    job.clone()
                };
                for pod in &pods {
                    self.let_go(&namespace, pod);
                    self.delete_pod(&namespace, pod, None);
                }
                // While a pod still runs, the Job says so.
                if self.owned(Resource::Pods, &uid).is_empty() {
                    self.forget_job(&leaving);
                } else {
                    self.edit(Resource::Jobs, &namespace, &name, |job| {
                        let start = job["status"]["startTime"].clone();
                        job["status"] = json!({
                            "startTime": start, "terminating": 1, "uncountedTerminatedPods": {}, "ready": 0,
                        });
                    });
                }
                Some(leaving)
            }
            Propagation::Background => {
                self.forget_job(job);
                for pod in &pods {
                    self.let_go(&namespace, pod);
                    self.delete_pod(&namespace, pod, None);
                }
                None
            }
            Propagation::Orphan => {
                for pod in &pods {
                    self.edit(Resource::Pods, &namespace, pod, |pod| {
                        if let Some(metadata) = pod["metadata"].as_object_mut() {
                            metadata.remove("ownerReferences");
                            metadata.remove("finalizers");
                        }
                    });
                }
                self.forget_job(job);
                None
            }
        }
    }

    /// Asks a pod to stop. It is gone at once where it is on no node or has ended.
    pub(crate) fn delete_pod(&mut self, namespace: &str, name: &str, grace: Option<u64>) -> Option<Value> {
        let pod = self.get(Resource::Pods, namespace, name)?.clone();
        if !pod["metadata"]["deletionTimestamp"].is_null() {
            return Some(pod);
        }
        let ended = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
        let at_once = ended || pod["spec"]["nodeName"].is_null();
        let own = pod["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
        let grace = if at_once { 0 } else { grace.unwrap_or(own) };
        let leaving = self.edit(Resource::Pods, namespace, name, |pod| {
            let metadata = &mut pod["metadata"];
            metadata["deletionTimestamp"] = time_in(Duration::from_secs(grace)).into();
            metadata["deletionGracePeriodSeconds"] = grace.into();
            metadata["generation"] = (metadata["generation"].as_u64().unwrap_or(1) + 1).into();
        })?;
        if !at_once {
            self.event(&leaving, true, "Killing", "Stopping container worker", "kubelet");
        }
        self.job_counts(namespace, name);
        if at_once {
            self.drop_pod(namespace, name);
        } else {
            timers::asked_to_stop(self, namespace, name, grace);
        }
        Some(leaving)
    }

    /// The pod is no more.
    pub(crate) fn drop_pod(&mut self, namespace: &str, name: &str) {
        if let Some(pod) = self.remove(Resource::Pods, namespace, name) {
            self.job_pod_gone(&pod);
        }
    }
}
