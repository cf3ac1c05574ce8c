//! The server: a ledger and an artifact store behind HTTP.
//!
//! Handlers are thin: they read what was asked, give it to the ledger as a command or look at the graph, and answer.
//! Who may ask is judged before them, and before a body is read; whatever goes wrong is a [`Problem`](crate::Problem).

mod artifact_part;
mod artifacts;
mod asked;
mod attempts;
mod auth;
mod bearer;
mod bundle_body;
mod bundle_room;
mod caller;
mod digest;
mod events;
mod health;
mod ingest;
mod lingering;
mod lists;
mod metrics;
mod named;
mod openapi;
mod orders;
mod places;
mod refusals;
mod refuse;
mod role;
mod router;
mod serve;
mod state;
mod stopping;
mod summary;
mod time_limit;
mod tokens;
mod unread;
mod webhook;

pub use caller::Caller;
pub use metrics::{MeteredStore, Metrics};
pub use role::Role;
pub use router::router;
pub use serve::{SHUTDOWN_GRACE, serve};
pub use state::ApiState;
pub use stopping::Stopping;
pub use tokens::{BadTokens, Tokens};
pub use webhook::OnForgeNews;
