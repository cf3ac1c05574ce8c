//! What the table makes of what a cluster shows.

use super::*;
use crate::classify::{HoldKind, began};
use crate::test_fixtures::{Case, Line, Object, Stream};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use leviathan_core::executor::Phase;

const FLEET: &str = "log-1";

fn attempt() -> AttemptId {
    AttemptId::new("attempt-1").unwrap()
}

fn table() -> Table {
    Table::new(FLEET.to_owned(), Patience::default(), false, 2)
}

/// Dressed up as a Job of ours.
fn ours(mut job: Job) -> Job {
    let pairs = |pairs: &[(&str, &str)]| {
        Some(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    };
    job.metadata.name = Some("leviathan-attempt-1".to_owned());
    job.metadata.labels = pairs(&[("leviathan/fleet", FLEET)]);
    job.metadata.annotations =
        pairs(&[("leviathan/attempt-id", "attempt-1"), ("leviathan/spec-sha256", "0")]);
    job
}

fn job(uid: &str, version: u64) -> Job {
    let mut job = ours(Job::default());
    job.metadata.uid = Some(uid.to_owned());
    job.metadata.resource_version = Some(version.to_string());
    job
}

fn take(table: &mut Table, line: &Line, now: Instant) {
    match line.object.clone() {
        Object::Job(job) if line.deleted => table.lose_job(&job.metadata),
        Object::Job(job) => table.see_job(ours(*job), now),
        Object::Pod(pod) if line.deleted => {
            let metadata = pod.metadata.clone();
            table.lose_pod(Some(*pod), &metadata, now);
        }
        Object::Pod(pod) => table.see_pod(*pod, now),
        Object::Event(_) => {}
    }
}

/// Does what is due, and gives how often a log was to be kept.
fn work_off(table: &mut Table, now: Instant) -> usize {
    let mut logs = 0;
    loop {
        let (work, _) = table.due(now);
        if work.is_empty() {
            return logs;
        }
        for work in work {
            match work {
                Work::KeepLog { attempt, job_uid, worker_ran, .. } => {
                    logs += usize::from(worker_ran);
                    table.take_log(&attempt, &job_uid, None);
                }
                Work::LookAgain { attempt, job_uid, .. } => {
                    let job = table.get(&attempt).unwrap().job.clone();
                    let pods = table.pod_of(&attempt).cloned().into_iter().collect();
                    table.take_look(
                        &attempt,
                        &job_uid,
                        Ok(Shown { job: Some(job), pods, ..Shown::default() }),
                        now,
                    );
                }
                Work::FollowLog { .. } => {}
                Work::MakeSecret { .. } => panic!("it makes no Secrets"),
            }
        }
    }
}

fn rank(table: &Table) -> u8 {
    table.get(&attempt()).map_or(0, |tracked| tracked.sighting().phase.rank())
}

fn follow(case: &Case, order: &[(Stream, usize)]) -> (Table, usize) {
    let (mut table, now) = (table(), Instant::now());
    let (mut reached, mut logs) = (0, 0);
    for (stream, line) in order {
        take(&mut table, &case.lines(*stream)[*line], now);
        logs += work_off(&mut table, now);
        let held = table.get(&attempt()).is_some();
        assert!(!held || rank(&table) >= reached, "{}: a phase went back", case.name);
        reached = rank(&table);
    }
    (table, logs)
}

#[test]
fn each_recorded_case_has_one_end_and_its_log_is_kept_once() {
    for case in Case::all() {
        for seed in 0..50 {
            let order = if seed == 0 { case.recorded_order() } else { case.shuffled(seed) };
            let (mut table, mut logs) = follow(&case, &order);
            let late = Instant::now() + Duration::from_secs(3600);
            let expected = &case.expected;
            let cause = expected.end.as_deref().or(expected.never_starts.as_deref()).unwrap();
            let cause = if cause == "open" { "node_lost" } else { cause };
            if expected.never_starts.is_some() || expected.end.as_deref() == Some("open") {
                assert_ne!(rank(&table), 2, "{}: it was not waited for", case.name);
            }
            logs += work_off(&mut table, late);
            let Some(tracked) = table.get(&attempt()) else {
                assert_eq!(cause, "gone", "{} with seed {seed}", case.name);
                continue;
            };
            let Phase::Finished(end) = tracked.sighting().phase else {
                panic!("{} with seed {seed}: it has no end", case.name);
            };
            let found = match (&end.cause, end.exit_code) {
                (Some(cause), _) => cause.to_string(),
                (None, code) => format!("exit({})", code.unwrap()),
            };
            // A Job that was deleted may have shown its pod's end before.
            assert!(found == cause || cause == "gone", "{} with seed {seed}: {end:?}", case.name);
            let ran = expected.log.as_deref().is_some_and(|log| log != "none");
            assert!(logs <= 1 && (!ran || logs == 1), "{} with seed {seed}: {logs} logs", case.name);
        }
    }
}

#[test]
fn a_success_tells_the_workers_last_word() {
    let case = Case::read("success");
    let (table, _) = follow(&case, &case.recorded_order());
    let Phase::Finished(end) = table.get(&attempt()).unwrap().sighting().phase else { panic!() };
    // The recorded worker spoke of another attempt.
    assert!(end.detail.unwrap().contains("final message is ignored"));
    assert_eq!(end.exit_code, Some(0));
}

#[test]
fn a_job_that_a_complete_list_lacks_is_gone_unless_it_was_made_since_the_list_began() {
    let (mut table, now) = (table(), Instant::now());
    table.see_job(job("one", 1), now);
    table.jobs_list_begins();
    let mut other = job("two", 2);
    other.metadata.name = Some("leviathan-attempt-2".to_owned());
    other.metadata.annotations.as_mut().unwrap().insert("leviathan/attempt-id".into(), "attempt-2".into());
    table.see_job(other, now);
    table.jobs_listed();
    assert!(table.get(&attempt()).is_none());
    assert!(table.get(&AttemptId::new("attempt-2").unwrap()).is_some());
}

#[test]
fn a_list_that_failed_calls_nothing_gone() {
    let (mut table, now) = (table(), Instant::now());
    table.see_job(job("one", 1), now);
    table.jobs_list_begins();
    table.jobs_list_begins();
    table.see_job(job("one", 1), now);
    table.jobs_listed();
    assert!(table.get(&attempt()).is_some());
}

#[test]
fn what_was_given_up_is_not_seen_again_and_is_forgotten_once_it_is_gone() {
    let (mut table, now) = (table(), Instant::now());
    table.see_job(job("one", 1), now);
    table.give_up(&attempt(), "one");
    table.see_job(job("one", 2), now);
    assert!(table.get(&attempt()).is_none());
    table.lose_job(&job("one", 3).metadata);
    table.see_job(job("two", 4), now);
    table.give_up(&attempt(), "two");
    table.jobs_list_begins();
    table.jobs_listed();
    assert!(table.given_up.is_empty() && table.by_uid.is_empty() && table.pods.is_empty());
}

#[test]
fn a_job_that_took_anothers_name_is_another_and_what_comes_late_of_the_first_changes_nothing() {
    let (mut table, now) = (table(), Instant::now());
    table.see_job(job("one", 1), now);
    table.see_job(job("two", 5), now);
    table.see_job(job("one", 3), now);
    table.lose_job(&job("one", 4).metadata);
    assert_eq!(table.get(&attempt()).unwrap().identity.uid, "two");
}

#[test]
fn a_job_that_cannot_be_read_is_held_by_what_its_metadata_says() {
    let (mut table, now) = (table(), Instant::now());
    table.jobs_list_begins();
    table.see_strange_job(job("one", 1).metadata, now);
    table.jobs_listed();
    table.pods_list_begins();
    table.pods_listed(now);
    assert!(table.is_synced() && table.get(&attempt()).is_some());
}

#[test]
fn an_end_is_remembered_though_its_job_is_gone_until_it_is_given_up() {
    let case = Case::read("success");
    let (mut table, _) = follow(&case, &case.recorded_order());
    let uid = table.get(&attempt()).unwrap().identity.uid.clone();
    table.jobs_list_begins();
    table.jobs_listed();
    assert!(table.get(&attempt()).unwrap().is_finished());
    table.give_up(&attempt(), &uid);
    assert!(table.attempts.is_empty() && table.pods.is_empty() && table.given_up.is_empty());
}

#[test]
fn nothing_is_synced_before_the_ends_that_were_there_have_their_logs() {
    let case = Case::read("success");
    let (mut table, now) = (table(), Instant::now());
    table.jobs_list_begins();
    table.pods_list_begins();
    for (stream, line) in case.recorded_order() {
        take(&mut table, &case.lines(stream)[line], now);
    }
    table.jobs_listed();
    table.pods_listed(now);
    assert!(!table.is_synced());
    assert_eq!(work_off(&mut table, now), 1);
    assert!(table.is_synced());
}

#[test]
fn nothing_is_ended_for_waiting_too_long_before_the_cluster_has_been_asked_again() {
    let case = Case::read("unschedulable");
    let (mut table, _) = follow(&case, &case.recorded_order());
    let (job, uid) = {
        let tracked = table.get(&attempt()).unwrap();
        (tracked.job.clone(), tracked.identity.uid.clone())
    };
    let late = Instant::now() + Duration::from_secs(3600);
    let asked = |table: &mut Table, now| matches!(table.due(now).0.as_slice(), [Work::LookAgain { .. }]);
    assert!(asked(&mut table, late));
    let again = late + Duration::from_secs(5);
    table.take_look(&attempt(), &uid, Err(again), late);
    assert!(table.due(late).0.is_empty() && table.due(late).1 == Some(again), "it did not answer");
    assert!(asked(&mut table, again));
    // What was thought to wait runs since long.
    let running = Case::read("success").lines(Stream::Pods).iter().find_map(|line| match &line.object {
        Object::Pod(pod) if crate::classify::PodView(pod).worker_runs() => Some(pod.clone()),
        _ => None,
    });
    let mut running = *running.unwrap();
    running.metadata = table.pod_of(&attempt()).unwrap().metadata.clone();
    table.take_look(
        &attempt(),
        &uid,
        Ok(Shown { job: Some(job), pods: vec![running], ..Shown::default() }),
        again,
    );
    assert_eq!((rank(&table), work_off(&mut table, again + Duration::from_secs(3600))), (1, 0));
    assert_eq!(rank(&table), 1);
}

/// What a new host is shown of a case whose first hold of this kind is its last line so far.
fn shown_to_a_new_host(case: &Case, kind: HoldKind, now: Instant) -> Table {
    let mut table = table();
    table.jobs_list_begins();
    table.pods_list_begins();
    for (stream, line) in case.recorded_order() {
        take(&mut table, &case.lines(stream)[line], now);
        if table.get(&attempt()).and_then(Tracked::hold) == Some(kind) {
            break;
        }
    }
    table.jobs_listed();
    table.pods_listed(now);
    assert_eq!(table.get(&attempt()).and_then(Tracked::hold), Some(kind), "{}", case.name);
    table
}

#[test]
fn what_an_attempt_waited_before_a_restart_counts_as_far_as_the_clusters_own_times_tell() {
    let patience = Patience::default();
    let until_started = patience.starting + patience.image_pull + patience.configuration;
    for (case, kind, least, longest) in [
        ("quota-no-pod", HoldKind::NoPod, patience.no_pod, patience.no_pod),
        ("unschedulable", HoldKind::Unschedulable, patience.unschedulable, patience.unschedulable),
        ("image-pull-backoff", HoldKind::ImagePull, patience.image_pull, until_started),
        ("create-container-config-error", HoldKind::Configuration, patience.configuration, until_started),
        ("node-lost-no-eviction", HoldKind::Node, patience.node, patience.node),
    ] {
        let (case, now) = (Case::read(case), Instant::now());
        let mut table = shown_to_a_new_host(&case, kind, now);
        let tracked = table.get(&attempt()).unwrap();
        let since = began(kind, &tracked.job, table.pod_of(&attempt())).unwrap();
        // This machine's clock says nothing: as far as is known it has only begun.
        let (work, next) = table.due(now);
        assert!(work.iter().all(|work| matches!(work, Work::FollowLog { .. })), "{}: {work:?}", case.name);
        assert_eq!(next, Some(now + least), "{}", case.name);
        // Another Job shows what time it is there.
        let mut newer = |passed: Duration| {
            let mut other = job(&format!("at-{}", passed.as_secs()), 2);
            let name = format!("attempt-{}", passed.as_secs());
            other.metadata.name = Some(format!("leviathan-{name}"));
            other.metadata.annotations.as_mut().unwrap().insert("leviathan/attempt-id".into(), name);
            other.metadata.creation_timestamp = Some(Time(since + passed));
            table.see_job(other, now);
            let (work, _) = table.due(now);
            work.iter()
                .any(|work| matches!(work, Work::LookAgain { attempt, .. } if *attempt == self::attempt()))
        };
        assert!(!newer(longest - Duration::from_secs(1)), "{}: it has a second left", case.name);
        assert!(newer(longest), "{}: its patience is over", case.name);
    }
}

#[test]
fn an_answer_that_was_on_its_way_raises_no_dead() {
    let (mut table, now) = (table(), Instant::now());
    table.see_job(job("one", 1), now);
    table.lose_job(&job("one", 3).metadata);
    table.see_job(job("one", 2), now);
    assert!(table.get(&attempt()).is_none());
    table.jobs_list_begins();
    table.jobs_listed();
    assert!(table.buried.is_empty(), "no answer is on its way for so long");
}
