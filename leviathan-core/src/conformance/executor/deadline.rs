//! What a spec's deadline promises.

use super::trial::Trial;
use super::{ExecutorHarness, Plan};
use crate::conformance::{Violation, ensure};
use crate::executor::{AttemptSpec, Cause};
use std::num::NonZeroU64;

/// An attempt that goes on beyond its spec's `deadline_seconds` is killed, and ends as `deadline_exceeded`.
///
/// # Errors
/// [`Violation`].
pub async fn a_deadline_kills_what_goes_on<H: ExecutorHarness>(harness: &H) -> Result<(), Violation> {
    let mut trial = Trial::begin(harness).await?;
    let spec = trial.spec("late", Plan::Deaf)?;
    let spec = AttemptSpec { deadline_seconds: Some(NonZeroU64::MIN), ..spec };
    trial.launch(&spec).await?;
    let end = trial.watch.finishes(&spec.attempt_id).await?;
    let late = end.cause == Some(Cause::DeadlineExceeded);
    ensure(late, format_args!("an attempt that went on beyond its deadline ended as {end:?}"))
}
