//! `Standing`: whether this scheduler leads, and when it stands for election.

use super::Leadership;
use super::term::{LastQuarter, Term};
use crate::Timestamp;
use crate::decide::Command;
use crate::graph::{Graph, Leader};
use crate::ledger::Receipt;
use crate::log::Position;

/// Whether this scheduler leads, by what it knows of its own elections and by the graph.
#[derive(Debug)]
pub(super) struct Standing {
    leadership: Leadership,
    holder: String,
    /// Where the term began that it was elected for. What a term is known by: a holder's name may be another's, too.
    since: Option<Position>,
    /// Whether it waits for the answer to a candidacy.
    standing: bool,
}

/// How a scheduler stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// It leads.
    Leads(Term),
    /// It does not, or the end of its lease is too near to begin anything.
    Waits,
    /// It led, and another does now.
    Superseded(Leader),
}

impl Standing {
    pub(super) fn new(leadership: Leadership, holder: String) -> Self {
        Self { leadership, holder, since: None, standing: false }
    }

    /// How it stands now. That it was superseded is said once.
    pub(super) fn look(&mut self, graph: &Graph, now: Timestamp) -> Stands {
        let (Some(since), Some(leader)) = (self.since, graph.leader()) else { return Stands::Waits };
        if leader.since != since {
            self.since = None;
            return Stands::Superseded(leader.clone());
        }
        let last_quarter = self.leadership.lease().zip(leader.until).map(|(lease, until)| {
            let lasts = lease / 4;
            LastQuarter { begins: until - lasts, lasts }
        });
        let term = Term { since, last_quarter };
        if term.may_begin(now) { Stands::Leads(term) } else { Stands::Waits }
    }

    /// The candidacy that is due now, if one is. Its answer is awaited before there is another.
    pub(super) fn candidacy(&mut self, graph: &Graph, now: Timestamp) -> Option<Command> {
        if self.standing || self.due(graph).is_none_or(|due| due > now) {
            return None;
        }
        self.standing = true;
        let (holder, lease) = (self.holder.clone(), self.leadership.lease());
        Some(Command::Elect { holder, lease, takeover: self.leadership == Leadership::Exclusive })
    }

    /// When the next candidacy is due, unless one is under way.
    pub(super) fn next_due(&self, graph: &Graph) -> Option<Timestamp> {
        if self.standing { None } else { self.due(graph) }
    }

    /// Its candidacy was answered, with a receipt if it was recorded or there was nothing to record.
    pub(super) fn answered(&mut self, receipt: Option<Receipt>, graph: &Graph) {
        self.standing = false;
        let renewed = self.since.is_some() && self.since == graph.leader().map(|leader| leader.since);
        if let Some(receipt) = receipt.filter(|receipt| receipt.recorded > 0 && !renewed) {
            // Where its own election stands. Unless a term began just there, it renewed that of another of the same name.
            self.since = Some(receipt.head.position);
        }
    }

    fn due(&self, graph: &Graph) -> Option<Timestamp> {
        const AT_ONCE: Option<Timestamp> = Some(Timestamp::MIN_UTC);
        match (self.leadership, graph.leader()) {
            (Leadership::Exclusive, _) => AT_ONCE.filter(|_| self.since.is_none()),
            (Leadership::Lease(_), None) => AT_ONCE,
            // A third of the lease after it was elected, so that it may fail a few times.
            (Leadership::Lease(lease), Some(leader)) if self.since == Some(leader.since) => {
                leader.until.map(|until| until - lease * 2 / 3)
            }
            (Leadership::Lease(_), Some(leader)) => leader.until,
        }
    }
}
