//! `Budget`: what may be used in one day.

use super::Spend;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What may be used in one day, which begins at midnight UTC. Zero means that nothing may start; nothing, no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Tokens, sent and received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_day: Option<u64>,
    /// Millionths of a US dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micro_usd_per_day: Option<u64>,
}

/// What a day's budget lacks for one more attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortfall {
    /// What is counted.
    pub unit: Unit,
    /// How much a day has.
    pub per_day: u64,
    /// How much of it is booked.
    pub spent: u64,
    /// How much one more attempt would book.
    pub reservation: u64,
}

/// What a budget counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Tokens.
    Tokens,
    /// Millionths of a US dollar.
    MicroUsd,
}

impl Budget {
    /// Whether it limits nothing.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }

    /// What is lacking for one more attempt on a day on which `spent` is booked. An attempt starts while something is left
    /// and its reservation fits, so that no day is overbooked by what was reserved.
    pub fn lacks(&self, spent: Spend, reservation: Spend) -> Option<Shortfall> {
        let of = |unit, per_day: Option<u64>, spent: u64, reservation| {
            let per_day = per_day?;
            let fits = spent < per_day && reservation <= per_day - spent;
            (!fits).then_some(Shortfall { unit, per_day, spent, reservation })
        };
        of(Unit::Tokens, self.tokens_per_day, spent.tokens, reservation.tokens)
            .or_else(|| of(Unit::MicroUsd, self.micro_usd_per_day, spent.micro_usd, reservation.micro_usd))
    }
}

impl Shortfall {
    /// Whether not even a day on which nothing is booked yet has enough.
    pub fn lasts(&self) -> bool {
        self.per_day == 0 || self.reservation > self.per_day
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unit, per_day, spent, reservation } = *self;
        match unit {
            Unit::Tokens => {
                write!(f, "{spent} of {per_day} tokens are booked, and an attempt reserves {reservation}")
            }
            Unit::MicroUsd => {
                let usd = |micro_usd| Spend { tokens: 0, micro_usd }.usd();
                let (spent, per_day, reservation) = (usd(spent), usd(per_day), usd(reservation));
                write!(f, "{spent} of {per_day} USD are booked, and an attempt reserves {reservation}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(tokens: u64) -> Spend {
        Spend { tokens, micro_usd: 0 }
    }

    #[test]
    fn an_attempt_starts_while_something_is_left_and_its_reservation_fits() {
        let budget = |per_day| Budget { tokens_per_day: Some(per_day), micro_usd_per_day: None };
        let starts =
            |per_day, spent, reservation| budget(per_day).lacks(tokens(spent), tokens(reservation)).is_none();
        assert!(starts(100, 0, 100) && starts(100, 60, 40) && starts(100, 99, 0));
        assert!(!starts(100, 61, 40) && !starts(100, 100, 0) && !starts(100, 0, 101) && !starts(100, 200, 0));
        assert!(!starts(0, 0, 0), "a budget of zero starts nothing");
        assert!(starts(u64::MAX, u64::MAX - 1, 1) && !starts(u64::MAX, u64::MAX, 1));
        assert!(!starts(u64::MAX, 2, u64::MAX), "nothing wraps");
        assert_eq!(Budget::default().lacks(tokens(u64::MAX), tokens(u64::MAX)), None);
    }

    #[test]
    fn it_says_what_is_lacking_and_whether_a_new_day_helps() {
        let budget = Budget { tokens_per_day: Some(10), micro_usd_per_day: Some(5_000_000) };
        let short = budget.lacks(tokens(8), tokens(3)).unwrap();
        assert_eq!(short.to_string(), "8 of 10 tokens are booked, and an attempt reserves 3");
        assert!(!short.lasts());
        let spent = Spend { tokens: 0, micro_usd: 4_200_000 };
        let short = budget.lacks(spent, Spend { tokens: 3, micro_usd: 6_000_000 }).unwrap();
        assert_eq!(short.to_string(), "4.2 of 5 USD are booked, and an attempt reserves 6");
        assert!(short.lasts());
    }
}
