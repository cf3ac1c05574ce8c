//! The schema: is it the one that this program knows, and if not, make it so.

use crate::OpenError;
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, PgPool};
use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::timeout;

/// How long making the schema may take, other processes that do the same included. Version 3 writes every event anew.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The migrations, recorded in our own schema: the database may hold another program's too.
static MIGRATOR: LazyLock<Migrator> =
    LazyLock::new(|| Migrator { table_name: Cow::Borrowed("leviathan.migrations"), ..sqlx::migrate!() });

/// How the database's schema stands to ours.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Current,
    Older,
}

/// Brings the schema in the database of `pool` to the version that this program needs, which opening a store does by
/// itself. It is for those who let an owner's role migrate and the program run as another.
///
/// Any number of processes may do it at once. If there is nothing to do, reading the schema is all that it needs.
///
/// # Errors
/// [`OpenError`].
pub async fn migrate(pool: &PgPool) -> Result<(), OpenError> {
    bring_up_to_date(&pool.connect_options()).await
}

/// On a connection of its own, since it locks the session: closing it frees the lock however it went.
pub(super) async fn bring_up_to_date(options: &PgConnectOptions) -> Result<(), OpenError> {
    let work = async {
        let mut connection = options.connect().await.map_err(|error| OpenError::Unreachable(error.into()))?;
        if standing(&mut connection).await? == Standing::Older {
            apply(&mut connection).await?;
        }
        // It has done its work, and the server notices either way.
        let _ = connection.close().await;
        Ok(())
    };
    timeout(PATIENCE, work).await.unwrap_or(Err(OpenError::Slow(PATIENCE)))
}

/// Compares without changing anything, so that a role that may only read finds out too.
async fn standing(connection: &mut PgConnection) -> Result<Standing, OpenError> {
    let there = sqlx::query_scalar("select to_regclass('leviathan.migrations') is not null");
    if !there.fetch_one(&mut *connection).await.map_err(failed)? {
        return Ok(Standing::Older);
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as(include_str!("sql/migrations.sql")).fetch_all(connection).await.map_err(failed)?;
    for (version, checksum) in &applied {
        match MIGRATOR.iter().find(|ours| ours.version == *version) {
            None => return Err(newer(applied.iter().map(|(version, _)| *version).max().unwrap_or(*version))),
            Some(ours) if *ours.checksum != **checksum => return Err(OpenError::SchemaChanged(*version)),
            Some(_) => {}
        }
    }
    Ok(if applied.len() == MIGRATOR.iter().count() { Standing::Current } else { Standing::Older })
}

async fn apply(connection: &mut PgConnection) -> Result<(), OpenError> {
    // The migrator takes the same lock again; the schema that it keeps its table in is made under it too.
    connection.lock().await.map_err(refused)?;
    let there: bool = sqlx::query_scalar("select to_regnamespace('leviathan') is not null")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if !there {
        sqlx::query("create schema leviathan").execute(&mut *connection).await.map_err(failed)?;
    }
    MIGRATOR.run_direct(None, connection, false).await.map_err(refused)?;
    tracing::info!(version = known(), "made Leviathan's schema");
    Ok(())
}

/// The version that this program needs.
fn known() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn newer(found: i64) -> OpenError {
    OpenError::SchemaNewer { found, known: known() }
}

fn failed(error: sqlx::Error) -> OpenError {
    OpenError::Migration { version: known(), source: error.into() }
}

fn refused(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(found) => newer(found),
        MigrateError::VersionMismatch(version) => OpenError::SchemaChanged(version),
        error => OpenError::Migration { version: known(), source: error.into() },
    }
}
