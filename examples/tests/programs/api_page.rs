//! `docs/api.md`: each example of it is carried out, and answers what the page says.

use crate::program::program;
use crate::served::{OPERATOR, Served, WORKER, api, tokens};
use bytes::Bytes;
use leviathan_core::backlog::Backlog;
use leviathan_core::decide::Command;
use leviathan_core::executor::{Phase, Sighting};
use leviathan_core::graph::TaskKey;
use leviathan_core::id::{AttemptId, ExecutorName, LogId};
use leviathan_core::{Bundle, CompleteOn, Ledger, NewLog, TargetConfig, TargetPolicy};
use leviathan_local::SystemClock;
use leviathan_local::events::FileEventStore;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAGE: &str = include_str!("../../../docs/api.md");
/// What the page calls its attempt, which no log would.
const ATTEMPT: &str = "attempt-1a2b3c4d5e6f7a8b";
/// The page's examples read on behind this position.
const EVENTS: usize = 1_300;

/// An example: what is typed, and what the page shows of the answer.
#[derive(Debug)]
struct Example {
    /// Method and path of the route that its section is about, if it is about one.
    route: Option<&'static str>,
    typed: String,
    answer: Option<Value>,
}

/// The examples, in the order of the page. What defines the words of the others is the first.
fn examples() -> Vec<Example> {
    let (mut examples, mut route): (Vec<Example>, _) = (Vec::new(), None);
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("##") {
            route = title.strip_prefix("# `").and_then(|title| title.strip_suffix('`'));
        }
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) else {
            continue;
        };
        let text = lines.by_ref().take_while(|line| *line != "```").collect::<Vec<_>>().join("\n");
        match (language, examples.last_mut()) {
            ("sh", _) => examples.push(Example { route, typed: text, answer: None }),
            ("json", Some(example)) if example.route == route && route.is_some() => {
                example.answer = Some(serde_json::from_str(&text).expect("what the page shows is JSON"));
            }
            // An error, which a test of its own asks for.
            ("json", _) => assert_eq!(route, None),
            (other, _) => panic!("a block of {other}"),
        }
    }
    examples
}

/// An API whose log has what the page speaks of, and its attempt.
struct Scene {
    dir: tempfile::TempDir,
    served: Served,
    attempt: AttemptId,
}

impl Scene {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let attempt = begin(dir.path()).await;
        let key = "7".repeat(64);
        let variables = [&tokens()[..], &[("LEVIATHAN_CHECKPOINT_KEY", &key)]].concat();
        let served = Served::start(api(dir.path(), &variables));
        let event = |id: String, kind: &str, payload: Value| json!({"event_id": id, "event_type": kind, "timestamp": "2026-01-24T10:00:05Z", "actor_id": "worker", "payload": payload});
        let mut events: Vec<Value> =
            (0..EVENTS).map(|n| event(format!("note-{n}"), "note.taken", json!({}))).collect();
        let created = json!({"attempt_id": "attempt-0", "task_id": "docs-api", "attempt_number": 1});
        events.push(event("created".to_owned(), "attempt.created", created));
        let failed = json!({"attempt_id": "attempt-0", "failure_type": "checks_failed", "error_summary": "3 tests failed"});
        events.push(event("failed".to_owned(), "attempt.failed", failed));
        let bundle = json!({"target": "radix", "bundle_id": "b", "events": events});
        let deadline = Instant::now() + Duration::from_secs(60);
        let worker = served.client(WORKER);
        worker.ingest(&Bundle::parse(bundle.to_string().as_bytes()).unwrap(), deadline).await.unwrap();
        worker.put_artifact(Bytes::new(), deadline).await.unwrap();
        let header = format!("Authorization: Bearer {WORKER}\n");
        std::fs::write(dir.path().join(".leviathan-worker"), header).unwrap();
        Self { dir, served, attempt }
    }

    /// What a person who has read the page types, and what `curl` does then: it tells each request on the other output.
    fn shell(&self, typed: &str) -> std::process::Command {
        let tell = r#"curl() { command curl -w '%{stderr}%{method} %{url} %{http_code}\n' "$@"; }"#;
        let first = &examples()[0].typed;
        let verify = format!("'{}'", program("verify").display());
        let script = format!("set -eu -o pipefail\n{tell}\n{first}\n{typed}\n")
            .replace("http://127.0.0.1:8000", &self.served.url)
            .replace(ATTEMPT, self.attempt.as_str())
            .replace("cargo run --example verify --", &verify);
        let mut shell = std::process::Command::new("bash");
        shell
            .current_dir(self.dir.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        shell.env("HOME", self.dir.path()).env("LEVIATHAN_CONTROL_PLANE_TOKEN", OPERATOR);
        shell.args(["-c", &script]).stdin(Stdio::null());
        shell
    }

    #[track_caller]
    fn run(&self, typed: &str) -> (String, String) {
        let Output { status, stdout, stderr } = self.shell(typed).output().expect("there is bash");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, told) = (text(stdout), text(stderr));
        assert!(status.success(), "{typed}\n{out}{told}");
        (out, told)
    }
}

/// Writes a log in which the page's attempt runs.
async fn begin(dir: &Path) -> AttemptId {
    let (store, _) = FileEventStore::open(dir.join(".leviathan/api/log")).unwrap();
    let new = NewLog { log_id: LogId::from_u128(7), name: "leviathan".to_owned() };
    let (ledger, task) = Ledger::open(Arc::new(store), Arc::new(SystemClock), new).await.unwrap();
    let task_ended = tokio::spawn(task.run());
    let target = TargetConfig {
        target_id: "radix".parse().unwrap(),
        repo_url: "/srv/radix.git".to_owned(),
        default_branch: "main".to_owned(),
        complete_on: CompleteOn::Pushed,
        limits: Default::default(),
        forge: Default::default(),
    };
    let key = TaskKey::new(target.target_id.clone(), "docs-guide".parse().unwrap());
    let item = json!({"task_id": "docs-guide", "title": "Write the guide", "scope": "docs", "ready": true});
    let backlog = Backlog { tasks: vec![serde_json::from_value(item).unwrap()], ..Backlog::default() };
    let executor = ExecutorName::new("local").unwrap();
    for command in [
        Command::RegisterTarget(target),
        Command::SyncBacklog {
            target: key.target_id.clone(),
            commit: "c0ffee".to_owned(),
            policy: TargetPolicy::default(),
            backlog,
        },
        Command::StartAttempt { task: key.clone(), executor: executor.clone(), leadership: None },
    ] {
        ledger.submit(command).await.unwrap();
    }
    let attempt = ledger.read(|graph| graph.task(&key).unwrap().attempts[0].clone());
    let sighting = Sighting { attempt_id: attempt.clone(), phase: Phase::Running, job_name: None };
    ledger.submit(Command::Observe { executor, sighting, leadership: None }).await.unwrap();
    drop(ledger);
    task_ended.await.unwrap();
    attempt
}

/// Whether a request was to a route: its name has `{…}` where any word may stand.
fn is_to(request: &str, route: &str) -> bool {
    let (method, url) = request.split_once(' ').unwrap();
    let (named, template) = route.split_once(' ').unwrap();
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap();
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let fits = |(word, wanted): (&str, &str)| word == wanted || wanted.starts_with('{');
    method == named
        && path.split('/').count() == template.split('/').count()
        && path.split('/').zip(template.split('/')).all(fits)
}

/// Says where two answers have not the same fields, or not values of the same kind.
#[track_caller]
fn alike(shown: &Value, answered: &Value, at: &str) {
    match (shown, answered) {
        (Value::Object(shown), Value::Object(answered)) => {
            let (named, there): (Vec<_>, Vec<_>) = (shown.keys().collect(), answered.keys().collect());
            assert_eq!(named, there, "the page shows other fields of {at}");
            shown.iter().for_each(|(name, value)| alike(value, &answered[name], &format!("{at}.{name}")));
        }
        (Value::Array(shown), Value::Array(answered)) => {
            assert!(shown.len() <= answered.len(), "the page shows more of {at}");
            shown.iter().zip(answered).for_each(|(shown, answered)| alike(shown, answered, at));
        }
        (shown, answered) => {
            let same = std::mem::discriminant(shown) == std::mem::discriminant(answered);
            assert!(same, "{at} is {answered}, and the page shows {shown}");
        }
    }
}

#[tokio::test]
async fn each_example_of_the_page_is_carried_out_and_answers_as_it_says() {
    let scene = Scene::new().await;
    for Example { route, typed, answer } in examples() {
        if typed.contains("/v1/events/stream") {
            let mut shell = scene.shell(&typed).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let lines = BufReader::new(shell.stdout.take().unwrap()).lines();
            let id = lines.map_while(Result::ok).find(|line| line.starts_with("id:")).unwrap();
            assert_eq!(id.trim_start_matches("id:").trim(), "1201");
            shell.kill().unwrap();
            shell.wait().unwrap();
            continue;
        }
        let (out, told) = scene.run(&typed);
        // The first example is before each, and asks one thing.
        let requests: Vec<&str> = told.lines().skip(usize::from(route.is_some())).collect();
        let route = route.unwrap_or("GET /v1/graph/summary");
        let to_route: Vec<_> = requests
            .iter()
            .filter_map(|told| told.rsplit_once(' '))
            .filter(|(request, _)| is_to(request, route))
            .collect();
        assert!(!to_route.is_empty(), "no example of the section is about {route}: {typed}: {requests:?}");
        let expected = if route.ends_with("/cancel") { "202" } else { "200" };
        assert!(to_route.iter().all(|(_, status)| *status == expected), "{typed}: {requests:?}");
        if let Some(shown) = answer {
            let mut answers = serde_json::Deserializer::from_str(&out).into_iter::<Value>();
            // Behind what the first example printed.
            alike(&shown, &answers.nth(1).unwrap_or_else(|| panic!("{out}")).unwrap(), route);
        }
    }
    assert_eq!(std::fs::read(scene.dir.path().join("pod.log")).unwrap(), b"");
}

#[tokio::test]
async fn the_error_that_the_page_shows_is_the_one_that_is_answered() {
    let scene = Scene::new().await;
    let (_, shown) = PAGE.split_once("```json\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let output = scene.shell("leviathan '/v1/attempts?limit=0'").output().unwrap();
    assert!(!output.status.success());
    let answers = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let answered = answers.last().unwrap().unwrap();
    assert_eq!(answered, serde_json::from_str::<Value>(shown).unwrap());
}
