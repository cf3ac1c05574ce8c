//! `WorkerResources`: what a worker is given of a node.

/// What a worker is given of a node, as Kubernetes writes amounts: `500m`, `2`, `4Gi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerResources {
    /// CPU that is set aside for it.
    pub cpu_request: String,
    /// CPU that it may use at most.
    pub cpu_limit: String,
    /// Memory that is set aside for it.
    pub memory_request: String,
    /// Memory beyond which it is killed, as `out_of_memory`.
    pub memory_limit: String,
    /// Room on the node's disk for all that it writes: workspace, temporary files and log. Beyond it the pod is evicted. It
    /// is not set aside.
    pub disk: String,
}

impl Default for WorkerResources {
    fn default() -> Self {
        Self {
            cpu_request: "500m".to_owned(),
            cpu_limit: "2".to_owned(),
            memory_request: "1Gi".to_owned(),
            memory_limit: "4Gi".to_owned(),
            disk: "10Gi".to_owned(),
        }
    }
}
