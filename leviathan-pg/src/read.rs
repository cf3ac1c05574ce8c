//! Reading events that are durable.

use super::failure;
use super::lent::Lent;
use bytes::BytesMut;
use futures::TryStreamExt;
use leviathan_core::log::{EventBody, Hash, Head, Position, RecordedEvent};
use leviathan_core::store::{StoreError, StoreErrorKind};
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::{Query, QueryScalar};
use sqlx::{PgPool, Row};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How many bytes of bodies one page holds, give or take an event. A page that ends there is shorter than asked for.
const MAX_PAGE_BYTES: usize = 64 * 1024 * 1024;

/// Bodies share blocks of this many bytes, which costs less than a piece of memory for each of them. Whoever keeps one event
/// keeps its block.
const BLOCK: usize = 64 * 1024;

/// Reads one log.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) log: Arc<str>,
    pub(super) pool: PgPool,
    pub(super) patience: Duration,
}

impl Reader {
    /// The events behind `after`, at most `limit`. Any but the next one is damage.
    pub(super) async fn page(
        &self,
        after: Position,
        limit: NonZeroUsize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let first = after.get().saturating_add(1);
        let last = after.get().saturating_add(limit.get() as u64);
        let bound = |position: u64| i64::try_from(position).unwrap_or(i64::MAX);
        if first > i64::MAX as u64 {
            return Ok(Vec::new());
        }
        let query = sqlx::query(include_str!("sql/read.sql"));
        let query = query.bind(&*self.log).bind(bound(first)).bind(bound(last));
        let events = self.events(query).await?;
        let due = (first..).map(Position::new);
        if let Some((_, due)) = events.iter().zip(due).find(|(event, due)| event.head.position != *due) {
            return Err(self.damaged(due, "it is missing"));
        }
        Ok(events)
    }

    /// The events at positions, in the order asked for.
    pub(super) async fn at(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, StoreError> {
        let asked: Vec<i64> = positions.iter().filter_map(|at| i64::try_from(at.get()).ok()).collect();
        let query = sqlx::query(include_str!("sql/get.sql")).bind(&*self.log).bind(asked);
        let events = self.events(query).await?;
        let found: BTreeMap<_, _> = events.into_iter().map(|event| (event.head.position, event)).collect();
        Ok(positions.iter().filter_map(|at| found.get(at).cloned()).collect())
    }

    /// The last durable event.
    pub(super) async fn head(&self) -> Result<Head, StoreError> {
        let query = sqlx::query_as(include_str!("sql/head.sql")).bind(&*self.log);
        let mut lent = self.lend().await?;
        let row: Option<(i64, Vec<u8>)> =
            self.answer(async { query.fetch_optional(lent.connection()?).await }).await?;
        lent.give_back();
        row.map_or(Ok(Head::EMPTY), |(position, hash)| head_of(&self.log, position, &hash))
    }

    /// Whether the log goes on behind `after`.
    pub(super) async fn has_moved(&self, after: Position) -> Result<bool, StoreError> {
        let Ok(after) = i64::try_from(after.get()) else { return Ok(false) };
        let query: QueryScalar<'_, Postgres, bool, PgArguments> =
            sqlx::query_scalar(include_str!("sql/moved.sql")).bind(&*self.log).bind(after);
        let mut lent = self.lend().await?;
        let moved = self.answer(async { query.fetch_one(lent.connection()?).await }).await?;
        lent.give_back();
        Ok(moved)
    }

    /// Takes rows as they come; each of them may take as long as an answer may.
    async fn events(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut lent = self.lend().await?;
        let connection = lent.connection().map_err(|error| self.failed(error))?;
        let mut rows = query.fetch(connection);
        let (mut events, mut bytes, mut block) = (Vec::new(), 0, BytesMut::new());
        while let Some(row) = self.answer(rows.try_next()).await? {
            let (position, hash, body) = columns(&row).map_err(|error| self.failed(error))?;
            bytes += body.len();
            if block.capacity() < body.len() {
                block = BytesMut::with_capacity(BLOCK.max(body.len()));
            }
            block.extend_from_slice(body);
            let head = head_of(&self.log, position, hash)?;
            events.push(RecordedEvent { head, body: EventBody::seal(block.split().freeze()) });
            if bytes >= MAX_PAGE_BYTES {
                // The rest of the answer goes with its connection.
                return Ok(events);
            }
        }
        drop(rows);
        lent.give_back();
        Ok(events)
    }

    async fn lend(&self) -> Result<Lent, StoreError> {
        Lent::from(&self.pool, self.patience).await.map_err(|error| self.failed(error))
    }

    async fn answer<T>(&self, asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
        match timeout(self.patience, asked).await {
            Ok(answer) => answer.map_err(|error| self.failed(error)),
            Err(_) => Err(failure::slow(StoreErrorKind::Unavailable, self.unreadable(), self.patience)),
        }
    }

    fn failed(&self, error: sqlx::Error) -> StoreError {
        match error {
            sqlx::Error::PoolTimedOut => failure::slow(
                StoreErrorKind::Unavailable,
                format_args!("{}: no connection was free or could be opened", self.unreadable()),
                self.patience,
            ),
            error => failure::nothing_written(self.unreadable(), error),
        }
    }

    fn unreadable(&self) -> String {
        format!("the log {:?} can't be read", self.log)
    }

    fn damaged(&self, position: Position, what: &str) -> StoreError {
        damaged(&self.log, position, what)
    }
}

fn columns(row: &PgRow) -> Result<(i64, &[u8], &[u8]), sqlx::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

/// A head as the database keeps it.
pub(super) fn head_of(log: &str, position: i64, hash: &[u8]) -> Result<Head, StoreError> {
    let position = Position::new(position.cast_unsigned());
    let hash = hash.try_into().map_err(|_| damaged(log, position, "its hash is none"))?;
    Ok(Head { position, hash: Hash::from_bytes(hash) })
}

fn damaged(log: &str, position: Position, what: &str) -> StoreError {
    let message = format_args!("the log {log:?} is damaged at position {position}: {what}");
    StoreError::new(StoreErrorKind::Corrupt, message)
}
