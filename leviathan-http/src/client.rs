//! The client: what workers report through, and what programs ask the control plane with.

mod answer;
mod base_url;
mod control_plane;
mod error;
mod retry;
mod tls;

pub use base_url::BaseUrl;
pub use control_plane::ControlPlane;
pub use error::ClientError;
pub use tls::ensure_tls_provider;
