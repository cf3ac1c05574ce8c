//! The API and its client, over real sockets.
#![cfg(all(feature = "client", feature = "server"))]
#![allow(clippy::unwrap_used, reason = "what a helper of a test cannot do fails the test")]

mod again;
mod anything;
mod artifacts;
mod asking;
mod attempts;
mod auth;
mod checkpoint;
mod client;
mod events;
mod followers;
mod habits;
mod health;
mod ingest;
mod lists;
mod metrics;
mod openapi;
mod orders;
mod outage;
mod readings;
mod routes;
mod serving;
mod stream;
mod support;
mod webhooks;
mod whole_or_not;
mod wire;
