//! `Tracked`: one attempt, as far as the cluster has shown it.

use super::cluster_clock::ClusterClock;
use super::end::{LogFate, end_of};
use crate::classify::{Ended, Evidence, Hold, HoldKind, Verdict, began, classify};
use crate::config::Patience;
use crate::job::Identity;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::jiff::Timestamp;
use leviathan_core::executor::{Cause, End, Phase, Sighting};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// One attempt of the fleet. How far it is only ever grows.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) identity: Identity,
    pub(super) job: Job,
    /// Its Job is there no more, but its end was seen and waits to be told and released.
    pub(super) job_gone: bool,
    /// The [`Listing`](super::listing::Listing)'s mark when its Job was seen last.
    pub(super) mark: u64,
    /// When it last changed for whoever watches.
    pub(super) changed: u64,
    pub(super) cancelled: bool,
    /// When to make its own Secret, if it waits for one that may be missing.
    pub(super) secret_due: Option<Instant>,
    /// Whether something is being done for it that will say when it is done.
    pub(super) is_busy: bool,
    /// Whether its log is read while its worker runs, and not kept yet.
    pub(super) is_followed: bool,
    stage: Stage,
    hold: Option<Hold>,
    held_since: BTreeMap<HoldKind, Instant>,
    /// Since when that is so, if the cluster says it. It outlives a restart of the host.
    held_by_cluster_since: Option<Timestamp>,
    events: Vec<Event>,
    look: Look,
}

/// Whether the cluster was asked again about what holds an attempt up. What is known may be old: a watch can be dead
/// for minutes before that shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    NotYet,
    /// It did not answer, and is asked again then.
    After(Instant),
    Done,
}

#[derive(Debug)]
enum Stage {
    Submitted,
    Running,
    /// It ended, and what is left is to keep its log.
    Ending(Ended),
    Finished(Box<End>),
}

/// What the passing of time calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    No,
    /// The cluster is to be asked again, before that is an end.
    LookAgain {
        /// Whether events may say why it waits.
        with_events: bool,
    },
    Ended,
}

impl Tracked {
    pub(super) fn new(identity: Identity, job: Job, mark: u64) -> Self {
        Self {
            identity,
            job,
            job_gone: false,
            mark,
            changed: 0,
            cancelled: false,
            secret_due: None,
            is_busy: false,
            is_followed: false,
            stage: Stage::Submitted,
            hold: None,
            held_since: BTreeMap::new(),
            held_by_cluster_since: None,
            events: Vec::new(),
            look: Look::NotYet,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Submitted | Stage::Running)
    }

    pub(super) fn is_submitted(&self) -> bool {
        matches!(self.stage, Stage::Submitted)
    }

    pub(super) fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished(_))
    }

    /// How it ended, if its log is still to be kept.
    pub(super) fn ending(&self) -> Option<&Ended> {
        match &self.stage {
            Stage::Ending(ended) => Some(ended),
            _ => None,
        }
    }

    pub(super) fn hold(&self) -> Option<HoldKind> {
        self.hold.as_ref().map(|hold| hold.kind)
    }

    /// As it is told. What is ending still runs, for whoever watches.
    pub(super) fn sighting(&self) -> Sighting {
        let phase = match &self.stage {
            Stage::Submitted => Phase::Submitted,
            Stage::Running | Stage::Ending(_) => Phase::Running,
            Stage::Finished(end) => Phase::Finished(end.clone()),
        };
        Sighting {
            attempt_id: self.identity.attempt_id.clone(),
            phase,
            job_name: Some(self.identity.job_name.clone()),
        }
    }

    /// Judges it by what is known now. Gives whether that changed how far it is.
    pub(super) fn judge(&mut self, pod: Option<&Pod>, pod_gone: bool, now: Instant) -> bool {
        if !self.is_open() {
            return false;
        }
        let seen =
            Evidence { job: &self.job, pod, pod_gone, cancelled: self.cancelled, events: &self.events };
        let verdict = classify(&seen);
        let hold = verdict.hold().cloned();
        if hold.as_ref().map(|hold| hold.kind) != self.hold() {
            self.look = Look::NotYet;
        }
        self.held_by_cluster_since =
            hold.as_ref().and_then(|hold| began(hold.kind, &self.job, pod.filter(|_| !pod_gone)));
        self.hold = hold;
        match &self.hold {
            Some(hold) => _ = self.held_since.entry(hold.kind).or_insert(now),
            None => self.held_since.clear(),
        }
        match verdict {
            Verdict::Ended(ended) => self.end(ended),
            Verdict::Running(_) if self.is_submitted() => self.stage = Stage::Running,
            Verdict::Running(_) | Verdict::Waiting(_) => return false,
        }
        true
    }

    /// When its patience is over, if something holds it up.
    pub(super) fn due(&self, patience: &Patience, clock: Option<&ClusterClock>) -> Option<Instant> {
        let kind = self.hold.as_ref().filter(|_| self.is_open())?.kind;
        let due = *self.held_since.get(&kind)? + kind.patience(patience);
        let by_cluster = self.held_by_cluster_since.and_then(|since| clock?.over_at(since));
        let due = by_cluster.map_or(due, |since| due.min(since + kind.patience_in_all(patience)));
        Some(match self.look {
            Look::After(again) => due.max(again),
            Look::NotYet | Look::Done => due,
        })
    }

    /// Ends it if what holds it up has done so for too long, and still does.
    pub(super) fn wait_no_longer(
        &mut self,
        patience: &Patience,
        clock: Option<&ClusterClock>,
        now: Instant,
    ) -> Overdue {
        if self.due(patience, clock).is_none_or(|due| now < due) {
            return Overdue::No;
        }
        match (self.hold.clone(), self.look) {
            (Some(hold), Look::Done) => {
                self.end(hold.ends_as);
                Overdue::Ended
            }
            (Some(hold), _) => Overdue::LookAgain { with_events: hold.kind.is_told_by_events() },
            (None, _) => Overdue::No,
        }
    }

    /// The cluster was asked again: what it shows is known, and what its events say.
    pub(super) fn has_looked(&mut self, events: Vec<Event>) {
        self.events = events;
        self.look = Look::Done;
    }

    /// The cluster was asked again, and did not answer.
    pub(super) fn look_after(&mut self, again: Instant) {
        self.look = Look::After(again);
    }

    /// Its Job is there no more. Gives whether it is still to be remembered, as its end is known.
    pub(super) fn lose_job(&mut self) -> bool {
        self.job_gone = true;
        // What took its pod away took its Job away too.
        let ended_before = |hold: &mut Hold| {
            hold.kind == HoldKind::Settling && hold.ends_as.cause != Some(Cause::PodDeleted)
        };
        if self.is_open()
            && let Some(hold) = self.hold.take_if(ended_before)
        {
            self.end(hold.ends_as);
        }
        !self.is_open()
    }

    /// What became of its log is known, and with that everything.
    pub(super) fn finish(&mut self, pod: Option<&Pod>, log: LogFate) {
        if let Stage::Ending(ended) = &self.stage {
            let end = end_of(&self.identity.attempt_id, ended.clone(), pod, log);
            self.stage = Stage::Finished(Box::new(end));
        }
    }

    fn end(&mut self, ended: Ended) {
        self.hold = None;
        self.held_since.clear();
        self.stage = Stage::Ending(ended);
    }
}
