//! Leadership: who may start, record and carry out, decided at the log's head like everything else, so that fencing is
//! as atomic as the log.

use super::{Command, Decisions, Rejection};
use crate::Timestamp;
use crate::event::Event;
use crate::event::payload::SchedulerElected;
use crate::graph::{Graph, Leader};
use crate::id::ActorId;
use crate::safeguard::{self, Safeguard};
use std::time::Duration;

/// No lease is longer, whatever is asked for.
const LONGEST_LEASE: Duration = Duration::from_secs(24 * 3600);

/// Begins a term, or renews that of the same holder. A renewal never shortens a term.
pub(super) fn decide(
    graph: &Graph,
    holder: &str,
    lease: Option<Duration>,
    takeover: bool,
    decided: &mut Decisions,
) -> Result<(), Rejection> {
    let until = lease.map(|lease| decided.now + lease.min(LONGEST_LEASE));
    let term = match graph.leader() {
        None => 1,
        Some(leader) if takeover || !leader.leads_at(decided.now) => leader.term.saturating_add(1),
        Some(leader) if leader.holder != holder => {
            let Leader { holder, until, .. } = leader.clone();
            return Err(Rejection::OtherLeads { holder, until });
        }
        Some(leader) if is_later(until, leader.until) => leader.term,
        Some(_) => return Ok(()),
    };
    let elected = SchedulerElected { term, holder: holder.to_owned(), until };
    decided.push(ActorId::scheduler(), None, Event::SchedulerElected(elected));
    Ok(())
}

/// Refuses what a scheduler wants that does not name the term that the log is in.
pub(super) fn check_term(graph: &Graph, command: &Command) -> Result<(), Rejection> {
    if let Command::StartAttempt { leadership, .. }
    | Command::Observe { leadership, .. }
    | Command::Lose { leadership, .. } = command
        && safeguard::is_on(Safeguard::Term)
        && let Some(leader) = graph.leader()
        && *leadership != Some(leader.since)
    {
        let Leader { term, holder, since, .. } = leader.clone();
        return Err(Rejection::NotLeading { leadership: *leadership, term, holder, since });
    }
    Ok(())
}

fn is_later(until: Option<Timestamp>, than: Option<Timestamp>) -> bool {
    than.is_some_and(|than| until.is_none_or(|until| until > than))
}
