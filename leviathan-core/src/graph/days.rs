//! `Days`: what is booked to each day.

use crate::Timestamp;
use crate::limits::{Budget, Shortfall, Spend};
use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is booked to each day, which begins at midnight UTC. A day's small total is kept for good, so that what comes late
/// is booked where it belongs; there are never more days than attempts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Days(BTreeMap<NaiveDate, Total>);

/// Wide enough for the sum of all that attempts may ever claim, so that what is booked can be taken back exactly.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Total {
    tokens: u128,
    micro_usd: u128,
}

impl Days {
    /// No day at all.
    pub(super) const NONE: &Self = &Self(BTreeMap::new());

    /// Books `after` to a day instead of `before`.
    pub(super) fn book(&mut self, day: NaiveDate, before: Spend, after: Spend) {
        let total = self.0.entry(day).or_default();
        total.tokens = total.tokens + u128::from(after.tokens) - u128::from(before.tokens);
        total.micro_usd = total.micro_usd + u128::from(after.micro_usd) - u128::from(before.micro_usd);
    }

    /// What is booked to a day.
    pub(super) fn spent(&self, day: NaiveDate) -> Spend {
        self.0.get(&day).map(Total::spend).unwrap_or_default()
    }

    /// What a budget lacks for one more attempt on `today`, and when a day begins that has enough.
    ///
    /// A day to come on which nothing is left counts as well: another host's clock may be ahead of this one's.
    pub(super) fn lack(
        &self,
        budget: &Budget,
        reservation: Spend,
        today: NaiveDate,
    ) -> Option<(Shortfall, Timestamp)> {
        let lacks = |day: NaiveDate| Some((budget.lacks(self.spent(day), reservation)?, end_of(day)));
        let ahead = self.0.range(today..).rev().find_map(|(day, _)| lacks(*day));
        ahead.or_else(|| lacks(today))
    }

    /// The same for the last day to which anything is booked.
    pub(super) fn lack_at_last(&self, budget: &Budget, reservation: Spend) -> Option<(Shortfall, Timestamp)> {
        let last = self.0.last_key_value().map_or(NaiveDate::MIN, |(day, _)| *day);
        self.lack(budget, reservation, last)
    }
}

impl Total {
    fn spend(&self) -> Spend {
        let whole = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
        Spend { tokens: whole(self.tokens), micro_usd: whole(self.micro_usd) }
    }
}

fn end_of(day: NaiveDate) -> Timestamp {
    day.succ_opt().map_or(Timestamp::MAX_UTC, |next| next.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
    }

    #[test]
    fn what_is_booked_is_taken_back_exactly_however_much_it_was() {
        let mut days = Days::default();
        let most = Spend { tokens: u64::MAX, micro_usd: u64::MAX };
        let little = Spend { tokens: 3, micro_usd: 4 };
        days.book(day(1), Spend::default(), most);
        days.book(day(1), Spend::default(), most);
        assert_eq!(days.spent(day(1)), most, "the sum stays at the end");
        days.book(day(1), most, Spend::default());
        days.book(day(1), most, little);
        assert_eq!((days.spent(day(1)), days.spent(day(2))), (little, Spend::default()));
    }

    #[test]
    fn a_day_lacks_what_it_or_a_later_one_lacks_until_that_ends() {
        let budget = Budget { tokens_per_day: Some(10), micro_usd_per_day: None };
        let mut days = Days::default();
        let book = |days: &mut Days, on, tokens| {
            days.book(on, Spend::default(), Spend { tokens, micro_usd: 0 });
        };
        let until = |days: &Days, today| days.lack(&budget, Spend::default(), today).map(|(_, until)| until);
        book(&mut days, day(3), 10);
        assert_eq!(until(&days, day(3)), Some(end_of(day(3))));
        assert_eq!(until(&days, day(4)), None, "another day");
        assert_eq!(until(&days, day(2)), Some(end_of(day(3))), "a clock that is behind");
        book(&mut days, day(4), 1);
        assert_eq!(until(&days, day(3)), Some(end_of(day(3))));
        assert_eq!(end_of(day(3)).to_rfc3339(), "2026-01-04T00:00:00+00:00");
        assert_eq!(end_of(NaiveDate::MAX), Timestamp::MAX_UTC);
    }
}
