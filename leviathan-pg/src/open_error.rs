//! `OpenError`: why a log could not be opened.

use std::time::Duration;

/// Why a [`PgEventStore`](crate::PgEventStore) could not be opened. No text of it holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is none that says where a Postgres server is.
    #[error("not a URL of a Postgres server, as postgres://user@host/database: {0}")]
    BadUrl(String),
    /// A log's name has 1 to 200 bytes and no U+0000.
    #[error("{0:?} can't be the name of a log: 1 to 200 bytes, without U+0000")]
    BadName(String),
    /// The server did not let us in, or is not there.
    #[error("Postgres can't be reached: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server took too long.
    #[error("Postgres did not answer within {0:?}")]
    Slow(Duration),
    /// The database was made by a newer program: use that one.
    #[error(
        "the database has version {found} of Leviathan's schema, and this program knows versions up to {known}: \
         use a newer program"
    )]
    SchemaNewer {
        /// The newest version there.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A migration that was run is not the one that this program has.
    #[error(
        "version {0} of Leviathan's schema in the database is not the one that this program knows; \
         restore the schema, or use the program that made it"
    )]
    SchemaChanged(i64),
    /// The schema is missing or old, and could not be made.
    #[error(
        "Leviathan's schema could not be brought to version {version}; run the migrations as the role that owns it, or \
         that may create it: {source}"
    )]
    Migration {
        /// The version that this program needs.
        version: i64,
        /// What the server said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
