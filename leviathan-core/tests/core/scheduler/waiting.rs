//! What only time lifts wakes the scheduler when it is lifted, and not before.

use crate::support::executor::TestExecutor;
use crate::support::rig::{Rig, done};
use crate::support::*;
use leviathan_core::executor::{AttemptResult, Cause};
use leviathan_core::{Breaker, Budget, Clock, Limits, Spend, Until};

#[tokio::test(start_paused = true)]
async fn the_end_of_a_cooldown_starts_one_attempt_and_its_success_the_others() {
    let rig = Rig::new(["a", "b", "c"], 1, |clock| {
        let now = clock.clone();
        TestExecutor::new(clock, move |_, _| {
            let is_early = now.now() < at(600);
            async move { if is_early { AttemptResult::failed(Cause::ChecksFailed, "red") } else { done() } }
        })
    })
    .await;
    let breaker = Some(Breaker { failures: number(2).unwrap(), cooldown_seconds: 600 });
    rig.host.when(change_limits(Limits { breaker, ..limits(1) })).await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.executor.tasks_begun(), ["a", "b", "a", "b", "c"]);
    assert_eq!(rig.host.clock.now(), at(600));
    rig.is_settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_new_day_brings_a_new_budget() {
    let rig = Rig::new(["a", "b", "c"], 3, |clock| TestExecutor::working(clock, 60)).await;
    let budget = Budget { tokens_per_day: Some(100), micro_usd_per_day: None };
    let reservation = Spend { tokens: 40, micro_usd: 0 };
    rig.host.when(change_limits(Limits { budget, reservation, ..limits(3) })).await;
    rig.run(Until::Idle).await;
    assert_eq!(rig.executor.tasks_begun(), ["a", "b", "c"]);
    // The tests' day ends fourteen hours after its beginning.
    assert_eq!(rig.host.clock.now(), at(14 * 3600 + 60));
    rig.is_settled().await;
}
