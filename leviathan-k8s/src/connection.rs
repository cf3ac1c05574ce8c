//! `Connection`: how the API server is reached.

use crate::config::BuildError;
use crate::tls::ensure_tls_provider;
use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig};
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;
use tower::limit::RateLimitLayer;

/// How the API server is reached.
#[derive(Clone, Default)]
pub(crate) enum Connection {
    /// As `kubectl` would: by `KUBECONFIG`, else the home folder's file, else from within a pod.
    #[default]
    Inferred,
    /// By this kubeconfig.
    Kubeconfig(PathBuf),
    /// From within a pod.
    InCluster,
    /// By a client of the host's.
    Client(kube::Client),
}

impl Connection {
    /// A client that asks at most so often a second. A client of the host's is taken as it is.
    pub(crate) async fn open(self, requests_per_second: NonZeroU32) -> Result<kube::Client, BuildError> {
        let from = match &self {
            Self::Client(client) => return Ok(client.clone()),
            Self::Inferred => "KUBECONFIG, the home folder or the pod".to_owned(),
            Self::Kubeconfig(path) => path.display().to_string(),
            Self::InCluster => "the files that a pod is given".to_owned(),
        };
        let failed =
            |error: &dyn fmt::Display| BuildError::Connection { from: from.clone(), what: error.to_string() };
        ensure_tls_provider();
        let mut config = match self {
            Self::Kubeconfig(path) => {
                let file = Kubeconfig::read_from(path).map_err(|error| failed(&error))?;
                kube::Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
                    .await
                    .map_err(|error| failed(&error))?
            }
            Self::InCluster => kube::Config::incluster().map_err(|error| failed(&error))?,
            Self::Inferred | Self::Client(_) => {
                kube::Config::infer().await.map_err(|error| failed(&error))?
            }
        };
        // It would go on for minutes, out of sight of whoever waits. The executor's callers try again themselves.
        config.default_retry = false;
        let limit = RateLimitLayer::new(u64::from(requests_per_second.get()), Duration::from_secs(1));
        let builder = ClientBuilder::try_from(config).map_err(|error| failed(&error))?;
        Ok(builder.with_layer(&limit).build())
    }
}
