//! Throwaway Postgres servers for tests and benches.
//!
//! [`Server::start`] makes one of its own, in a temporary folder, on a free port of this machine. It is stopped and removed
//! when it is dropped, and also when this process ends in any other way, by a signal too. [`Server::shared`] is one for the
//! whole process, or the one that `LEVIATHAN_TEST_POSTGRES_URL` names.
//!
//! As root the server runs as `postgres` or `nobody`, since Postgres refuses to run as root.

mod account;
mod error;
mod keeper;
mod programs;
mod server;
mod url;

pub use error::ServerError;
pub use server::{Server, Stop};
