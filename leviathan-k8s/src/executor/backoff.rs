//! `Backoff`: how long to wait after a failure before asking again.

use super::api_error::ApiError;
use std::time::Duration;
use tokio::time::Instant;

const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// Doubles with each failure, and begins anew when the last one is long past. What goes well for a moment does not count:
/// a stream that opens and breaks at once must not become a storm.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Option<(Instant, Duration)>,
}

impl Backoff {
    /// How long to wait after this failure; as long as the API server wants to be left alone, if that is longer.
    pub(super) fn after(&mut self, error: Option<&ApiError>, now: Instant) -> Duration {
        let pause = match self.last {
            Some((at, pause)) if now < at + LONGEST + pause => (pause * 2).min(LONGEST),
            _ => SHORTEST,
        };
        self.last = Some((now, pause));
        pause.max(error.and_then(|error| error.retry_after).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_doubles_up_to_its_longest_and_begins_anew_after_a_quiet_time() {
        let mut backoff = Backoff::default();
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let pause = backoff.after(None, Instant::now());
            tokio::time::advance(pause).await;
            pauses.push(pause.as_millis());
        }
        assert_eq!(pauses, [200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
        tokio::time::advance(LONGEST * 3).await;
        assert_eq!(backoff.after(None, Instant::now()), SHORTEST);
    }

    #[tokio::test(start_paused = true)]
    async fn the_api_server_is_left_alone_for_as_long_as_it_wants() {
        let error = ApiError {
            retry_after: Some(Duration::from_secs(7)),
            ..ApiError::unanswered("list the Jobs", "too much")
        };
        assert_eq!(Backoff::default().after(Some(&error), Instant::now()), Duration::from_secs(7));
    }
}
