//! `ledger`: all that a control plane does, from the command to the graph.

use crate::Outcome;
use crate::writers::{AsyncWrite, Load, measure};
use leviathan_benches::{Rate, bodies};
use leviathan_core::decide::Command;
use leviathan_core::event::EventDraft;
use leviathan_core::id::{EventId, LogId};
use leviathan_core::{Bundle, Ledger, NewLog};
use leviathan_local::SystemClock;
use leviathan_pg::PgEventStore;
use std::sync::Arc;

struct Door {
    ledger: Ledger,
    writer: usize,
    bundle: Bundle,
}

impl AsyncWrite for Door {
    async fn write(&mut self, number: usize) -> Outcome<()> {
        let mut bundle = self.bundle.clone();
        for (nth, event) in bundle.events.iter_mut().enumerate() {
            event.event_id = EventId::new(format!("ev-{}-{number}-{nth}", self.writer))?;
        }
        self.ledger.submit(Command::Ingest(bundle)).await?;
        Ok(())
    }
}

pub(crate) async fn ledger(url: &str, load: Load) -> Outcome<Rate> {
    let store = Arc::new(PgEventStore::connect(url, "ledger").await?);
    let new = NewLog { log_id: LogId::from_u128(1), name: "bench".to_owned() };
    let (ledger, task) = Ledger::open(store, Arc::new(SystemClock), new).await?;
    let task = tokio::spawn(task.run());
    let bundles = (0..load.writers)
        .map(|writer| claims(load.first + writer, load.bundle))
        .collect::<Outcome<Vec<_>>>()?;
    let writer = |writer: usize| Door {
        ledger: ledger.clone(),
        writer: load.first + writer,
        bundle: bundles[writer].clone(),
    };
    let rate = measure(load, writer).await;
    drop(ledger);
    task.await?;
    rate
}

/// A bundle of the events that the other two write as bodies.
fn claims(writer: usize, count: usize) -> Outcome<Bundle> {
    let bodies = bodies(writer * 1_000_000, count);
    let posted: Vec<_> = bodies.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect();
    let mut bundle =
        Bundle::parse(format!("{{\"target\":\"radix\",\"events\":[{}]}}", posted.join(",")).as_bytes())?;
    // All of one attempt, as a worker's are.
    let first: Option<EventDraft> = bundle.events.first().cloned();
    for event in &mut bundle.events {
        event.payload = first.clone().map_or(event.payload.clone(), |first| first.payload);
    }
    Ok(bundle)
}
