//! Trying again, for requests that are safe to repeat.

use super::ClientError;
use backon::{ExponentialBuilder, Retryable};
use std::time::{Duration, Instant};

/// The pause after the first failure. Each further one is twice as long, with jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause, unless the control plane asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Sends until an answer comes that trying again would not change, or the next try would begin after `deadline`.
///
/// `send` gets the time that is left for it.
pub(super) async fn until<T, F>(deadline: Instant, send: impl FnMut(Duration) -> F) -> Result<T, ClientError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    again(deadline, ClientError::is_temporary, send).await
}

/// The same for what does harm twice: only what was surely not carried out is sent again.
pub(super) async fn while_refused<T, F>(
    deadline: Instant,
    send: impl FnMut(Duration) -> F,
) -> Result<T, ClientError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    again(deadline, |error| error.status() == Some(429), send).await
}

async fn again<T, F>(
    deadline: Instant,
    when: impl Fn(&ClientError) -> bool,
    mut send: impl FnMut(Duration) -> F,
) -> Result<T, ClientError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .without_max_times()
        .with_jitter();
    let mut tries = 0;
    let attempt = || {
        tries += 1;
        send(deadline.saturating_duration_since(Instant::now()))
    };
    attempt
        .retry(pauses)
        .when(when)
        .adjust(|error, pause| {
            let pause = error.retry_after().max(pause)?;
            let left = deadline.checked_duration_since(Instant::now())?;
            (pause < left).then_some(pause)
        })
        .notify(|error, pause| tracing::warn!(%error, ?pause, "trying again"))
        .await
        .map_err(|error| error.after(tries))
}
