//! `watching`: an executor's watch that is opened anew whenever it ends.

use crate::clock::Clock;
use crate::executor::{Executor, ExecutorError, Observation};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, future};
use std::sync::Arc;
use std::time::Duration;

/// How long to wait before a watch that ended is opened anew.
const PAUSE: Duration = Duration::from_secs(1);

/// An item of a watch that never ends.
pub(super) enum Watched {
    /// A watch begins: what follows is everything held.
    Began,
    /// The executor saw something.
    Seen(Observation),
}

/// Watches for as long as the stream lives.
///
/// A watch is opened only after its `Began` was taken, so that whatever was launched before that is in its opening.
pub(super) fn watching(executor: Arc<dyn Executor>, clock: Arc<dyn Clock>) -> BoxStream<'static, Watched> {
    let pauses = stream::iter([false]).chain(stream::repeat(true));
    pauses
        .then(move |pause| {
            let sleep = pause.then(|| clock.sleep(PAUSE));
            let executor = executor.clone();
            async move {
                future::OptionFuture::from(sleep).await;
                let watch = stream::once(async move { executor.watch() }).flatten();
                stream::once(future::ready(Watched::Began)).chain(seen(watch))
            }
        })
        .flatten()
        .boxed()
}

/// The items of one watch up to its end or its first error.
fn seen(watch: impl Stream<Item = Result<Observation, ExecutorError>>) -> impl Stream<Item = Watched> {
    watch.scan((), |(), item| async move {
        match item {
            Ok(observation) => Some(Watched::Seen(observation)),
            Err(error) => {
                tracing::warn!(%error, "the executor can't be watched for now");
                None
            }
        }
    })
}
