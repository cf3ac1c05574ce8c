//! What an attempt may use is reserved when it is opened, and settled by what its worker reports.

use crate::support::*;
use leviathan_core::decide::Command;
use leviathan_core::executor::Cause;
use leviathan_core::id::AttemptId;
use leviathan_core::schedule::{Blocked, next_due};
use leviathan_core::{Budget, Limits, Shortfall, Spend, TargetLimits, Timestamp, Unit};

const NOTHING: Spend = Spend { tokens: 0, micro_usd: 0 };

fn spend(tokens: u64, micro_usd: u64) -> Spend {
    Spend { tokens, micro_usd }
}

fn tokens(per_day: u64) -> Budget {
    Budget { tokens_per_day: Some(per_day), micro_usd_per_day: None }
}

/// Tasks, a budget of so many tokens a day, and 40 tokens and one dollar reserved for each attempt.
fn world(per_day: u64) -> World {
    let mut world = World::with(["a", "b", "c", "d"]);
    let reservation = spend(40, 1_000_000);
    world.when(change_limits(Limits { budget: tokens(per_day), reservation, ..limits(4) }));
    world
}

fn short(per_day: u64, spent: u64, reservation: u64) -> Shortfall {
    Shortfall { unit: Unit::Tokens, per_day, spent, reservation }
}

fn spent_today(world: &World) -> Spend {
    world.graph.spent(world.now.date_naive())
}

/// The tests' day ends fourteen hours after its beginning.
fn midnight() -> Timestamp {
    at(14 * 3600)
}

#[track_caller]
fn spent_budget(world: &World, task: &str, short: Shortfall) {
    blocked(world, task, Blocked::Budget { of: None, short, until: midnight() });
}

/// The worker tells its calls and its end, and the executor sees that.
fn succeed(world: &mut World, attempt: &AttemptId, calls: &[(u64, f64)]) {
    let calls = calls
        .iter()
        .enumerate()
        .map(|(n, (tokens, usd))| call(attempt, Some(&format!("call-{n}")), (*tokens, 0), *usd));
    let told: Vec<_> = calls.chain([report(attempt, None)]).collect();
    world.says(told);
    world.end(attempt, exit(0));
}

#[test]
fn an_attempt_reserves_what_it_may_use_and_the_next_must_fit_beside_it() {
    let mut world = world(100);
    let events = world.when(start("a"));
    assert!(events[0].payload.as_str().contains(r#""reservation":{"tokens":40,"micro_usd":1000000}"#));
    assert_eq!(spent_today(&world), spend(40, 1_000_000));
    world.start("b");
    assert_eq!(spent_today(&world), spend(80, 2_000_000));
    spent_budget(&world, "c", short(100, 80, 40));
    assert!(world.next().is_empty());
    // To the token.
    let limits = Limits { budget: tokens(120), ..*world.graph.limits() };
    world.when(change_limits(limits));
    admitted(&world, "c");
    world.start("c");
    spent_budget(&world, "d", short(120, 120, 40));
}

#[test]
fn a_complete_report_settles_an_attempt_to_the_sum_of_its_calls() {
    let mut world = world(100);
    let a = world.run("a");
    world.start("b");
    world.says([call(&a, Some("call-0"), (3, 4), 0.1)]);
    assert_eq!(spent_today(&world).tokens, 80, "until it has ended it may use the rest");
    succeed(&mut world, &a, &[(100, 9.9), (5, 0.2)]);
    assert_eq!(world.graph.used_by(&a), spend(12, 300_000), "the call that was told before counts once");
    assert_eq!(spent_today(&world), spend(52, 1_300_000));
    admitted(&world, "c");
}

#[test]
fn an_attempt_without_a_report_is_charged_for_all_that_it_reserved() {
    for end in [exit(1), exit(0), because(Cause::Lost)] {
        let mut world = world(100);
        let a = world.run("a");
        world.says([call(&a, Some("one"), (5, 0), 0.1)]);
        world.end(&a, end);
        assert_eq!(spent_today(&world), spend(40, 1_000_000));
        assert_eq!(world.graph.used_by(&a), spend(5, 100_000));
        // A report that comes late settles it all the same.
        world.says([report(&a, Some(Cause::ChecksFailed))]);
        assert_eq!(spent_today(&world), spend(5, 100_000));
    }
}

#[test]
fn a_last_word_is_no_complete_report() {
    let mut world = world(100);
    let a = world.run("a");
    let message = last_word(&a, None);
    world.end(&a, leviathan_core::executor::End { final_message: Some(message), ..exit(0) });
    assert_eq!(spent_today(&world).tokens, 40);
}

#[test]
fn calls_that_come_late_or_beyond_the_reservation_are_added() {
    let mut world = world(100);
    let a = world.run("a");
    world.says([call(&a, Some("one"), (70, 0), 0.5)]);
    assert_eq!(spent_today(&world), spend(70, 1_000_000), "the larger of each");
    succeed(&mut world, &a, &[]);
    assert_eq!(spent_today(&world), spend(70, 500_000));
    world.says([call(&a, Some("two"), (30, 0), 0.25)]);
    assert_eq!(spent_today(&world), spend(100, 750_000));
    spent_budget(&world, "b", short(100, 100, 40));
}

#[test]
fn a_call_counts_once_for_each_attempt_and_one_without_a_name_each_time_it_is_told() {
    let mut world = world(1_000);
    let (a, b) = (world.run("a"), world.run("b"));
    world.says([call(&a, Some("x"), (1, 0), 0.0), call(&a, Some("x"), (900, 0), 0.0)]);
    world.says([call(&b, Some("x"), (2, 0), 0.0), call(&a, Some("x"), (3, 3), 1.0)]);
    assert_eq!((world.graph.used_by(&a), world.graph.used_by(&b)), (spend(1, 0), spend(2, 0)));
    world.says([call(&a, None, (10, 0), 0.0), call(&a, None, (10, 0), 0.0)]);
    assert_eq!(world.graph.used_by(&a), spend(21, 0));
}

#[test]
fn costs_that_are_below_zero_or_too_large_give_nothing_back_and_do_not_wrap() {
    let mut world = world(1_000);
    let (a, b) = (world.run("a"), world.run("b"));
    world.says([call(&a, Some("1"), (0, 0), -5.0), call(&a, Some("2"), (u64::MAX, u64::MAX), 1e300)]);
    world.says([call(&b, Some("1"), (u64::MAX, 0), 1e300), call(&a, Some("3"), (5, 5), 1.0)]);
    assert_eq!(world.graph.used_by(&a), spend(u64::MAX, u64::MAX));
    assert_eq!(spent_today(&world), spend(u64::MAX, u64::MAX));
    spent_budget(&world, "c", short(1_000, u64::MAX, 40));
    assert_eq!(world.replayed().digest(), world.graph.digest());
}

#[test]
fn an_attempt_is_booked_to_the_day_on_which_it_was_opened_and_a_new_day_has_its_own_budget() {
    let mut world = world(40);
    world.now = midnight() - chrono::TimeDelta::nanoseconds(1);
    let yesterday = world.now.date_naive();
    let a = world.run("a");
    spent_budget(&world, "b", short(40, 40, 40));
    assert_eq!(next_due(&world.graph, None, world.now), Some(midnight()));
    world.now = midnight();
    admitted(&world, "b");
    world.says([call(&a, Some("one"), (7, 0), 0.0)]);
    assert_eq!(spent_today(&world), NOTHING, "it is still booked to the day before");
    succeed(&mut world, &a, &[]);
    assert_eq!(world.graph.spent(yesterday), spend(7, 0));
    world.start("b");
    // A host whose clock is behind does not start what the day to come has no room for.
    world.now = midnight() - chrono::TimeDelta::seconds(1);
    let until = midnight() + chrono::TimeDelta::days(1);
    blocked(&world, "c", Blocked::Budget { of: None, short: short(40, 40, 40), until });
}

#[test]
fn money_is_limited_like_tokens_and_without_a_reservation_the_budget_may_be_used_up() {
    let mut world = World::with(["a", "b"]);
    let budget = Budget { tokens_per_day: None, micro_usd_per_day: Some(300_000) };
    world.when(change_limits(Limits { budget, ..limits(4) }));
    let a = world.run("a");
    assert_eq!(spent_today(&world), NOTHING);
    succeed(&mut world, &a, &[(1_000_000, 0.1), (1, 0.2)]);
    assert_eq!(spent_today(&world), spend(1_000_001, 300_000));
    let short = Shortfall { unit: Unit::MicroUsd, per_day: 300_000, spent: 300_000, reservation: 0 };
    spent_budget(&world, "b", short);
    assert_eq!(
        Blocked::Budget { of: None, short, until: midnight() }.to_string(),
        "the budget is spent: 0.3 of 0.3 USD are booked, and an attempt reserves 0; the day ends at \
         2026-01-25T00:00:00Z"
    );
}

#[test]
fn a_budget_that_no_day_ever_has_room_in_waits_for_no_time() {
    for per_day in [0, 39] {
        let world = world(per_day);
        let short = short(per_day, 0, 40);
        spent_budget(&world, "a", short);
        assert_eq!(next_due(&world.graph, None, world.now), None);
        let blocked = Blocked::Budget { of: None, short, until: midnight() };
        assert_eq!(
            (blocked.until(), blocked.lifted_by()),
            (None, "a larger budget, or a smaller reservation")
        );
    }
}

#[test]
fn a_targets_own_budget_holds_beside_the_logs_and_holds_up_no_other_target() {
    let mut world = world(100);
    world.when(limit_target(TargetLimits { budget: tokens(50), ..TargetLimits::default() }));
    world.when(Command::RegisterTarget(config_of("zeta")));
    world.when(sync_of("zeta", [task("x"), task("y")]));
    let a = world.run("a");
    let of = Some(target());
    blocked(&world, "b", Blocked::Budget { of, short: short(50, 40, 40), until: midnight() });
    assert_eq!(world.graph.spent_by(&target(), world.now.date_naive()), spend(40, 1_000_000));
    assert_eq!(world.next(), ["zeta/x", "zeta/y"]);
    assert_eq!(next_due(&world.graph, Some(&target()), world.now), Some(midnight()));
    let start_x = Command::StartAttempt { task: key_of("zeta", "x"), executor: here(), leadership: None };
    world.when(start_x);
    assert!(world.next().is_empty(), "the log's budget is spent");
    succeed(&mut world, &a, &[(1, 0.0)]);
    assert_eq!(world.graph.spent_by(&target(), world.now.date_naive()), spend(1, 0));
    assert_eq!(world.next(), ["b", "zeta/y", "c"]);
}

#[test]
fn what_nobody_of_ours_runs_reserves_nothing_and_is_booked_once_its_target_is_known() {
    let mut world = world(100);
    let foreign = attempt_id("foreign");
    world.says([call(&foreign, Some("one"), (5, 0), 0.0)]);
    let today = world.now.date_naive();
    assert_eq!((spent_today(&world), world.graph.spent_by(&target(), today)), (spend(5, 0), NOTHING));
    let mut claimed = created("foreign", "a");
    if let leviathan_core::event::Event::AttemptCreated(fields) = &mut claimed {
        fields.reservation = Some(spend(u64::MAX, u64::MAX));
        fields.executor = Some(here());
    }
    world.says([claimed]);
    assert_eq!((spent_today(&world), world.graph.spent_by(&target(), today)), (spend(5, 0), spend(5, 0)));
}

#[test]
fn an_invalidated_attempt_still_costs_what_it_used() {
    let mut world = world(100);
    let a = world.run("a");
    world.says([call(&a, Some("one"), (9, 0), 0.0)]);
    world.when(Command::InvalidateAttempt { attempt: a.clone(), reason: "wrong".to_owned() });
    assert_eq!(spent_today(&world).tokens, 40, "it may still use the rest");
    world.says([call(&a, Some("two"), (2, 0), 0.0), report(&a, None)]);
    assert_eq!(spent_today(&world).tokens, 11);
}

#[test]
fn limits_that_were_written_before_there_were_budgets_limit_nothing_more() {
    let old = r#"{"max_running":3,"retry":{"max_attempts":2,"backoff_seconds":5},"reason":"old"}"#;
    let event = leviathan_core::event::Event::decode("limits.changed", 1, old, None).unwrap();
    let leviathan_core::event::Event::LimitsChanged(fields) = event else { panic!("{event:?}") };
    assert_eq!(fields.limits.max_running.get(), 3);
    assert_eq!(
        fields.limits,
        Limits { max_running: fields.limits.max_running, retry: fields.limits.retry, ..Limits::default() }
    );
    assert!(fields.limits.budget.is_unlimited() && fields.limits.breaker.is_none());
}
