//! The repository's own commands: `setup` and `checks` of the policy.

mod check_run;
mod runner;

pub use check_run::CheckRun;
pub(crate) use runner::CheckRunner;
