//! `Rate` and `Rounds`: how fast something went, and how long to measure.

use std::time::Duration;

/// Things in a second.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

impl Rate {
    /// So many things in that time.
    pub fn of(things: usize, time: Duration) -> Self {
        Self(things as f64 / time.as_secs_f64())
    }

    /// How many times the yardstick this is.
    pub fn to(self, yardstick: Rate) -> f64 {
        self.0 / yardstick.0
    }

    /// The one in the middle.
    pub fn median(mut rates: Vec<Rate>) -> Rate {
        rates.sort_by(|one, other| one.0.total_cmp(&other.0));
        rates.get(rates.len() / 2).copied().unwrap_or(Rate(f64::NAN))
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{:.0}", self.0))
    }
}

/// How often and how long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    /// Rounds for each figure; the median counts.
    pub count: usize,
    /// How long one round takes.
    pub time: Duration,
}

impl Rounds {
    /// In full if the program was started by `cargo bench`, else one short round.
    pub fn asked_for() -> Self {
        if std::env::args().any(|argument| argument == "--bench") {
            Self { count: 5, time: Duration::from_secs(1) }
        } else {
            Self { count: 1, time: Duration::from_millis(50) }
        }
    }
}
