//! `Life`: a pod from its first node to its end.

use super::Images;
use super::limits::{Exceeded, Limits, asks_for_too_much};
use super::prepare::{message_file, prepare};
use super::process::{Process, code_of};
use crate::log::LogAnswer;
use crate::moves::Exit;
use crate::resource::Resource;
use crate::shared::Shared;
use crate::world::{World, text};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The largest termination message, as Kubernetes takes it.
const LARGEST_MESSAGE: usize = 4096;
const NO_CPUS: &str = "0/1 nodes are available: 1 Insufficient cpu.";
const NO_NODE: &str = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";

/// A pod that is to be run.
pub(super) struct Life {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) uid: String,
    pub(super) spec: Value,
}

/// How a container's time ended.
enum End {
    Exited(Exit),
    /// Somebody deletes the pod.
    Deleted(Exit),
    TooLate,
    /// Its node has no more room for it, with what it says of that.
    Evicted(String),
    /// The pod is no more.
    Gone,
}

impl Life {
    pub(super) async fn live(self, shared: Arc<Shared>, images: Images) {
        let folder = tempfile::tempdir().expect("a pod's folder");
        for volume in self.spec["volumes"].as_array().into_iter().flatten() {
            let place = folder.path().join("volumes").join(text(&volume["name"]));
            std::fs::create_dir_all(place).expect("a folder for a volume");
        }
        if self.spec["nodeSelector"].as_object().is_some_and(|labels| !labels.is_empty()) {
            self.act(&shared, |world, namespace, name| world.unschedulable(namespace, name, NO_NODE));
            return;
        }
        if asks_for_too_much(&self.spec) {
            self.act(&shared, |world, namespace, name| world.unschedulable(namespace, name, NO_CPUS));
            return;
        }
        self.act(&shared, World::creating);
        let late = self.spec["activeDeadlineSeconds"].as_u64();
        let late = late.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
        for init in self.spec["initContainers"].as_array().into_iter().flatten() {
            let end = self.run(&shared, &images, init, folder.path(), late, true).await;
            match end {
                End::Exited(exit) if exit.code == 0 => {}
                End::Exited(exit) => {
                    self.act(&shared, |world, namespace, name| world.init_fails(namespace, name, exit.code));
                    return;
                }
                end => return self.finish(&shared, end),
            }
        }
        let end = self.run(&shared, &images, &self.spec["containers"][0], folder.path(), late, false).await;
        self.finish(&shared, end);
    }

    fn finish(&self, shared: &Shared, end: End) {
        self.act(shared, |world, namespace, name| match end {
            End::Exited(exit) => {
                world.container_exits(namespace, name, &exit);
                world.phase_follows(namespace, name);
                world.job_counts(namespace, name);
            }
            End::Deleted(exit) => world.stopped(namespace, name, &exit),
            End::TooLate => world.deadline_exceeded(namespace, name),
            End::Evicted(message) => {
                let lost = "unable to retrieve container logs for containerd://it-was-removed".to_owned();
                world.logs.entry(self.uid.clone()).or_default().instead = Some(LogAnswer::Lost(lost));
                world.evicted(namespace, name, &message, &Exit::new(137, ""));
            }
            End::Gone => {}
        });
    }

    /// Runs a container, once what it needs is there.
    async fn run(
        &self,
        shared: &Arc<Shared>,
        images: &Images,
        container: &Value,
        folder: &Path,
        late: Option<Instant>,
        is_init: bool,
    ) -> End {
        let mut said = None;
        let (command, program) = loop {
            let mut bell = shared.bell();
            match shared.look(|world| prepare(world, self, container, &**images, folder)) {
                Ok(prepared) => break prepared,
                Err(waiting) if said.as_ref() == Some(&waiting) => {}
                Err(waiting) => {
                    self.act(shared, |world, namespace, name| {
                        if waiting.reason == "ImagePullBackOff" {
                            world.waiting(namespace, name, "ErrImagePull", &waiting.message);
                        }
                        world.waiting(namespace, name, waiting.reason, &waiting.message);
                    });
                    said = Some(waiting);
                }
            }
            tokio::select! {
                grace = self.asked_to_stop(shared) => {
                    if grace.is_some() {
                        self.act(shared, World::drop_pod);
                    }
                    return End::Gone;
                }
                () = passes(late) => return End::TooLate,
                _ = bell.changed() => {}
            }
        };
        let log = (shared.clone(), self.uid.clone());
        let write = move |line: &str| {
            if !is_init {
                log.0.change(|world| world.logs.entry(log.1.clone()).or_default().text.push_str(line));
            }
        };
        let mut process = match Process::start(command, write) {
            Ok(process) => process,
            Err(error) => {
                let message = format!(
                    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create \
                     failed: unable to start container process: exec: {program:?}: {error}"
                );
                return End::Exited(Exit::start_error(&message));
            }
        };
        if !is_init {
            self.act(shared, World::running);
        }
        let exit = |status| {
            let message = std::fs::read(message_file(folder, container)).unwrap_or_default();
            let message = &message[..message.len().min(LARGEST_MESSAGE)];
            Exit::new(code_of(status), &String::from_utf8_lossy(message))
        };
        let (limits, pid) = (Limits::of(&self.spec, container, folder), process.id());
        tokio::select! {
            exceeded = limits.exceeded(pid) => {
                process.stop(Duration::ZERO).await;
                match exceeded {
                    Exceeded::Memory => End::Exited(Exit::oom_killed()),
                    Exceeded::Disk(message) => End::Evicted(message),
                }
            }
            status = process.ended() => End::Exited(exit(status)),
            grace = self.asked_to_stop(shared) => match grace {
                Some(grace) => End::Deleted(exit(process.stop(grace).await)),
                None => End::Gone,
            },
            () = passes(late) => {
                let grace = self.spec["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
                process.stop(Duration::from_secs(grace)).await;
                End::TooLate
            }
        }
    }

    /// Does something to the pod, if it is still there.
    fn act(&self, shared: &Shared, act: impl FnOnce(&mut World, &str, &str)) {
        shared.change(|world| {
            if self.object(world).is_some() {
                act(world, &self.namespace, &self.name);
            }
        });
    }

    fn object<'w>(&self, world: &'w World) -> Option<&'w Value> {
        let pod = world.get(Resource::Pods, &self.namespace, &self.name);
        pod.filter(|pod| pod["metadata"]["uid"] == self.uid)
    }

    /// Waits until the pod is deleted, and gives the grace; nothing if it is gone.
    async fn asked_to_stop(&self, shared: &Shared) -> Option<Duration> {
        let mut bell = shared.bell();
        loop {
            bell.mark_unchanged();
            let metadata = shared.look(|world| self.object(world).map(|pod| pod["metadata"].clone()))?;
            if !metadata["deletionTimestamp"].is_null() {
                let grace = metadata["deletionGracePeriodSeconds"].as_u64().unwrap_or_default();
                return Some(Duration::from_secs(grace));
            }
            // Its sender lives as long as `shared`.
            let _ = bell.changed().await;
        }
    }
}

async fn passes(late: Option<Instant>) {
    match late {
        Some(late) => sleep_until(late).await,
        None => std::future::pending().await,
    }
}
