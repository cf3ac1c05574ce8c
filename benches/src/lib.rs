//! What the benches share. Each of them prints figures with their ratio to a yardstick that ran in the same minute on the
//! same machine: absolute numbers say more about the machine than about us.
//!
//! `cargo bench -p leviathan-benches` runs them in full; without `--bench` among their arguments they run one short
//! round, which proves that they work.

mod bodies;
mod cpu_time;
mod history;
mod rate;
mod server;

pub use bodies::bodies;
pub use cpu_time::{cpu_time, process_time};
pub use history::{EVENTS_OF_ATTEMPT, backlog, history, recorded, target};
pub use rate::{Rate, Rounds};
pub use server::server;
