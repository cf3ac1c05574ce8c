//! `Lent`: a connection of the pool for one request.

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use sqlx::{PgPool, Postgres};
use std::time::Duration;
use tokio::time::timeout;

/// Goes back into the pool only when its request was answered whole. Else it is closed: who would use it next might wait
/// for an answer that never comes.
#[derive(Debug)]
pub(super) struct Lent(Option<PoolConnection<Postgres>>);

impl Lent {
    /// Takes one out of the pool.
    pub(super) async fn from(pool: &PgPool, patience: Duration) -> Result<Self, sqlx::Error> {
        let connection = timeout(patience, pool.acquire()).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        Ok(Self(Some(connection)))
    }

    /// The connection.
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.0.as_deref_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Its request was answered whole.
    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}
