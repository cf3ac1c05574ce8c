//! What people do to the control plane: they edit backlogs, cancel, retry, pause, resume and change limits, whenever they
//! like.

use super::client::Client;
use super::forge::Forge;
use super::repository::{Repository, TARGETS};
use super::sim::{Owner, Sim};
use leviathan_core::decide::Command;
use leviathan_core::graph::{Graph, TaskKey, TaskState};
use leviathan_core::id::AttemptId;
use leviathan_core::schedule::RetryPolicy;
use leviathan_core::{Breaker, Limits};
use std::num::NonZeroU32;
use std::time::Duration;

/// Everything that is done from outside, until all has ended.
pub(crate) struct People {
    client: Client,
    forge: Forge,
    repositories: Vec<Repository>,
}

impl People {
    pub(crate) fn new(client: Client, forge: Forge) -> Self {
        let sim = client.hosts.sim.clone();
        let repositories = (0..TARGETS).map(|number| Repository::new(&sim, number)).collect();
        Self { client, forge, repositories }
    }

    /// Sets everything up, stirs until the storm is over, and puts everything right.
    pub(crate) async fn stir(&mut self, until: Duration) {
        let sim = self.client.hosts.sim.clone();
        self.client.insist(limits(12, 0)).await;
        for repository in &self.repositories {
            self.client.insist(repository.register()).await;
            self.client.insist(repository.sync()).await;
            let serve = self.forge.clone().serve(self.client.clone(), repository.target.clone());
            sim.spawn(Owner::World, serve);
        }
        while sim.now() < until {
            sim.sleep(sim.span(Duration::from_secs(40))).await;
            if let Some(command) = self.something() {
                self.client.send(command).await;
            }
        }
        sim.calm();
        self.client.insist(limits(12, 0)).await;
        for repository in &self.repositories {
            self.client.insist(repository.sync()).await;
            self.client.insist(resume(repository)).await;
        }
    }

    /// Something that somebody may want.
    fn something(&mut self) -> Option<Command> {
        let sim = self.client.hosts.sim.clone();
        let index = sim.below(TARGETS);
        let repository = &mut self.repositories[index];
        Some(match sim.below(16) {
            0..=2 => {
                repository.edit(&sim);
                repository.sync()
            }
            3 => Command::PauseTarget { target: repository.target.clone(), reason: "holiday".to_owned() },
            4..=6 => resume(repository),
            7 => limits(1 + sim.below(24) as u32, sim.below(8) as u32),
            8 | 9 => {
                let attempt = self.client.look(|graph| any_open(&sim, graph))??;
                Command::CancelAttempt { attempt, reason: "not wanted".to_owned() }
            }
            11 => {
                repository.limit(&sim);
                repository.register()
            }
            10 => {
                let is_any = sim.one_in(2);
                let draw = if is_any { any_attempt } else { any_open };
                let attempt = self.client.look(|graph| draw(&sim, graph))??;
                Command::InvalidateAttempt { attempt, reason: "it was wrong".to_owned() }
            }
            _ => {
                let task = self.client.look(|graph| any_stuck(&sim, graph))??;
                Command::RetryTask { task, reason: "looked at it".to_owned() }
            }
        })
    }
}

fn resume(repository: &Repository) -> Command {
    Command::ResumeTarget { target: repository.target.clone(), reason: "back".to_owned() }
}

fn limits(max_running: u32, per_target: u32) -> Command {
    let retry = RetryPolicy {
        max_attempts: NonZeroU32::new(3).unwrap(),
        backoff_seconds: 10,
        max_backoff_seconds: 120,
        max_infrastructure_retries: 3,
    };
    let limits = Limits {
        max_running: NonZeroU32::new(max_running).unwrap(),
        max_running_per_target: NonZeroU32::new(per_target),
        breaker: NonZeroU32::new(per_target).map(|failures| Breaker { failures, cooldown_seconds: 90 }),
        retry,
        ..Limits::default()
    };
    Command::ChangeLimits { limits, reason: "wanted".to_owned() }
}

fn any_open(sim: &Sim, graph: &Graph) -> Option<AttemptId> {
    let open: Vec<_> = graph.open_attempts().map(|attempt| attempt.attempt_id.clone()).collect();
    (!open.is_empty()).then(|| sim.pick(&open).clone())
}

fn any_attempt(sim: &Sim, graph: &Graph) -> Option<AttemptId> {
    let targets: Vec<_> = graph.targets().map(|target| &target.target_id).collect();
    let target = targets.get(sim.below(targets.len()))?;
    let attempts: Vec<_> = graph.tasks(target).flat_map(|task| &task.attempts).collect();
    attempts.get(sim.below(attempts.len())).map(|attempt| (*attempt).clone())
}

fn any_stuck(sim: &Sim, graph: &Graph) -> Option<TaskKey> {
    let tasks = graph.targets().flat_map(|target| graph.tasks(&target.target_id));
    let stuck = tasks.filter(|task| matches!(task.state, TaskState::Failed(_) | TaskState::Blocked(_)));
    let stuck: Vec<TaskKey> = stuck.map(|task| task.key.clone()).collect();
    (!stuck.is_empty()).then(|| sim.pick(&stuck).clone())
}
