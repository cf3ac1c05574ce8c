//! `measure`: writers that each wait for their bundle, for a while.

use crate::Outcome;
use leviathan_benches::Rate;
use std::error::Error;
use std::time::{Duration, Instant};

/// Who writes what, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) writers: usize,
    /// Events in each bundle.
    pub(crate) bundle: usize,
    pub(crate) time: Duration,
    /// The number of the first writer, which tells the events of several processes apart.
    pub(crate) first: usize,
}

/// Runs the writers. `write` makes one, by its number.
pub(crate) async fn measure<F>(load: Load, write: impl Fn(usize) -> F) -> Outcome<Rate>
where
    F: AsyncWrite,
{
    let start = Instant::now();
    let run = move |mut writer: F| async move {
        let mut acknowledged = 0;
        for number in 0.. {
            if start.elapsed() >= load.time {
                break;
            }
            writer.write(number).await?;
            acknowledged += load.bundle;
        }
        Ok::<_, Box<dyn Error + Send + Sync>>(acknowledged)
    };
    let writers: Vec<_> = (0..load.writers).map(|writer| tokio::spawn(run(write(writer)))).collect();
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await??;
    }
    Ok(Rate::of(acknowledged, start.elapsed()))
}

/// One writer.
pub(crate) trait AsyncWrite: Send + 'static {
    fn write(&mut self, number: usize) -> impl Future<Output = Outcome<()>> + Send;
}
