//! What the graph says held against what an executor holds.

use crate::support::*;
use leviathan_core::decide::Command;
use leviathan_core::executor::{End, Observation, Phase};
use leviathan_core::id::{AttemptId, ExecutorName};
use leviathan_core::schedule::{Decision, Held, reconcile};

/// What is known of the executor `here` whose watch said this.
fn holds(observations: impl IntoIterator<Item = Observation>) -> Held {
    let mut held = Held::nothing(here());
    observations.into_iter().for_each(|observation| held.observe(observation, at(0)));
    held
}

fn seen(attempt: &AttemptId, phase: Phase) -> Observation {
    Observation::Held(sighting(attempt, phase))
}

fn synced() -> Observation {
    Observation::Synced
}

#[track_caller]
fn decides(world: &World, held: &Held, expected: impl IntoIterator<Item = Decision>) {
    assert_eq!(reconcile(&world.graph, held, world.now), expected.into_iter().collect::<Vec<_>>());
}

#[track_caller]
fn launch(world: &World, attempt: &AttemptId) -> Decision {
    let attempt = world.attempt(attempt);
    Decision::Launch { spec: attempt.spec.clone().unwrap(), created: attempt.created }
}

/// A world with an attempt of `docs` that its executor was seen to have so far.
#[track_caller]
fn open(phase: Option<Phase>) -> (World, AttemptId) {
    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    phase.into_iter().for_each(|phase| _ = world.when(observe(&attempt, phase)));
    (world, attempt)
}

#[test]
fn what_was_created_and_is_not_held_is_launched_once_that_is_known() {
    let (world, attempt) = open(None);
    decides(&world, &Held::nothing(here()), []);
    let mut held = holds([synced()]);
    decides(&world, &held, [launch(&world, &attempt)]);
    held.launching(&attempt);
    decides(&world, &held, []);
    held.not_launched(&attempt);
    decides(&world, &held, [launch(&world, &attempt)]);
}

#[test]
fn what_was_launched_and_is_gone_is_lost() {
    for phase in [Phase::Submitted, Phase::Running] {
        let (world, attempt) = open(Some(phase.clone()));
        let lost = Decision::RecordLost(attempt.clone());
        decides(&world, &holds([synced()]), [lost.clone()]);
        decides(&world, &holds([]), []);
        let gone = [seen(&attempt, phase), Observation::Gone(attempt.clone())];
        decides(&world, &holds(gone), [lost]);
    }
    let (world, attempt) = open(None);
    decides(&world, &holds([Observation::Gone(attempt.clone())]), [Decision::RecordLost(attempt)]);
}

#[test]
fn what_is_further_on_is_recorded() {
    let end = || finished(exit(0));
    let order = [Phase::Submitted, Phase::Running, end()];
    for (known, later) in [(None, 0), (Some(Phase::Submitted), 1), (Some(Phase::Running), 2)] {
        let (world, attempt) = open(known);
        for (at, phase) in order.iter().enumerate() {
            let held = holds([seen(&attempt, phase.clone()), synced()]);
            let record = (at >= later).then(|| Decision::Record(sighting(&attempt, phase.clone())));
            decides(&world, &held, record);
        }
    }
}

#[test]
fn what_shall_stop_is_cancelled_where_it_runs() {
    for phase in [Phase::Submitted, Phase::Running] {
        let (mut world, attempt) = open(Some(phase.clone()));
        world.when(cancel(&attempt));
        decides(&world, &holds([seen(&attempt, phase), synced()]), [Decision::Cancel(attempt.clone())]);
        let ended = finished(exit(143));
        let held = holds([seen(&attempt, ended.clone()), synced()]);
        decides(&world, &held, [Decision::Record(sighting(&attempt, ended))]);
    }
}

#[test]
fn what_shall_stop_before_it_was_launched_never_is() {
    let (mut world, attempt) = open(None);
    world.when(cancel(&attempt));
    decides(&world, &holds([]), []);
    decides(&world, &holds([synced()]), [Decision::RecordLost(attempt.clone())]);
    world.when(lose(&attempt));
    assert_eq!(world.attempt(&attempt).state.name(), "cancelled");
    decides(&world, &holds([synced()]), []);
    // If its launch is under way, how that goes is waited for.
    let (mut world, attempt) = open(None);
    let mut held = holds([synced()]);
    held.launching(&attempt);
    world.when(cancel(&attempt));
    decides(&world, &held, []);
}

#[test]
fn what_has_ended_is_released_or_first_stopped() {
    let (mut world, attempt) = open(Some(Phase::Running));
    world.end(&attempt, End { final_message: Some(last_word(&attempt, None)), ..exit(0) });
    decides(&world, &holds([synced()]), []);
    let running = holds([seen(&attempt, Phase::Running), synced()]);
    decides(&world, &running, [Decision::Cancel(attempt.clone())]);
    let mut held = holds([seen(&attempt, finished(exit(0))), synced()]);
    decides(&world, &held, [Decision::Release(attempt.clone())]);
    held.forget(&attempt);
    decides(&world, &held, []);
    assert!(held.is_empty());
}

#[test]
fn attempts_of_others_are_left_alone() {
    let mut world = World::with(["docs", "api", "more"]);
    let there = ExecutorName::new("there").unwrap();
    world.when(Command::StartAttempt { task: key("docs"), executor: there.clone(), leadership: None });
    let theirs = world.task("docs").attempts[0].clone();
    world.says([created("attempt-foreign", "api")]);
    let unknown = attempt_id("attempt-unknown");
    let others = [theirs.clone(), attempt_id("attempt-foreign"), unknown];
    decides(&world, &holds([synced()]), []);
    for other in &others {
        decides(&world, &holds([seen(other, Phase::Running), synced()]), []);
        decides(&world, &holds([seen(other, finished(exit(0))), synced()]), []);
        decides(&world, &holds([synced(), Observation::Gone(other.clone())]), []);
    }
    let end = Command::Observe {
        executor: there,
        sighting: sighting(&theirs, finished(exit(1))),
        leadership: None,
    };
    world.when(end);
    decides(&world, &holds([seen(&theirs, finished(exit(1))), synced()]), []);
}

#[test]
fn phases_never_go_back() {
    let (world, attempt) = open(Some(Phase::Running));
    let end = sighting(&attempt, finished(exit(0)));
    let mut held = holds([seen(&attempt, finished(exit(0))), synced()]);
    held.observe(seen(&attempt, Phase::Running), at(0));
    held.observe(seen(&attempt, Phase::Submitted), at(0));
    decides(&world, &held, [Decision::Record(end)]);
}

#[test]
fn a_watch_that_begins_anew_forgets_all_but_the_launches_under_way() {
    let (mut world, first) = open(None);
    world.when(sync([task("docs"), task("api")]));
    let second = world.start("api");
    let mut held = holds([synced()]);
    held.launching(&first);
    held.launching(&second);
    world.when(observe(&first, Phase::Submitted));
    // The launch of the first has returned, that of the second has not.
    held.watch_began(|attempt| *attempt == second);
    assert!(!held.is_synced());
    decides(&world, &held, []);
    held.observe(synced(), at(0));
    decides(&world, &held, [Decision::RecordLost(first.clone())]);
    held.observe(seen(&first, Phase::Submitted), at(0));
    decides(&world, &held, []);
    // Once it was seen, it is not under way any more.
    held.observe(seen(&second, Phase::Submitted), at(0));
    held.observe(Observation::Gone(second.clone()), at(0));
    decides(&world, &held, [Decision::RecordLost(second)]);
}

#[test]
fn each_attempt_is_decided_about_once() {
    let mut world = World::with(["a", "b", "c", "d"]);
    let (a, b, c, d) = (world.run("a"), world.run("b"), world.run("c"), world.start("d"));
    world.end(&a, exit(1));
    world.when(cancel(&b));
    let held =
        holds([seen(&a, finished(exit(1))), seen(&b, Phase::Running), seen(&c, finished(exit(0))), synced()]);
    let mut about: Vec<_> = reconcile(&world.graph, &held, world.now)
        .iter()
        .map(|decision| decision.attempt_id().clone())
        .collect();
    about.sort();
    let mut all = vec![a, b, c, d];
    all.sort();
    assert_eq!(about, all);
}

#[test]
fn what_the_log_does_not_know_is_stopped_and_released_with_patience() {
    let mut world = World::with(["docs"]);
    let stranger = attempt_id("attempt-stranger");
    let head = world.graph.head().position;
    let mut held = holds([seen(&stranger, Phase::Running), synced()]);
    let patience = at(600);
    assert_eq!(held.next_due(&world.graph, at(1)), Some(patience));
    assert!(!held.wants_head(&world.graph, at(599)) && held.wants_head(&world.graph, patience));

    // A head that was read before it was seen, or that the graph has not reached, says nothing of it.
    world.now = patience;
    held.head_read(at(0), head);
    decides(&world, &held, []);
    assert!(held.wants_head(&world.graph, patience));
    held.head_read(patience, head.next());
    decides(&world, &held, []);
    assert!(!held.wants_head(&world.graph, patience));
    world.when(pause());
    decides(&world, &held, [Decision::Cancel(stranger.clone())]);
    world.now = at(599);
    decides(&world, &held, []);

    // That it was seen is remembered while watches break, until one opens without it.
    world.now = patience;
    held.watch_began(|_| false);
    decides(&world, &held, []);
    held.observe(seen(&stranger, finished(exit(0))), at(300));
    held.observe(synced(), at(300));
    decides(&world, &held, [Decision::Release(stranger.clone())]);
    held.watch_began(|_| false);
    held.observe(synced(), at(400));
    held.observe(seen(&stranger, Phase::Running), at(500));
    decides(&world, &held, []);
    assert_eq!(held.next_due(&world.graph, at(600)), Some(at(1_100)));
}

#[test]
fn what_the_log_knows_by_the_head_that_was_read_is_no_stranger() {
    let mut world = World::with(["docs"]);
    let before = world.graph.clone();
    let attempt = world.start("docs");
    let mut held = holds([seen(&attempt, Phase::Running), synced()]);
    // This replica lags behind the scheduler that launched it.
    held.head_read(at(600), world.graph.head().position);
    assert_eq!(reconcile(&before, &held, at(600)), []);
    world.now = at(600);
    decides(&world, &held, [Decision::Record(sighting(&attempt, Phase::Running))]);
}
