//! The git half of an attempt: a bare clone that knows the remote, and beside it the agent's checkout that knows nothing.
//!
//! The agent works in the checkout. What it leaves is made into a tree *by the bare clone*; that tree is judged,
//! committed and pushed. All of it blocks, and libgit2 knows no time limits: callers run each step on a thread that a
//! deadline lets them leave behind.

mod authority;
mod branch;
mod checkout;
mod commit;
mod diff;
mod git_failure;
mod litter;
mod origin;
mod push;
mod remote;
mod secrets;
mod snapshot;
#[cfg(test)]
mod tests;

pub(crate) use authority::Authority;
pub(crate) use branch::work_branch;
pub(crate) use checkout::check_out;
pub(crate) use commit::{CommitMessage, commit, one_line};
pub(crate) use diff::{changes, changes_between, patch};
pub(crate) use litter::Litter;
pub(crate) use origin::Origin;
pub(crate) use push::push;
pub(crate) use remote::{Place, Refusal, Remote};
pub(crate) use secrets::with_secrets;
pub(crate) use snapshot::Snapshot;
