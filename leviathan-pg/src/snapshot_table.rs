//! `SnapshotTable`: the snapshots of one log, as the database keeps them.

use super::failure;
use super::lent::Lent;
use super::read::Reader;
use futures::TryStreamExt;
use leviathan_core::graph::PROJECTION_VERSION;
use leviathan_core::log::Position;
use leviathan_core::store::{StoreError, StoreErrorKind};
use sqlx::{Acquire, Error};
use std::sync::Arc;
use tokio::time::timeout;

/// How many bytes of a snapshot stand in one row.
const PART: usize = 4 * 1024 * 1024;

/// Keeps the newest snapshot that programs of this projection made.
#[derive(Debug, Clone)]
pub(super) struct SnapshotTable(pub(super) Arc<Reader>);

impl SnapshotTable {
    /// The bytes of the newest one.
    pub(super) async fn newest(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut lent = self.lend().await?;
        let query = sqlx::query_scalar(include_str!("sql/snapshot.sql"))
            .bind(&*self.0.log)
            .bind(i64::from(PROJECTION_VERSION));
        let mut parts = query.fetch(lent.connection().map_err(|error| self.failed(error))?);
        let mut bytes: Option<Vec<u8>> = None;
        while let Some(part) = self.answer(parts.try_next()).await? {
            let part: Vec<u8> = part;
            match &mut bytes {
                Some(bytes) => bytes.extend_from_slice(&part),
                None => bytes = Some(part),
            }
        }
        drop(parts);
        lent.give_back();
        Ok(bytes)
    }

    /// Where the newest one was made.
    pub(super) async fn position(&self) -> Result<Position, StoreError> {
        let mut lent = self.lend().await?;
        let query = sqlx::query_scalar(include_str!("sql/snapshot_position.sql"))
            .bind(&*self.0.log)
            .bind(i64::from(PROJECTION_VERSION));
        let position: Option<i64> = self.answer(async { query.fetch_one(lent.connection()?).await }).await?;
        lent.give_back();
        Ok(position.map_or(Position::START, |position| Position::new(position.cast_unsigned())))
    }

    /// Puts one in the place of those that were made before it, whole or not at all.
    pub(super) async fn keep(&self, position: Position, bytes: &[u8]) -> Result<(), StoreError> {
        let mut lent = self.lend().await?;
        let connection = lent.connection().map_err(|error| self.failed(error))?;
        let mut transaction = self.answer(connection.begin()).await?;
        let (log, projection) = (&*self.0.log, i64::from(PROJECTION_VERSION));
        let position = position.get().cast_signed();
        for (nth, part) in (0_i32..).zip(bytes.chunks(PART)) {
            let insert = sqlx::query(include_str!("sql/keep_snapshot.sql"));
            let insert = insert.bind(log).bind(projection).bind(position).bind(nth).bind(part);
            self.answer(insert.execute(&mut *transaction)).await?;
        }
        let drop_older = sqlx::query(include_str!("sql/drop_snapshots.sql"));
        let drop_older = drop_older.bind(log).bind(projection).bind(position);
        self.answer(drop_older.execute(&mut *transaction)).await?;
        self.answer(transaction.commit()).await?;
        lent.give_back();
        Ok(())
    }

    async fn lend(&self) -> Result<Lent, StoreError> {
        Lent::from(&self.0.pool, self.0.patience).await.map_err(|error| self.failed(error))
    }

    async fn answer<T>(&self, asked: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        match timeout(self.0.patience, asked).await {
            Ok(answer) => answer.map_err(|error| self.failed(error)),
            Err(_) => Err(failure::slow(StoreErrorKind::Unavailable, self.what(), self.0.patience)),
        }
    }

    fn failed(&self, error: Error) -> StoreError {
        failure::nothing_written(self.what(), error)
    }

    fn what(&self) -> String {
        format!("the snapshots of the log {:?} can't be used", self.0.log)
    }
}
