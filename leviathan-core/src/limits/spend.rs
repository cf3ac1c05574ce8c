//! `Spend`: tokens and money.

use serde::{Deserialize, Serialize};

/// Tokens and money, in whole numbers. What workers say of it is a claim: nobody but the model's provider knows better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Spend {
    /// Tokens, sent and received.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub micro_usd: u64,
}

impl Spend {
    /// Whether it is nothing at all.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Both together; what is too much for the numbers stays at their end.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            micro_usd: self.micro_usd.saturating_add(other.micro_usd),
        }
    }

    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { tokens: self.tokens.max(other.tokens), micro_usd: self.micro_usd.max(other.micro_usd) }
    }

    /// The money in US dollars, for showing.
    pub fn usd(&self) -> f64 {
        self.micro_usd as f64 / 1e6
    }

    /// Dollars as a worker writes them, in whole millionths, rounded to the nearest.
    ///
    /// What is below zero, or no number, counts as nothing: a claim gives no money back. What is too much for the number
    /// stays at its end.
    pub fn micro_usd_of(cost_usd: f64) -> u64 {
        // A cast saturates, and makes zero of what is no number.
        (cost_usd * 1e6).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_become_the_millionths_that_were_written() {
        for (usd, micro) in [
            (0.0, 0),
            (0.1, 100_000),
            (0.1 + 0.2, 300_000),
            (1.005, 1_005_000),
            (0.000_001, 1),
            (0.000_000_4, 0),
            (123_456.789_012, 123_456_789_012),
        ] {
            assert_eq!(Spend::micro_usd_of(usd), micro, "{usd}");
        }
    }

    #[test]
    fn odd_costs_give_no_money_back_and_do_not_wrap() {
        for (usd, micro) in [
            (-0.0, 0),
            (-5.0, 0),
            (f64::NAN, 0),
            (f64::NEG_INFINITY, 0),
            (f64::INFINITY, u64::MAX),
            (f64::MAX, u64::MAX),
            (1e300, u64::MAX),
        ] {
            assert_eq!(Spend::micro_usd_of(usd), micro, "{usd}");
        }
        let much = Spend { tokens: u64::MAX, micro_usd: 5 };
        assert_eq!(much.plus(much), Spend { tokens: u64::MAX, micro_usd: 10 });
    }
}
