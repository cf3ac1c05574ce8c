//! `Follower`: sends one client what comes, for as long as it takes it.

use super::streams::Streams;
use crate::Problem;
use crate::server::Stopping;
use crate::server::refuse::UNAVAILABLE;
use bytes::Bytes;
use leviathan_core::Ledger;
use leviathan_core::log::Position;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

/// How long a stream is silent at most.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// One client that follows the log.
pub(super) struct Follower {
    pub(super) ledger: Ledger,
    pub(super) streams: Streams,
    pub(super) after: Position,
    pub(super) out: mpsc::Sender<Bytes>,
    pub(super) _place: OwnedSemaphorePermit,
}

/// Why a stream ends.
enum End {
    /// The client went away.
    Gone,
    /// The client is to know.
    Problem(Problem),
}

impl Follower {
    /// Sends until the client is gone or too slow, the server stops, or the log cannot be read. Gives what the client is
    /// told last, if it is still there.
    pub(super) async fn run(mut self, stopping: Option<Stopping>) -> Option<Bytes> {
        let stopped = async {
            match stopping {
                Some(stopping) => stopping.told().await,
                None => std::future::pending().await,
            }
        };
        let end = tokio::select! {
            () = stopped => End::Problem(UNAVAILABLE.because("the control plane stops; come again with Last-Event-ID")),
            end = self.follow() => match end {
                Err(end) => end,
                Ok(never) => match never {},
            },
        };
        match end {
            End::Gone => None,
            End::Problem(problem) => Some(last_word(&problem)),
        }
    }

    async fn follow(&mut self) -> Result<Infallible, End> {
        self.send(Bytes::from_static(b"retry: 1000\n\n")).await?;
        loop {
            if let Some(piece) =
                self.streams.tail.behind(&self.ledger, self.after).await.map_err(End::Problem)?
            {
                self.send(piece.text).await?;
                self.after = piece.last;
                continue;
            }
            if let Some(why) = self.ledger.stopped() {
                return Err(End::Problem(UNAVAILABLE.because(format_args!("the ledger has stopped: {why}"))));
            }
            let moved = tokio::select! {
                moved = timeout(HEARTBEAT, self.ledger.moved_past(self.after)) => moved,
                () = self.out.closed() => return Err(End::Gone),
            };
            if moved.is_err() {
                self.send(Bytes::from_static(b": all is well\n\n")).await?;
            }
        }
    }

    async fn send(&self, text: Bytes) -> Result<(), End> {
        let patience = self.streams.patience;
        match timeout(patience, self.out.send(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Problem(UNAVAILABLE.because(format_args!(
                "this stream was not read for {patience:?}; come again with Last-Event-ID, nothing is lost"
            )))),
        }
    }
}

/// An event of its own kind, without an `id`, so that the client still knows how far it came.
fn last_word(problem: &Problem) -> Bytes {
    // Text and numbers: serde_json refuses none of these.
    let json = serde_json::to_string(problem).unwrap_or_default();
    format!("event: error\ndata: {json}\n\n").into()
}
