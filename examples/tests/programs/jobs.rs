//! Attempts as Jobs: the real host with `--executor k8s`, on a cluster whose pods are real workers.
//!
//! The cluster is the API server for tests with its kubelet; each start of a worker is counted by what stands for the
//! image, outside our code.

use crate::host::{Ended, Host};
use crate::program::program;
use crate::repository::Repository;
use crate::told::{observed, told};
use leviathan_core::event::Event;
use leviathan_core::log::RecordedEvent;
use leviathan_test_kube_api::{Failing, FakeKube, Image, Kubelet};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Takes its time, so that it can be met at work.
const AGENT: &str = "sleep 0.3; echo \"about $TASK_ID\" > \"docs/$TASK_ID.md\"";
const IMAGE: &str = "worker:test";

/// A repository, a cluster, and a place for the host's state.
struct Yard {
    dir: TempDir,
    repository: Repository,
    kube: FakeKube,
    _kubelet: Kubelet,
    /// The host that follows a killed one must get the same.
    port: u16,
}

impl Yard {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::small(dir.path());
        let kube = FakeKube::start();
        let starts = dir.path().join("starts");
        std::fs::write(&starts, "").unwrap();
        let script = format!(
            "echo $ATTEMPT_ID >> {}; exec {} worker",
            starts.display(),
            program("scheduler").display()
        );
        let image = Image {
            command: vec!["/bin/sh".to_owned(), "-c".to_owned(), script],
            env: vec![("LEVIATHAN_FINAL_MESSAGE".to_owned(), "/dev/termination-log".to_owned())],
        };
        let kubelet = Kubelet::start(&kube, move |name| (name == IMAGE).then(|| image.clone()));
        std::fs::write(dir.path().join("kubeconfig"), kube.kubeconfig(kube.token())).unwrap();
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        Self { dir, repository, kube, _kubelet: kubelet, port }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("scheduler"));
        command.current_dir(self.dir.path()).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
            .env("KUBECONFIG", "kubeconfig")
            .env("LEVIATHAN_CONTROL_PLANE_URL", format!("http://127.0.0.1:{}", self.port))
            .args(["--executor", "k8s", "--image", IMAGE, "--target", "radix", "--state-dir", "state"])
            .args(["--repo", &self.repository.path(), "--agent-command", AGENT, "--export", "log.ndjson"])
            .args(["--port", &self.port.to_string()])
            .args(arguments);
        command
    }

    fn host(&self, arguments: &[&str]) -> Host {
        Host::start(self.command(arguments))
    }

    /// Lets a host finish, and proves what must hold then.
    fn finish(&self, host: Host) -> Vec<RecordedEvent> {
        let (status, printed) = host.finish();
        assert!(status.success(), "{status}\n{printed}");
        let events = told(&printed, &self.dir.path().join("log.ndjson"));
        self.each_attempt_started_and_ended_once(&events);
        assert_eq!(self.kube.jobs().len(), 0, "Jobs are left: {printed}");
        assert_eq!(self.kube.pods().len(), 0, "pods are left: {printed}");
        assert_eq!(self.kube.secrets().len(), 0, "Secrets are left: {printed}");
        assert_eq!(self.kube.refused(), [""; 0]);
        events
    }

    fn each_attempt_started_and_ended_once(&self, events: &[RecordedEvent]) {
        let mut opened = BTreeMap::<String, usize>::new();
        for event in events.iter().filter_map(observed) {
            match event {
                Event::AttemptCreated(fields) => _ = opened.entry(fields.attempt_id.to_string()).or_default(),
                Event::AttemptSucceeded(fields) => {
                    *opened.entry(fields.attempt_id.to_string()).or_default() += 1
                }
                Event::AttemptFailed(fields) => {
                    *opened.entry(fields.attempt_id.to_string()).or_default() += 1
                }
                Event::AttemptCancelled(fields) => {
                    *opened.entry(fields.attempt_id.to_string()).or_default() += 1
                }
                _ => {}
            }
        }
        assert!(opened.values().all(|ends| *ends == 1), "each has one end: {opened:?}");
        let mut started = self.started();
        started.sort();
        assert_eq!(started, opened.into_keys().collect::<Vec<_>>(), "each was started once");
    }

    /// The attempts whose workers were started, in order.
    fn started(&self) -> Vec<String> {
        let starts = std::fs::read_to_string(self.dir.path().join("starts")).unwrap();
        starts.lines().map(str::to_owned).collect()
    }

    /// What the workers said, as it was kept.
    fn logs(&self, events: &[RecordedEvent]) -> Vec<String> {
        let logs = events.iter().filter_map(observed).filter_map(|event| match event {
            Event::ArtifactCreated(fields) if fields.artifact_type == "log" => {
                Some(fields.sha256.to_string())
            }
            _ => None,
        });
        logs.map(|sha256| {
            let found = find(&self.dir.path().join("state"), &sha256);
            let path = found.unwrap_or_else(|| panic!("the artifact {sha256} is not kept"));
            std::fs::read_to_string(path).unwrap()
        })
        .collect()
    }

    /// Waits for something to be seen, in the cluster or beside it.
    fn until<T>(&self, what: &str, find: impl FnMut(&FakeKube) -> Option<T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.kube.until(what, find))
    }
}

/// The file below `dir` whose path ends so, slashes apart.
fn find(dir: &std::path::Path, end: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?.map(|entry| entry.unwrap().path());
    entries.into_iter().find_map(|path| {
        if path.is_dir() {
            return find(&path, end);
        }
        path.to_string_lossy().replace('/', "").ends_with(end).then_some(path)
    })
}

#[test]
fn the_tasks_of_a_backlog_are_done_as_jobs_and_nothing_of_them_is_left_in_the_cluster() {
    let yard = Yard::new();
    let events = yard.finish(yard.host(&[]));
    assert_eq!(yard.repository.branches(), ["agent/first", "agent/second", "main"]);
    assert_eq!(yard.repository.changed("main", "agent/second"), ["docs/second.md"]);
    let logs = yard.logs(&events);
    assert_eq!(logs.len(), 2, "{logs:?}");
    assert!(logs.iter().all(|log| log.contains("1 check(s) passed in round 1")), "{logs:?}");
    // Not one request more than the work needs: once it was asked whether Secrets may be made.
    let counts = yard.kube.counts();
    let made = ["create jobs", "create secrets", "get pods/log", "delete jobs"].map(|what| counts[what]);
    assert_eq!(made, [2, 1 + 2, 2, 2], "{counts:?}");
}

#[test]
fn one_attempt_is_made_where_one_is_asked_for() {
    let yard = Yard::new();
    yard.finish(yard.host(&["--once"]));
    assert_eq!(yard.repository.branches(), ["agent/first", "main"]);
    yard.finish(yard.host(&["--once"]));
    assert_eq!(yard.repository.branches(), ["agent/first", "agent/second", "main"]);
}

#[test]
fn a_watching_host_that_is_told_to_stop_leaves_a_job_to_the_next_one() {
    let yard = Yard::new();
    let host = yard.host(&["--watch"]);
    yard.until("a worker at work", |_| yard.started().first().cloned());
    host.terminate();
    let (status, printed) = host.finish();
    assert!(status.success() && printed.contains("adopts it"), "{status}\n{printed}");
    assert_eq!(yard.kube.jobs().len(), 1, "{printed}");
    yard.finish(yard.host(&[]));
    assert_eq!(yard.repository.branches(), ["agent/first", "agent/second", "main"]);
}

/// Where in an attempt's life the host is killed.
struct Moment {
    name: &'static str,
    /// A request that goes wrong there, so that the host cannot get past it before it is killed.
    failing: Option<(&'static str, &'static str, Failing)>,
    has_come: fn(&Yard) -> bool,
}

fn asked(yard: &Yard, verb: &str, resource: &str) -> bool {
    yard.kube.count(verb, resource) > 0
}

const MOMENTS: [Moment; 12] = [
    Moment {
        name: "the cluster is first asked",
        failing: Some(("list", "jobs", Failing::HangUp)),
        has_come: |yard| asked(yard, "list", "jobs"),
    },
    Moment {
        name: "a Job is asked for and not made",
        failing: Some(("create", "jobs", Failing::HangUp)),
        has_come: |yard| asked(yard, "create", "jobs"),
    },
    Moment {
        name: "a Job is made and the answer lost",
        failing: Some(("create", "jobs", Failing::HangUpAfter)),
        has_come: |yard| !yard.kube.jobs().is_empty(),
    },
    Moment {
        name: "a Secret is asked for and not made",
        failing: Some(("create", "secrets", Failing::HangUp)),
        has_come: |yard| asked(yard, "create", "secrets"),
    },
    Moment {
        name: "a Secret is made and the answer lost",
        failing: Some(("create", "secrets", Failing::HangUpAfter)),
        has_come: |yard| !yard.kube.secrets().is_empty(),
    },
    Moment { name: "a Secret is there", failing: None, has_come: |yard| !yard.kube.secrets().is_empty() },
    Moment { name: "a worker starts", failing: None, has_come: |yard| !yard.started().is_empty() },
    Moment {
        name: "a worker has pushed",
        failing: None,
        has_come: |yard| yard.repository.branches().contains(&"agent/first".to_owned()),
    },
    Moment { name: "a pod has ended", failing: None, has_come: |yard| pod_ended(yard) },
    Moment {
        name: "a log is asked for and not given",
        failing: Some(("get", "pods/log", Failing::HangUp)),
        has_come: |yard| asked(yard, "get", "pods/log"),
    },
    Moment {
        name: "a deletion is asked for and not done",
        failing: Some(("delete", "jobs", Failing::HangUp)),
        has_come: |yard| asked(yard, "delete", "jobs"),
    },
    Moment {
        name: "a Job is deleted and the answer lost",
        failing: Some(("delete", "jobs", Failing::HangUpAfter)),
        has_come: |yard| asked(yard, "delete", "jobs"),
    },
];

fn pod_ended(yard: &Yard) -> bool {
    let phase = |pod: k8s_openapi::api::core::v1::Pod| pod.status?.phase;
    yard.kube.pods().into_iter().filter_map(phase).any(|phase| phase == "Succeeded")
}

#[test]
fn a_host_that_is_killed_at_any_step_of_an_attempt_goes_on_and_starts_nothing_twice() {
    for moment in MOMENTS {
        let yard = Yard::new();
        if let Some((verb, resource, how)) = moment.failing {
            yard.kube.fail(1, verb, resource, how);
        }
        let host = yard.host(&["--once"]);
        yard.until(moment.name, |_| (moment.has_come)(&yard).then_some(()));
        let (ended, printed) = host.kill();
        assert_eq!(ended, Ended::Us, "{}: it had ended by itself:\n{printed}", moment.name);
        yard.finish(yard.host(&[]));
        assert_eq!(yard.repository.branches(), ["agent/first", "agent/second", "main"], "{}", moment.name);
        assert_eq!(yard.started().len(), 2, "{}", moment.name);
        println!("killed when {}", moment.name);
    }
}

#[test]
fn no_token_is_seen_in_the_cluster_but_in_secrets_nor_in_the_log() {
    let yard = Yard::new();
    let host = yard.host(&["--once"]);
    let token = yard.until("an attempt's Secret", |kube| {
        let secret = kube.secrets().into_iter().next()?;
        let kept = secret.data?.into_values().next()?;
        Some(String::from_utf8(kept.0).unwrap())
    });
    yard.until("its pod", |kube| kube.pods().first().cloned());
    let shown = format!("{:?} {:?}", yard.kube.jobs(), yard.kube.pods());
    let events = yard.finish(host);
    let log = std::fs::read_to_string(yard.dir.path().join("log.ndjson")).unwrap();
    for text in yard.logs(&events).into_iter().chain([shown, log]) {
        assert!(!text.contains(&token), "{text}");
    }
}
