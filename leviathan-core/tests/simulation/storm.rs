//! `Storm`: how often which fault happens. Each seed draws its own, and leaves some out, so that rare things also happen
//! on their own.

use std::time::Duration;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A call takes many seconds.
    Slow,
    /// The store writes nothing and says so.
    StoreUnavailable,
    /// An append is lost on its way, and nobody can say so.
    AppendLost,
    /// An append is done, and the answer is lost.
    AnswerLost,
    /// An append's outcome is unknown while it is still under way.
    AppendLate,
    /// An append arrives once more, later.
    AppendTwice,
    /// A host dies right when its append is done.
    CrashAtAppend,
    /// A host dies wherever it just stands.
    CrashAtPoll,
    /// A host dies while its executor takes a launch.
    CrashAtLaunch,
    /// A host stands still.
    Pause,
    /// The executor does nothing and says so.
    ExecutorUnavailable,
    /// The executor does as it was asked, and says that it did not.
    ExecutorAnswerLost,
    /// The executor will never run this.
    LaunchRejected,
    /// A watch ends.
    WatchEnds,
    /// A watch is far behind.
    WatchLags,
    /// What the executor held is gone.
    Gone,
    /// An attempt ends for a reason of the infrastructure.
    Infrastructure,
}

/// How often, in ten thousandths of the times at which it could.
#[derive(Debug, Clone)]
pub(crate) struct Storm {
    rates: Vec<(Fault, u32)>,
    /// How long it lasts.
    pub(crate) lasts: Duration,
}

/// The most that each fault may have.
const MOST: [(Fault, u32); 17] = [
    (Fault::Slow, 5_000),
    (Fault::StoreUnavailable, 300),
    (Fault::AppendLost, 200),
    (Fault::AnswerLost, 400),
    (Fault::AppendLate, 300),
    (Fault::AppendTwice, 300),
    (Fault::CrashAtAppend, 30),
    (Fault::CrashAtPoll, 2),
    (Fault::CrashAtLaunch, 150),
    (Fault::Pause, 10_000),
    (Fault::ExecutorUnavailable, 500),
    (Fault::ExecutorAnswerLost, 500),
    (Fault::LaunchRejected, 100),
    (Fault::WatchEnds, 300),
    (Fault::WatchLags, 600),
    (Fault::Gone, 500),
    (Fault::Infrastructure, 1_500),
];

impl Storm {
    pub(crate) fn draw(chance: &mut fastrand::Rng) -> Self {
        let draw = |(fault, most): (Fault, u32)| match chance.u32(..4) {
            0 => (fault, 0),
            1 => (fault, most.div_ceil(4)),
            2 => (fault, most.div_ceil(2)),
            _ => (fault, most),
        };
        let rates = MOST.map(draw).to_vec();
        Self { rates, lasts: Duration::from_secs(chance.u64(600..3000)) }
    }

    pub(crate) fn rate(&self, fault: Fault) -> u32 {
        self.rates.iter().find(|(other, _)| *other == fault).map_or(0, |(_, rate)| *rate)
    }
}
