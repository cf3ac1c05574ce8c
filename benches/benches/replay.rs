//! How fast a log becomes a graph: against nothing but parsing, and nothing but hashing, the same bytes.
//!
//! Names of rows as arguments measure only those and the yardsticks.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use leviathan_benches::{Rate, Rounds, history, recorded};
use leviathan_core::event::Event;
use leviathan_core::graph::Graph;
use leviathan_core::id::TargetId;
use leviathan_core::log::{EventBody, Head, RecordedEvent, Verifier};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

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

/// Something that is done with each event of the log.
type Pass<'a> = (&'static str, Box<dyn FnMut(&[RecordedEvent]) -> Outcome<()> + 'a>);

fn passes<'a>() -> Vec<Pass<'a>> {
    vec![
        (
            "bare serde_json",
            Box::new(|events| {
                for event in events {
                    black_box(serde_json::from_slice::<Bare<'_>>(event.body.bytes())?);
                }
                Ok(())
            }),
        ),
        (
            "bare sha2",
            Box::new(|events| {
                for event in events {
                    black_box(Sha256::digest(event.body.bytes()));
                }
                Ok(())
            }),
        ),
        (
            "envelope",
            Box::new(|events| {
                for event in events {
                    black_box(event.body.envelope()?);
                }
                Ok(())
            }),
        ),
        (
            "decode",
            Box::new(|events| {
                for event in events {
                    let envelope = event.body.envelope()?;
                    let target = envelope.target.as_deref().map(TargetId::new).transpose()?;
                    let payload = envelope.payload;
                    black_box(Event::decode(
                        &envelope.event_type,
                        envelope.version,
                        payload,
                        target.as_ref(),
                    )?);
                }
                Ok(())
            }),
        ),
        (
            "evolve",
            Box::new(|events| {
                let mut graph = Graph::new();
                events.iter().for_each(|event| graph.evolve(event));
                black_box(graph.head());
                Ok(())
            }),
        ),
        (
            "verify",
            Box::new(|events| {
                let mut verifier = Verifier::new(Head::EMPTY);
                for event in events {
                    let body = EventBody::seal(event.body.bytes().clone());
                    if !verifier.accept(event.head, body.leaf()) {
                        return Err("the bench's own log is damaged".into());
                    }
                }
                Ok(())
            }),
        ),
        (
            "verify and evolve",
            Box::new(|events| {
                let (mut verifier, mut graph) = (Verifier::new(Head::EMPTY), Graph::new());
                for event in events {
                    let body = EventBody::seal(event.body.bytes().clone());
                    if !verifier.accept(event.head, body.leaf()) {
                        return Err("the bench's own log is damaged".into());
                    }
                    graph.evolve(&RecordedEvent { head: event.head, body });
                }
                black_box(graph.head());
                Ok(())
            }),
        ),
    ]
}

fn main() -> Outcome<()> {
    let rounds = Rounds::asked_for();
    let attempts = if rounds.count > 1 { 20_000 } else { 100 };
    let events = recorded(history(attempts));
    let bytes: usize = events.iter().map(|event| event.body.bytes().len()).sum();
    let only: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut passes = passes();
    passes.retain(|(name, _)| {
        name.starts_with("bare") || only.is_empty() || only.iter().any(|only| only == name)
    });
    let mut rates = vec![Vec::new(); passes.len()];
    for _ in 0..rounds.count {
        for ((_, pass), rates) in passes.iter_mut().zip(&mut rates) {
            let (start, mut done) = (Instant::now(), 0);
            while done == 0 || start.elapsed() < rounds.time {
                pass(&events)?;
                done += events.len();
            }
            rates.push(Rate::of(done, start.elapsed()));
        }
    }
    println!(
        "replay, {} events of {} bytes, events per second on one core, median of {}",
        events.len(),
        bytes / events.len(),
        rounds.count
    );
    let rates: Vec<Rate> = rates.into_iter().map(Rate::median).collect();
    println!("{:<20}  {:>10}  {:>9}  {:>7}", "", "", "of parse", "of sha2");
    for ((name, _), rate) in passes.iter().zip(&rates) {
        println!("{name:<20}  {rate:>10}  {:>9.2}  {:>7.2}", rate.to(rates[0]), rate.to(rates[1]));
    }
    Ok(())
}
