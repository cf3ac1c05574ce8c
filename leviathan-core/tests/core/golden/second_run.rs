//! What the second golden log was written from.

use crate::support::*;
use leviathan_core::decide::{Command, SeenPullRequest};
use leviathan_core::event::Event;
use leviathan_core::event::payload::{PullRequestFields, TaskFields};
use leviathan_core::executor::Cause;
use leviathan_core::graph::PullRequestState;
use leviathan_core::id::AttemptId;
use leviathan_core::{Breaker, Budget, CompleteOn, ForgeConfig, Limits, Spend, TargetConfig, TargetLimits};

/// A run with elections, pull requests that are merged, closed and left open, a silent forge, work that is taken back, a
/// target's own limits, a budget and a circuit breaker.
pub(super) fn second_run() -> World {
    let mut world = World::begun();
    world.when(elect("one", 60));
    world.when(Command::RegisterTarget(TargetConfig {
        complete_on: CompleteOn::Merged,
        forge: ForgeConfig::Github { api_url: "https://api.github.com".to_owned() },
        limits: TargetLimits {
            max_running: number(2),
            max_open_prs: number(9),
            budget: Budget { tokens_per_day: None, micro_usd_per_day: Some(50_000_000) },
            breaker: Some(Breaker { failures: number(5).unwrap(), cooldown_seconds: 60 }),
            allowed_prefixes: vec!["docs/".to_owned()],
        },
        ..config_of("radix")
    }));
    world.when(change_limits(Limits {
        max_running_per_target: number(3),
        breaker: Some(Breaker { failures: number(4).unwrap(), cooldown_seconds: 600 }),
        budget: Budget { tokens_per_day: Some(1_000), micro_usd_per_day: None },
        reservation: Spend { tokens: 100, micro_usd: 1_000_000 },
        ..limits(4)
    }));
    let tasks = ["merged", "closed", "again", "open", "dear: merged"].map(task);
    let in_docs = |path: &str| vec![format!("docs/{path}.md")];
    world.when(sync(tasks.map(|task| TaskFields { allowed_paths: in_docs(task.task_id.as_str()), ..task })));
    world.when(answered([]));

    world.now = at(1);
    let merged = work(&mut world, "merged", 1);
    work(&mut world, "closed", 2);
    let again = work(&mut world, "again", 3);
    work(&mut world, "open", 4);
    world.now = at(61);
    world.when(elect("two", 60));
    world.now = at(90);
    world.when(elect("two", 60));
    let states = [
        seen(1, PullRequestState::Merged),
        seen(2, PullRequestState::Closed),
        seen(3, PullRequestState::Open),
        seen(4, PullRequestState::Open),
    ];
    world.when(answered(states));
    world.when(invalidate(&again));
    world.says([call(&merged, Some("late"), (7, 3), 0.5)]);

    let since = world.graph.leader().map(|leader| leader.since);
    world.when(led(start("dear"), since));
    let dear = world.task("dear").attempts[0].clone();
    world.when(led(observe(&dear, finished(because(Cause::OutOfMemory))), since));
    world.now = at(800);
    world.when(Command::ForgeSilent {
        target: target(),
        since: at(100),
        reason: "it answered 502".to_owned(),
    });
    world
}

/// Runs a task to a success with this pull request, of which the worker tells what it cost.
fn work(world: &mut World, task: &str, number: u64) -> AttemptId {
    let since = world.graph.leader().map(|leader| leader.since);
    world.when(led(start(task), since));
    let attempt = world.task(task).attempts[0].clone();
    let request = PullRequestFields {
        attempt_id: Some(attempt.clone()),
        pr_number: number,
        pr_url: Some(format!("https://github.com/acme/radix/pull/{number}")),
        title: Some(format!("Do {task}")),
        state: None,
        branch_name: Some(format!("agent/{task}")),
        commit_sha: Some(COMMIT.to_owned()),
    };
    let costs = call(&attempt, Some("first"), (30, 20), 0.25);
    world.says([costs, Event::PrCreated(request), report(&attempt, None)]);
    world.when(led(observe(&attempt, finished(exit(0))), since));
    attempt
}

fn invalidate(attempt: &AttemptId) -> Command {
    Command::InvalidateAttempt { attempt: attempt.clone(), reason: "wrong".to_owned() }
}

fn answered(pull_requests: impl IntoIterator<Item = SeenPullRequest>) -> Command {
    Command::ForgeAnswered { target: target(), pull_requests: pull_requests.into_iter().collect() }
}

fn seen(number: u64, state: PullRequestState) -> SeenPullRequest {
    SeenPullRequest { number, state, url: None, title: None, branch: None, commit: None }
}
