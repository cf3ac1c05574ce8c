//! `ReadAhead`: has the next page fetched and hashed while the reader works on this one.

use super::read::Reader;
use leviathan_core::log::{Position, RecordedEvent};
use leviathan_core::store::StoreError;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;

type Page = Result<Vec<RecordedEvent>, StoreError>;

/// For whoever reads a log from one end to the other: a second full page right behind the first starts it.
///
/// Events never change, so a page that was full when it was read is what a later question would get. One that was not is
/// thrown away, and asked for again. At most one page is held, of the size that the reader asks for.
#[derive(Debug, Default)]
pub(super) struct ReadAhead(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Where the last full page ended.
    end: Option<Position>,
    next: Option<Next>,
}

#[derive(Debug)]
struct Next {
    after: Position,
    limit: NonZeroUsize,
    page: JoinHandle<Page>,
}

impl ReadAhead {
    /// As [`Reader::page`].
    pub(super) async fn page(&self, reader: &Arc<Reader>, after: Position, limit: NonZeroUsize) -> Page {
        let page = match self.take(after, limit).await {
            Some(page) => page,
            None => reader.page(after, limit).await?,
        };
        if page.len() == limit.get()
            && let Some(last) = page.last()
        {
            self.go_on(reader, after, last.head.position, limit);
        }
        Ok(page)
    }

    /// The page that was read ahead, if it is this one, and full.
    async fn take(&self, after: Position, limit: NonZeroUsize) -> Option<Vec<RecordedEvent>> {
        let next = self.state().next.take_if(|next| next.after == after && next.limit == limit)?;
        next.page.await.ok()?.ok().filter(|page| page.len() == limit.get())
    }

    fn go_on(&self, reader: &Arc<Reader>, after: Position, end: Position, limit: NonZeroUsize) {
        let mut state = self.state();
        if state.end.replace(end) == Some(after) {
            let reader = reader.clone();
            let page = tokio::spawn(async move { reader.page(end, limit).await });
            if let Some(unread) = state.next.replace(Next { after: end, limit, page }) {
                unread.page.abort();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
