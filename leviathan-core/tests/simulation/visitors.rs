//! `visitors`: workers that nobody here started: they open attempts of their own, and say themselves how these end,
//! sometimes twice and differently.

use super::client::Client;
use super::clock::timestamp;
use super::sim::Owner;
use leviathan_core::Bundle;
use leviathan_core::decide::Command;
use leviathan_core::event::payload::{AttemptCreated, AttemptFailed, AttemptSucceeded};
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::executor::Cause;
use leviathan_core::graph::TaskKey;
use leviathan_core::id::{ActorId, AttemptId, EventId};
use std::time::Duration;

/// Sends one after the other, until the storm is over.
pub(crate) async fn visitors(client: Client) {
    let sim = client.hosts.sim.clone();
    for number in 0.. {
        sim.sleep(sim.span(Duration::from_secs(400))).await;
        if sim.is_calm() {
            return;
        }
        let drawn = client.look(|graph| {
            let targets: Vec<_> = graph.targets().map(|target| target.target_id.clone()).collect();
            let target = targets.get(sim.below(targets.len()))?;
            let tasks: Vec<_> = graph.tasks(target).map(|task| task.key.clone()).collect();
            tasks.get(sim.below(tasks.len())).cloned()
        });
        if let Some(task) = drawn.flatten() {
            let attempt = AttemptId::new(format!("by-hand-{number}")).unwrap();
            sim.spawn(Owner::World, visit(client.clone(), attempt, task));
        }
    }
}

async fn visit(client: Client, attempt: AttemptId, task: TaskKey) {
    let _busy = client.busy();
    let sim = client.hosts.sim.clone();
    let created = Event::AttemptCreated(AttemptCreated {
        attempt_id: attempt.clone(),
        task_id: task.task_id.clone(),
        target_id: Some(task.target_id.clone()),
        attempt_number: 1,
        status: "created".to_owned(),
        executor: None,
        spec: None,
        reservation: None,
    });
    let succeeds = sim.one_in(3);
    let (end, other) = (ends(&attempt, succeeds), ends(&attempt, !succeeds));
    let contradicts = sim.one_in(2);
    for (number, event) in [created, end, other].into_iter().enumerate().take(2 + usize::from(contradicts)) {
        let now = timestamp(sim.now());
        let id = EventId::of_attempt(&attempt, number as u64, &event);
        let actor = ActorId::worker(&attempt);
        let draft = EventDraft::claimed(id, actor, task.target_id.clone(), now, &event);
        let bundle =
            Bundle { bundle_id: attempt.to_string(), target: task.target_id.clone(), events: vec![draft] };
        client.insist(Command::Ingest(bundle)).await;
        sim.sleep(sim.span(Duration::from_secs(120))).await;
    }
}

fn ends(attempt: &AttemptId, succeeds: bool) -> Event {
    let attempt_id = attempt.clone();
    if succeeds {
        Event::AttemptSucceeded(AttemptSucceeded {
            attempt_id,
            status: "succeeded".to_owned(),
            completed_at: None,
            branch_name: None,
            commit_sha: None,
            pr_url: None,
            pr_number: None,
            summary: None,
            unconfirmed: false,
        })
    } else {
        Event::AttemptFailed(AttemptFailed {
            attempt_id,
            status: "failed".to_owned(),
            completed_at: None,
            failure_type: Cause::AgentError,
            error_summary: None,
            exit_code: None,
        })
    }
}
