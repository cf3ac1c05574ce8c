//! `AttemptTokens`: the seam to whatever makes the tokens of attempts.

use crate::id::AttemptId;
use crate::{Secret, Timestamp};
use std::fmt;

/// Makes the token by which one attempt's worker speaks to the control plane.
///
/// An executor that can hand a worker a secret of its own asks it for one when it launches the attempt, so that a worker
/// can speak for its own attempt only, and no longer than it may run. The API that the worker speaks to checks it; the
/// implementation that signs and checks is in `leviathan-http`.
///
/// # Contract
/// - A token is good for reporting about `attempt` until `expires`, and for nothing else.
/// - Asking again is harmless: every token that was made stays valid until it expires.
/// - It is visible ASCII without white space, so that a header can carry it.
pub trait AttemptTokens: fmt::Debug + Send + Sync + 'static {
    /// A token for the worker of `attempt`, which nobody accepts after `expires`.
    fn token_for(&self, attempt: &AttemptId, expires: Timestamp) -> Secret;
}
