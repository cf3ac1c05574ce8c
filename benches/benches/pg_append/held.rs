//! `held`: appending while somebody keeps a snapshot of the database open, as a long report or a forgotten session does.

use crate::store::store;
use leviathan_benches::{Load, Outcome, Rate};
use leviathan_test_postgres::Server;
use sqlx::{Connection, PgConnection};

/// The rates without and with an open snapshot, on two new databases, one after the other.
pub(crate) async fn held(server: &Server, load: Load) -> Outcome<(Rate, Rate)> {
    let without = store(&server.new_database()?, load).await?;
    let url = server.new_database()?;
    let mut holder = PgConnection::connect(&url).await?;
    sqlx::raw_sql("begin isolation level repeatable read; select 1").execute(&mut holder).await?;
    let with = store(&url, load).await?;
    sqlx::raw_sql("commit").execute(&mut holder).await?;
    holder.close().await?;
    Ok((without, with))
}
