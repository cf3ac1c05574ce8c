//! `PodLog` and `LogAnswer`: what a question for a pod's log is answered with.

/// What the kubelet has of a pod's log.
#[derive(Debug, Clone, Default)]
pub(crate) struct PodLog {
    pub(crate) text: String,
    pub(crate) instead: Option<LogAnswer>,
    /// Streams that were cut so far.
    pub(crate) cuts: u64,
    /// How often streams ended too early so far.
    pub(crate) ends: u64,
}

/// What questions for a pod's log are answered with, other than the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogAnswer {
    /// 200, and a text that is not the container's: `unable to retrieve container logs for containerd://…`.
    Lost(String),
    /// 400, `container … is terminated`.
    Terminated,
    /// 404 with the kind `pods/log`: the node does not know the pod, for the time being.
    UnknownToNode,
    /// 500: the kubelet is away.
    NodeDown,
}
