//! Every recorded case of a real cluster comes out as it should, whatever the order in which its streams arrive.

use super::*;
use crate::test_fixtures::{Case, Line, Object, Stream};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use leviathan_core::executor::Cause;
use std::collections::BTreeMap;

/// How many orders of each case are tried.
const SAMPLES: u64 = 1000;

/// What is known at one moment, built up from the lines that came.
#[derive(Default)]
struct Known {
    job: Option<Job>,
    job_gone: bool,
    pod: Option<Pod>,
    pod_gone: bool,
    events: BTreeMap<String, Event>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Open(Option<(HoldKind, Option<Cause>)>),
    Ended(Ended),
    Gone,
}

impl Known {
    fn take(&mut self, line: &Line) {
        match line.object.clone() {
            Object::Job(job) => {
                self.job = Some(*job);
                self.job_gone |= line.deleted;
            }
            Object::Pod(pod) => {
                self.pod = Some(*pod);
                self.pod_gone |= line.deleted;
            }
            Object::Event(event) => {
                self.events.insert(event.metadata.uid.clone().unwrap(), *event);
            }
        }
    }

    fn verdict(&self) -> Option<Verdict> {
        let events: Vec<_> = self.events.values().cloned().collect();
        let job = self.job.as_ref()?;
        let seen = Evidence {
            job,
            pod: self.pod.as_ref(),
            pod_gone: self.pod_gone,
            cancelled: false,
            events: &events,
        };
        Some(classify(&seen))
    }
}

/// Takes the lines in this order, and gives what it comes to. An end must stay the same, and phases never go back.
fn follow(case: &Case, order: &[(Stream, usize)]) -> Outcome {
    let mut known = Known::default();
    let mut reached = 0;
    let mut ended: Option<Ended> = None;
    for (stream, line) in order {
        known.take(&case.lines(*stream)[*line]);
        if known.job_gone {
            return ended.map_or(Outcome::Gone, Outcome::Ended);
        }
        let Some(verdict) = known.verdict() else { continue };
        let rank = match &verdict {
            Verdict::Waiting(_) => 0,
            Verdict::Running(_) => 1,
            Verdict::Ended(_) => 2,
        };
        assert!(rank >= reached, "{}: a phase went back with line {line} of {stream:?}", case.name);
        reached = rank;
        if let Verdict::Ended(now) = verdict {
            let first = ended.get_or_insert_with(|| now.clone());
            assert_eq!(
                (&first.cause, first.worker_ran),
                (&now.cause, now.worker_ran),
                "{}: one end became another",
                case.name
            );
        }
    }
    match (ended, known.verdict()) {
        (Some(ended), _) => Outcome::Ended(ended),
        (None, verdict) => {
            Outcome::Open(verdict.unwrap().hold().map(|hold| (hold.kind, hold.ends_as.cause.clone())))
        }
    }
}

fn check(case: &Case, outcome: &Outcome) {
    let expected = &case.expected;
    match (expected.end.as_deref(), expected.never_starts.as_deref(), outcome) {
        (Some("gone"), _, Outcome::Gone) => {}
        (Some("open"), _, Outcome::Open(Some((HoldKind::Node, Some(Cause::NodeLost))))) => {}
        (Some(end), _, Outcome::Ended(ended)) => {
            let found = match (&ended.cause, ended.exit_code) {
                (Some(cause), _) => cause.to_string(),
                (None, code) => format!("exit({})", code.unwrap()),
            };
            assert_eq!(found, end, "{}: {ended:?}", case.name);
            assert_eq!(ended.worker_ran, expected.log.as_deref() != Some("none"), "{}", case.name);
        }
        (None, Some(cause), Outcome::Open(Some((_, Some(found))))) => {
            assert_eq!(found.to_string(), cause, "{}", case.name);
        }
        _ => panic!("{}: expected {expected:?}, found {outcome:?}", case.name),
    }
}

#[test]
fn each_recorded_case_comes_out_as_it_should_in_the_order_of_the_recording() {
    let cases = Case::all();
    assert_eq!(cases.len(), 25, "a recorded case is missing");
    for case in cases {
        check(&case, &follow(&case, &case.recorded_order()));
    }
}

#[test]
fn each_recorded_case_comes_out_as_it_should_in_a_thousand_orders_with_lines_twice_and_lines_missing() {
    for case in Case::all() {
        for seed in 0..SAMPLES {
            let order = case.shuffled(seed);
            check(&case, &follow(&case, &order));
        }
    }
}

#[test]
fn a_fault_of_the_configuration_says_what_to_look_at() {
    let says = [
        ("create-container-config-error", ["api-key", "leviathan/leviathan-worker"]),
        ("invalid-image-name", ["Leviathan/Worker Image", "`image`"]),
        ("err-image-never-pull", ["localhost/not-there:1", "pull policy"]),
        ("image-pull-backoff", ["registry.invalid/leviathan/worker:1", "pull secrets"]),
        ("quota-no-pod", ["exceeded quota: no-pods", "ResourceQuota"]),
        ("missing-serviceaccount", ["not-there", "`service_account`"]),
        ("pod-security-denied", ["restricted:latest", "pod-security labels"]),
        ("unschedulable", ["Insufficient cpu", "no node has room"]),
        ("start-error", ["/no/such/command", "entrypoint"]),
        ("init-container-fails", ["`checkout`", "exit code 4"]),
        ("evicted-ephemeral-storage", ["ephemeral local storage", "evicted"]),
        ("node-lost-no-eviction", ["node1", "stopped answering"]),
    ];
    for (name, words) in says {
        let case = Case::read(name);
        let mut known = Known::default();
        for (stream, line) in case.recorded_order() {
            known.take(&case.lines(stream)[line]);
        }
        let detail = match known.verdict().unwrap() {
            Verdict::Ended(ended) => ended.detail,
            verdict => verdict.hold().unwrap().ends_as.detail.clone(),
        };
        let detail = detail.unwrap();
        for word in words {
            assert!(detail.contains(word), "{name}: {word:?} is not in: {detail}");
        }
    }
}

#[test]
fn without_events_a_job_without_a_pod_is_still_a_fault_of_the_configuration() {
    for name in ["quota-no-pod", "missing-serviceaccount", "pod-security-denied"] {
        let case = Case::read(name);
        let mut known = Known::default();
        for (stream, line) in case.recorded_order() {
            if stream != Stream::Events {
                known.take(&case.lines(stream)[line]);
            }
        }
        let verdict = known.verdict().unwrap();
        assert_eq!(verdict.hold().unwrap().ends_as.cause, Some(Cause::ConfigError), "{name}");
    }
}

#[test]
fn what_was_cancelled_is_neither_deleted_by_somebody_nor_a_failure_of_its_own_but_may_have_ended_well() {
    for name in ["pod-deleted-by-hand", "failure-exit-3", "job-deleted-foreground", "deadline-pod"] {
        let case = Case::read(name);
        let mut known = Known::default();
        let mut ended = None;
        for (stream, line) in case.recorded_order() {
            known.take(&case.lines(stream)[line]);
            let Some(job) = known.job.as_ref() else { continue };
            let seen = Evidence {
                job,
                pod: known.pod.as_ref(),
                pod_gone: known.pod_gone,
                cancelled: true,
                events: &[],
            };
            if let Verdict::Ended(now) = classify(&seen) {
                ended.get_or_insert(now);
            }
        }
        assert_eq!(ended.unwrap().cause, Some(Cause::Cancelled), "{name}");
    }
    let case = Case::read("success");
    let mut known = Known::default();
    for (stream, line) in case.recorded_order() {
        known.take(&case.lines(stream)[line]);
    }
    let job = known.job.as_ref().unwrap();
    let seen = Evidence { job, pod: known.pod.as_ref(), pod_gone: false, cancelled: true, events: &[] };
    assert_eq!(classify(&seen), Verdict::Ended(Ended::exit(0)));
}
