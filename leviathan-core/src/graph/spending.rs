//! `Spending`: what attempts have used and may still use, by day and target.

use super::account::Account;
use super::days::Days;
use super::fingerprints::Fingerprints;
use crate::event::payload::ModelCall;
use crate::id::{AttemptId, TargetId};
use crate::limits::Spend;
use crate::log::Hash;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The accounts of attempts that reserve or use anything, and the sums that follow from them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Spending {
    accounts: BTreeMap<AttemptId, Account>,
    all: Days,
    by_target: BTreeMap<TargetId, Days>,
}

impl Spending {
    /// What an attempt has used, as its worker claims.
    pub(super) fn used(&self, attempt: &AttemptId) -> Spend {
        self.accounts.get(attempt).map(|account| account.used).unwrap_or_default()
    }

    /// What is booked over the whole log.
    pub(super) fn all(&self) -> &Days {
        &self.all
    }

    /// What is booked to a target.
    pub(super) fn days_of(&self, target: &TargetId) -> &Days {
        self.by_target.get(target).unwrap_or(Days::NONE)
    }

    /// Opens an account, with what it reserves, unless there is one.
    pub(super) fn open(&mut self, attempt: &AttemptId, day: NaiveDate, reservation: Spend) {
        if self.accounts.contains_key(attempt) {
            return;
        }
        let account = Account {
            day,
            target: None,
            reservation,
            used: Spend::default(),
            calls: Fingerprints::default(),
            ended: false,
            reported: false,
        };
        self.all.book(day, Spend::default(), account.charge());
        self.accounts.insert(attempt.clone(), account);
    }

    /// Counts a call, once for each id that its producer gave.
    pub(super) fn called(&mut self, call: &ModelCall) {
        let id = call.call_id.as_ref().map(|id| fingerprint(id));
        self.change(&call.attempt_id, |account| {
            let counted = id.is_some_and(|id| account.calls.contains(&id));
            if !counted {
                id.into_iter().for_each(|id| account.calls.insert(id));
                account.used = account.used.plus(cost(call));
            }
        });
    }

    /// Brings an account up to date with its attempt.
    pub(super) fn follow(
        &mut self,
        attempt: &AttemptId,
        target: Option<&TargetId>,
        ended: bool,
        reported: bool,
    ) {
        if let Some(account) = self.accounts.get_mut(attempt).filter(|account| account.target.is_none())
            && let Some(target) = target
        {
            account.target = Some(target.clone());
            let days = self.by_target.entry(target.clone()).or_default();
            days.book(account.day, Spend::default(), account.charge());
        }
        self.change(attempt, |account| {
            account.ended |= ended;
            account.reported |= reported;
        });
    }

    /// Changes an account, and books the difference.
    fn change(&mut self, attempt: &AttemptId, change: impl FnOnce(&mut Account)) {
        let Some(account) = self.accounts.get_mut(attempt) else { return };
        let before = account.charge();
        change(account);
        let after = account.charge();
        if before == after {
            return;
        }
        self.all.book(account.day, before, after);
        if let Some(days) = account.target.as_ref().and_then(|target| self.by_target.get_mut(target)) {
            days.book(account.day, before, after);
        }
    }
}

fn cost(call: &ModelCall) -> Spend {
    let tokens = call.tokens_input.unwrap_or(0).saturating_add(call.tokens_output.unwrap_or(0));
    Spend { tokens, micro_usd: call.cost_usd.map_or(0, Spend::micro_usd_of) }
}

fn fingerprint(call_id: &str) -> [u8; 16] {
    let digest = Hash::of_parts(&[b"call", call_id.as_bytes()]);
    let mut short = [0; 16];
    short.copy_from_slice(&digest.as_bytes()[..16]);
    short
}
