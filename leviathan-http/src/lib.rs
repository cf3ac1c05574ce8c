//! # Leviathan over HTTP
//!
//! The control plane's API and its client. The `server` feature has [`server::router`], which puts a ledger and an
//! artifact store behind HTTP; the `client` feature has [`client::ControlPlane`], through which workers report.
//! [`view`] has the JSON that goes between them, and [`Problem`] is how either says that something went wrong.

#[cfg(feature = "client")]
pub mod client;
mod problem;
#[cfg(feature = "server")]
pub mod server;
pub mod view;

pub use problem::Problem;
