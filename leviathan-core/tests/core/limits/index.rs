//! `next` names exactly what `admit` lets start, in order, whatever the limits are, and visits nothing else.

use crate::support::*;
use leviathan_core::backlog::Priority;
use leviathan_core::decide::{Command, SeenPullRequest};
use leviathan_core::event::Event;
use leviathan_core::event::payload::{PullRequestFields, TaskFields};
use leviathan_core::executor::Cause;
use leviathan_core::graph::{Graph, PullRequestState, TaskKey};
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::schedule::{self, Blocked, admit, next_due, next_of};
use leviathan_core::{Breaker, Budget, Limits, Spend, TargetConfig, TargetLimits, Timestamp};
use proptest::prelude::*;
use std::collections::VecDeque;

const TARGETS: [&str; 3] = ["alpha", "beta", "gamma"];
const TASKS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone)]
enum Step {
    Sync(usize, Vec<TaskFields>),
    Limits(Box<Limits>),
    TargetLimits(usize, Box<TargetLimits>),
    Pause(usize, bool),
    Start(usize),
    Retry(usize),
    End(usize, Option<Cause>, bool),
    Call(usize, u64),
    PullRequest(usize, u64),
    Forge(usize, u64, PullRequestState),
    Silent(usize),
    Pass(i64),
}

fn target_of(n: usize) -> TargetId {
    TargetId::new(TARGETS[n % TARGETS.len()]).unwrap()
}

fn tasks() -> impl Strategy<Value = Vec<TaskFields>> {
    let one = (
        prop_oneof![Just(Priority::High), Just(Priority::Medium)],
        prop::option::of(0..4_usize),
        prop_oneof![Just("docs/a"), Just("src/")],
    );
    prop::collection::vec(one, 1..5).prop_map(|tasks| {
        let fields = |(id, (priority, on, path)): (&&str, (Priority, Option<usize>, &str))| TaskFields {
            priority,
            dependencies: on
                .into_iter()
                .filter(|on| on % 2 == 0)
                .map(|on| TaskId::new(TASKS[on]).unwrap())
                .collect(),
            allowed_paths: vec![path.to_owned()],
            ..task(id)
        };
        TASKS.iter().zip(tasks).map(fields).collect()
    })
}

fn budget() -> impl Strategy<Value = Budget> {
    prop::option::of(0..60_u64).prop_map(|tokens_per_day| Budget { tokens_per_day, micro_usd_per_day: None })
}

fn breaker() -> impl Strategy<Value = Option<Breaker>> {
    prop::option::of((1..3_u32, 0..100_u64).prop_map(|(failures, cooldown_seconds)| Breaker {
        failures: number(failures).unwrap(),
        cooldown_seconds,
    }))
}

fn log_limits() -> impl Strategy<Value = Limits> {
    (1..5_u32, prop::option::of(1..3_u32), breaker(), budget(), 0..12_u64).prop_map(
        |(most, per_target, breaker, budget, tokens)| Limits {
            max_running_per_target: per_target.and_then(number),
            breaker,
            budget,
            reservation: Spend { tokens, micro_usd: 0 },
            ..limits(most)
        },
    )
}

fn target_limits() -> impl Strategy<Value = TargetLimits> {
    (0..4_u32, 0..4_u32, breaker(), budget(), any::<bool>()).prop_map(
        |(running, prs, breaker, budget, docs)| TargetLimits {
            max_running: number(running),
            max_open_prs: number(prs),
            budget,
            breaker,
            allowed_prefixes: docs.then(|| "docs".to_owned()).into_iter().collect(),
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop_oneof![
        Just(PullRequestState::Open),
        Just(PullRequestState::Merged),
        Just(PullRequestState::Closed)
    ];
    let cause = prop::option::of(prop_oneof![Just(Cause::ChecksFailed), Just(Cause::NodeLost)]);
    let (t, n) = (0..3_usize, 0..32_usize);
    prop_oneof![
        2 => (t.clone(), tasks()).prop_map(|(t, tasks)| Step::Sync(t, tasks)),
        2 => log_limits().prop_map(|limits| Step::Limits(Box::new(limits))),
        3 => (t.clone(), target_limits()).prop_map(|(t, limits)| Step::TargetLimits(t, Box::new(limits))),
        2 => (t.clone(), prop::bool::weighted(0.3)).prop_map(|(t, paused)| Step::Pause(t, paused)),
        8 => n.clone().prop_map(Step::Start),
        1 => n.clone().prop_map(Step::Retry),
        8 => (n.clone(), cause, any::<bool>()).prop_map(|(n, cause, told)| Step::End(n, cause, told)),
        2 => (n.clone(), 0..30_u64).prop_map(|(n, tokens)| Step::Call(n, tokens)),
        4 => (n, 1..6_u64).prop_map(|(n, number)| Step::PullRequest(n, number)),
        3 => (t.clone(), 1..6_u64, state).prop_map(|(t, number, state)| Step::Forge(t, number, state)),
        1 => t.prop_map(Step::Silent),
        4 => (-40..40_000_i64).prop_map(Step::Pass),
    ]
}

/// Orders and observes what a step says; a refusal is an answer like any other.
fn take(world: &mut World, step: Step) {
    let open: Vec<AttemptId> =
        world.graph.open_attempts().map(|attempt| attempt.attempt_id.clone()).collect();
    let nth = |n: usize| open.get(n % open.len().max(1)).cloned().unwrap_or_else(|| attempt_id("none"));
    let config = |n: usize, limits| TargetConfig { limits, ..config_of(TARGETS[n]) };
    let claims = |world: &mut World, events: Vec<Event>| _ = world.says(events);
    let command = match step {
        Step::Sync(n, tasks) => sync_of(TARGETS[n], tasks),
        Step::Limits(limits) => change_limits(*limits),
        Step::TargetLimits(n, limits) => Command::RegisterTarget(config(n, *limits)),
        Step::Pause(n, true) => Command::PauseTarget { target: target_of(n), reason: String::new() },
        Step::Pause(n, false) => Command::ResumeTarget { target: target_of(n), reason: String::new() },
        Step::Start(n) => {
            let starts: Vec<_> = schedule::next(&world.graph, world.now).collect();
            let Some(start) = starts.get(n % starts.len().max(1)) else { return };
            Command::StartAttempt { task: start.task.clone(), executor: here(), leadership: None }
        }
        Step::Retry(n) => {
            Command::RetryTask { task: key_of(TARGETS[n % 3], TASKS[n % 4]), reason: String::new() }
        }
        Step::End(n, cause, told) => {
            let attempt = nth(n);
            if told && attempt.as_str() != "none" {
                claims(world, vec![report(&attempt, cause.clone())]);
            }
            let end = cause.map_or(exit(0), because);
            observe(&attempt, finished(end))
        }
        Step::Call(n, tokens) => return claims(world, vec![call(&nth(n), None, (tokens, 0), 0.0)]),
        Step::PullRequest(n, pr_number) => {
            let fields = PullRequestFields {
                attempt_id: Some(nth(n)),
                pr_number,
                pr_url: None,
                title: None,
                state: None,
                branch_name: None,
                commit_sha: None,
            };
            return claims(world, vec![Event::PrCreated(fields)]);
        }
        Step::Forge(n, number, state) => {
            let seen = SeenPullRequest { number, state, url: None, title: None, branch: None, commit: None };
            Command::ForgeAnswered { target: target_of(n), pull_requests: vec![seen] }
        }
        Step::Silent(n) => Command::ForgeSilent { target: target_of(n), since: at(0), reason: String::new() },
        Step::Pass(seconds) => return world.now += chrono::TimeDelta::seconds(seconds),
    };
    let Ok(decided) = world.decide(&command) else { return };
    decided.events.iter().for_each(|event| world.record(event));
}

/// The tasks of a target that `admit` lets start, in order.
fn admitted_of(graph: &Graph, target: &TargetId, now: Timestamp) -> Vec<TaskKey> {
    let mut starts: Vec<_> =
        graph.tasks(target).filter(|task| admit(graph, &task.key, now).is_ok()).collect();
    starts.sort_by_key(|task| (task.fields.priority, task.fields.order, task.key.clone()));
    starts.into_iter().map(|task| task.key.clone()).collect()
}

fn room(graph: &Graph) -> usize {
    (graph.limits().max_running.get() as usize).saturating_sub(graph.open_count())
}

/// What `next` must name, by asking about each task of each target.
fn by_asking(graph: &Graph, now: Timestamp) -> Vec<TaskKey> {
    let mut targets: Vec<_> = graph.targets().collect();
    targets.sort_by_key(|target| (target.last_attempt, &target.target_id));
    let mut turns: VecDeque<VecDeque<TaskKey>> =
        targets.iter().map(|target| admitted_of(graph, &target.target_id, now).into()).collect();
    let mut starts = Vec::new();
    while let Some(mut turn) = turns.pop_front() {
        if let Some(start) = turn.pop_front() {
            starts.push(start);
            turns.push_back(turn);
        }
    }
    starts.truncate(room(graph));
    starts
}

/// Whether nothing but the limit of all running attempts, which is told last, keeps a target from starting something.
fn may_start(graph: &Graph, target: &TargetId, now: Timestamp) -> bool {
    let may = |key: &TaskKey| matches!(admit(graph, key, now), Ok(()) | Err(Blocked::RunningLimit { .. }));
    graph.tasks(target).any(|task| may(&task.key))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn next_names_exactly_what_admit_lets_start_whatever_the_limits_are(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::begun();
        for target in TARGETS {
            world.when(Command::RegisterTarget(config_of(target)));
            world.when(sync_of(target, TASKS.map(task)));
        }
        world.when(change_limits(limits(3)));
        for step in steps {
            take(&mut world, step);
            let (graph, now) = (&world.graph, world.now);
            let next: Vec<_> = schedule::next(graph, now).map(|start| start.task).collect();
            prop_assert_eq!(&next, &by_asking(graph, now));
            for target in graph.targets().map(|target| &target.target_id) {
                let mut expected = admitted_of(graph, target, now);
                expected.truncate(room(graph));
                let next: Vec<_> = next_of(graph, target, now).map(|start| start.task).collect();
                prop_assert_eq!(next, expected);
                // Nothing starts by itself before the time that is told for it, and something does then.
                if let Some(due) = next_due(graph, Some(target), now) {
                    prop_assert!(due > now);
                    prop_assert!(may_start(graph, target, due), "{target} does not start at {due}");
                    let before = due - chrono::TimeDelta::nanoseconds(1);
                    prop_assert!(!may_start(graph, target, before), "{target} starts before {due}");
                }
            }
            let due = next_due(graph, None, now);
            let each = graph.targets().filter_map(|target| next_due(graph, Some(&target.target_id), now)).min();
            prop_assert_eq!(due, each);
        }
        for other in [world.replayed(), Graph::from_snapshot(&world.graph.snapshot()).unwrap()] {
            prop_assert_eq!(other.digest(), world.graph.digest());
            prop_assert!(schedule::next(&other, world.now).eq(schedule::next(&world.graph, world.now)));
            prop_assert_eq!(next_due(&other, None, world.now), next_due(&world.graph, None, world.now));
        }
    }
}
