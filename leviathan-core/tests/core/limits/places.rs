//! How much of a target may be under way at once, and which of its tasks at all.

use crate::support::*;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::{Command, SeenPullRequest};
use leviathan_core::event::Event;
use leviathan_core::event::payload::{PullRequestFields, TaskFields};
use leviathan_core::executor::Cause;
use leviathan_core::graph::PullRequestState;
use leviathan_core::id::AttemptId;
use leviathan_core::schedule::{Blocked, next_due};
use leviathan_core::{Limits, OutsidePrefixes, TargetLimits, TargetPolicy};

fn at_once(max_running: u32) -> Command {
    limit_target(TargetLimits { max_running: number(max_running), ..TargetLimits::default() })
}

fn open_prs(max_open_prs: u32) -> Command {
    limit_target(TargetLimits { max_open_prs: number(max_open_prs), ..TargetLimits::default() })
}

fn others(others: usize, limit: usize) -> Blocked {
    Blocked::OpenPrLimit { others, limit }
}

fn opened(attempt: &AttemptId, pr_number: u64) -> Event {
    Event::PrCreated(PullRequestFields {
        attempt_id: Some(attempt.clone()),
        pr_number,
        pr_url: None,
        title: None,
        state: None,
        branch_name: None,
        commit_sha: None,
    })
}

/// The forge says how the pull requests stand.
fn forge(numbers: impl IntoIterator<Item = (u64, PullRequestState)>) -> Command {
    let seen = |(number, state)| SeenPullRequest {
        number,
        state,
        url: None,
        title: None,
        branch: None,
        commit: None,
    };
    Command::ForgeAnswered { target: target(), pull_requests: numbers.into_iter().map(seen).collect() }
}

/// Tries a task, which fails after it opened a pull request.
fn leave_open(world: &mut World, task: &str, number: u64) -> AttemptId {
    let attempt = world.run(task);
    world.says([opened(&attempt, number), report(&attempt, Some(Cause::ChecksFailed))]);
    world.end(&attempt, exit(1));
    attempt
}

#[test]
fn a_target_has_no_more_open_attempts_than_it_may() {
    let mut world = World::with(["a", "b", "c"]);
    world.when(at_once(2));
    let a = world.start("a");
    admitted(&world, "b");
    world.start("b");
    blocked(&world, "c", Blocked::TargetRunningLimit { running: 2, limit: 2 });
    assert_eq!(world.graph.running(&target()), 2);
    world.end(&a, exit(1));
    admitted(&world, "c");
}

#[test]
fn the_number_for_each_target_holds_where_a_target_has_none_of_its_own() {
    let mut world = World::with(["a", "b", "c"]);
    world.when(Command::RegisterTarget(config_of("zeta")));
    world.when(sync_of("zeta", [task("x")]));
    world.when(change_limits(Limits { max_running_per_target: number(1), ..limits(4) }));
    world.start("a");
    blocked(&world, "b", Blocked::TargetRunningLimit { running: 1, limit: 1 });
    assert_eq!(world.next(), ["zeta/x"], "it holds up no other target");
    world.when(at_once(2));
    admitted(&world, "b");
    // The limit of all holds in any case.
    world.when(change_limits(limits(1)));
    blocked(&world, "b", Blocked::RunningLimit { running: 1, limit: 1 });
}

#[test]
fn open_pull_requests_and_open_attempts_of_other_tasks_each_count_once() {
    let mut world = World::with(["a", "b", "c", "d"]);
    world.when(open_prs(2));
    let a = world.run("a");
    world.says([opened(&a, 1)]);
    assert_eq!(world.graph.occupied(&target()), 1, "its attempt and its pull request are one");
    admitted(&world, "b");
    world.start("b");
    blocked(&world, "c", others(2, 2));
    assert!(world.next().is_empty());
    world.says([report(&a, None)]);
    world.end(&a, exit(0));
    blocked(&world, "c", others(2, 2));
    world.when(forge([(1, PullRequestState::Merged)]));
    admitted(&world, "c");
}

#[test]
fn a_tasks_own_pull_request_never_blocks_its_retry() {
    let mut world = World::with(["a", "b", "c"]);
    world.when(open_prs(1));
    leave_open(&mut world, "a", 1);
    blocked(&world, "b", others(1, 1));
    let due = world.task("a").retry_due.unwrap();
    assert_eq!(next_due(&world.graph, None, world.now), Some(due), "only it waits for time");
    world.now = due;
    assert_eq!(world.next(), ["a"]);
    admitted(&world, "a");
    // Over the limit not even that: two others are open.
    world.when(open_prs(3));
    leave_open(&mut world, "b", 2);
    leave_open(&mut world, "c", 3);
    world.now = at(200);
    assert_eq!(world.next(), ["a", "b", "c"]);
    world.when(open_prs(2));
    blocked(&world, "a", others(2, 2));
    assert!(world.next().is_empty());
    world.when(forge([(3, PullRequestState::Closed)]));
    assert_eq!(world.next(), ["a", "b"]);
    world.when(forge([(3, PullRequestState::Open)]));
    assert!(world.next().is_empty(), "it was opened again");
    world.when(forge([(1, PullRequestState::Closed)]));
    assert_eq!(world.next(), ["b", "c"], "who lost its place is in nobody's way");
}

#[test]
fn a_pull_request_of_which_nobody_knows_the_task_takes_a_place() {
    let mut world = World::with(["a"]);
    world.when(open_prs(1));
    world.says([opened(&attempt_id("nobodys"), 7)]);
    blocked(&world, "a", others(1, 1));
    // Once its task is known it is that task's own, and blocks no retry.
    world.says([created("nobodys", "a"), report(&attempt_id("nobodys"), Some(Cause::ChecksFailed))]);
    world.now = at(60);
    admitted(&world, "a");
}

#[test]
fn the_backlogs_number_holds_beside_the_targets_and_the_smaller_counts() {
    let sync = |max_open_prs| Command::SyncBacklog {
        target: target(),
        commit: COMMIT.to_owned(),
        policy: TargetPolicy::default(),
        backlog: Backlog { max_open_prs: number(max_open_prs), ..backlog(["a", "b", "c"].map(task)) },
    };
    let mut world = World::with([]);
    world.when(sync(1));
    world.start("a");
    blocked(&world, "b", others(1, 1));
    world.when(open_prs(3));
    blocked(&world, "b", others(1, 1));
    world.when(sync(2));
    admitted(&world, "b");
    world.when(open_prs(1));
    blocked(&world, "b", others(1, 1));
    world.when(sync(u32::MAX));
    world.when(open_prs(u32::MAX));
    admitted(&world, "b");
}

#[test]
fn a_task_that_may_touch_other_paths_than_the_target_allows_is_not_started() {
    let paths = |id: &str, paths: &[&str]| TaskFields {
        allowed_paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        ..task(id)
    };
    let prefixes = |prefixes: &[&str]| {
        limit_target(TargetLimits {
            allowed_prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
            ..TargetLimits::default()
        })
    };
    let mut world = World::with_tasks([
        paths("any", &[]),
        paths("core", &["docs/a", "src/*.rs"]),
        paths("docs", &["docs/"]),
    ]);
    world.when(prefixes(&["docs/"]));
    blocked(&world, "any", Blocked::OutsidePrefixes(OutsidePrefixes::NamesNone));
    let core = Blocked::OutsidePrefixes(OutsidePrefixes::Path("src/*.rs".to_owned()));
    blocked(&world, "core", core.clone());
    assert_eq!(core.to_string(), "its path `src/*.rs` is outside what the target's limits allow");
    assert_eq!(world.next(), ["docs"]);
    world.when(prefixes(&["docs/", "src"]));
    assert_eq!(world.next(), ["core", "docs"]);
    world.when(sync([paths("any", &["docs/x"]), paths("core", &["tools/"])]));
    assert_eq!(world.next(), ["any"], "an edit of the backlog counts at once");
    world.when(prefixes(&[]));
    assert_eq!(world.next(), ["any", "core"]);
}

#[test]
fn every_reason_has_a_name_a_sentence_and_what_lifts_it() {
    let mut world = World::with(["a", "b: a"]);
    let mut told = Vec::new();
    for task in ["a", "b", "none"] {
        told.extend(leviathan_core::schedule::admit(&world.graph, &key(task), world.now).err());
    }
    world.when(pause());
    told.extend(leviathan_core::schedule::admit(&world.graph, &key("a"), world.now).err());
    let told: Vec<_> = told.iter().map(|why| (why.name(), why.to_string(), why.lifted_by())).collect();
    assert_eq!(
        told,
        [
            ("waits_for", "waits for a".to_owned(), "the completion of that task"),
            ("unknown", "there is no such task".to_owned(), "add it to the target's backlog"),
            (
                "target_paused",
                "the target was paused by operator: holiday".to_owned(),
                "an operator's resume of the target, once the cause is mended"
            ),
        ]
    );
}
