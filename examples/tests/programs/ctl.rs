//! The command line, against the real API.

use crate::program::program;
use crate::served::{OPERATOR, Served, WORKER, api, tokens};
use bytes::Bytes;
use leviathan_core::Bundle;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What a hostile agent might print: it clears the screen, renames the window, turns the text around.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}done";

struct Scene {
    dir: TempDir,
    served: Served,
}

impl Scene {
    /// An API whose log tells of an attempt that failed, a task of it, and what it printed.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("key"), "0".repeat(64)).unwrap();
        let variables = [&tokens()[..], &[("LEVIATHAN_CHECKPOINT_KEY_FILE", "key")]].concat();
        let scene = Self { served: Served::start(api(dir.path(), &variables)), dir };
        let event = |id: &str, kind: &str, payload: Value| json!({"event_id": id, "event_type": kind, "timestamp": "2026-01-24T10:00:05Z", "actor_id": HOSTILE, "payload": payload});
        let deadline = Instant::now() + Duration::from_secs(60);
        runtime().block_on(async {
            let worker = scene.served.client(WORKER);
            let log = worker.put_artifact(Bytes::from(format!("line one\n{HOSTILE}\n")), deadline).await.unwrap();
            let events = [
                event("e1", "attempt.created", json!({"attempt_id": "attempt-1", "task_id": "docs", "attempt_number": 1})),
                event("e2", "attempt.failed", json!({"attempt_id": "attempt-1", "failure_type": "checks_failed", "error_summary": HOSTILE})),
            ];
            let artifacts = json!([{"sha256": log.sha256, "kind": "log", "size": log.size_bytes, "name": "pod.log"}]);
            let bundle = json!({"target": "radix", "bundle_id": "b", "events": events, "artifacts": artifacts});
            worker.ingest(&Bundle::parse(bundle.to_string().as_bytes()).unwrap(), deadline).await.unwrap();
        });
        scene
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("ctl"));
        command.current_dir(self.dir.path()).env_clear().env("LEVIATHAN_CONTROL_PLANE_TOKEN", OPERATOR);
        command.env("LEVIATHAN_CONTROL_PLANE_URL", &self.served.url).args(arguments).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it prints when all is well. Nothing of it may be obeyed by a terminal.
    #[track_caller]
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, error) = texts(&output);
        assert!(output.status.success(), "{arguments:?}: {error}");
        harmless(&out);
        out
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.prints(&[arguments, &["--json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }

    /// What it says when it can't.
    #[track_caller]
    fn fails(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let (_, error) = texts(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        harmless(&error);
        assert!(!error.contains(OPERATOR), "{error}");
        error
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn harmless(text: &str) {
    let obeyed = |sign: char| (sign.is_control() && !matches!(sign, '\n' | '\t')) || sign == '\u{202e}';
    assert!(!text.contains(obeyed), "{text:?}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn what_there_is_is_shown_in_tables_and_as_json_and_no_text_of_a_worker_is_obeyed() {
    let scene = Scene::new();
    let summary = scene.prints(&["summary"]);
    assert!(summary.contains("Attempt") && summary.contains("head  "), "{summary}");
    assert_eq!(scene.json(&["summary"])["nodes_by_type"]["Attempt"], 1);

    let attempts = scene.prints(&["attempts", "--target", "radix", "--status", "failed"]);
    assert!(attempts.contains("attempt-1") && attempts.contains("checks_failed"), "{attempts}");
    assert!(attempts.contains("\\u{1b}[2J"), "it is shown and not left out: {attempts}");
    let attempts = scene.json(&["attempts"]);
    assert_eq!(
        (attempts[0]["attempt_id"].as_str(), attempts[0]["error_summary"].as_str()),
        (Some("attempt-1"), Some(HOSTILE))
    );
    assert_eq!(scene.json(&["attempts", "--status", "succeeded"]), json!([]));
    assert_eq!(scene.prints(&["attempts", "--status", "succeeded"]), "nothing\n");

    let attempt = scene.prints(&["attempt", "attempt-1"]);
    for part in ["radix", "attempt.failed", "pod.log", "failed"] {
        assert!(attempt.contains(part), "{part} in {attempt}");
    }
    assert_eq!(scene.json(&["attempt", "attempt-1"])["artifacts_total"], 1);
    assert!(scene.prints(&["failures"]).contains("checks_failed"));
    assert_eq!(scene.json(&["failures", "--limit", "1"])[0]["failure_type"], "checks_failed");
    assert_eq!(scene.json(&["tasks"]), json!([]));
    assert!(scene.fails(&["task", "radix", "docs"], 1).contains("no task radix/docs"));
}

#[test]
fn an_attempt_s_log_is_shown_harmless_and_written_as_it_is() {
    let scene = Scene::new();
    assert!(scene.prints(&["log", "attempt-1"]).starts_with("line one\n\\u{1b}[2J"));
    scene.prints(&["log", "attempt-1", "--name", "pod.log", "--output", "raw"]);
    let raw = std::fs::read_to_string(scene.dir.path().join("raw")).unwrap();
    assert_eq!(raw, format!("line one\n{HOSTILE}\n"));
    assert!(scene.fails(&["log", "attempt-1", "--name", "x"], 1).contains("pod.log"));
    assert!(scene.fails(&["log", "nobody"], 1).contains("nobody"));
}

#[test]
fn the_log_is_shown_from_its_end_from_a_position_and_as_it_grows() {
    let scene = Scene::new();
    let newest = scene.prints(&["events", "--limit", "2", "--json"]);
    let positions = |text: &str| -> Vec<u64> {
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap())
            .collect()
    };
    let last = *positions(&newest).last().unwrap();
    assert_eq!(positions(&newest), [last - 1, last]);
    assert_eq!(positions(&scene.prints(&["events", "--after", "1", "--limit", "2", "--json"])), [2, 3]);
    assert!(scene.prints(&["events"]).contains("log.created"));

    let mut following = scene
        .command(&["events", "--follow", "--after", "0", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    for expected in 1..=last {
        assert_eq!(positions(&lines.next().unwrap().unwrap()), [expected]);
    }
    scene.prints(&["invalidate", "attempt-1", "--reason", "it was a test"]);
    let next: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        (next["position"].as_u64(), next["event_type"].as_str()),
        (Some(last + 1), Some("attempt.invalidated"))
    );
    following.kill().unwrap();
    following.wait().unwrap();
}

#[test]
fn orders_are_carried_out_and_say_so() {
    let scene = Scene::new();
    assert_eq!(
        scene.prints(&["invalidate", "attempt-1", "--reason", "wrong"]),
        "attempt attempt-1 is invalidated\n"
    );
    assert_eq!(scene.json(&["attempts"])[0]["status"], "invalidated");
    assert!(scene.fails(&["cancel", "attempt-1", "--reason", "x"], 1).contains("409"));
    for order in [&["pause", "nowhere"][..], &["resume", "nowhere"], &["retry", "radix", "nothing"]] {
        assert!(scene.fails(&[order, &["--reason", "x"]].concat(), 1).contains("404"));
    }
    assert!(scene.fails(&["pause", "radix"], 2).contains("--reason"));

    let limits = scene.json(&["limits"]);
    let mut wider = limits.clone();
    wider["max_running"] = json!(9);
    std::fs::write(scene.dir.path().join("limits.json"), wider.to_string()).unwrap();
    scene.prints(&["limits", "--set", "limits.json", "--reason", "more machines"]);
    assert_eq!(scene.json(&["limits"]), wider);
    let mut stdin = scene
        .command(&["limits", "--set", "-", "--reason", "back"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    stdin.stdin.take().unwrap().write_all(limits.to_string().as_bytes()).unwrap();
    assert!(stdin.wait().unwrap().success());
    assert_eq!(scene.json(&["limits"]), limits);
    std::fs::write(scene.dir.path().join("limits.json"), "{").unwrap();
    assert!(scene.fails(&["limits", "--set", "limits.json", "--reason", "x"], 1).contains("limits.json"));
}

#[test]
fn the_log_is_exported_and_verified_here_and_there() {
    let scene = Scene::new();
    let head = scene
        .prints(&["summary"])
        .lines()
        .find_map(|line| line.strip_prefix("head  ").map(str::to_owned))
        .unwrap();
    scene.prints(&["export", "log.ndjson"]);
    let (printed, _) = texts(&scene.run(&["export"]));
    assert_eq!(printed, std::fs::read_to_string(scene.dir.path().join("log.ndjson")).unwrap());
    assert_eq!(verify_file(scene.dir.path(), &head), Some(0));
    let verified = scene.prints(&["verify", "--head", &head]);
    assert!(verified.starts_with("verified ") && verified.contains(&head), "{verified}");
    assert_eq!(scene.json(&["verify"])["verified"], true);

    // The log that somebody saw was another one.
    let other = format!("2:{}", "0".repeat(64));
    let output = scene.run(&["verify", "--passes", &other]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let key = scene.served.said[0].trim_start_matches("key     ").to_owned();
    let checkpoint = runtime().block_on(async {
        let deadline = Instant::now() + Duration::from_secs(60);
        scene.served.client(OPERATOR).asking_until(deadline).checkpoint().await.unwrap()
    });
    std::fs::write(scene.dir.path().join("checkpoint.json"), serde_json::to_vec(&checkpoint).unwrap())
        .unwrap();
    scene.prints(&["verify", "--checkpoint", "checkpoint.json", "--key", &key]);
    let wrong = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
    assert!(
        scene
            .fails(&["verify", "--checkpoint", "checkpoint.json", "--key", wrong], 1)
            .contains("checkpoint.json")
    );
}

fn verify_file(dir: &Path, head: &str) -> Option<i32> {
    let arguments = ["log.ndjson", "--head", head];
    Command::new(program("verify")).current_dir(dir).args(arguments).output().unwrap().status.code()
}

#[test]
fn what_is_wrong_is_said_and_no_token_is_in_it() {
    let scene = Scene::new();
    let output = scene.command(&["summary"]).env_remove("LEVIATHAN_CONTROL_PLANE_TOKEN").output().unwrap();
    assert!(texts(&output).1.contains("LEVIATHAN_CONTROL_PLANE_TOKEN"), "{output:?}");
    let output =
        scene.command(&["summary"]).env("LEVIATHAN_CONTROL_PLANE_TOKEN", "hunter9").output().unwrap();
    let error = texts(&output).1;
    assert!(error.contains("401") && !error.contains("hunter9"), "{error}");
    std::fs::write(scene.dir.path().join("token"), format!("{OPERATOR}\n")).unwrap();
    let by_file = scene
        .command(&["summary", "--token-file", "token"])
        .env_remove("LEVIATHAN_CONTROL_PLANE_TOKEN")
        .output();
    assert!(by_file.unwrap().status.success());
    assert!(scene.fails(&["summary", "--token-file", "nothing"], 1).contains("nothing"));
    assert!(
        scene.fails(&["summary", "--url", "http://127.0.0.1:1", "--timeout", "1"], 1).contains("no answer")
    );
    assert!(scene.fails(&["summary", "--url", "http://me:hunter2@host"], 1).contains("credentials"));
    assert!(scene.fails(&["attempt", HOSTILE], 1).contains("404"));
    assert!(scene.fails(&["attempts", "--status", "odd"], 2).contains("odd"));
}

#[test]
fn who_stops_reading_is_no_error() {
    let scene = Scene::new();
    let mut following = scene
        .command(&["events", "--follow", "--after", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(following.stdout.take());
    // The next event is what it can't write any more.
    scene.prints(&["invalidate", "attempt-1", "--reason", "wrong"]);
    let output = following.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
