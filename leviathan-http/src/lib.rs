//! # Leviathan over HTTP
//!
//! The control plane's API. The `server` feature has [`server::router`], which puts a ledger and an
//! artifact store behind HTTP. [`view`] has the JSON that goes between them, and [`Problem`] is how the server says that something went wrong.

mod problem;
#[cfg(feature = "server")]
pub mod server;
pub mod view;

pub use problem::Problem;
