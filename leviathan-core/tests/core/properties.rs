//! Whatever is ordered, seen and claimed, in whatever order: nothing panics, and what must hold does.

use crate::support::*;
use leviathan_core::Limits;
use leviathan_core::backlog::{Priority, TaskStatus};
use leviathan_core::decide::{Command, Rejection};
use leviathan_core::event::payload::TaskFields;
use leviathan_core::executor::{Cause, End, Phase};
use leviathan_core::graph::{Graph, Outcome, TaskKey, TaskState};
use leviathan_core::id::{AttemptId, TaskId};
use leviathan_core::schedule::{self, Blocked, admit};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(crate) const TASKS: [&str; 5] = ["a", "b", "c", "d", "e"];
const HOLDERS: [&str; 2] = ["one", "two"];

/// One thing that happens. Numbers name tasks and attempts, counted around.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Sync(Vec<TaskFields>),
    Limits(u32),
    Pause,
    Resume,
    Retry(usize),
    Elect(usize, u64),
    TakeOver(usize),
    Start(usize),
    Cancel(usize),
    Lose(usize),
    Observe(usize, Phase),
    Report(usize, Option<Cause>),
    Claims(Vec<(usize, usize, u8)>),
    Pass(i64),
}

fn tasks() -> impl Strategy<Value = Vec<TaskFields>> {
    let priority = prop_oneof![Just(Priority::High), Just(Priority::Medium), Just(Priority::Low)];
    let status = prop_oneof![8 => Just(TaskStatus::Pending), 1 => Just(TaskStatus::Completed), 1 => Just(TaskStatus::Blocked)];
    let fields = (
        0..5_usize,
        priority,
        status,
        proptest::bool::weighted(0.9),
        prop::collection::vec(0..6_usize, 0..2),
    )
        .prop_map(|(id, priority, status, ready, on)| {
            let on = on.into_iter().map(|on| TaskId::new(TASKS.get(on).unwrap_or(&"nowhere")).unwrap());
            TaskFields { priority, status, ready, dependencies: on.collect(), ..task(TASKS[id]) }
        });
    prop::collection::vec(fields, 0..8)
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        Just(Cause::ChecksFailed),
        Just(Cause::Lost),
        Just(Cause::NodeLost),
        Just(Cause::ConfigError),
        Just(Cause::Cancelled),
        Just(Cause::Other("cosmic \0 ray".to_owned())),
    ]
}

fn phase() -> impl Strategy<Value = Phase> {
    let end = (prop::option::of(0..3_i32), prop::option::of(cause()))
        .prop_map(|(exit_code, cause)| finished(End { exit_code, cause, ..End::default() }));
    prop_oneof![1 => Just(Phase::Submitted), 2 => Just(Phase::Running), 4 => end]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let attempt = 0..64_usize;
    prop_oneof![
        2 => tasks().prop_map(Step::Sync),
        1 => (1..4_u32).prop_map(Step::Limits),
        1 => Just(Step::Pause),
        3 => Just(Step::Resume),
        2 => (0..6_usize).prop_map(Step::Retry),
        1 => (0..2_usize, 1..60_u64).prop_map(|(holder, seconds)| Step::Elect(holder, seconds)),
        1 => (0..2_usize).prop_map(Step::TakeOver),
        10 => (0..6_usize).prop_map(Step::Start),
        1 => attempt.clone().prop_map(Step::Cancel),
        1 => attempt.clone().prop_map(Step::Lose),
        10 => (attempt.clone(), phase()).prop_map(|(attempt, phase)| Step::Observe(attempt, phase)),
        4 => (attempt.clone(), prop::option::of(cause())).prop_map(|(attempt, cause)| Step::Report(attempt, cause)),
        3 => prop::collection::vec((attempt, 0..5_usize, 0..6_u8), 1..4).prop_map(Step::Claims),
        4 => (0..90_i64).prop_map(Step::Pass),
    ]
}

/// A world that things happen to.
pub(crate) struct Run {
    pub(crate) world: World,
    pub(crate) attempts: Vec<AttemptId>,
}

impl Run {
    pub(crate) fn take(&mut self, step: Step) {
        let pick = |n: usize| self.attempts.get(n % self.attempts.len().max(1)).cloned();
        let command = match step {
            Step::Sync(tasks) => sync(tasks),
            Step::Limits(most) => {
                change_limits(Limits { max_running: limits(most).max_running, ..limits(1) })
            }
            Step::Pause => pause(),
            Step::Resume => resume(),
            Step::Retry(task) => retry(TASKS.get(task).unwrap_or(&"nowhere")),
            Step::Elect(holder, seconds) => elect(HOLDERS[holder], seconds),
            Step::TakeOver(holder) => take_over(HOLDERS[holder]),
            Step::Start(task) => start(TASKS.get(task).unwrap_or(&"nowhere")),
            Step::Cancel(n) => cancel(&pick(n).unwrap_or_else(|| attempt_id("attempt-none"))),
            Step::Lose(n) => lose(&pick(n).unwrap_or_else(|| attempt_id("attempt-none"))),
            Step::Observe(n, phase) => observe(&pick(n).unwrap_or_else(|| attempt_id("attempt-none")), phase),
            Step::Report(n, cause) => {
                let attempt = pick(n).unwrap_or_else(|| attempt_id("attempt-none"));
                Command::Ingest(bundle([claim("reported", &report(&attempt, cause))]))
            }
            Step::Claims(claims) => {
                let event = |(n, task, kind): (usize, usize, u8)| {
                    // Every other time it is an attempt that nobody of ours runs.
                    let foreign = attempt_id(&format!("attempt-foreign-{}", n % 4));
                    let attempt = pick(n).filter(|_| n % 2 == 0).unwrap_or(foreign);
                    let event = match kind {
                        0 | 1 => created(attempt.as_str(), TASKS[task]),
                        2 => started(&attempt),
                        3 => report(&attempt, None),
                        4 => report(&attempt, Some(Cause::ChecksFailed)),
                        _ => cancelled(&attempt),
                    };
                    claim(&format!("{kind}-{task}"), &event)
                };
                Command::Ingest(bundle(claims.into_iter().map(event)))
            }
            Step::Pass(seconds) => {
                self.world.now += chrono::TimeDelta::seconds(seconds);
                return;
            }
        };
        let leader = self.world.graph.leader().cloned();
        if let (Command::StartAttempt { .. } | Command::Observe { .. } | Command::Lose { .. }, Some(_)) =
            (&command, &leader)
        {
            let refused = self.world.decide(&command);
            assert!(
                matches!(refused, Err(Rejection::NotLeading { .. })),
                "a term was not named: {refused:?}"
            );
        }
        let command = led(command, leader.map(|leader| leader.since));
        // A refusal is an answer like any other; that what is recorded can be read is checked on the way.
        let Ok(decided) = self.world.decide(&command) else { return };
        for event in &decided.events {
            self.world.record(event);
        }
        self.attempts = TASKS
            .iter()
            .filter_map(|task| self.world.graph.task(&key(task)))
            .flat_map(|task| task.attempts.clone())
            .collect();
        let never_the_same = matches!(
            command,
            Command::StartAttempt { .. } | Command::RetryTask { .. } | Command::Elect { takeover: true, .. }
        );
        if !never_the_same {
            let again = self.world.decide(&command);
            let nothing_new = again.map_or(true, |again| again.events.is_empty());
            assert!(nothing_new, "the same again is something new: {command:?}");
        }
    }

    /// What is settled for good: how attempts ended, and which tasks our work has completed.
    fn settled(&self) -> (BTreeMap<AttemptId, Outcome>, Vec<TaskKey>) {
        let graph = &self.world.graph;
        let ended = |id: &AttemptId| Some((id.clone(), graph.attempt(id)?.outcome()?.clone()));
        let done = graph.tasks(&target()).filter(|task| task.state == TaskState::Completed);
        (self.attempts.iter().filter_map(ended).collect(), done.map(|task| task.key.clone()).collect())
    }
}

/// The starts and the next due time as they follow from asking about each task.
fn by_asking(
    graph: &Graph,
    now: leviathan_core::Timestamp,
) -> (Vec<TaskKey>, Option<leviathan_core::Timestamp>) {
    let mut starts: Vec<_> =
        graph.tasks(&target()).filter(|task| admit(graph, &task.key, now).is_ok()).collect();
    starts.sort_by_key(|task| (task.fields.priority, task.fields.order, task.key.clone()));
    let room = (graph.limits().max_running.get() as usize).saturating_sub(graph.open_count());
    let verdicts: Vec<_> = graph.tasks(&target()).map(|task| admit(graph, &task.key, now)).collect();
    // What can start now, or only waits for a slot, waits for no time.
    let startable =
        verdicts.iter().any(|verdict| matches!(verdict, Ok(()) | Err(Blocked::RunningLimit { .. })));
    let due = verdicts.into_iter().filter_map(|verdict| match verdict {
        Err(Blocked::BackingOff { until }) if !startable => Some(until),
        _ => None,
    });
    (starts.into_iter().take(room).map(|task| task.key.clone()).collect(), due.min())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_graph_is_that_of_its_log_and_keeps_its_word(steps in prop::collection::vec(step(), 1..80)) {
        let mut run = Run { world: World::with(TASKS), attempts: Vec::new() };
        for step in steps {
            let open = run.world.graph.open_count();
            let (ended, done) = run.settled();
            let term = run.world.graph.leader().map(|leader| (leader.term, leader.since));
            run.take(step);
            let (graph, now) = (&run.world.graph, run.world.now);

            prop_assert!(term <= graph.leader().map(|leader| (leader.term, leader.since)), "a term went back");
            let (ended_now, done_now) = run.settled();
            prop_assert!(ended.iter().all(|(attempt, outcome)| ended_now.get(attempt) == Some(outcome)), "an end changed");
            prop_assert!(done.iter().all(|task| done_now.contains(task)), "a completed task is not so any more");
            prop_assert!(graph.open_count() <= open.max(graph.limits().max_running.get() as usize), "over the limit");

            let (starts, due) = by_asking(graph, now);
            let next: Vec<_> = schedule::next(graph, now).map(|start| start.task).collect();
            prop_assert_eq!(next, starts);
            prop_assert_eq!(schedule::next_due(graph, None, now), due);
        }
        prop_assert_eq!(run.world.graph.unreadable(), 0);
        prop_assert_eq!(run.world.replayed().digest(), run.world.graph.digest());
    }
}
