//! `FakePod`: the pod of a Job, and the moves that a test makes with it.

use crate::kube::FakeKube;
use crate::log::LogAnswer;
use crate::moves::Exit;
use crate::resource::Resource;
use crate::world::{World, text};
use k8s_openapi::api::core::v1::Pod;

/// The pod of a Job, and the moves that a test makes with it. A move makes those before it that are missing, as a node
/// would: what runs was assigned to a node.
#[derive(Debug, Clone)]
pub struct FakePod<'a> {
    pub(crate) kube: &'a FakeKube,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl FakePod<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pod as it is; nothing once it is gone.
    pub fn object(&self) -> Option<Pod> {
        let pod =
            self.kube.shared.look(|world| world.get(Resource::Pods, &self.namespace, &self.name).cloned());
        pod.map(|pod| serde_json::from_value(pod).expect("a pod"))
    }

    fn act(&self, act: impl FnOnce(&mut World, &str, &str)) -> &Self {
        self.kube.shared.change(|world| {
            let there = world.get(Resource::Pods, &self.namespace, &self.name).is_some();
            assert!(there, "the pod {} is gone", self.name);
            act(world, &self.namespace, &self.name);
        });
        self
    }

    /// A node takes it.
    pub fn assigned(&self) -> &Self {
        self.act(World::assigned)
    }

    /// No node takes it.
    pub fn unschedulable(&self, message: &str) -> &Self {
        self.act(|world, namespace, name| world.unschedulable(namespace, name, message))
    }

    /// Its container is being made.
    pub fn creating(&self) -> &Self {
        self.act(World::creating)
    }

    /// Its container waits: `ImagePullBackOff`, `CreateContainerConfigError` ….
    pub fn waiting(&self, reason: &str, message: &str) -> &Self {
        self.act(|world, namespace, name| world.waiting(namespace, name, reason, message))
    }

    /// Its container runs.
    pub fn running(&self) -> &Self {
        self.act(World::running)
    }

    /// Its container writes to its log.
    pub fn logs(&self, text: &str) -> &Self {
        self.on_log(|log| log.text.push_str(text))
    }

    /// Questions for its log are answered so instead; with nothing, by its log again.
    pub fn answers_logs_with(&self, answer: Option<LogAnswer>) -> &Self {
        self.on_log(|log| log.instead = answer)
    }

    /// The streams that follow its log are cut.
    pub fn cuts_logs(&self) -> &Self {
        self.on_log(|log| log.cuts += 1)
    }

    /// The streams that follow its log end, as if its container had: its log was rotated, or the API server goes down in
    /// good order.
    pub fn ends_logs(&self) -> &Self {
        self.on_log(|log| log.ends += 1)
    }

    fn on_log(&self, change: impl FnOnce(&mut crate::log::PodLog)) -> &Self {
        self.act(|world, namespace, name| {
            let uid = world.get(Resource::Pods, namespace, name).map(|pod| text(&pod["metadata"]["uid"]));
            change(world.logs.entry(uid.unwrap_or_default()).or_default());
        })
    }

    /// Its container ends, its phase says so, and its Job, in this order.
    pub fn exits(&self, code: i32, message: &str) -> &Self {
        self.ends(&Exit::new(code, message))
    }

    /// As [`exits`](Self::exits), in another way.
    pub fn ends(&self, exit: &Exit) -> &Self {
        self.container_ends(exit).phase_follows().job_follows()
    }

    /// Its container ends, and nothing else says so yet.
    pub fn container_ends(&self, exit: &Exit) -> &Self {
        self.act(|world, namespace, name| world.container_exits(namespace, name, exit))
    }

    /// Its phase says that its container has ended.
    pub fn phase_follows(&self) -> &Self {
        self.act(World::phase_follows)
    }

    /// Its Job says that it has ended: the interim condition and the final one.
    pub fn job_follows(&self) -> &Self {
        self.act(World::job_counts)
    }

    /// Its first init container fails.
    pub fn init_fails(&self, code: i32) -> &Self {
        self.act(|world, namespace, name| world.init_fails(namespace, name, code))
    }

    /// It ran for longer than its `activeDeadlineSeconds`.
    pub fn exceeds_deadline(&self) -> &Self {
        self.act(World::deadline_exceeded)
    }

    /// The kubelet evicts it, and says `exit` of its container.
    pub fn evicted(&self, message: &str, exit: &Exit) -> &Self {
        self.act(|world, namespace, name| world.evicted(namespace, name, message, exit))
    }

    /// Its node answers no more, nor do questions for its log.
    pub fn node_lost(&self) -> &Self {
        self.act(World::node_not_ready).answers_logs_with(Some(LogAnswer::NodeDown))
    }

    /// Its node is back.
    pub fn node_back(&self) -> &Self {
        self.act(World::node_ready).answers_logs_with(None)
    }

    /// The control plane deletes it because of its node's taint: `DisruptionTarget`, and it is asked to stop.
    pub fn evicted_by_taint(&self) -> &Self {
        let message = "Taint manager: deleting due to NoExecute taint";
        self.act(|world, namespace, name| world.disrupted(namespace, name, "DeletionByTaintManager", message))
    }

    /// The scheduler deletes it to make room.
    pub fn preempted(&self) -> &Self {
        let message = "default-scheduler: preempting to accommodate a higher priority pod";
        self.act(|world, namespace, name| world.disrupted(namespace, name, "PreemptionByScheduler", message))
    }

    /// Somebody deletes it: it is asked to stop.
    pub fn deleted(&self) -> &Self {
        self.act(|world, namespace, name| _ = world.delete_pod(namespace, name, None))
    }

    /// It was asked to stop, does so with this code, and is gone.
    pub fn stops(&self, code: i32) {
        self.act(|world, namespace, name| world.stopped(namespace, name, &Exit::new(code, "")));
    }

    /// It is gone, whatever it was doing.
    pub fn vanishes(&self) {
        self.act(World::drop_pod);
    }
}
