//! What the tests share: real repositories, a git server, and a control plane that keeps what it is told.

mod fake_control_plane;
mod git_server;
mod origin;

pub(crate) use fake_control_plane::FakeControlPlane;
pub(crate) use git_server::{Answer, GitServer, TOKEN, refuse_pushes};
pub(crate) use origin::TestOrigin;
