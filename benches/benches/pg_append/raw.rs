//! `raw`: the yardstick. Each writer has a connection of its own and inserts each bundle by one statement, without any hash
//! and without any order.

use bytes::Bytes;
use leviathan_benches::{AsyncWrite, Load, Outcome, Rate, bodies, measure};
use sqlx::postgres::PgPoolOptions;

struct Raw {
    pool: sqlx::PgPool,
    bodies: Vec<Bytes>,
}

impl AsyncWrite for Raw {
    async fn write(&mut self, _: usize) -> Outcome<()> {
        let bodies: Vec<&[u8]> = self.bodies.iter().map(Bytes::as_ref).collect();
        let insert = sqlx::query("insert into raw (body) select body from unnest($1) as event (body)");
        insert.bind(bodies).execute(&self.pool).await?;
        Ok(())
    }
}

pub(crate) async fn raw(url: &str, load: Load) -> Outcome<Rate> {
    let writers = u32::try_from(load.writers)?;
    // No question before each statement whether the connection is there.
    let options =
        PgPoolOptions::new().min_connections(writers).max_connections(writers).test_before_acquire(false);
    let pool = options.connect(url).await?;
    let table =
        "create table raw (position bigint generated always as identity primary key, body bytea not null)";
    sqlx::query(table).execute(&pool).await?;
    let writer = |writer: usize| Raw { pool: pool.clone(), bodies: bodies(writer * 1_000_000, load.bundle) };
    let rate = measure(load, writer).await;
    pool.close().await;
    rate
}
