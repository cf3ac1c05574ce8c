//! # Leviathan over HTTP
//!
//! The control plane's API and its client. The `server` feature has [`server::router`], which puts a ledger and an
//! artifact store behind HTTP; the `client` feature has [`client::ControlPlane`], through which workers report.
//! [`checkpoint`] (a feature that `server` brings) signs and checks where the log stood. [`view`] has the JSON that goes
//! between them, and [`Problem`] is how either says that something went wrong. A [`TokenKey`] signs the tokens by which
//! workers speak for their attempts, and checks them.

#[cfg(feature = "checkpoint")]
pub mod checkpoint;
#[cfg(feature = "client")]
pub mod client;
mod problem;
#[cfg(feature = "server")]
pub mod server;
mod token_key;
pub mod view;

pub use problem::Problem;
pub use token_key::{BadToken, BadTokenKey, TokenKey};
