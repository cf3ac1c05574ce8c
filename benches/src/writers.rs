//! `measure`: writers that each wait for their bundle, for a while.

use crate::Rate;
use std::error::Error;
use std::time::{Duration, Instant};

/// What a bench comes to, or why it could not be measured.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Who writes what, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many write at once.
    pub writers: usize,
    /// Events in each bundle.
    pub bundle: usize,
    /// How long they write.
    pub time: Duration,
    /// The number of the first writer, which tells the events of several processes apart.
    pub first: usize,
}

/// Runs the writers. `write` makes one, by its number.
///
/// # Errors
/// The first of a writer's.
pub async fn measure<F>(load: Load, write: impl Fn(usize) -> F) -> Outcome<Rate>
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
pub trait AsyncWrite: Send + 'static {
    /// Has one bundle written, and waits until it is.
    fn write(&mut self, number: usize) -> impl Future<Output = Outcome<()>> + Send;
}
