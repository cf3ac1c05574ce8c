//! Deciding: a command and the graph in, events or a rejection out. Nothing else is read: no clock, no environment, no
//! network, no chance.

mod backlog;
mod command;
mod elect;
mod forge;
mod ingest;
mod observe;
mod outcome;
mod rejection;
mod start;
mod steer;

pub use command::{Command, Key};
pub use forge::SeenPullRequest;
pub use rejection::Rejection;

use crate::Timestamp;
use crate::event::{Event, EventDraft};
use crate::graph::Graph;
use crate::id::{ActorId, LogId, TargetId};
use std::collections::BTreeSet;

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decided {
    /// The events to append, in order. None if everything is as the command wants it already.
    pub events: Vec<EventDraft>,
    /// How many events of a bundle are in the log already.
    pub duplicates: usize,
    /// What tells the events apart that a bundle brings. None for other commands.
    pub fingerprints: BTreeSet<[u8; 16]>,
}

/// Decides what a command comes to in the state that `graph` is in, at `now`.
///
/// # Errors
/// [`Rejection`] says why the command did not become events, and what its sender can do.
pub fn decide(graph: &Graph, command: &Command, now: Timestamp) -> Result<Decided, Rejection> {
    let log = graph.log_id().ok_or(Rejection::NoLog)?;
    if let Command::Ingest(bundle) = command {
        return Ok(ingest::decide(graph, bundle, now, log));
    }
    elect::check_term(graph, command)?;
    let mut decided = Decisions::new(log, now);
    match command {
        Command::RegisterTarget(config) => steer::register(graph, config, &mut decided),
        Command::SyncBacklog { target, commit, policy, backlog } => {
            backlog::sync(graph, target, commit, policy, backlog, &mut decided)?;
        }
        Command::ChangeLimits { limits, reason } => steer::change_limits(graph, limits, reason, &mut decided),
        Command::PauseTarget { target, reason } => steer::pause(graph, target, true, reason, &mut decided)?,
        Command::ResumeTarget { target, reason } => steer::pause(graph, target, false, reason, &mut decided)?,
        Command::RetryTask { task, reason } => steer::retry_task(graph, task, reason, &mut decided)?,
        Command::CancelAttempt { attempt, reason } => steer::cancel(graph, attempt, reason, &mut decided)?,
        Command::InvalidateAttempt { attempt, reason } => {
            steer::invalidate(graph, attempt, reason, &mut decided)?;
        }
        Command::ForgeAnswered { target, pull_requests } => {
            forge::answered(graph, target, pull_requests, &mut decided)?;
        }
        Command::ForgeTold { target, pull_request } => {
            forge::told(graph, target, pull_request, &mut decided)?;
        }
        Command::ForgeSilent { target, since, reason } => {
            forge::silent(graph, target, *since, reason, &mut decided)?;
        }
        Command::Elect { holder, lease, takeover } => {
            elect::decide(graph, holder, *lease, *takeover, &mut decided)?;
        }
        Command::StartAttempt { task, executor, .. } => {
            start::decide(graph, task, executor, now, &mut decided)?
        }
        Command::Observe { executor, sighting, .. } => {
            observe::sighting(graph, executor, sighting, &mut decided)?
        }
        Command::Lose { executor, attempt, detail, .. } => {
            observe::lost(graph, executor, attempt, detail, &mut decided)?;
        }
        Command::Ingest(_) => {}
    }
    Ok(Decided { events: decided.events, ..Decided::default() })
}

/// Events decided so far for one command.
struct Decisions {
    log: LogId,
    now: Timestamp,
    events: Vec<EventDraft>,
}

impl Decisions {
    fn new(log: LogId, now: Timestamp) -> Self {
        Self { log, now, events: Vec::new() }
    }

    fn push(&mut self, actor: ActorId, target: Option<&TargetId>, event: Event) {
        self.events.push(EventDraft::decided(self.log, actor, target.cloned(), self.now, &event));
    }
}
