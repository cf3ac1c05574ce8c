//! What may start, in which order, and why not.

use crate::support::*;
use leviathan_core::backlog::{Priority, TaskStatus};
use leviathan_core::decide::Command;
use leviathan_core::event::payload::{RetryScheduled, TaskFields};
use leviathan_core::executor::Cause;
use leviathan_core::id::{ActorId, TaskId};
use leviathan_core::schedule::{self, Blocked, admit, next_due, next_of};

#[test]
fn each_reason_that_holds_a_task_up_is_given() {
    let world = World::with(["docs"]);
    blocked(&world, "none", Blocked::Unknown);
    assert_eq!(admit(&world.graph, &key("docs"), world.now), Ok(()));

    let unready = TaskFields { ready: false, ..task("docs") };
    blocked(&World::with_tasks([unready]), "docs", Blocked::NotReady);
    for status in [TaskStatus::PrOpened, TaskStatus::ReadyToMerge, TaskStatus::Blocked] {
        let fields = TaskFields { status, ..task("docs") };
        blocked(&World::with_tasks([fields]), "docs", Blocked::BacklogStatus(status));
    }
    let done = TaskFields { status: TaskStatus::Completed, ..task("docs") };
    blocked(&World::with_tasks([done]), "docs", Blocked::Completed);

    let mut world = World::with(["docs"]);
    world.when(sync([]));
    blocked(&world, "docs", Blocked::Removed);

    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    blocked(&world, "docs", Blocked::InProgress(attempt.clone()));
    world.end(&attempt, exit(1));
    blocked(&world, "docs", Blocked::BackingOff { until: world.task("docs").retry_due.unwrap() });
    world.fail("docs", exit(1));
    let Err(Blocked::Failed(why)) = admit(&world.graph, &key("docs"), world.now) else {
        panic!("it may start")
    };
    blocked(&world, "docs", Blocked::Failed(why));

    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.when(cancel(&attempt));
    world.end(&attempt, exit(1));
    blocked(&world, "docs", Blocked::Blocked(format!("{attempt} was cancelled")));

    let mut world = World::with(["docs"]);
    world.when(pause());
    let by = ActorId::operator();
    blocked(&world, "docs", Blocked::TargetPaused { reason: "holiday".to_owned(), by });

    let mut world = World::with(["docs", "api"]);
    world.when(change_limits(limits(1)));
    world.start("api");
    blocked(&world, "docs", Blocked::RunningLimit { running: 1, limit: 1 });
}

#[test]
fn a_target_whose_backlog_was_never_read_starts_nothing() {
    let mut world = World::begun();
    world.when(Command::RegisterTarget(config_of("radix")));
    let fields = TaskFields { target_id: Some(target()), ..task("docs") };
    let event = leviathan_core::event::Event::TaskCreated(fields);
    let draft = leviathan_core::event::EventDraft::decided(LOG, ActorId::operator(), None, world.now, &event);
    world.record(&draft);
    blocked(&world, "docs", Blocked::NotSynced);
}

#[test]
fn a_task_waits_for_what_it_depends_on_wherever_that_stands() {
    let waits = |task: &str, removed| Blocked::WaitsFor { task: TaskId::new(task).unwrap(), removed };
    let mut world = World::with(["docs: guide, api", "guide", "api"]);
    blocked(&world, "docs", waits("guide", false));
    world.when(sync([task("docs: guide, api"), task("api")]));
    blocked(&world, "docs", waits("guide", true));
    // What is done stays done, also when it is not in the backlog any more.
    world.when(sync([task("docs: guide, api"), task("guide"), task("api")]));
    let guide = world.run("guide");
    world.end(
        &guide,
        leviathan_core::executor::End { final_message: Some(last_word(&guide, None)), ..exit(0) },
    );
    world.when(sync([task("docs: guide, api"), task("api")]));
    blocked(&world, "docs", waits("api", false));
    // A dependency that is edited away is none.
    world.when(sync([task("docs: guide"), task("api")]));
    assert_eq!(world.next(), ["docs", "api"]);

    blocked(&World::with(["docs: nowhere"]), "docs", waits("nowhere", false));
}

#[test]
fn tasks_that_wait_for_one_another_are_told_so_with_the_whole_ring() {
    let ring = |world: &World, task: &str, told: &str| match admit(&world.graph, &key(task), world.now) {
        Err(Blocked::Cycle(cycle)) => {
            assert_eq!(cycle.to_string(), told);
            blocked(world, task, Blocked::Cycle(cycle));
        }
        other => panic!("{task}: {other:?}"),
    };
    let mut world = World::with(["self: self", "a: b", "b: done, c", "c: a", "waits: a", "done"]);
    ring(&world, "self", "self -> self");
    ring(&world, "a", "a -> b -> c -> a");
    ring(&world, "b", "b -> c -> a -> b");
    let outside = Blocked::WaitsFor { task: TaskId::new("a").unwrap(), removed: false };
    blocked(&world, "waits", outside);
    // What was removed is what they wait for, and so is what must be done before the ring is.
    world.when(sync(["a: b", "b: done, c", "waits: a", "done"].map(task)));
    blocked(&world, "b", Blocked::WaitsFor { task: TaskId::new("done").unwrap(), removed: false });
    // A task that is done waits for nothing, and nothing waits for it.
    let done = TaskFields { status: TaskStatus::Completed, ..task("c: a") };
    world.when(sync([task("a: b"), task("b: c"), done]));
    assert_eq!(world.next(), ["b"]);
}

#[test]
fn a_due_time_further_ahead_than_the_longest_wait_counts_as_that_far_ahead() {
    let mut world = World::with(["docs"]);
    let scheduled_at = Some(at(1_000_000));
    let event = leviathan_core::event::Event::RetryScheduled(RetryScheduled {
        task_id: key("docs").task_id,
        target_id: Some(target()),
        attempt_id: None,
        retry_number: 1,
        backoff_seconds: 1.0,
        scheduled_at,
    });
    let draft = leviathan_core::event::EventDraft::decided(LOG, ActorId::operator(), None, world.now, &event);
    world.record(&draft);
    blocked(&world, "docs", Blocked::BackingOff { until: at(60) });
    world.now = at(60);
    assert_eq!(world.next(), ["docs"]);
    // A host whose clock is behind: it looks again when the longest wait has passed by its own.
    world.now = at(-1_000);
    blocked(&world, "docs", Blocked::BackingOff { until: at(-940) });
}

#[test]
fn a_task_that_appears_later_is_waited_for_all_the_same() {
    let mut world = World::with(["docs: guide"]);
    world.when(sync([task("docs: guide"), task("guide")]));
    assert_eq!(world.next(), ["guide"]);
    let done = TaskFields { status: TaskStatus::Completed, ..task("guide") };
    world.when(sync([task("docs: guide"), done]));
    assert_eq!(world.next(), ["docs"]);
    world.when(sync([task("docs: guide"), task("guide")]));
    assert_eq!(world.next(), ["guide"], "what is to be done again is waited for again");
}

#[test]
fn priority_goes_before_backlog_order_and_order_before_the_id() {
    let with = |id: &str, priority| TaskFields { priority, ..task(id) };
    let world = World::with_tasks([
        with("z-low", Priority::Low),
        with("z-medium", Priority::Medium),
        with("a-medium", Priority::Medium),
        with("a-high", Priority::High),
    ]);
    assert_eq!(world.next(), ["a-high", "z-medium", "a-medium", "z-low"]);
}

#[test]
fn a_task_that_was_backing_off_takes_its_place_by_priority_once_it_is_due() {
    let urgent = TaskFields { priority: Priority::High, ..task("urgent") };
    let mut world = World::with_tasks([task("docs"), urgent]);
    world.fail("urgent", exit(1));
    let due = world.task("urgent").retry_due.unwrap();
    assert_eq!(world.next(), ["docs"]);
    assert_eq!(next_due(&world.graph, None, world.now), None, "what can start now waits for no time");
    let mut busy = world.clone();
    busy.start("docs");
    assert_eq!(next_due(&busy.graph, None, busy.now), Some(due));
    world.now = due - chrono::TimeDelta::milliseconds(1);
    assert_eq!(world.next(), ["docs"]);
    world.now = due;
    assert_eq!(world.next(), ["urgent", "docs"]);
    assert_eq!(next_due(&world.graph, None, world.now), None, "what is due waits for no time");
}

#[test]
fn tasks_that_are_due_again_go_by_their_rank_and_not_by_when_they_failed() {
    let mut world = World::with(["a", "b", "c"]);
    world.fail("c", exit(1));
    world.fail("b", exit(1));
    world.now += chrono::TimeDelta::seconds(1);
    world.fail("a", exit(1));
    assert!(world.task("b").retry_due < world.task("a").retry_due);
    world.now = at(60);
    assert_eq!(world.next(), ["a", "b", "c"]);
}

#[test]
fn only_what_time_alone_will_start_is_due() {
    let mut world = World::with(["docs", "later: docs"]);
    assert_eq!(next_due(&world.graph, None, world.now), None);
    world.fail("docs", exit(1));
    let due = next_due(&world.graph, Some(&target()), world.now);
    assert_eq!(due, world.task("docs").retry_due);
    let other = leviathan_core::id::TargetId::new("other").unwrap();
    assert_eq!(next_due(&world.graph, Some(&other), world.now), None);
    world.when(pause());
    assert_eq!(next_due(&world.graph, None, world.now), None, "an operator must resume first");
    world.when(resume());
    world.when(sync([]));
    assert_eq!(next_due(&world.graph, None, world.now), None, "it was removed");
}

#[test]
fn the_soonest_of_all_targets_is_due() {
    let mut world = World::with(["slow"]);
    world.fail("slow", exit(1));
    world.when(Command::RegisterTarget(config_of("zeta")));
    world.when(sync_of("zeta", [task("quick")]));
    world.now = at(-5);
    let attempt = {
        let executor = here();
        world.when(Command::StartAttempt { task: key_of("zeta", "quick"), executor, leadership: None });
        world.graph.task(&key_of("zeta", "quick")).unwrap().attempts[0].clone()
    };
    world.end(&attempt, exit(1));
    let quick = world.graph.task(&key_of("zeta", "quick")).unwrap().retry_due;
    assert!(quick < world.task("slow").retry_due);
    assert_eq!(next_due(&world.graph, None, world.now), quick);
}

#[test]
fn targets_take_turns_and_the_one_whose_last_attempt_is_oldest_goes_first() {
    let mut world = World::with(["a", "b", "c"]);
    world.when(Command::RegisterTarget(config_of("zeta")));
    world.when(sync_of("zeta", [task("x"), task("y")]));
    world.when(change_limits(limits(10)));
    assert_eq!(world.next(), ["a", "zeta/x", "b", "zeta/y", "c"]);
    world.start("a");
    assert_eq!(world.next(), ["zeta/x", "b", "zeta/y", "c"]);
    world.when(Command::StartAttempt { task: key_of("zeta", "x"), executor: here(), leadership: None });
    assert_eq!(world.next(), ["b", "zeta/y", "c"]);
    // A target that is held up holds up no other.
    world.when(pause());
    assert_eq!(world.next(), ["zeta/y"]);
}

#[test]
fn no_more_starts_are_named_than_the_limit_leaves_room_for() {
    let mut world = World::with(["a", "b", "c", "d", "e", "f"]);
    assert_eq!(world.next().len(), 4);
    let a = world.start("a");
    world.start("b");
    assert_eq!(world.next(), ["c", "d"]);
    assert_eq!(next_of(&world.graph, &target(), world.now).count(), 2);
    world.start("c");
    world.start("d");
    assert!(world.next().is_empty());
    world.end(&a, because(Cause::ConfigError));
    world.when(resume());
    assert_eq!(world.next().len(), 1, "an attempt that ended leaves its slot");
}

#[test]
fn ten_thousand_tasks_that_cannot_start_stand_in_nobodys_way() {
    let unready = (0..5_000).map(|n| TaskFields { ready: false, ..task(&format!("a{n}")) });
    let waiting = (0..5_000).map(|n| task(&format!("b{n}: last")));
    let mut world = World::with_tasks(unready.chain(waiting).chain([task("last")]));
    assert_eq!(world.next(), ["last"]);
    let last = world.run("last");
    assert!(world.next().is_empty());
    world.says([report(&last, None)]);
    world.end(&last, exit(0));
    assert_eq!(world.next(), ["b0", "b1", "b2", "b3"], "its end freed all who waited, in backlog order");
    assert!(schedule::next(&world.replayed(), world.now).eq(schedule::next(&world.graph, world.now)));
}
