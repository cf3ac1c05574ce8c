//! `cpu_time`: how long this thread has worked, whatever else the machine did meanwhile.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The time that this thread has had a core to itself since it began.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
