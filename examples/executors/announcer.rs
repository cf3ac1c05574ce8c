//! An executor in one method: [`InProcess`](leviathan_core::executor::InProcess) makes a whole one of it.

use async_trait::async_trait;
use leviathan_core::executor::{AttemptContext, AttemptResult, AttemptSpec, RunAttempt};

/// Runs an attempt by saying so. Yours might call a service, a queue or a function.
#[derive(Debug)]
pub(crate) struct Announcer;

#[async_trait]
impl RunAttempt for Announcer {
    async fn run(&self, spec: &AttemptSpec, _ctx: &AttemptContext) -> AttemptResult {
        AttemptResult::succeeded(format!("announced {}", spec.task_id))
    }
}
