//! # A Kubernetes API server for tests
//!
//! [`FakeKube`] is the part of the API that attempts as Jobs need, in the test's own process: Jobs, pods and their logs,
//! Secrets, Events, and the roles that say who may do what. It was made from the recordings in `leviathan-k8s`'s
//! `tests/fixtures`, and its own tests hold its answers against them.
//!
//! **It does**: create with dry runs, defaults and validation; both conflicts; get; list in parts, by labels and fields;
//! watch from a version, with opening state, bookmarks and `timeoutSeconds`; delete as orphan, in the background and in the
//! foreground, with preconditions and graces; resume a suspended Job and set its deadline, by a merge patch; logs, also
//! followed, with each answer that is not one; service accounts, roles, their bindings and tokens, and reviews of one's own
//! rights. It counts and keeps every request.
//!
//! **It is stricter than the original**: a parameter, field, path or media type that it does not know is refused and
//! remembered ([`FakeKube::refused`]), so that a test can prove that there was none.
//!
//! **Pods** go as a test moves them ([`FakePod`]), by a [`Plan`] for each Job, or as processes of this machine, where a
//! [`Kubelet`] runs them. Nothing else takes time but what a plan waits for: the grace of a deletion and
//! `activeDeadlineSeconds`, both by the machine's clock.
//!
//! **It goes wrong on request**: [`FakeKube::fail`], [`FakeKube::go_down`], [`FakeKube::break_watches`],
//! [`FakeKube::forget_history`], [`FakeKube::hold_watches`], [`FakeKube::lose_changes`], [`FakeKube::repeat_changes`].
//!
//! **Its Job controller is refused a pod** as it would be: by a missing service account, by the restricted standard of pod
//! security where the namespace enforces it, and by a quota of pods. It says so in an Event, once.
//!
//! **It does not**: patch or update anything else; obey other quotas or priorities (a move evicts a pod); start a second pod
//! for a Job; see whether a Secret or an image that a pod asks for is there (a [`Kubelet`] does); delete Jobs after
//! `ttlSecondsAfterFinished`; forget Events; keep any but the newest state for lists of an exact version. Messages of what
//! is invalid are the recorded ones for names and labels, and similar for the rest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of tests cannot do fails the test"
)]

mod accept;
mod admission;
mod call;
mod create;
mod delete;
mod deleting;
mod failure;
mod fault;
mod handle;
mod job_controller;
mod kube;
mod kubelet;
mod list;
mod log;
mod logs;
mod moves;
mod patch;
mod plan;
mod pod;
mod reply;
mod request;
mod resource;
mod rights;
mod role;
mod selector;
mod server;
mod shared;
mod tamper;
mod timers;
mod valid;
mod watch;
mod world;

pub use crate::kube::{ACCOUNT, FakeKube, NAMESPACE};
pub use call::Call;
pub use fault::Failing;
pub use kubelet::{Image, Kubelet};
pub use log::LogAnswer;
pub use moves::{Exit, Times};
pub use plan::{Plan, env_of};
pub use pod::FakePod;
pub use resource::Resource;
pub use role::{narrow, wide};
pub use tamper::Break;
