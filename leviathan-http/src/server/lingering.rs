//! Reading on after a refusal, so that it arrives.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long a body is read on that nobody wants any more.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of it is read at most.
const MOST: usize = 64 * 1024 * 1024;

/// A request's body that is read to its end even when its reader has seen enough.
///
/// A connection that is closed while its peer still sends is reset, and then the peer may never see the answer that says
/// why. So what is left of a refused body is read and thrown away, within bounds, while the answer goes out.
///
/// A peer that waits to be told `100 Continue` sends nothing before, so there is nothing to read on for either.
struct Lingering {
    body: Option<BodyDataStream>,
    held_back: bool,
}

/// Lets the rest of the API leave bodies unread.
pub(super) async fn read_on(request: Request, next: Next) -> Response {
    let held_back = request.headers().contains_key(header::EXPECT);
    let linger = |body: Body| Body::from_stream(Lingering { body: Some(body.into_data_stream()), held_back });
    next.run(request.map(linger)).await
}

impl Stream for Lingering {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.held_back = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let chunk = body.poll_next_unpin(context);
        if matches!(chunk, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        chunk
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let (Some(body), false) = (self.body.take(), self.held_back) else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(timeout(PATIENCE, throw_away(body)));
    }
}

async fn throw_away(mut body: BodyDataStream) {
    let mut read = 0;
    while let Some(Ok(chunk)) = body.next().await {
        read += chunk.len();
        if read > MOST {
            return;
        }
    }
}
