//! `PgEventStore`: the store itself.

use super::ahead::ReadAhead;
use super::append::Append;
use super::read::Reader;
use super::writer::{Answer, Writer};
use super::{OpenError, export, failure, follow, schema};
use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use leviathan_core::log::{Hash, Head, Position, RecordedEvent, SealedEvent};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::timeout;

/// How long Postgres may take to answer, unless [`PgEventStore::with_patience`] says otherwise.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(10);

/// Connections to read by, at most, where the store makes the pool.
const READERS: u32 = 8;

/// A log in a Postgres database, for any number of processes; the [crate](crate) says how it is kept.
///
/// It reads by a pool, and appends by one connection of its own, which is opened with the pool's options. Every wait has an
/// end: see [`with_patience`](Self::with_patience). After a failure the next call opens what it needs anew.
///
/// An append that was begun is seen to its end even if its caller goes away. When its answer is lost it is `Unknown`;
/// [`settled`](EventStore::settled) then finds out, and sees to it that what is still on its way comes too late.
///
/// Use it within the Tokio runtime that it was opened in.
#[derive(Clone)]
pub struct PgEventStore {
    reader: Arc<Reader>,
    ahead: Arc<ReadAhead>,
    writer: Arc<Mutex<Writer>>,
    /// The furthest head that this store knows to be durable.
    seen: Arc<watch::Sender<Head>>,
}

impl PgEventStore {
    /// Opens the log `log_name` in the database that `url` names, as `postgres://user:password@host/database`; what is
    /// missing in it comes from the variables that `psql` reads too. TLS as `sslmode` says, which is `prefer` by default;
    /// use `verify-full` over a network.
    ///
    /// The schema is made, or brought up to date, if need be; a log that nobody appended to yet is empty.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn connect(url: &str, log_name: &str) -> Result<Self, OpenError> {
        let options: PgConnectOptions =
            url.parse().map_err(|error: sqlx::Error| OpenError::BadUrl(error.to_string()))?;
        let pool = PgPoolOptions::new().max_connections(READERS).acquire_timeout(DEFAULT_PATIENCE);
        Self::with_pool(pool.connect_lazy_with(options), log_name).await
    }

    /// Opens a log by a pool of the host, which may be shared with others. The store appends and migrates by connections
    /// that it opens with the pool's connect options, so what a role needs to have set belongs there, or to the role.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn with_pool(pool: PgPool, log_name: &str) -> Result<Self, OpenError> {
        if !(1..=200).contains(&log_name.len()) || log_name.contains('\0') {
            return Err(OpenError::BadName(log_name.to_owned()));
        }
        schema::bring_up_to_date(&pool.connect_options()).await?;
        Ok(Self::over(pool, log_name.into(), DEFAULT_PATIENCE, watch::Sender::new(Head::EMPTY)))
    }

    /// The same log, with another patience: how long to wait for a connection, and then for an answer, or for the next of
    /// many rows. Postgres itself waits at most 5 s for an append of somebody else to end.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        let seen = watch::Sender::new(*self.seen.borrow());
        Self::over(self.reader.pool.clone(), self.reader.log.clone(), patience, seen)
    }

    fn over(pool: PgPool, log: Arc<str>, patience: Duration, seen: watch::Sender<Head>) -> Self {
        let writer = Writer::new(log.clone(), pool.connect_options(), patience);
        Self {
            reader: Arc::new(Reader { log, pool, patience }),
            ahead: Arc::default(),
            writer: Arc::new(Mutex::new(writer)),
            seen: Arc::new(seen),
        }
    }

    /// The log's name.
    pub fn log_name(&self) -> &str {
        &self.reader.log
    }

    /// The last durable event.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub async fn head(&self) -> Result<Head, StoreError> {
        let head = self.reader.head().await?;
        self.has_seen(head);
        Ok(head)
    }

    /// The log behind `after` in its verifiable form, a line in each item, as far as it goes now. It is read in pages, and
    /// nothing is held in between: whoever takes the lines slowly is in nobody's way.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`; in the stream too, which ends there.
    pub async fn export(
        &self,
        after: Position,
    ) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + use<>, StoreError> {
        Ok(export::lines(self.reader.clone(), after, self.head().await?))
    }

    /// How it reads, for what else stands beside the log.
    pub(super) fn reader(&self) -> Arc<Reader> {
        self.reader.clone()
    }

    /// Has the writer do something when it is this caller's turn. From there on it is done on a task of its own, and so
    /// to its end even if nobody waits for it.
    async fn write<T, F>(
        &self,
        work: impl FnOnce(Self, OwnedMutexGuard<Writer>) -> F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let patience = self.reader.patience;
        let Ok(turn) = timeout(patience, self.writer.clone().lock_owned()).await else {
            let what =
                format_args!("the writer of the log {:?} is busy, nothing was written", self.log_name());
            return Err(failure::slow(StoreErrorKind::Unavailable, what, patience));
        };
        let ended = |error| {
            let what = format_args!("the runtime ended before Postgres answered: {error}");
            StoreError::new(StoreErrorKind::Unknown, what).with_source(error)
        };
        tokio::spawn(work(self.clone(), turn)).await.unwrap_or_else(|error| Err(ended(error)))
    }

    fn has_seen(&self, head: Head) {
        self.seen.send_if_modified(|seen| {
            let further = head.position > seen.position;
            if further {
                *seen = head;
            }
            further
        });
    }

    /// What it means that the log ends elsewhere than expected.
    /// `seen` was durable before the append was sent.
    fn mismatch(&self, expected: &Head, found: &Head, seen: &Head) -> StoreError {
        let is_other = found.position == seen.position && found.hash != seen.hash;
        if found.position >= seen.position && !is_other {
            return StoreError::conflict(expected, found);
        }
        let message = format_args!(
            "the log {:?} ends at {found}, but it was seen to go on to {seen}: the database has lost what it had \
             acknowledged, as a replica does that was behind when it took over, or a backup that was restored",
            self.log_name()
        );
        StoreError::new(StoreErrorKind::Corrupt, message)
    }
}

#[async_trait]
impl EventStore for PgEventStore {
    async fn append(&self, head: &Head, events: &[SealedEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let append = Append::new(head, events)?;
        let send = async move |store: Self, mut writer: OwnedMutexGuard<Writer>| {
            let seen = *store.seen.borrow();
            match writer.append(&append).await? {
                Answer::Appended => {
                    store.has_seen(append.last);
                    Ok(())
                }
                Answer::Found(found) => Err(store.mismatch(&append.head, &found, &seen)),
            }
        };
        self.write(send).await
    }

    async fn read(&self, after: Position, limit: NonZeroUsize) -> Result<Vec<RecordedEvent>, StoreError> {
        let events = self.ahead.page(&self.reader, after, limit).await?;
        events.last().into_iter().for_each(|event| self.has_seen(event.head));
        Ok(events)
    }

    async fn get(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        self.reader.at(positions).await
    }

    async fn settled(&self, at: Position) -> Result<Option<Hash>, StoreError> {
        self.write(async move |_, mut writer: OwnedMutexGuard<Writer>| writer.settle(at).await).await
    }

    async fn changed(&self, after: Position) -> Result<(), StoreError> {
        follow::changed(&self.reader, self.seen.subscribe(), after).await
    }
}

/// Says neither where the server is nor who asks: both stand beside a password.
impl fmt::Debug for PgEventStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgEventStore")
            .field("log_name", &self.log_name())
            .field("seen", &*self.seen.borrow())
            .field("patience", &self.reader.patience)
            .finish_non_exhaustive()
    }
}
