//! The seam to whatever writes the code.

mod command_agent;
mod error;
mod seam;
mod turn;

pub use command_agent::CommandAgent;
pub use error::AgentError;
pub use seam::{Agent, AgentOutcome};
pub use turn::AgentTurn;
