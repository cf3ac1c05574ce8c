//! The host with its log in Postgres.

use crate::host::Host;
use crate::program::program;
use crate::repository::Repository;
use crate::served::{OPERATOR, Served, api, tokens};
use leviathan_test_postgres::{Server, Stop};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// Seconds that a leader leads here, so that a test need not wait long for another.
const LEASE: &str = "2";

fn host(dir: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program("scheduler"));
    command.current_dir(dir).args(arguments).args(["--lease", LEASE]);
    command.env("LEVIATHAN_BACKEND", "postgres").env("LEVIATHAN_POSTGRES_URL", url);
    command.env(
        "LEVIATHAN_AGENT_COMMAND",
        "echo \"about $TASK_ID\" > \"docs/$TASK_ID.md\"; echo it is described",
    );
    command.env_remove("LEVIATHAN_API_PORT");
    command
}

#[track_caller]
pub(crate) fn server() -> &'static Server {
    Server::shared().unwrap_or_else(|why| panic!("{why}"))
}

/// Waits for something to be so.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// The bodies of the events of a type, in the only log of a database.
fn bodies(url: &str, event_type: &str) -> Vec<String> {
    let sql = format!(
        "select convert_from(body, 'utf8') from leviathan.events \
         where convert_from(body, 'utf8') like '%\"event_type\":\"{event_type}\"%' order by position"
    );
    // Before the host has made the schema there is none.
    server().psql(url, &sql).unwrap_or_default().lines().map(str::to_owned).collect()
}

pub(crate) fn free_port() -> String {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string()
}

/// Whether the host is ready, by its API's word.
fn is_ready(port: &str) -> Option<bool> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).ok()?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    match answer.split(' ').nth(1)? {
        "200" => Some(true),
        "503" => Some(false),
        other => panic!("{other}: {answer}"),
    }
}

#[test]
fn the_demo_runs_with_its_log_in_postgres_and_its_export_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let url = server().new_database().unwrap();
    let arguments = ["--state-dir", "demo", "--export", "log.ndjson"];
    let output = host(dir.path(), &url, &arguments).output().unwrap();
    let printed =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}");
    assert!(!dir.path().join("demo/log").exists(), "there is a log beside the database's");
    let password = url.split_once('@').unwrap().0.rsplit_once(':').unwrap().1;
    assert!(!printed.contains(password), "{printed}");
    let head = printed.lines().find_map(|line| line.strip_prefix("head    ")).expect("a head is printed");
    let verified = Command::new(program("verify"))
        .current_dir(dir.path())
        .args(["log.ndjson", "--head", head])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_missing_url_and_a_database_that_is_not_there_are_said_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let arguments = ["--target", "radix", "--repo", &repository.path()];
    for (url, says) in
        [("", "LEVIATHAN_POSTGRES_URL"), ("postgres://leviathan:hunter2@127.0.0.1:1/x", "can't be reached")]
    {
        let output = host(dir.path(), url, &arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(says) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn what_a_host_keeps_an_api_beside_it_gives() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let (url, artifacts) =
        (server().new_database().unwrap(), format!("file://{}/kept", dir.path().display()));
    let here = [("LEVIATHAN_ARTIFACTS_URL", artifacts.as_str())];
    let shared = [here[0], ("LEVIATHAN_ARTIFACTS_SHARED", "yes")];
    let run = |variables: &[(&str, &str)]| {
        let arguments = ["--target", "radix", "--repo", &repository.path(), "--once"];
        let output = host(dir.path(), &url, &arguments).envs(variables.iter().copied()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, error) = run(&here);
    assert!(code == Some(1) && error.contains("LEVIATHAN_ARTIFACTS_SHARED=yes"), "{error}");
    let (code, error) = run(&shared);
    assert_eq!(code, Some(0), "{error}");

    let log =
        [("LEVIATHAN_BACKEND", "postgres"), ("LEVIATHAN_POSTGRES_URL", &url), ("LEVIATHAN_LOG", "radix")];
    let served = Served::start(api(dir.path(), &[&tokens()[..], &log, &shared].concat()));
    let ctl = |arguments: &[&str]| {
        let mut command = Command::new(program("ctl"));
        command.args(arguments).env("LEVIATHAN_CONTROL_PLANE_TOKEN", OPERATOR);
        let output = command.env("LEVIATHAN_CONTROL_PLANE_URL", &served.url).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let attempts: serde_json::Value = serde_json::from_str(&ctl(&["attempts", "--json"])).unwrap();
    // The one is the host's own, the other came to it from the worker.
    for (name, says) in [("worker.log", "1 file(s) changed"), ("agent-round-1.log", "it is described")] {
        let printed = ctl(&["log", attempts[0]["attempt_id"].as_str().unwrap(), "--name", name]);
        assert!(printed.contains(says), "{name}: {printed}");
    }
}

#[test]
fn of_two_hosts_on_one_log_one_leads_and_the_other_takes_over_when_it_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let url = server().new_database().unwrap();
    let ports = [free_port(), free_port()];
    let start = |number: usize| {
        let state = format!("state-{number}");
        let arguments =
            ["--target", "radix", "--repo", &repository.path(), "--watch", "--port", &ports[number]];
        Host::start(host(dir.path(), &url, &[&arguments[..], &["--state-dir", &state]].concat()))
    };
    let first = start(0);
    until("the first host leads", || !bodies(&url, "scheduler.elected").is_empty());
    let mut second = start(1);
    until("both are ready", || ports.iter().all(|port| is_ready(port) == Some(true)));
    until("the work is done", || repository.branches() == ["agent/first", "agent/second", "main"]);
    until("all is recorded", || bodies(&url, "task.completed").len() == 2);
    assert!(second.is_running());
    let terms =
        || bodies(&url, "scheduler.elected").into_iter().filter(|body| !body.contains("\"term\":1,")).count();
    assert_eq!(terms(), 0, "the second host was elected while the first led");

    first.kill();
    until("the second host leads", || terms() > 0);
    assert_eq!(bodies(&url, "attempt.created").len(), 2, "an attempt was made twice");
    second.kill();
}

#[test]
fn a_state_directory_is_one_hosts_even_if_the_log_is_shared() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let url = server().new_database().unwrap();
    let arguments = ["--target", "radix", "--repo", &repository.path(), "--watch", "--state-dir", "held"];
    let _first = Host::start(host(dir.path(), &url, &arguments));
    until("the first host is there", || !bodies(&url, "scheduler.elected").is_empty());
    let output = host(dir.path(), &url, &arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("another host uses the state directory") && error.contains("held"), "{error}");
}

#[test]
fn a_host_is_not_ready_while_its_database_is_away_and_is_again_by_itself() {
    let server = Server::start().unwrap_or_else(|why| panic!("{why}"));
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let (url, port) = (server.new_database().unwrap(), free_port());
    let arguments = ["--target", "radix", "--repo", &repository.path(), "--watch", "--port", &port];
    let mut watching = Host::start(host(dir.path(), &url, &arguments));
    until("it is ready", || is_ready(&port) == Some(true));
    server.stop(Stop::Immediate).unwrap();
    until("it is not ready", || is_ready(&port) == Some(false));
    server.start_again().unwrap();
    until("it is ready again", || is_ready(&port) == Some(true));
    until("the work is done", || repository.branches() == ["agent/first", "agent/second", "main"]);
    assert!(watching.is_running());
}
