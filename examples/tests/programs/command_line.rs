//! What the host says to a person who asks for something that can't be done, and what it does for one who asks well.

use crate::program::program;
use crate::repository::Repository;
use leviathan_core::log::Head;
use std::path::Path;
use std::process::{Command, Output};

/// What plays the agent unless a test says otherwise.
const AGENT: &str = "echo \"about $TASK_ID\" > \"docs/$TASK_ID.md\"";

/// Runs the host with these arguments in a folder of its own.
fn run(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program("scheduler"));
    command
        .current_dir(dir)
        .args(arguments)
        .env("LEVIATHAN_AGENT_COMMAND", AGENT)
        .env_remove("LEVIATHAN_API_PORT");
    command.output().expect("the host runs")
}

/// The host refuses with this exit code, in words that hold each of `says`, and without a panic.
#[track_caller]
fn refused(output: &Output, code: i32, says: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    for word in says {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
    assert!(!error.contains("panicked"), "{error}");
}

#[test]
fn a_bad_flag_is_named() {
    let dir = tempfile::tempdir().unwrap();
    refused(&run(dir.path(), &["--wacth"]), 2, &["--wacth"]);
    refused(&run(dir.path(), &["--max-running", "0", "--target", "x"]), 2, &["--max-running"]);
    refused(&run(dir.path(), &["--repo", "x.git"]), 2, &["--target"]);
    refused(&run(dir.path(), &["--once", "--watch"]), 2, &["--once", "--watch"]);
    refused(&run(dir.path(), &["--executor", "k9s"]), 2, &["k9s", "local", "k8s"]);
}

#[test]
fn what_an_operator_must_set_right_is_said_at_once_or_pauses_the_target_until_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let arguments = ["--target", "radix", "--repo", &repository.path()];
    let no_agent = [&arguments[..], &["--agent-command", ""]].concat();
    refused(&run(dir.path(), &no_agent), 1, &["--agent-command"]);

    // A branch of the name `agent` leaves git no room for `agent/first`.
    repository.git(&["branch", "agent", "main"]);
    let paused = run(dir.path(), &arguments);
    let printed = String::from_utf8_lossy(&paused.stdout);
    assert!(paused.status.success() && printed.contains("--resume"), "{printed}");
    repository.git(&["branch", "--delete", "agent"]);
    assert!(run(dir.path(), &arguments).status.success());
    assert_eq!(repository.branches(), ["main"]);
    assert!(run(dir.path(), &[&arguments[..], &["--resume"]].concat()).status.success());
    assert_eq!(repository.branches(), ["agent/first", "agent/second", "main"]);
}

#[test]
fn a_missing_repository_and_a_missing_target_file_are_named() {
    let dir = tempfile::tempdir().unwrap();
    refused(&run(dir.path(), &["--target", "radix", "--repo", "nowhere.git"]), 1, &["nowhere.git"]);
    refused(&run(dir.path(), &["--target", "radix"]), 1, &["targets/radix.yaml", "--repo"]);
}

#[test]
fn artifacts_are_kept_where_the_environment_says_and_a_place_that_is_none_is_refused_before_anything_is_made()
{
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let kept = dir.path().join("kept");
    let host = |variables: &[(&str, &str)]| {
        let mut command = Command::new(program("scheduler"));
        command.current_dir(dir.path()).env_remove("LEVIATHAN_API_PORT").envs(variables.iter().copied());
        command.args(["--target", "radix", "--repo", &repository.path(), "--agent-command", AGENT, "--once"]);
        command.output().expect("the host runs")
    };
    let bad = [("LEVIATHAN_ARTIFACTS_URL", "ftp://hunter2"), ("LEVIATHAN_ARTIFACTS_SHARED", "hunter3")];
    let output = host(&bad);
    refused(
        &output,
        1,
        &["LEVIATHAN_ARTIFACTS_URL begins with none of", "LEVIATHAN_ARTIFACTS_SHARED is neither"],
    );
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter"), "a value is repeated");
    assert!(!dir.path().join(".leviathan").exists(), "something was made all the same");

    let output = host(&[("LEVIATHAN_ARTIFACTS_URL", &format!("file://{}", kept.display()))]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(kept.read_dir().unwrap().next().is_some(), "nothing is kept");
    assert!(!dir.path().join(".leviathan/radix/artifacts").exists(), "there is a second place");
}

#[test]
fn a_repository_without_a_backlog_and_one_with_a_bad_one_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let none = Repository::make(dir.path(), &[("README.md", "nothing to do\n")]);
    refused(
        &run(dir.path(), &["--target", "radix", "--repo", &none.path()]),
        1,
        &[".leviathan/backlog.yaml"],
    );

    let text = "version: 1\ntasks:\n  - id: a\n    title: A\n    priority: urgent\n  - title: no id\n  - id: b\n    title: B\n";
    let bad = Repository::make(dir.path(), &[(".leviathan/backlog.yaml", text)]);
    let output = run(dir.path(), &["--target", "radix", "--repo", &bad.path()]);
    refused(
        &output,
        1,
        &[".leviathan/backlog.yaml:5", "tasks[0].priority", ".leviathan/backlog.yaml:6", "tasks[1]"],
    );
}

#[test]
fn a_port_and_a_state_directory_that_are_in_use_are_named_with_their_holder() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let arguments = ["--target", "radix", "--repo", &repository.path(), "--port", &port];
    refused(&run(dir.path(), &arguments), 1, &[&port, "in use", "--port"]);

    let log = dir.path().join("held/log");
    let (_held, _) = leviathan_local::events::FileEventStore::open(&log).unwrap();
    let arguments = ["--target", "radix", "--repo", &repository.path(), "--state-dir", "held"];
    refused(&run(dir.path(), &arguments), 1, &["held/log", &std::process::id().to_string()]);
}

#[test]
fn a_repository_of_ones_own_is_worked_and_its_branches_keep_the_policy_and_pass_the_checks() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let arguments = ["--target", "radix", "--repo", &repository.path(), "--export", "log.ndjson"];
    let output = run(dir.path(), &arguments);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    for task in ["first", "second"] {
        let branch = format!("agent/{task}");
        assert_eq!(repository.changed("main", &branch), [format!("docs/{task}.md")], "{printed}");
        assert!(repository.check_out(&branch, dir.path()).join(format!("docs/{task}.md")).exists());
        let message = repository.message(&branch);
        assert!(message.starts_with("Leviathan: "), "{message}");
        assert!(message.contains("Leviathan-Log-Head: "), "{message}");
    }
    let ignored = std::fs::read_to_string(dir.path().join(".leviathan/radix/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n", "the state holds tokens, and may lie in a checkout");
    // The same again has nothing to do: its scheduler is elected, and that is all that is recorded.
    let again = run(dir.path(), &arguments);
    let head = |output: &Output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let head = text.lines().find_map(|line| line.strip_prefix("head    ")).expect("a head is printed");
        head.parse::<Head>().expect("it is one").position
    };
    assert!(again.status.success());
    assert_eq!(head(&again), head(&output).next());
    let export = std::fs::read_to_string(dir.path().join("log.ndjson")).unwrap();
    assert!(export.lines().last().is_some_and(|line| line.contains("scheduler.elected")), "{export}");
}

#[test]
fn once_starts_one_attempt_and_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::small(dir.path());
    let arguments = ["--target", "radix", "--repo", &repository.path(), "--once"];
    assert!(run(dir.path(), &arguments).status.success());
    assert_eq!(repository.branches(), ["agent/first", "main"]);
    assert!(run(dir.path(), &arguments).status.success());
    assert_eq!(repository.branches(), ["agent/first", "agent/second", "main"]);
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_backend_that_is_not_built_in_is_refused_with_the_name_of_the_feature() {
    let dir = tempfile::tempdir().unwrap();
    refused(&run(dir.path(), &["--backend", "postgres"]), 1, &["--features postgres"]);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something was made all the same");
}

#[cfg(not(feature = "k8s"))]
#[test]
fn an_executor_that_is_not_built_in_is_refused_with_the_name_of_the_feature() {
    let dir = tempfile::tempdir().unwrap();
    refused(&run(dir.path(), &["--target", "radix", "--executor", "k8s"]), 1, &["--features k8s"]);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something was made all the same");
}

#[cfg(feature = "k8s")]
#[test]
fn jobs_that_could_not_report_are_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let jobs = ["--target", "radix", "--executor", "k8s"];
    refused(&run(dir.path(), &jobs), 1, &["LEVIATHAN_CONTROL_PLANE_URL"]);
    refused(&run(dir.path(), &jobs[2..]), 1, &["--target"]);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something was made all the same");
}
