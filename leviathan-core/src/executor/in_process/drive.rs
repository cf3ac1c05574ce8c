//! One attempt, from its launch to its end.

use super::board::Ticket;
use super::stop::Stop;
use crate::Clock;
use crate::executor::{AttemptContext, AttemptResult, AttemptSpec, Cause, End, FinalMessage, RunAttempt};
use futures::future::{self, Either, FutureExt};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// Runs the attempt and says its end, once nothing of the run is left.
pub(super) async fn drive(run: Arc<dyn RunAttempt>, spec: AttemptSpec, ctx: AttemptContext, ticket: Ticket) {
    let end = if ctx.is_cancelled() {
        ended_by_us(Cause::Cancelled, "it was cancelled before it began")
    } else {
        ticket.running();
        end_of(&*run, &spec, &ctx).await
    };
    ticket.finish(end);
}

async fn end_of(run: &dyn RunAttempt, spec: &AttemptSpec, ctx: &AttemptContext) -> End {
    // Within a block of its own, so that a `run` that panics before it gives its future is caught as well.
    let result = AssertUnwindSafe(async { run.run(spec, ctx).await }).catch_unwind();
    let killed = killed(&ctx.stop, &*ctx.clock);
    let late = deadline(spec, &*ctx.clock);
    let (mut result, mut killed, mut late) = (pin!(result.fuse()), pin!(killed.fuse()), pin!(late.fuse()));
    futures::select_biased! {
        result = result => match result {
            Ok(result) => ended_by_itself(spec, &result),
            Err(panic) => panicked(spec, &*panic),
        },
        () = killed => ended_by_us(Cause::Cancelled, "it was killed: it did not stop within the grace of its cancel"),
        () = late => ended_by_us(Cause::DeadlineExceeded, "it was killed: it did not end before its deadline"),
    }
}

/// Resolves when the attempt was asked to stop and its grace is over.
async fn killed(stop: &Stop, clock: &dyn Clock) {
    let mut by = stop.nearer_than(None).await;
    loop {
        let left = (by - clock.now()).to_std().unwrap_or_default();
        if left.is_zero() {
            return;
        }
        match future::select(clock.sleep(left), pin!(stop.nearer_than(Some(by)))).await {
            Either::Left(_) => return,
            Either::Right((nearer, _)) => by = nearer,
        }
    }
}

/// Resolves when the attempt's time is over.
async fn deadline(spec: &AttemptSpec, clock: &dyn Clock) {
    match spec.deadline_seconds {
        Some(seconds) => clock.sleep(Duration::from_secs(seconds.get())).await,
        None => future::pending().await,
    }
}

fn ended_by_us(cause: Cause, detail: &str) -> End {
    End { cause: Some(cause), detail: Some(detail.to_owned()), ..End::default() }
}

/// What a worker's exit code and final message would say.
fn ended_by_itself(spec: &AttemptSpec, result: &AttemptResult) -> End {
    let said = FinalMessage::parse(&result.final_message(spec.attempt_id.clone()).to_bytes());
    let (final_message, detail) = match said {
        Ok(message) => (Some(message), None),
        Err(error) => (None, Some(format!("its result was left out: {error}"))),
    };
    End {
        exit_code: Some(i32::from(result.failure.is_some())),
        cause: None,
        detail,
        final_message,
        artifacts: result.artifacts.clone(),
    }
}

fn panicked(spec: &AttemptSpec, panic: &(dyn Any + Send)) -> End {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a text");
    let said = AttemptResult::failed(Cause::AgentError, format!("run panicked: {text}"));
    ended_by_itself(spec, &said)
}
