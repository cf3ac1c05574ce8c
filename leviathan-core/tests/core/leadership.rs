//! Who leads the log, and what those who don't may not do.

use crate::support::*;
use leviathan_core::decide::{Command, Rejection};
use leviathan_core::event::Event;
use leviathan_core::event::payload::SchedulerElected;
use leviathan_core::executor::Phase;
use leviathan_core::graph::Leader;
use leviathan_core::log::Position;
use std::time::Duration;

/// The leader, its term and when that ends.
fn leads(world: &World) -> (&str, u64, Option<i64>) {
    let Leader { term, holder, until, .. } = world.graph.leader().unwrap();
    (holder, *term, until.map(|until| (until - at(0)).num_seconds()))
}

fn since(world: &World) -> Option<Position> {
    world.graph.leader().map(|leader| leader.since)
}

#[test]
fn who_is_elected_leads_until_its_lease_ends() {
    let mut world = World::with(["docs"]);
    assert_eq!(world.graph.leader(), None);
    assert_eq!(kinds(&world.when(elect("one", 60))), ["scheduler.elected"]);
    assert_eq!(leads(&world), ("one", 1, Some(60)));
    assert_eq!(since(&world), Some(world.graph.head().position));
    let leader = world.graph.leader().unwrap();
    assert!(leader.leads_at(at(59)) && !leader.leads_at(at(60)));
}

#[test]
fn who_leads_renews_its_term_and_never_shortens_it() {
    let mut world = World::with(["docs"]);
    world.when(elect("one", 60));
    let began = since(&world);
    world.now = at(20);
    world.when(elect("one", 60));
    assert_eq!((leads(&world), since(&world)), (("one", 1, Some(80)), began));
    assert!(world.when(elect("one", 60)).is_empty(), "it was renewed twice at once");
    assert!(world.when(elect("one", 30)).is_empty(), "it was shortened");
    world.when(Command::Elect { holder: "one".to_owned(), lease: None, takeover: false });
    assert_eq!((leads(&world), since(&world)), (("one", 1, None), began));
    assert!(world.when(elect("one", 60)).is_empty(), "it was shortened");
}

#[test]
fn another_is_refused_until_the_term_has_run_out() {
    let mut world = World::with(["docs"]);
    world.when(elect("one", 60));
    world.now = at(59);
    let refused = world.refused(elect("two", 60));
    assert_eq!(refused, Rejection::OtherLeads { holder: "one".to_owned(), until: Some(at(60)) });
    assert_eq!(refused.to_string(), "one leads until 2026-01-24T10:01:00Z; stand for election again then");
    world.now = at(60);
    world.when(elect("two", 60));
    assert_eq!((leads(&world), since(&world)), (("two", 2, Some(120)), Some(world.graph.head().position)));
}

#[test]
fn a_term_that_ran_out_is_not_renewed_but_followed_by_another() {
    let mut world = World::with(["docs"]);
    world.when(elect("one", 60));
    let began = since(&world);
    world.now = at(60);
    world.when(elect("one", 60));
    assert_eq!(leads(&world), ("one", 2, Some(120)));
    assert_ne!(since(&world), began);
}

#[test]
fn a_term_without_an_end_is_ended_by_a_takeover_alone() {
    let mut world = World::with(["docs"]);
    world.when(take_over("one"));
    assert_eq!(leads(&world), ("one", 1, None));
    world.now = at(1_000_000);
    let refused = world.refused(elect("two", 60));
    assert_eq!(refused, Rejection::OtherLeads { holder: "one".to_owned(), until: None });
    assert!(refused.to_string().contains("exclusive lock may take over"), "{refused}");
    world.when(take_over("two"));
    assert_eq!(leads(&world), ("two", 2, None));
    // The name alone does not tell two runs of a host from each other.
    world.when(take_over("two"));
    assert_eq!((leads(&world), since(&world)), (("two", 3, None), Some(world.graph.head().position)));
}

#[test]
fn a_lease_is_a_day_at_most() {
    let mut world = World::with(["docs"]);
    let lease = Some(Duration::MAX);
    world.when(Command::Elect { holder: "one".to_owned(), lease, takeover: false });
    assert_eq!(leads(&world), ("one", 1, Some(24 * 3600)));
}

#[test]
fn only_the_scheduler_that_leads_starts_and_records() {
    let mut world = World::with(["docs", "api"]);
    let attempt = world.start("docs");
    world.when(elect("one", 60));
    let first = since(&world);
    world.when(led(start("api"), first));
    world.now = at(60);
    world.when(elect("two", 60));
    let second = since(&world).unwrap();
    let wanted = [start("docs"), observe(&attempt, Phase::Running), lose(&attempt)];
    for command in &wanted {
        for stale in [first, None] {
            let refused = world.refused(led(command.clone(), stale));
            let Rejection::NotLeading { leadership, term, holder, since } = &refused else {
                panic!("{refused:?}");
            };
            assert_eq!((*leadership, *term, holder.as_str(), *since), (stale, 2, "two", second));
        }
    }
    let refused = world.refused(led(lose(&attempt), first)).to_string();
    assert_eq!(
        refused,
        format!(
            "the term that began at position {} is not the term that the log is in: two leads since position \
             {second} (term 2); start and record nothing more, and stand for election again",
            first.unwrap()
        )
    );
    world.when(led(observe(&attempt, Phase::Running), Some(second)));
    world.when(led(lose(&attempt), Some(second)));
    assert_eq!(world.attempt(&attempt).state.name(), "failed");
}

#[test]
fn a_term_that_ran_out_holds_until_another_begins() {
    let mut world = World::with(["docs"]);
    world.when(elect("one", 60));
    world.now = at(3_600);
    world.when(led(start("docs"), since(&world)));
}

#[test]
fn what_operators_and_workers_want_names_no_term() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.when(elect("one", 60));
    world.when(cancel(&attempt));
    world.when(pause());
    world.says([report(&attempt, None)]);
    assert!(world.attempt(&attempt).reported.is_some());
}

#[test]
fn a_worker_elects_nobody() {
    let mut world = World::with(["docs"]);
    world.when(elect("one", 60));
    let leader = world.graph.leader().cloned();
    let elected = SchedulerElected { term: 9, holder: "worker".to_owned(), until: None };
    world.says([Event::SchedulerElected(elected)]);
    assert_eq!(world.graph.leader().cloned(), leader);
    assert_eq!(world.graph.unreadable(), 0);
}

#[test]
fn leadership_is_part_of_the_digest_and_of_every_replay() {
    let mut world = World::with(["docs"]);
    world.when(elect("one", 60));
    world.now = at(20);
    let before = world.graph.clone();
    world.when(elect("one", 60));
    assert_ne!(before.digest(), world.graph.digest());
    assert_eq!(world.replayed().digest(), world.graph.digest());
    assert_eq!(world.replayed().leader(), world.graph.leader());
}
