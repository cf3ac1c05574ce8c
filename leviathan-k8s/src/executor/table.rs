//! `Table`: all that is known of the fleet's attempts.

use super::attempt_secret::needs_own;
use super::cluster_clock::ClusterClock;
use super::end::LogFate;
use super::listing::Listing;
use super::shown::Shown;
use super::tracked::{Overdue, Tracked};
use super::work::Work;
use crate::classify::PodView;
use crate::config::Patience;
use crate::job::{CONTROLLER_UID, Identity};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use leviathan_core::id::AttemptId;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait before a Secret that seems to be missing is made again.
const SECRET_AGAIN: Duration = Duration::from_secs(10);

/// All that is known of the fleet's attempts. Synchronous, and without a clock: what happens to it decides what it is.
#[derive(Debug)]
pub(super) struct Table {
    fleet: String,
    patience: Patience,
    clock: ClusterClock,
    /// Whether attempts can be given Secrets of their own.
    makes_secrets: bool,
    /// How many logs are followed at once.
    follows: usize,
    attempts: BTreeMap<AttemptId, Tracked>,
    /// By the uid of its Job.
    by_uid: BTreeMap<String, AttemptId>,
    /// By the uid of their Job, which need not be known yet.
    pods: BTreeMap<String, SeenPod>,
    /// Uids of Jobs that were given up, as long as the cluster may still show them, and the mark when that was.
    given_up: BTreeMap<String, u64>,
    /// Uids of Jobs that are gone, and the mark when that was seen: an answer that was on its way may still show one.
    buried: BTreeMap<String, u64>,
    launching: BTreeMap<AttemptId, usize>,
    jobs_listing: Listing,
    pods_listing: Listing,
    /// Attempts that had ended when everything was listed first, and whose logs are not kept yet.
    opening: Option<BTreeSet<AttemptId>>,
    trouble: Option<String>,
    changes: u64,
    /// Attempts that are held no more, and were not given up, with the change that this was: a watch that did not look
    /// meanwhile is to say so. Forgotten once every watch has looked.
    departed: BTreeMap<AttemptId, u64>,
    /// Up to which change each watch has looked.
    watches: BTreeMap<u64, u64>,
    watches_begun: u64,
}

#[derive(Debug)]
struct SeenPod {
    pod: Pod,
    gone: bool,
    mark: u64,
}

impl Table {
    pub(super) fn new(fleet: String, patience: Patience, makes_secrets: bool, follows: usize) -> Self {
        Self {
            fleet,
            patience,
            clock: ClusterClock::default(),
            makes_secrets,
            follows,
            attempts: BTreeMap::new(),
            by_uid: BTreeMap::new(),
            pods: BTreeMap::new(),
            given_up: BTreeMap::new(),
            buried: BTreeMap::new(),
            launching: BTreeMap::new(),
            jobs_listing: Listing::default(),
            pods_listing: Listing::default(),
            opening: None,
            trouble: None,
            changes: 0,
            departed: BTreeMap::new(),
            watches: BTreeMap::new(),
            watches_begun: 0,
        }
    }

    /// Rises with each change that a watch tells.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn attempts(&self) -> &BTreeMap<AttemptId, Tracked> {
        &self.attempts
    }

    // Watches.

    pub(super) fn watch_begins(&mut self) -> u64 {
        self.watches_begun += 1;
        self.watches.insert(self.watches_begun, self.changes);
        self.watches_begun
    }

    pub(super) fn watch_ends(&mut self, watch: u64) {
        self.watches.remove(&watch);
        self.forget_departed();
    }

    /// A watch has looked at everything. Gives what has departed since it last did.
    pub(super) fn watch_looked(&mut self, watch: u64) -> Vec<AttemptId> {
        let upto = self.watches.insert(watch, self.changes).unwrap_or(self.changes);
        let since = self.departed.iter().filter(|(_, change)| **change > upto);
        let since = since.map(|(attempt, _)| attempt.clone()).collect();
        self.forget_departed();
        since
    }

    #[cfg(test)]
    pub(super) fn departed(&self) -> usize {
        self.departed.len()
    }

    fn forget_departed(&mut self) {
        let all_know = self.watches.values().min().copied().unwrap_or(self.changes);
        self.departed.retain(|_, change| *change > all_know);
    }

    pub(super) fn get(&self, attempt: &AttemptId) -> Option<&Tracked> {
        self.attempts.get(attempt)
    }

    pub(super) fn has_open(&self) -> bool {
        self.attempts.values().any(Tracked::is_open)
    }

    /// The pod of an attempt's Job, if it is there.
    pub(super) fn pod_of(&self, attempt: &AttemptId) -> Option<&Pod> {
        let seen = self.pods.get(&self.attempts.get(attempt)?.identity.uid)?;
        (!seen.gone).then_some(&seen.pod)
    }

    // What is wrong with listing, and when everything is known.

    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    pub(super) fn has_trouble(&mut self, what: String) {
        self.trouble = Some(what);
    }

    /// Whether everything that was there at first is known, with its ends.
    pub(super) fn is_synced(&self) -> bool {
        self.opening.as_ref().is_some_and(BTreeSet::is_empty)
    }

    fn open_when_listed(&mut self) {
        self.trouble = None;
        if self.opening.is_none() && self.jobs_listing.is_complete() && self.pods_listing.is_complete() {
            let ending = self.attempts.iter().filter(|(_, tracked)| tracked.ending().is_some());
            self.opening = Some(ending.map(|(attempt, _)| attempt.clone()).collect());
        }
    }

    fn opened(&mut self, attempt: &AttemptId) {
        self.opening.iter_mut().for_each(|opening| _ = opening.remove(attempt));
    }

    // Jobs.

    pub(super) fn jobs_list_begins(&mut self) {
        self.jobs_listing.begins();
    }

    /// A Job as the API server shows it, in any way.
    pub(super) fn see_job(&mut self, mut job: Job, now: Instant) {
        let Some(identity) = Identity::of(&job, &self.fleet) else { return };
        let mark = self.jobs_listing.mark();
        if self.buried.contains_key(&identity.uid) {
            return;
        }
        if let Some(given_up) = self.given_up.get_mut(&identity.uid) {
            *given_up = mark;
            return;
        }
        self.clock.see(&job.metadata, now);
        job.metadata.managed_fields = None;
        let (attempt, uid) = (identity.attempt_id.clone(), identity.uid.clone());
        match self.attempts.get_mut(&attempt) {
            Some(tracked) if tracked.identity.uid == uid => {
                tracked.mark = mark;
                if is_older(&job.metadata, &tracked.job.metadata) {
                    return;
                }
                tracked.job = job;
            }
            // What has ended is remembered until it is released, also if somebody made it anew.
            Some(tracked) if !tracked.is_open() => return,
            Some(tracked) if is_older(&job.metadata, &tracked.job.metadata) => {
                self.given_up.insert(uid, mark);
                return;
            }
            other => {
                if let Some(replaced) = other.map(|tracked| tracked.identity.uid.clone()) {
                    self.remove(&attempt);
                    self.given_up.insert(replaced, mark);
                }
                let mut tracked = Tracked::new(identity, job, mark);
                if self.makes_secrets && needs_own(&tracked.job) {
                    tracked.secret_due = Some(now);
                }
                self.changes += 1;
                tracked.changed = self.changes;
                self.by_uid.insert(uid, attempt.clone());
                self.attempts.insert(attempt.clone(), tracked);
            }
        }
        self.judge(&attempt, now);
    }

    /// A Job that can't be read is there all the same. What it is of stands in its metadata, the rest its pod may tell.
    pub(super) fn see_strange_job(&mut self, metadata: ObjectMeta, now: Instant) {
        let attempt = metadata.uid.as_ref().and_then(|uid| self.by_uid.get(uid));
        let known = attempt.and_then(|attempt| self.attempts.get(attempt)).map(|tracked| &tracked.job);
        let job = Job { metadata, ..known.cloned().unwrap_or_default() };
        self.see_job(job, now);
    }

    /// Whether this is the Job of an attempt that is held.
    pub(super) fn holds(&self, job_uid: &str) -> bool {
        self.by_uid.contains_key(job_uid)
    }

    /// Whether a Job of this uid is known to be there.
    pub(super) fn shows_job(&self, uid: &str) -> bool {
        let attempt = self.by_uid.get(uid).and_then(|attempt| self.attempts.get(attempt));
        attempt.is_some_and(|tracked| !tracked.job_gone) || self.given_up.contains_key(uid)
    }

    /// A Job that is there no more, as it was last: that may say how it ended.
    pub(super) fn lose_job(&mut self, metadata: &ObjectMeta) {
        let Some(uid) = &metadata.uid else { return };
        self.given_up.remove(uid);
        self.lose_job_of(uid);
    }

    pub(super) fn jobs_listed(&mut self) {
        let mark = self.jobs_listing.ends();
        let missing = |tracked: &&Tracked| !tracked.job_gone && tracked.mark < mark;
        let missing: Vec<String> =
            self.attempts.values().filter(missing).map(|tracked| tracked.identity.uid.clone()).collect();
        for uid in missing {
            self.lose_job_of(&uid);
        }
        self.given_up.retain(|_, seen| *seen >= mark);
        self.buried.retain(|_, seen| *seen >= mark);
        self.open_when_listed();
    }

    fn lose_job_of(&mut self, uid: &str) {
        self.buried.insert(uid.to_owned(), self.jobs_listing.mark());
        let Some(attempt) = self.by_uid.get(uid).cloned() else { return };
        if let Some(tracked) = self.attempts.get_mut(&attempt)
            && !tracked.lose_job()
        {
            self.remove(&attempt);
            self.departed.insert(attempt, self.changes);
            self.forget_departed();
        }
    }

    // Pods.

    pub(super) fn pods_list_begins(&mut self) {
        self.pods_listing.begins();
    }

    pub(super) fn see_pod(&mut self, mut pod: Pod, now: Instant) {
        let Some(job_uid) = job_uid(&pod.metadata) else { return };
        self.clock.see(&pod.metadata, now);
        pod.metadata.managed_fields = None;
        let seen = SeenPod { pod, gone: false, mark: self.pods_listing.mark() };
        match self.pods.get_mut(&job_uid) {
            Some(known) if known.pod.metadata.uid == seen.pod.metadata.uid => {
                known.mark = seen.mark;
                if known.gone || is_older(&seen.pod.metadata, &known.pod.metadata) {
                    return;
                }
                known.pod = seen.pod;
            }
            // A Job has one pod; another one only counts if that is gone.
            Some(known) if !known.gone => return,
            _ => _ = self.pods.insert(job_uid.clone(), seen),
        }
        self.judge_job(&job_uid, now);
    }

    pub(super) fn see_strange_pod(&mut self, metadata: &ObjectMeta) {
        let mark = self.pods_listing.mark();
        if let Some(known) = job_uid(metadata).and_then(|job_uid| self.pods.get_mut(&job_uid)) {
            known.mark = mark;
        }
    }

    /// A pod that is there no more, as it was last.
    pub(super) fn lose_pod(&mut self, pod: Option<Pod>, metadata: &ObjectMeta, now: Instant) {
        let Some(job_uid) = job_uid(metadata) else { return };
        if let Some(pod) = pod {
            self.see_pod(pod, now);
        }
        match self.pods.get_mut(&job_uid) {
            Some(known) if known.pod.metadata.uid == metadata.uid => known.gone = true,
            _ => return,
        }
        self.judge_job(&job_uid, now);
    }

    pub(super) fn pods_listed(&mut self, now: Instant) {
        let mark = self.pods_listing.ends();
        let missing = |(_, seen): &(&String, &SeenPod)| !seen.gone && seen.mark < mark;
        let missing: Vec<String> = self.pods.iter().filter(missing).map(|(uid, _)| uid.clone()).collect();
        for job_uid in missing {
            self.pods.get_mut(&job_uid).into_iter().for_each(|seen| seen.gone = true);
            self.judge_job(&job_uid, now);
        }
        let by_uid = &self.by_uid;
        self.pods.retain(|uid, seen| !seen.gone || by_uid.contains_key(uid));
        self.open_when_listed();
    }

    // Requests.

    /// Between these two, the attempt's Secret is its launch's to make. Gives whether the launch was cut off.
    pub(super) fn launch_begins(&mut self, attempt: &AttemptId) {
        *self.launching.entry(attempt.clone()).or_default() += 1;
    }

    pub(super) fn launch_ends(&mut self, attempt: &AttemptId) {
        if let Some(count) = self.launching.get_mut(attempt) {
            *count -= 1;
            if *count == 0 {
                self.launching.remove(attempt);
            }
        }
    }

    /// When to make the Secret of an attempt; nothing, if it is made or being made.
    pub(super) fn secret_is_due(&mut self, attempt: &AttemptId, due: Option<Instant>) {
        if let Some(tracked) = self.attempts.get_mut(attempt) {
            tracked.secret_due = due;
        }
    }

    pub(super) fn cancel(&mut self, attempt: &AttemptId, now: Instant) {
        if let Some(tracked) = self.attempts.get_mut(attempt) {
            tracked.cancelled = true;
            self.judge(attempt, now);
        }
    }

    /// Forgets an attempt whose Job was deleted, also if the cluster goes on to show it.
    pub(super) fn give_up(&mut self, attempt: &AttemptId, uid: &str) {
        if self.by_uid.get(uid) == Some(attempt) {
            let is_gone = self.attempts.get(attempt).is_some_and(|tracked| tracked.job_gone);
            if !is_gone {
                self.given_up.insert(uid.to_owned(), self.jobs_listing.mark());
            }
            self.remove(attempt);
        }
    }

    // What follows from what is known.

    /// Ends what has waited too long, and gives what is to be done and when to ask again.
    pub(super) fn due(&mut self, now: Instant) -> (Vec<Work>, Option<Instant>) {
        let (mut work, mut next, mut ended) = (Vec::new(), None::<Instant>, false);
        // Until then, what runs seems not to.
        let pods_are_known = self.pods_listing.is_complete();
        // Nor has it waited since its Job was made.
        let clock = pods_are_known.then_some(&self.clock);
        let mut followed = self.attempts.values().filter(|tracked| tracked.is_followed).count();
        let mut later = |at: Instant| next = Some(next.map_or(at, |next| next.min(at)));
        for (attempt, tracked) in &mut self.attempts {
            if tracked.is_busy {
                continue;
            }
            let job_uid = tracked.identity.uid.clone();
            let pod = self.pods.get(&job_uid).filter(|seen| !seen.gone).map(|seen| &seen.pod);
            match tracked.wait_no_longer(&self.patience, clock, now) {
                Overdue::No => {}
                Overdue::Ended => ended = true,
                Overdue::LookAgain { with_events } => {
                    tracked.is_busy = true;
                    let job_name = tracked.identity.job_name.clone();
                    work.push(Work::LookAgain { attempt: attempt.clone(), job_name, job_uid, with_events });
                    continue;
                }
            }
            if let Some(worker_ran) = tracked.ending().map(|ended| ended.worker_ran) {
                tracked.is_busy = true;
                let seen = self.pods.get(&job_uid).map(|seen| PodView(&seen.pod));
                let worker_ended = seen.is_some_and(|pod| pod.worker_end().is_some());
                let pod = pod.and_then(|pod| pod.metadata.name.clone());
                work.push(Work::KeepLog { attempt: attempt.clone(), job_uid, pod, worker_ran, worker_ended });
                continue;
            }
            let runs = pod.filter(|pod| tracked.is_open() && PodView(pod).worker_runs());
            if let Some(pod) = runs.and_then(|pod| pod.metadata.name.clone())
                && !tracked.is_followed
                && followed < self.follows
            {
                tracked.is_followed = true;
                followed += 1;
                work.push(Work::FollowLog { job_uid, pod });
            }
            tracked.due(&self.patience, clock).into_iter().for_each(&mut later);
            let waits = tracked.is_submitted() && pods_are_known && !self.launching.contains_key(attempt);
            match tracked.secret_due.filter(|_| waits) {
                Some(due) if due <= now => {
                    tracked.secret_due = None;
                    let job = Box::new(tracked.job.clone());
                    work.push(Work::MakeSecret { attempt: attempt.clone(), job });
                }
                Some(due) => later(due),
                None => {}
            }
        }
        if ended {
            self.changes += 1;
        }
        (work, next)
    }

    /// The cluster was asked again about an attempt: its Job, if it is there, and all pods of it.
    pub(super) fn take_look(
        &mut self,
        attempt: &AttemptId,
        job_uid: &str,
        look: Result<Shown, Instant>,
        now: Instant,
    ) {
        let Some(tracked) = self.of(attempt, job_uid) else { return };
        tracked.is_busy = false;
        let Shown { job, pods, events } = match look {
            Ok(look) => look,
            Err(again) => return tracked.look_after(again),
        };
        let job = job.filter(|job| job.metadata.uid.as_deref() == Some(job_uid));
        let Some(job) = job else { return self.lose_job_of(job_uid) };
        self.see_job(job, now);
        let known = self.pods.get(job_uid).map(|seen| seen.pod.metadata.clone());
        if let Some(known) = known.filter(|known| pods.iter().all(|pod| pod.metadata.uid != known.uid)) {
            self.lose_pod(None, &known, now);
        }
        pods.into_iter().for_each(|pod| self.see_pod(pod, now));
        if let Some(tracked) = self.of(attempt, job_uid) {
            tracked.has_looked(events);
            self.judge(attempt, now);
        }
    }

    pub(super) fn take_log(&mut self, attempt: &AttemptId, job_uid: &str, log: LogFate) {
        let pod = self.pods.get(job_uid).map(|seen| seen.pod.clone());
        let changes = self.changes + 1;
        if let Some(tracked) = self.of(attempt, job_uid) {
            tracked.is_busy = false;
            tracked.is_followed = false;
            tracked.finish(pod.as_ref(), log);
            tracked.changed = changes;
            self.changes = changes;
        }
        self.opened(attempt);
    }

    fn of(&mut self, attempt: &AttemptId, job_uid: &str) -> Option<&mut Tracked> {
        self.attempts.get_mut(attempt).filter(|tracked| tracked.identity.uid == job_uid)
    }

    fn judge_job(&mut self, job_uid: &str, now: Instant) {
        match self.by_uid.get(job_uid).cloned() {
            Some(attempt) => self.judge(&attempt, now),
            // A pod of no Job that is known is of no use once it is gone.
            None => self.pods.retain(|uid, seen| uid != job_uid || !seen.gone),
        }
    }

    fn judge(&mut self, attempt: &AttemptId, now: Instant) {
        let Some(tracked) = self.attempts.get_mut(attempt) else { return };
        let seen = self.pods.get(&tracked.identity.uid);
        if tracked.judge(seen.map(|seen| &seen.pod), seen.is_some_and(|seen| seen.gone), now) {
            self.changes += 1;
            tracked.changed = self.changes;
        }
        // A Secret that was found to be there may have been another Job's, and have gone with it.
        let waits = tracked.hold() == Some(crate::classify::HoldKind::Configuration);
        if waits && self.makes_secrets && tracked.secret_due.is_none() && needs_own(&tracked.job) {
            tracked.secret_due = Some(now + SECRET_AGAIN);
        }
    }

    fn remove(&mut self, attempt: &AttemptId) {
        if let Some(tracked) = self.attempts.remove(attempt) {
            self.by_uid.remove(&tracked.identity.uid);
            self.pods.remove(&tracked.identity.uid);
            self.changes += 1;
        }
        self.opened(attempt);
    }
}

/// The Job that made a pod.
fn job_uid(metadata: &ObjectMeta) -> Option<String> {
    metadata.labels.as_ref()?.get(CONTROLLER_UID).cloned()
}

/// Whether the API server showed this before the other, as far as that can be told.
fn is_older(one: &ObjectMeta, other: &ObjectMeta) -> bool {
    let created = |metadata: &ObjectMeta| metadata.creation_timestamp.clone();
    let version = |metadata: &ObjectMeta| metadata.resource_version.as_ref()?.parse::<u64>().ok();
    match (version(one), version(other)) {
        (Some(one), Some(other)) => one < other,
        _ => created(one) < created(other),
    }
}

#[cfg(test)]
#[path = "table/tests.rs"]
mod tests;
