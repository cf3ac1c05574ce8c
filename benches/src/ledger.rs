//! `ledger`: all that a control plane does, from the command to the graph.

use crate::{AsyncWrite, Load, Outcome, Rate, measure, posted};
use leviathan_core::decide::Command;
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

/// The rate at which writers get their bundles into a log in Postgres through one ledger.
///
/// # Errors
/// What went wrong.
pub async fn ledger(url: &str, load: Load) -> Outcome<Rate> {
    let store = Arc::new(PgEventStore::connect(url, "ledger").await?);
    let new = NewLog { log_id: LogId::from_u128(1), name: "bench".to_owned() };
    let (ledger, task) = Ledger::open(store, Arc::new(SystemClock), new).await?;
    let task = tokio::spawn(task.run());
    let bundles = (0..load.writers)
        .map(|writer| Ok(Bundle::parse(posted(load.first + writer, 0, load.bundle).as_bytes())?))
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
