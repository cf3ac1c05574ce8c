//! A target that only fails is left alone for a while, and then tried with one attempt.

use crate::support::*;
use leviathan_core::executor::Cause;
use leviathan_core::graph::{Circuit, Streak};
use leviathan_core::schedule::{Blocked, next_due};
use leviathan_core::{Breaker, Limits, TargetLimits};

fn breaker(failures: u32, cooldown_seconds: u64) -> Option<Breaker> {
    Some(Breaker { failures: number(failures).unwrap(), cooldown_seconds })
}

/// Six tasks, a breaker of three failures and ten minutes, and no wait between tries.
fn world() -> World {
    let mut world = World::with(["a", "b", "c", "d", "e", "f"]);
    world.when(change_limits(Limits { breaker: breaker(3, 600), ..limits(4) }));
    world
}

/// Three failures in a row.
#[track_caller]
fn trip(world: &mut World) {
    for task in ["a", "b", "c"] {
        world.fail(task, exit(1));
    }
}

#[track_caller]
fn circuit(world: &World) -> Circuit {
    world.target().circuit(world.graph.limits(), world.now)
}

#[test]
fn failures_in_a_row_of_any_task_open_the_circuit_until_the_cooldown_after_the_last() {
    let mut world = world();
    world.fail("a", exit(1));
    world.fail("b", exit(1));
    admitted(&world, "d");
    world.now = at(5);
    world.fail("c", exit(1));
    let open = Blocked::CircuitOpen { failures: 3, until: at(605) };
    blocked(&world, "d", open.clone());
    assert!(world.next().is_empty());
    assert_eq!(next_due(&world.graph, None, world.now), Some(at(605)));
    world.now = at(604);
    blocked(&world, "d", open);
    world.now = at(605);
    assert_eq!(circuit(&world), Circuit::HalfOpen);
    admitted(&world, "d");
}

#[test]
fn while_it_is_half_open_one_attempt_at_a_time_goes_and_its_success_closes_the_circuit() {
    let mut world = world();
    trip(&mut world);
    world.now = at(600);
    let trial = world.run("d");
    let waits = Blocked::CircuitHalfOpen { failures: 3, attempt: trial.clone() };
    blocked(&world, "e", waits.clone());
    assert_eq!(next_due(&world.graph, None, world.now), None, "no time helps: the trial must end");
    // What ends without a try being used decides nothing.
    world.end(&trial, because(Cause::NodeLost));
    assert_eq!(circuit(&world), Circuit::HalfOpen);
    let trial = world.run("e");
    world.says([report(&trial, None)]);
    blocked(&world, "f", Blocked::CircuitHalfOpen { failures: 3, attempt: trial.clone() });
    world.end(&trial, exit(0));
    assert_eq!((circuit(&world), world.target().streak), (Circuit::Closed, Streak::default()));
    admitted(&world, "f");
}

#[test]
fn a_trial_that_fails_opens_the_circuit_anew() {
    let mut world = world();
    trip(&mut world);
    world.now = at(700);
    world.fail("d", exit(1));
    blocked(&world, "e", Blocked::CircuitOpen { failures: 4, until: at(1300) });
}

#[test]
fn what_ran_when_it_opened_is_waited_for_before_a_trial_starts() {
    let mut world = world();
    let early = world.run("f");
    trip(&mut world);
    world.now = at(600);
    blocked(&world, "d", Blocked::CircuitHalfOpen { failures: 3, attempt: early.clone() });
    world.says([report(&early, None)]);
    world.end(&early, exit(0));
    assert_eq!(circuit(&world), Circuit::Closed, "its success closes it as well");
}

#[test]
fn only_failures_that_use_a_try_are_counted_and_a_success_in_between_ends_the_row() {
    let mut world = world();
    world.fail("a", exit(1));
    world.fail("b", exit(1));
    world.fail("c", because(Cause::Lost));
    let cancelled = world.run("d");
    world.when(cancel(&cancelled));
    world.end(&cancelled, exit(1));
    assert_eq!(world.target().streak.failures, 2);
    let good = world.run("e");
    world.says([report(&good, None)]);
    world.end(&good, exit(0));
    world.fail("f", exit(1));
    assert_eq!(world.target().streak.failures, 1);
}

#[test]
fn a_claimed_success_closes_no_circuit() {
    let mut world = world();
    trip(&mut world);
    world.says([created("foreign", "d"), report(&attempt_id("foreign"), None)]);
    assert_eq!(world.target().streak.failures, 3);
    blocked(&world, "e", Blocked::CircuitOpen { failures: 3, until: at(600) });
}

#[test]
fn an_operators_resume_closes_the_circuit() {
    let mut world = world();
    trip(&mut world);
    assert_eq!(kinds(&world.when(resume())), ["target.resumed"]);
    admitted(&world, "d");
    assert!(world.when(resume()).is_empty(), "nothing is left to resume");
}

#[test]
fn a_targets_own_breaker_goes_before_the_logs_and_needs_no_cooldown() {
    let mut world = world();
    world.when(limit_target(TargetLimits { breaker: breaker(1, 0), ..TargetLimits::default() }));
    world.fail("a", exit(1));
    let trial = world.run("b");
    blocked(&world, "c", Blocked::CircuitHalfOpen { failures: 1, attempt: trial });
    // Without a breaker nothing is held up, however often it failed.
    world.when(limit_target(TargetLimits::default()));
    admitted(&world, "c");
    world.when(limit_target(TargetLimits { breaker: breaker(1, u64::MAX), ..TargetLimits::default() }));
    let year = at(365 * 24 * 3600);
    blocked(&world, "c", Blocked::CircuitOpen { failures: 1, until: year });
}

#[test]
fn a_circuit_holds_up_no_other_target() {
    let mut world = world();
    world.when(leviathan_core::decide::Command::RegisterTarget(config_of("zeta")));
    world.when(sync_of("zeta", [task("x")]));
    trip(&mut world);
    assert_eq!(world.next(), ["zeta/x"]);
}
