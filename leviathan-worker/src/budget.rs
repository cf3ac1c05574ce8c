//! `Budget`: how an attempt's time is divided between the work and the report of it.

use std::time::Duration;
use tokio::time::Instant;

/// What an attempt without a deadline may take; nothing runs without an end.
const WORK_WITHOUT_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an attempt without a deadline tries to deliver its report.
const REPORT_WITHOUT_DEADLINE: Duration = Duration::from_secs(10 * 60);
/// How long before the deadline the work ends.
const WORK_RESERVE: Duration = Duration::from_secs(60);
/// How long before the deadline the report is given up.
const REPORT_RESERVE: Duration = Duration::from_secs(30);

/// The time of one attempt, counted from the worker's start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    started: Instant,
    deadline: Option<Duration>,
}

impl Budget {
    /// The whole attempt may take `deadline` from now on.
    pub(crate) fn starting_now(deadline: Option<Duration>) -> Self {
        Self { started: Instant::now(), deadline }
    }

    /// How long the work may go on. It ends a minute before the deadline, or a quarter of a short one.
    pub(crate) fn work_left(&self) -> Duration {
        let limit = match self.deadline {
            Some(deadline) => deadline - WORK_RESERVE.min(deadline / 4),
            None => WORK_WITHOUT_DEADLINE,
        };
        limit.saturating_sub(self.started.elapsed())
    }

    /// How long the report may be tried from now on: until half a minute before the deadline, or an eighth of a short one.
    pub(crate) fn report_left(&self) -> Duration {
        match self.deadline {
            Some(deadline) => {
                (deadline - REPORT_RESERVE.min(deadline / 8)).saturating_sub(self.started.elapsed())
            }
            None => REPORT_WITHOUT_DEADLINE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_report_is_tried_until_half_a_minute_before_the_deadline() {
        let budget = Budget::starting_now(Some(Duration::from_secs(600)));
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(budget.report_left(), Duration::from_secs(600 - 100 - 30));
    }

    #[tokio::test(start_paused = true)]
    async fn work_ends_before_the_report_and_both_before_the_deadline() {
        for deadline in [Duration::from_secs(4), Duration::from_secs(3600)] {
            let budget = Budget::starting_now(Some(deadline));
            assert!(Duration::ZERO < budget.work_left());
            assert!(budget.work_left() < budget.report_left() && budget.report_left() < deadline);
            tokio::time::advance(deadline).await;
            assert_eq!((budget.work_left(), budget.report_left()), (Duration::ZERO, Duration::ZERO));
        }
        assert_eq!(Budget::starting_now(None).report_left(), REPORT_WITHOUT_DEADLINE);
    }
}
