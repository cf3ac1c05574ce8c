//! The seam to whatever runs attempts: [`Executor`] for full control, [`RunAttempt`] with [`InProcess`] for one method.

mod attempt_result;
mod attempt_spec;
mod cause;
mod error;
mod final_message;
mod observation;
mod seam;
pub mod worker_env;

pub use attempt_result::AttemptResult;
pub use attempt_spec::AttemptSpec;
pub use cause::{Cause, CauseClass};
pub use error::{ExecutorError, ExecutorErrorKind};
pub use final_message::{BadFinalMessage, FinalMessage, MAX_FINAL_MESSAGE_BYTES, ReportedOutcome};
pub use observation::{End, Observation, Phase, Sighting};
pub use seam::Executor;
