//! # The event store in Postgres
//!
//! For several writers: any number of processes append to a log and follow it. One database holds any number of logs, each
//! by its name.
//!
//! ```no_run
//! # use leviathan_pg::PgEventStore;
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! let store = PgEventStore::connect("postgres://leviathan@db.example/leviathan?sslmode=verify-full", "radix").await?;
//! # let _ = store;
//! # Ok(())
//! # }
//! ```
//!
//! An append is one round trip to a function of the database, which takes a lock that is the log's own, compares the head
//! with what the caller expects, and inserts. Positions given under that lock become visible in order and without gaps, so
//! a reader that goes on behind the last position it saw misses nothing. `docs/postgres.md` says how it is set up and what
//! happens when a server goes away.

mod ahead;
mod append;
mod export;
mod failure;
mod follow;
mod lent;
mod open_error;
mod read;
mod schema;
mod snapshot_table;
mod snapshots;
mod store;
mod writer;

pub use open_error::OpenError;
pub use schema::migrate;
pub use snapshots::Snapshots;
pub use store::{DEFAULT_PATIENCE, PgEventStore};
