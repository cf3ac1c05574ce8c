//! What questions and digests cost in logs of three sizes, and what HTTP costs on the way into a log in Postgres.
//!
//! Client and server share the process, and the processor time of both is counted.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

mod digests;
mod ingest;
mod reads;

use leviathan_benches::{Outcome, Rounds};

#[tokio::main]
async fn main() -> Outcome<()> {
    let rounds = Rounds::asked_for();
    reads::reads(rounds).await?;
    digests::digests(rounds).await?;
    ingest::ingest(rounds).await
}
