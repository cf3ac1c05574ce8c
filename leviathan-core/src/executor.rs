//! The seam to whatever runs attempts. There are two ways to an executor of one's own:
//!
//! - [`RunAttempt`] with [`InProcess`]: one method that does the work and says how it ended, within the host's process.
//!   Launching twice, cancelling, deadlines, watching and panics are seen to. Attempts end with the host; take it where
//!   that is all right, or where the work is a call to something else that can be made again.
//! - [`Executor`]: three requests and a watch, for something that goes on without the host, such as processes or a cluster,
//!   and that a restarted host adopts. Prove it with the `conformance` feature's suite.
//!
//! The scheduler knows only [`Executor`]: it asks, and learns what came of it from [`Executor::watch`], one
//! [`Observation`] after the other. What an attempt's [`End`] comes to is a table in its documentation.
//!
//! An executor that starts workers gives them the variables of [`worker_env`], and reads their [`FinalMessage`].
//! `examples/executors/` of the repository has one executor of each kind, and `docs/executors.md` the way to write one.

mod attempt_context;
mod attempt_result;
mod attempt_spec;
mod attempt_tokens;
mod cause;
mod error;
mod final_message;
mod in_process;
mod observation;
mod run_attempt;
mod seam;
pub mod worker_env;

pub use attempt_context::{AttemptContext, MAX_LOG_BYTES};
pub use attempt_result::AttemptResult;
pub use attempt_spec::AttemptSpec;
pub use attempt_tokens::AttemptTokens;
pub use cause::{Cause, CauseClass};
pub use error::{ExecutorError, ExecutorErrorKind};
pub use final_message::{BadFinalMessage, FinalMessage, MAX_FINAL_MESSAGE_BYTES, ReportedOutcome};
pub use in_process::InProcess;
pub use observation::{End, Observation, Phase, Sighting};
pub use run_attempt::RunAttempt;
pub use seam::Executor;
