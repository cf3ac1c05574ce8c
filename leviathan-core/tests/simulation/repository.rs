//! `Repository`: a target's backlog as people edit it.

use super::sim::Sim;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::id::TargetId;
use leviathan_core::{CompleteOn, ForgeConfig, TargetConfig, TargetLimits, TargetPolicy};
use std::fmt::Write;
use std::num::NonZeroU32;

pub(crate) const TARGETS: usize = 5;
const TASKS: usize = 42;

const PRIORITIES: [&str; 3] = ["high", "medium", "low"];

pub(crate) struct Repository {
    pub(crate) target: TargetId,
    commit: u32,
    tasks: Vec<Line>,
    policy: TargetPolicy,
    complete_on: CompleteOn,
    limits: TargetLimits,
}

/// A task as the file has it.
#[derive(Clone)]
struct Line {
    id: String,
    priority: &'static str,
    dependencies: Vec<String>,
    ready: bool,
    status: &'static str,
    is_removed: bool,
}

impl Repository {
    /// The repository of the `number`th target: chains and fans of tasks, a few that wait for each other or for nobody.
    pub(crate) fn new(sim: &Sim, number: usize) -> Self {
        let id = |task: usize| format!("task-{task}");
        let line = |task: usize| Line {
            id: id(task),
            priority: PRIORITIES[sim.below(3)],
            dependencies: (0..task).filter(|_| sim.one_in(3 * task)).map(id).collect(),
            ready: !sim.one_in(25),
            status: if sim.one_in(30) { "blocked" } else { "pending" },
            is_removed: false,
        };
        let mut tasks: Vec<Line> = (0..TASKS).map(line).collect();
        if number == 0 {
            for (task, on) in [(1, 2), (2, 3), (3, 1)] {
                tasks[task].dependencies = vec![id(on)];
            }
            tasks[4].dependencies = vec!["nowhere".to_owned()];
        }
        let policy = TargetPolicy {
            max_attempts: sim.one_in(2).then(|| 2 + sim.below(3) as u32),
            backoff_seconds: sim.one_in(2).then_some(20),
            ..TargetPolicy::default()
        };
        let complete_on = if number.is_multiple_of(2) { CompleteOn::Pushed } else { CompleteOn::Merged };
        Self {
            target: TargetId::new(format!("target-{number}")).unwrap(),
            commit: 0,
            tasks,
            policy,
            complete_on,
            limits: TargetLimits::default(),
        }
    }

    pub(crate) fn register(&self) -> Command {
        Command::RegisterTarget(TargetConfig {
            target_id: self.target.clone(),
            repo_url: format!("/repos/{}", self.target),
            default_branch: "main".to_owned(),
            complete_on: self.complete_on,
            limits: self.limits.clone(),
            forge: match self.complete_on {
                CompleteOn::Merged => ForgeConfig::Github { api_url: ForgeConfig::GITHUB_API.to_owned() },
                _ => ForgeConfig::None,
            },
        })
    }

    /// Somebody changes the limits of the target.
    pub(crate) fn limit(&mut self, sim: &Sim) {
        let draw = |most: usize| NonZeroU32::new(sim.below(most) as u32);
        self.limits.max_running = draw(6);
        self.limits.max_open_prs = draw(15);
    }

    /// Somebody commits an edit of a task.
    pub(crate) fn edit(&mut self, sim: &Sim) {
        self.commit += 1;
        let index = sim.below(self.tasks.len());
        let task = &mut self.tasks[index];
        match sim.below(6) {
            0 => task.is_removed = !task.is_removed,
            1 => task.priority = PRIORITIES[sim.below(3)],
            2 => task.ready = !task.ready,
            3 => task.status = ["pending", "pending", "completed", "blocked"][sim.below(4)],
            4 => task.dependencies.clear(),
            _ => self.policy.max_attempts = Some(1 + sim.below(4) as u32),
        }
    }

    /// Takes over the backlog as it is now.
    pub(crate) fn sync(&self) -> Command {
        let mut text = String::from("tasks:\n");
        for task in self.tasks.iter().filter(|task| !task.is_removed) {
            let Line { id, priority, dependencies, ready, status, .. } = task;
            // Writing into a String does not fail.
            let _ = writeln!(
                text,
                "- {{id: {id}, priority: {priority}, ready: {ready}, status: {status}, dependencies: [{}]}}",
                dependencies.join(", ")
            );
        }
        Command::SyncBacklog {
            target: self.target.clone(),
            commit: format!("c0ffee{:04}", self.commit),
            policy: self.policy.clone(),
            backlog: Backlog::parse(&text, "backlog.yaml").unwrap(),
        }
    }
}
