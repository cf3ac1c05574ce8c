//! # Leviathan's core
//!
//! A control plane for coding-agent work, without any I/O: events and their hash chain, the graph that they project to,
//! the decisions that make new ones, and the seams to stores, executors and clocks.

pub mod artifact;
pub mod backlog;
mod bundle;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod decide;
pub mod event;
pub mod executor;
mod forge_config;
pub mod graph;
pub mod id;
mod ledger;
mod limits;
pub mod log;
pub mod policy;
pub mod schedule;
mod scheduler;
mod seam_error;
mod secret;
pub mod store;
mod target;
mod target_file;
mod text;
mod time;
mod yaml;

pub use bundle::{BadBundle, Bundle, BundleFault, MAX_BUNDLE_BYTES, MAX_BUNDLE_EVENTS};
pub use clock::Clock;
pub use forge_config::ForgeConfig;
pub use ledger::{Ledger, LedgerError, LedgerTask, NewLog, Receipt, SubmitError};
pub use limits::{Breaker, Budget, Limits, OutsidePrefixes, Shortfall, Spend, TargetLimits, Unit};
pub use scheduler::{Leadership, Scheduler, SchedulerError, Until};
pub use seam_error::SeamError;
pub use secret::Secret;
pub use target::{CompleteOn, TargetConfig, TargetPolicy};
pub use target_file::TargetFile;
pub use time::{BadTimestamp, Timestamp, format_timestamp, parse_timestamp};
pub use yaml::{BadFile, Fault};
