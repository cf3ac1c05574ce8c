//! What must hold, each in a file of its own: some at each event of the log, some at each call, some at the end.

pub(crate) mod acknowledged_once;
pub(crate) mod everything_ends;
pub(crate) mod intent_first;
mod one_leader;
mod one_outcome;
pub(crate) mod replay_equals_live;
mod same_digest;
mod starts_allowed;
mod within_limits;

use super::author::Author;
use super::fact::Fact;
use super::fleet::Fleet;
use super::hosts::Hosts;
use super::violation::Violation;
use leviathan_core::Ledger;

/// Those that look at each event as it comes into the log.
#[derive(Default)]
pub(crate) struct Watchers {
    told_once: acknowledged_once::ToldOnce,
    one_leader: one_leader::OneLeader,
    one_outcome: one_outcome::OneOutcome,
    starts_allowed: starts_allowed::StartsAllowed,
    within_limits: within_limits::WithinLimits,
}

impl Watchers {
    pub(crate) fn see(&mut self, fact: &Fact) -> Option<Violation> {
        let checks = [
            self.told_once.see(fact),
            self.one_leader.see(fact),
            self.one_outcome.see(fact),
            self.starts_allowed.see(fact),
            self.within_limits.see(fact),
        ];
        checks.into_iter().find_map(Result::err)
    }

    pub(crate) fn finish(&self, ledgers: &[(Author, Ledger)]) -> Option<Violation> {
        self.one_outcome.finish(ledgers).err()
    }
}

/// What can only be said once everything has ended.
pub(crate) fn at_the_end(hosts: &Hosts, fleet: &Fleet) {
    let ledgers = hosts.all().unwrap_or_default();
    hosts.disk.finish(&ledgers);
    // The others have the same graph.
    if let Some((author, ledger)) = ledgers.first() {
        replay_equals_live::check(&hosts.sim, &hosts.disk, *author, ledger);
    }
    same_digest::check(&hosts.sim, &ledgers);
    intent_first::check_all(&hosts.sim, &hosts.disk, fleet);
}
