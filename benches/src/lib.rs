//! What the benches share. Each of them prints figures with their ratio to a yardstick that ran in the same minute on the
//! same machine: absolute numbers say more about the machine than about us.
//!
//! `cargo bench -p leviathan-benches` runs them in full; without `--bench` among their arguments they run one short
//! round, which proves that they work.

mod bodies;
mod cpu_time;
mod history;
mod ledger;
mod peer;
mod rate;
mod server;
mod serving;
mod writers;

pub use bodies::{bodies, posted};
pub use cpu_time::{cpu_time, process_time};
pub use history::{EVENTS_OF_ATTEMPT, backlog, history, recorded, target};
pub use ledger::ledger;
pub use peer::Peer;
pub use rate::{Rate, Rounds};
pub use server::server;
pub use serving::Serving;
pub use writers::{AsyncWrite, Load, Outcome, measure};
