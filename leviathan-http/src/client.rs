//! The client: what workers report through, and what programs ask the control plane with.

mod answer;
mod asking;
mod base_url;
mod control_plane;
mod error;
mod export;
mod following;
mod list_query;
mod retry;
mod tls;

pub use asking::Asking;
pub use base_url::BaseUrl;
pub use control_plane::ControlPlane;
pub use error::ClientError;
pub use export::Export;
pub use list_query::{AttemptQuery, FailureQuery, TaskQuery};
pub use tls::ensure_tls_provider;
