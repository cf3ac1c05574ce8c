//! What the tests share: real repositories, and a control plane that keeps what it is told.

mod fake_control_plane;
mod origin;

pub(crate) use fake_control_plane::FakeControlPlane;
pub(crate) use origin::TestOrigin;

/// The token that servers want.
pub(crate) const TOKEN: &str = "t0ken-s3cret";
