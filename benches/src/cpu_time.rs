//! `cpu_time` and `process_time`: how long this thread, or this process, has worked, whatever else the machine did meanwhile.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The time that this thread has had a core to itself since it began.
pub fn cpu_time() -> Duration {
    read(ClockId::ThreadCPUTime)
}

/// The time that all threads of this process together have had a core since it began.
pub fn process_time() -> Duration {
    read(ClockId::ProcessCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
