//! `K8sExecutor` and what it consists of.
//!
//! Everything that is known of the cluster stands in one [`Table`](table::Table), and everything that is done follows from
//! what stands there, so that it does not matter where a request or a host was cut off:
//!
//! - two tasks keep it up to date, one with the Jobs of the fleet and one with their pods ([`follow`]);
//! - one task does what has become due by it: judging what took too long, keeping logs, making Secrets ([`minder`]);
//! - each watch tells what has changed in it since it last looked ([`watch`]);
//! - requests ask the API server, and write down at once what it answered.

mod api_error;
mod attempt_secret;
mod backoff;
mod board;
mod cancel;
mod capture;
mod cluster;
mod cluster_clock;
mod end;
mod follow;
mod k8s_executor;
mod launch;
mod list;
mod listing;
mod log;
mod log_failure;
mod log_follow;
mod minder;
mod mirror;
mod once;
mod release;
mod shared;
mod shown;
mod table;
mod tracked;
mod watch;
mod work;

pub use k8s_executor::K8sExecutor;
