//! `Kubelet`: runs pods as processes of this machine.

mod image;
mod life;
mod limits;
mod prepare;
mod process;

pub use image::Image;

use crate::kube::FakeKube;
use crate::plan::Plan;
use crate::resource::Resource;
use crate::shared::Shared;
use crate::world::{World, text};
use life::Life;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// What stands for an image, by its name.
type Images = Arc<dyn Fn(&str) -> Option<Image> + Send + Sync>;

/// Runs the pods of a [`FakeKube`] that no plan moves ([`Plan::Held`]) as processes of this machine, until it is dropped;
/// then they are killed. A test must not move these pods itself.
///
/// A pod has a folder of its own, with one for each of its mounts. As no process sees `/workspace` or
/// `/dev/termination-log` there, variables that are the path of a mount, or of the termination message, get the true one,
/// and so does whatever names the path of the termination message within commands and arguments.
///
/// It obeys: `command`, `args`, `env` with values and references to Secrets, which it waits for; init containers, one
/// after the other; the pull policy; graces, and the deadline of a pod; a node selector, which no node has, and a request
/// for more CPUs than any node has; limits on the memory of a container's first process and on the size of a volume, beyond
/// which the one is killed and the other evicted. It knows empty folders as the only volumes, and runs the first container
/// alone. What leaves its process group is not killed with it.
#[derive(Debug)]
pub struct Kubelet {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Kubelet {
    /// Begins to run what is there, and what comes. An image that `images` does not know cannot be pulled.
    ///
    /// # Panics
    /// If it cannot have a thread.
    pub fn start(kube: &FakeKube, images: impl Fn(&str) -> Option<Image> + Send + Sync + 'static) -> Self {
        let (shared, images): (_, Images) = (kube.shared.clone(), Arc::new(images));
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    () = mind(shared, images) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Lives each pod's life on a task of its own.
async fn mind(shared: Arc<Shared>, images: Images) {
    let mut bell = shared.bell();
    let mut known = BTreeSet::new();
    let mut lives = JoinSet::new();
    loop {
        bell.mark_unchanged();
        for life in shared.look(|world| unlived(world, &known)) {
            known.insert(life.uid.clone());
            lives.spawn(life.live(shared.clone(), images.clone()));
        }
        tokio::select! {
            rung = bell.changed() => if rung.is_err() { return },
            Some(ended) = lives.join_next() => ended.expect("a pod's life"),
        }
    }
}

fn unlived(world: &World, known: &BTreeSet<String>) -> Vec<Life> {
    let held = |uid: &str| world.fates.get(uid) == Some(&Plan::Held);
    let pods = world
        .all(Resource::Pods)
        .filter(|pod| pod["metadata"]["uid"].as_str().is_some_and(|uid| !known.contains(uid) && held(uid)));
    pods.map(|pod| {
        let metadata = &pod["metadata"];
        Life {
            namespace: text(&metadata["namespace"]),
            name: text(&metadata["name"]),
            uid: text(&metadata["uid"]),
            spec: pod["spec"].clone(),
        }
    })
    .collect()
}
