//! What a failure of Postgres means to whoever asked.

use leviathan_core::store::{StoreError, StoreErrorKind};
use sqlx::Error;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use std::fmt::Display;
use std::time::Duration;

/// A failure of what only reads, or of what came before an append was sent: nothing was written.
pub(super) fn nothing_written(what: impl Display, error: Error) -> StoreError {
    let kind = match &error {
        Error::Database(said) if is_damage(said.as_ref()) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Unavailable,
    };
    store_error(kind, what, error)
}

/// A failure of an append that was sent.
///
/// Only the server's word that it undid the statement says that nothing was written. A connection that was lost, at any
/// byte, does not, and neither does the server's word that it ends the session: it may be said in the middle of a commit.
pub(super) fn of_append(events: impl Display, error: Error) -> StoreError {
    let kind = match &error {
        Error::Database(said) if !is_undone(said.as_ref()) => StoreErrorKind::Unknown,
        Error::Database(said) if is_damage(said.as_ref()) => StoreErrorKind::Corrupt,
        // Somebody wrote to the table past the lock; the primary key kept the log whole.
        Error::Database(said) if said.is_unique_violation() => StoreErrorKind::Conflict,
        Error::Database(_) => StoreErrorKind::Unavailable,
        _ => StoreErrorKind::Unknown,
    };
    match kind {
        StoreErrorKind::Unknown => store_error(kind, not_known(events), error),
        _ => store_error(kind, format_args!("{events} were not recorded"), error),
    }
}

/// An append that was sent got no answer in time.
pub(super) fn slow_append(events: impl Display, patience: Duration) -> StoreError {
    slow(StoreErrorKind::Unknown, not_known(events), patience)
}

fn not_known(events: impl Display) -> String {
    format!("it is not known whether {events} were recorded")
}

/// Something took too long.
pub(super) fn slow(kind: StoreErrorKind, what: impl Display, patience: Duration) -> StoreError {
    StoreError::new(kind, format_args!("{what}: Postgres did not answer within {patience:?}"))
}

fn store_error(kind: StoreErrorKind, what: impl Display, error: Error) -> StoreError {
    let hint = match &error {
        Error::Database(said) => said.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::hint),
        _ => None,
    };
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    StoreError::new(kind, format_args!("{what}: {error}{hint}")).with_source(error)
}

/// Whether the server says that the statement failed and the session goes on.
fn is_undone(said: &dyn DatabaseError) -> bool {
    let severity = said.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
    let code = said.code().unwrap_or_default();
    // Poolers tell of a connection that they lost by codes of class 08; 40003 is "statement completion unknown".
    severity == Some(PgSeverity::Error)
        && !code.starts_with("08")
        && !code.starts_with("57P")
        && code != "40003"
}

/// Postgres found its own files damaged.
fn is_damage(said: &dyn DatabaseError) -> bool {
    said.code().is_some_and(|code| code.starts_with("XX00") && code != "XX000")
}
