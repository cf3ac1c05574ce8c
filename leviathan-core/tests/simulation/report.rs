//! What workers post: bundles, and the way they take: late, twice, in parts, through any host.

use super::client::{Answer, Client};
use leviathan_core::decide::Command;
use leviathan_core::event::payload::{
    AttemptCreated, AttemptFailed, AttemptStarted, AttemptSucceeded, ModelCall, PullRequestFields,
    TestsFields,
};
use leviathan_core::event::{Event, EventDraft, Origin, Payload};
use leviathan_core::executor::{AttemptSpec, Cause};
use leviathan_core::id::{ActorId, EventId};
use leviathan_core::{Bundle, Timestamp};
use std::time::Duration;

use super::sim::Sim;

/// What a worker posts when it begins.
pub(crate) fn beginning(spec: &AttemptSpec, now: Timestamp) -> Bundle {
    let attempt_id = spec.attempt_id.clone();
    let status = "running".to_owned();
    let started = Event::AttemptStarted(AttemptStarted { attempt_id, status, started_at: None });
    // Some workers say once more that it was created.
    let created = spec.attempt_number.is_multiple_of(2).then(|| created(spec));
    bundle(spec, now, 0, created.into_iter().chain([started]))
}

fn created(spec: &AttemptSpec) -> Event {
    Event::AttemptCreated(AttemptCreated {
        attempt_id: spec.attempt_id.clone(),
        task_id: spec.task_id.clone(),
        target_id: Some(spec.target_id.clone()),
        attempt_number: spec.attempt_number,
        status: "created".to_owned(),
        executor: None,
        spec: None,
        reservation: None,
    })
}

/// What it posts at its end: what it did, and how it thinks that it ended.
pub(crate) fn end(
    sim: &Sim,
    spec: &AttemptSpec,
    failure: Option<Cause>,
    pr_number: Option<u64>,
    now: Timestamp,
) -> Bundle {
    let attempt_id = || spec.attempt_id.clone();
    let mut events: Vec<Event> = (0..sim.below(4) as u32)
        .map(|round| match round {
            0 => Event::ModelCallCompleted(ModelCall {
                attempt_id: attempt_id(),
                call_id: None,
                model: None,
                tokens_input: Some(sim.below(100_000) as u64),
                tokens_output: Some(10),
                cost_usd: Some(sim.below(100) as f64 / 100.0),
                prompt_sha256: None,
                response_sha256: None,
            }),
            _ => Event::TestsPassed(TestsFields {
                attempt_id: attempt_id(),
                command: "cargo test".to_owned(),
                exit_code: Some(0),
                duration_ms: None,
                output_sha256: None,
                round,
            }),
        })
        .collect();
    events.extend(pr_number.map(|pr_number| {
        Event::PrCreated(PullRequestFields {
            attempt_id: Some(attempt_id()),
            pr_number,
            pr_url: None,
            title: None,
            state: None,
            branch_name: Some(format!("agent/{}", spec.task_id)),
            commit_sha: None,
        })
    }));
    events.push(match failure {
        None => Event::AttemptSucceeded(AttemptSucceeded {
            attempt_id: attempt_id(),
            status: "succeeded".to_owned(),
            completed_at: None,
            branch_name: Some(format!("agent/{}", spec.task_id)),
            commit_sha: None,
            pr_url: None,
            pr_number,
            summary: None,
            unconfirmed: false,
        }),
        Some(failure_type) => Event::AttemptFailed(AttemptFailed {
            attempt_id: attempt_id(),
            status: "failed".to_owned(),
            completed_at: None,
            failure_type,
            error_summary: None,
            exit_code: None,
        }),
    });
    bundle(spec, now, 10, events)
}

fn bundle(spec: &AttemptSpec, now: Timestamp, first: u64, events: impl IntoIterator<Item = Event>) -> Bundle {
    let id = &spec.attempt_id;
    let actor = || ActorId::worker(id);
    let target = || spec.target_id.clone();
    let draft = |(number, event): (u64, Event)| {
        EventDraft::claimed(EventId::of_attempt(id, number, &event), actor(), target(), now, &event)
    };
    let mut events: Vec<EventDraft> = (first..).zip(events).map(draft).collect();
    // And a fact that means nothing to anybody here.
    events.push(EventDraft {
        event_id: EventId::new(format!("{id}-{first}-fact")).unwrap(),
        event_type: "file.discovered".into(),
        version: 1,
        timestamp: now,
        actor_id: actor(),
        origin: Origin::Claimed,
        target: Some(target()),
        payload: Payload::parse("{}").unwrap(),
    });
    Bundle { bundle_id: format!("{id}-{first}"), target: target(), events }
}

/// Posts a bundle until it is acknowledged, or its worker gives up. Then perhaps again.
pub(crate) async fn post(client: Client, bundle: Bundle) {
    let _busy = client.busy();
    let sim = &client.hosts.sim;
    let latest = if sim.one_in(20) { 3_600 } else { 5 };
    sim.sleep(sim.span(Duration::from_secs(latest))).await;
    for part in parts(sim, bundle) {
        while !matches!(client.send(Command::Ingest(part.clone())).await, Answer::Done) {
            if sim.one_in(20) {
                return;
            }
            sim.sleep(sim.span(Duration::from_secs(10))).await;
        }
        if sim.one_in(5) {
            sim.sleep(sim.span(Duration::from_secs(300))).await;
            client.send(Command::Ingest(part)).await;
        }
    }
}

/// The bundle whole, or in parts that overlap.
fn parts(sim: &Sim, bundle: Bundle) -> Vec<Bundle> {
    if !sim.one_in(4) {
        return vec![bundle];
    }
    let middle = sim.below(bundle.events.len());
    let part = |events: &[EventDraft]| Bundle { events: events.to_vec(), ..bundle.clone() };
    vec![part(&bundle.events[..=middle]), part(&bundle.events[middle..])]
}
