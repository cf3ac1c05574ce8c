//! How fast a log becomes a graph: against nothing but parsing, and nothing but hashing, the same bytes.
//!
//! Names of rows as arguments measure only those and the yardsticks.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use leviathan_benches::{Rate, Rounds, cpu_time, history, recorded};
use leviathan_core::event::Event;
use leviathan_core::graph::Graph;
use leviathan_core::id::TargetId;
use leviathan_core::log::{EventBody, Head, RecordedEvent, Verifier};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What anyone must parse of an event to know its type: everything borrowed, nothing interpreted.
#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed, and that is all")]
struct Bare<'a> {
    event_id: &'a str,
    event_type: &'a str,
    version: u32,
    timestamp: &'a str,
    recorded_at: &'a str,
    actor_id: &'a str,
    origin: &'a str,
    target: Option<&'a str>,
    #[serde(borrow)]
    payload: &'a RawValue,
}

fn parse(events: &[RecordedEvent]) -> Outcome<Graph> {
    for event in events {
        black_box(serde_json::from_slice::<Bare<'_>>(event.body.bytes())?);
    }
    Ok(Graph::new())
}

fn hash(events: &[RecordedEvent]) -> Outcome<Graph> {
    for event in events {
        black_box(Sha256::digest(event.body.bytes()));
    }
    Ok(Graph::new())
}

fn envelope(events: &[RecordedEvent]) -> Outcome<Graph> {
    for event in events {
        black_box(event.body.envelope()?);
    }
    Ok(Graph::new())
}

fn decode(events: &[RecordedEvent]) -> Outcome<Graph> {
    for event in events {
        let envelope = event.body.envelope()?;
        let target = envelope.target.as_deref().map(TargetId::new).transpose()?;
        let (kind, payload) = (&envelope.event_type, envelope.payload);
        black_box(Event::decode(kind, envelope.version, payload, target.as_ref())?);
    }
    Ok(Graph::new())
}

fn evolve(events: &[RecordedEvent]) -> Outcome<Graph> {
    let mut graph = Graph::new();
    events.iter().for_each(|event| graph.evolve(event));
    Ok(graph)
}

fn verify(events: &[RecordedEvent]) -> Outcome<Graph> {
    let mut verifier = Verifier::new(Head::EMPTY);
    events.iter().try_for_each(|event| verified(&mut verifier, event).map(drop))?;
    Ok(Graph::new())
}

/// What a ledger does at its start.
fn verify_and_evolve(events: &[RecordedEvent]) -> Outcome<Graph> {
    let (mut verifier, mut graph) = (Verifier::new(Head::EMPTY), Graph::new());
    for event in events {
        graph.evolve(&verified(&mut verifier, event)?);
    }
    Ok(graph)
}

/// The event as a store gives it, hashed from its bytes.
fn verified(verifier: &mut Verifier, event: &RecordedEvent) -> Outcome<RecordedEvent> {
    let body = EventBody::seal(event.body.bytes().clone());
    match verifier.accept(event.head, body.leaf()) {
        true => Ok(RecordedEvent { head: event.head, body }),
        false => Err("the bench's own log is damaged".into()),
    }
}

/// Something that is done with the whole log. What it makes is dropped while the clock stands still: a start drops nothing.
type Pass<'a> = Box<dyn Fn(&[RecordedEvent]) -> Outcome<Graph> + 'a>;

fn main() -> Outcome<()> {
    let rounds = Rounds::asked_for();
    let attempts = if rounds.count > 1 { 20_000 } else { 100 };
    let events = recorded(history(attempts));
    let bytes: usize = events.iter().map(|event| event.body.bytes().len()).sum();
    let graph = evolve(&events)?;
    let snapshot = graph.snapshot();

    let mut passes: Vec<(&str, Pass<'_>)> = vec![
        ("bare serde_json", Box::new(parse)),
        ("bare sha2", Box::new(hash)),
        ("envelope", Box::new(envelope)),
        ("decode", Box::new(decode)),
        ("evolve", Box::new(evolve)),
        ("verify", Box::new(verify)),
        ("verify and evolve", Box::new(verify_and_evolve)),
        ("from a snapshot", Box::new(|_| Ok(Graph::from_snapshot(&snapshot)?))),
        ("make a snapshot", Box::new(|_| Ok(black_box((graph.snapshot(), Graph::new())).1))),
    ];
    let only: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    passes.retain(|(name, _)| {
        name.starts_with("bare") || only.is_empty() || only.iter().any(|only| only == name)
    });

    let mut rates = vec![Vec::new(); passes.len()];
    for _ in 0..rounds.count {
        for ((_, pass), rates) in passes.iter().zip(&mut rates) {
            let (mut took, mut done) = (Duration::ZERO, 0);
            while done == 0 || took < rounds.time {
                let start = cpu_time();
                let made = pass(&events)?;
                took += cpu_time() - start;
                done += events.len();
                drop(made);
            }
            rates.push(Rate::of(done, took));
        }
    }
    let (count, size) = (events.len(), bytes / events.len());
    println!(
        "replay, {count} events of {size} bytes, events in a second of one core, median of {}",
        rounds.count
    );
    println!("the snapshot of their graph has {} bytes for each event", snapshot.len() / count);
    println!("{:<20}  {:>10}  {:>9}  {:>7}", "", "", "of parse", "of sha2");
    let rates: Vec<Rate> = rates.into_iter().map(Rate::median).collect();
    for ((name, _), rate) in passes.iter().zip(&rates) {
        println!("{name:<20}  {rate:>10}  {:>9.2}  {:>7.2}", rate.to(rates[0]), rate.to(rates[1]));
    }
    Ok(())
}
