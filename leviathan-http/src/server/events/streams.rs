//! `Streams`: what streams of the log share, and how many there may be.

use super::tail::Tail;
use crate::Problem;
use crate::server::refuse::OVERLOADED;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many may follow the log at once.
const FOLLOWERS: usize = 512;
/// How many exports may be under way at once; each has one page in memory.
const EXPORTS: usize = 8;
/// How long a follower may take to accept what it is sent.
const PATIENCE: Duration = Duration::from_secs(30);

/// What streams of the log share.
#[derive(Debug, Clone)]
pub(in crate::server) struct Streams {
    pub(super) tail: Tail,
    pub(in crate::server) patience: Duration,
    followers: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

impl Default for Streams {
    fn default() -> Self {
        let of = |places| Arc::new(Semaphore::new(places));
        Self { tail: Tail::default(), patience: PATIENCE, followers: of(FOLLOWERS), exports: of(EXPORTS) }
    }
}

impl Streams {
    /// A place for one follower, until it is dropped.
    pub(super) fn follower(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let full = |_| {
            OVERLOADED.because(format_args!("{FOLLOWERS} streams follow the log, and that is as many as may"))
        };
        self.followers.clone().try_acquire_owned().map_err(full)
    }

    /// How many follow the log.
    pub(in crate::server) fn following(&self) -> usize {
        FOLLOWERS - self.followers.available_permits()
    }

    /// A place for one export, until it is dropped.
    pub(super) fn export(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let full = |_| {
            OVERLOADED.because(format_args!("{EXPORTS} exports are under way, and that is as many as may be"))
        };
        self.exports.clone().try_acquire_owned().map_err(full)
    }
}
