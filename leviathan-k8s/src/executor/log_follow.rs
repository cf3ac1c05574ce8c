//! `LogFollow`: a log that is read while its worker writes it.

use super::backoff::Backoff;
use super::capture::Capture;
use super::cluster::Cluster;
use super::log::read_into;
use super::log_failure::LogFailure;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// How long to wait, at least, before a log is followed again. One that ended did so with its worker, which the pod's status
/// says about a second later; if it does not, the log ended for another reason. And one that broke off may have done so with
/// all others: their requests must not hold up those for everything else.
const AGAIN: Duration = Duration::from_secs(5);

/// A log that is read while its worker writes it, until this is dropped.
#[derive(Debug)]
pub(super) struct LogFollow {
    task: JoinSet<Followed>,
    worker_ended: oneshot::Sender<()>,
}

/// What was read of a log while its worker ran.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) capture: Capture,
    /// Whether it came to an end, or why not.
    pub(super) ended: Result<(), LogFailure>,
}

impl LogFollow {
    pub(super) fn begin(cluster: &Cluster, pod: String, limit: usize) -> Self {
        let (worker_ended, has_ended) = oneshot::channel();
        let mut task = JoinSet::new();
        task.spawn(follow(cluster.clone(), pod, limit, has_ended));
        Self { task, worker_ended }
    }

    /// What was read, now that the worker has ended. That is waited for no longer than one answer may take.
    pub(super) async fn finish(mut self) -> Option<Followed> {
        drop(self.worker_ended);
        self.task.join_next().await?.ok()
    }
}

async fn follow(
    cluster: Cluster,
    pod: String,
    limit: usize,
    mut worker_ended: oneshot::Receiver<()>,
) -> Followed {
    let (mut capture, mut backoff) = (Capture::new(limit), Backoff::default());
    loop {
        let (ended, is_over) = {
            let mut reading = pin!(read(&cluster, &pod, &mut capture));
            tokio::select! {
                ended = &mut reading => (ended, false),
                _ = &mut worker_ended => {
                    let ended = timeout(cluster.call_timeout, reading).await;
                    (ended.unwrap_or_else(|_| Err(LogFailure::broken("it did not come to its end"))), true)
                }
            }
        };
        if is_over || ended.as_ref().is_err_and(|failure| !failure.is_passing) {
            return Followed { capture, ended };
        }
        let asked_for = ended.as_ref().map_or_else(|failure| failure.retry_after, |()| Duration::ZERO);
        let pause = backoff.after(None, Instant::now()).max(AGAIN).max(asked_for);
        tokio::select! {
            () = sleep(pause) => {}
            _ = &mut worker_ended => return Followed { capture, ended },
        }
    }
}

/// A worker may be silent for as long as it runs, also before its first word.
async fn read(cluster: &Cluster, pod: &str, capture: &mut Capture) -> Result<(), LogFailure> {
    let log = cluster.follow_log(pod).await.map_err(LogFailure::of)?;
    read_into(capture, log, None).await
}
