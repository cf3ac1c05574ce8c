//! Lists of attempts, failures and tasks: whole, in order, and page by page without a gap.

use crate::properties::{Run, TASKS, step};
use crate::support::*;
use leviathan_core::decide::Command;
use leviathan_core::graph::{AttemptCursor, AttemptStatus, FailureCursor, Graph, NoCursor, TaskKey};
use leviathan_core::id::AttemptId;
use leviathan_core::log::Position;
use proptest::prelude::*;

fn statuses() -> impl Iterator<Item = Option<AttemptStatus>> {
    AttemptStatus::ALL.into_iter().map(Some).chain([None])
}

/// Every list that a graph gives, by what was asked.
pub(crate) fn lists(graph: &Graph) -> Vec<Vec<String>> {
    let targets = [None, Some(target())];
    let attempts = targets.iter().flat_map(|target| statuses().map(move |status| (target, status)));
    let attempts = attempts.map(|(target, status)| {
        let listed = graph.newest_attempts(target.as_ref(), status, None);
        listed.map(|(_, attempt)| attempt.attempt_id.to_string()).collect()
    });
    let failures = targets.iter().map(|target| {
        let listed = graph.newest_failures(target.as_ref(), None);
        listed.map(|(_, attempt)| attempt.attempt_id.to_string()).collect()
    });
    attempts.chain(failures).collect()
}

/// All pages of one element each.
fn paged<'a, C: Copy, T: 'a>(next: impl Fn(Option<C>) -> Option<(C, &'a T)>) -> Vec<&'a T> {
    let (mut all, mut behind) = (Vec::new(), None);
    while let Some((cursor, element)) = next(behind) {
        behind = Some(cursor);
        all.push(element);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_has_all_that_belongs_there_and_its_pages_have_neither_gap_nor_repetition(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut run = Run { world: World::with(TASKS), attempts: Vec::new() };
        steps.into_iter().for_each(|step| run.take(step));
        let graph = &run.world.graph;
        // The order in which the log first speaks of them.
        let mut known: Vec<AttemptId> = Vec::new();
        for event in &run.world.log {
            let text = String::from_utf8(event.body.bytes().to_vec()).unwrap();
            let body: serde_json::Value = serde_json::from_str(&text).unwrap();
            let id = body["payload"]["attempt_id"].as_str().map(|id| AttemptId::new(id).unwrap());
            if let Some(id) = id.filter(|id| graph.attempt(id).is_some() && !known.contains(id)) {
                known.push(id);
            }
        }
        known.reverse();
        for status in statuses() {
            let belongs = |id: &&AttemptId| {
                status.is_none_or(|status| graph.attempt(id).unwrap().state.status() == status)
            };
            let expected: Vec<&AttemptId> = known.iter().filter(belongs).collect();
            let all: Vec<&AttemptId> =
                graph.newest_attempts(None, status, None).map(|(_, attempt)| &attempt.attempt_id).collect();
            prop_assert_eq!(&all, &expected);
            let pages = paged(|behind| graph.newest_attempts(None, status, behind).next());
            prop_assert_eq!(pages.iter().map(|attempt| &attempt.attempt_id).collect::<Vec<_>>(), expected);
            let of_target: Vec<_> =
                graph.newest_attempts(Some(&target()), status, None).map(|(_, attempt)| attempt).collect();
            prop_assert!(of_target.iter().all(|attempt| attempt.target() == Some(&target())));
            let with_target = all.iter().filter(|id| graph.attempt(id).unwrap().target().is_some()).count();
            prop_assert_eq!(of_target.len(), with_target);
            if let Some(status) = status {
                prop_assert_eq!(graph.count_attempts(status), all.len());
            }
        }
        let failed: Vec<_> = graph.newest_failures(None, None).collect();
        prop_assert!(failed.windows(2).all(|pair| pair[0].0 > pair[1].0), "the last failure comes first");
        prop_assert_eq!(failed.len(), graph.count_attempts(AttemptStatus::Failed));
        let pages = paged(|behind| graph.newest_failures(None, behind).next());
        prop_assert_eq!(pages, failed.iter().map(|(_, attempt)| *attempt).collect::<Vec<_>>());
        for task in TASKS {
            let pages = paged(|behind| graph.newest_attempts_of(None, &key(task).task_id, behind).next());
            let of_task = &graph.task(&key(task)).unwrap().attempts;
            let expected: Vec<_> = known.iter().filter(|id| of_task.contains(id)).collect();
            prop_assert_eq!(pages.iter().map(|attempt| &attempt.attempt_id).collect::<Vec<_>>(), expected);
        }
    }
}

#[test]
fn the_last_failure_comes_first_whichever_attempt_is_older() {
    let mut world = World::with(["a", "b"]);
    let (first, second) = (world.run("a"), world.run("b"));
    world.end(&second, exit(3));
    world.end(&first, exit(1));
    let failed = |graph: &Graph| -> Vec<AttemptId> {
        graph.newest_failures(None, None).map(|(_, attempt)| attempt.attempt_id.clone()).collect()
    };
    assert_eq!(failed(&world.graph), [first.clone(), second.clone()]);
    world.when(Command::InvalidateAttempt { attempt: first, reason: "a broken machine".into() });
    assert_eq!(failed(&world.graph), [second], "what was taken back is no failure");
}

#[test]
fn a_cursor_comes_back_as_it_was_written_and_nothing_else_is_one() {
    let cursor = FailureCursor(Position::new(7), AttemptCursor(3));
    assert_eq!(cursor.to_string().parse(), Ok(cursor));
    assert_eq!(cursor.1.to_string().parse(), Ok(cursor.1));
    for text in ["", "-", "7", "7-", "-3", "x-3", "7-3-1", "7-99999999999"] {
        assert_eq!(text.parse::<FailureCursor>(), Err(NoCursor), "{text}");
    }
    assert_eq!("-1".parse::<AttemptCursor>(), Err(NoCursor));
}

#[test]
fn tasks_are_listed_by_target_and_id_from_any_place_on() {
    let world = World::with(["a", "b", "c"]);
    let listed = |behind: Option<TaskKey>| -> Vec<String> {
        let tasks = world.graph.tasks_behind(None, behind.as_ref());
        tasks.map(|task| task.key.to_string()).collect()
    };
    assert_eq!(listed(None), ["radix/a", "radix/b", "radix/c"]);
    assert_eq!(listed(Some(key("a"))), ["radix/b", "radix/c"]);
    let between = TaskKey::new(target(), "bb".parse().unwrap());
    assert_eq!(listed(Some(between)), ["radix/c"], "a task that is not there is a place too");
    let other = "nobody".parse().unwrap();
    assert_eq!(world.graph.tasks_behind(Some(&other), None).count(), 0);
}
