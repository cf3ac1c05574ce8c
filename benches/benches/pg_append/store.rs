//! `store`: what waits goes out as one append, of at most so many events, to the log in Postgres.

use bytes::Bytes;
use leviathan_benches::{AsyncWrite, Load, Outcome, Rate, bodies, measure};
use leviathan_core::log::{EventBody, Head, SealedEvent};
use leviathan_core::store::{EventStore, StoreErrorKind};
use leviathan_pg::PgEventStore;
use tokio::sync::{mpsc, oneshot};

const MAX_BATCH: usize = 4096;

type Waiting = (Vec<EventBody>, oneshot::Sender<()>);

struct Store {
    queue: mpsc::Sender<Waiting>,
    bodies: Vec<Bytes>,
}

impl AsyncWrite for Store {
    async fn write(&mut self, _: usize) -> Outcome<()> {
        let sealed = self.bodies.iter().cloned().map(EventBody::seal).collect();
        let (done, answer) = oneshot::channel();
        self.queue.send((sealed, done)).await?;
        Ok(answer.await?)
    }
}

/// Turns what waits into one append, again and again.
async fn append_batches(store: PgEventStore, mut bundles: mpsc::Receiver<Waiting>) -> Outcome<()> {
    let mut head = Head::EMPTY;
    while let Some((mut bodies, done)) = bundles.recv().await {
        let mut waiting = vec![done];
        while bodies.len() < MAX_BATCH {
            let Ok((more, done)) = bundles.try_recv() else { break };
            bodies.extend(more);
            waiting.push(done);
        }
        head = append(&store, head, &bodies).await?;
        for done in waiting {
            // A writer whose time is up does not listen.
            let _ = done.send(());
        }
    }
    Ok(())
}

/// Appends behind `head`, or behind what another process has appended meanwhile, and gives the new head.
async fn append(store: &PgEventStore, mut head: Head, bodies: &[EventBody]) -> Outcome<Head> {
    loop {
        let events = SealedEvent::chain(head, bodies.iter().cloned());
        match store.append(&head, &events).await {
            Ok(()) => return Ok(events.last().map_or(head, |event| event.head)),
            Err(error) if error.kind() == StoreErrorKind::Conflict => head = store.head().await?,
            Err(error) => return Err(error.into()),
        }
    }
}

pub(crate) async fn store(url: &str, load: Load) -> Outcome<Rate> {
    let (queue, bundles) = mpsc::channel(load.writers);
    let appender = tokio::spawn(append_batches(PgEventStore::connect(url, "store").await?, bundles));
    let writer = |writer: usize| Store {
        queue: queue.clone(),
        bodies: bodies((load.first + writer) * 1_000_000, load.bundle),
    };
    let rate = measure(load, writer).await;
    drop(queue);
    appender.await??;
    rate
}
