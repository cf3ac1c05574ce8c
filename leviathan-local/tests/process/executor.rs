//! `ProcessExecutor` with real supervisors, and shells as workers.

use crate::bench::{Bench, CREATED, end_in, end_of, next, spec};
use crate::witness::{Gate, PATIENCE, Witness};
use futures::StreamExt;
use leviathan_core::Secret;
use leviathan_core::executor::{
    AttemptSpec, Cause, Executor, ExecutorErrorKind, Observation, Phase, ReportedOutcome,
};
use leviathan_core::id::AttemptId;
use leviathan_local::executor::ProcessExecutor;
use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn however_often_it_is_launched_the_worker_starts_once() {
    let bench = Bench::new();
    let script = "echo start >> $BENCH/starts; read go < $BENCH/go";
    let gate = Gate::new(&bench.path("go"));
    let (one, other) = (bench.executor(script), bench.executor(script));
    let spec = spec();
    let launched = tokio::join!(
        one.launch(&spec, &CREATED),
        other.launch(&spec, &CREATED),
        one.launch(&spec, &CREATED),
    );
    assert!(matches!(launched, (Ok(()), Ok(()), Ok(()))), "{launched:?}");
    gate.open();
    assert_eq!(end_of(&one).await.exit_code, Some(0));
    one.launch(&spec, &CREATED).await.unwrap();
    assert_eq!(end_of(&other).await.exit_code, Some(0));
    assert_eq!(bench.read("starts"), "start\n");
}

#[tokio::test]
async fn another_spec_for_the_same_attempt_is_refused_also_by_the_next_host() {
    let bench = Bench::new();
    let executor = bench.executor("exit 0");
    executor.launch(&spec(), &CREATED).await.unwrap();
    let mut other = spec();
    other.base_commit = "4567".into();
    for executor in [executor, bench.executor("exit 0")] {
        let error = executor.launch(&other, &CREATED).await.unwrap_err();
        assert_eq!(error.kind(), ExecutorErrorKind::Conflict);
        assert!(error.to_string().contains(spec().attempt_id.as_str()), "{error}");
    }
}

#[tokio::test]
async fn the_end_with_its_exit_code_its_last_word_and_its_log_waits_for_release() {
    let bench = Bench::new();
    let executor = bench.executor(
        r#"echo hello; echo "what went wrong" >&2
        printf '{"v":1,"attempt_id":"%s","outcome":"failed","cause":"checks_failed","summary":"no"}' \
            "$ATTEMPT_ID" > "$LEVIATHAN_FINAL_MESSAGE"
        exit 1"#,
    );
    executor.launch(&spec(), &CREATED).await.unwrap();
    let end = end_of(&executor).await;
    assert_eq!((end.exit_code, &end.cause, &end.detail), (Some(1), &None, &None));
    let message = end.final_message.clone().unwrap();
    assert_eq!((message.outcome, message.cause), (ReportedOutcome::Failed, Some(Cause::ChecksFailed)));
    assert_eq!(bench.log_of(&end).await, "hello\nwhat went wrong\n");

    drop(executor);
    let executor = bench.executor("exit 0");
    let mut watch = executor.watch();
    assert_eq!(next(&mut watch).await, Some(Phase::Finished(Box::new(end))));
    assert_eq!(next(&mut watch).await, None, "then it is synced");
    executor.release(&spec().attempt_id).await.unwrap();
    executor.release(&spec().attempt_id).await.unwrap();
    assert_eq!(next(&mut executor.watch()).await, None, "nothing is held");
    assert!(!bench.attempt_dir().exists());
}

#[tokio::test]
async fn a_running_attempt_is_not_released() {
    let bench = Bench::new();
    let gate = Gate::new(&bench.path("go"));
    let executor = bench.executor("read go < $BENCH/go");
    executor.launch(&spec(), &CREATED).await.unwrap();
    let error = executor.release(&spec().attempt_id).await.unwrap_err();
    assert_eq!(error.kind(), ExecutorErrorKind::Rejected);
    gate.open();
    assert_eq!(end_of(&executor).await.exit_code, Some(0));
}

#[tokio::test]
async fn cancelling_ends_everything_the_worker_started_even_what_left_its_group_and_ignores_sigterm() {
    let bench = Bench::new();
    let mut witness = Witness::new(bench.dir.path());
    let executor = bench.executor(
        "exec 9>$WITNESS; trap '' TERM
        setsid sh -c 'setsid sleep 1000 & echo up >&9; exec sleep 1000' & wait; wait",
    );
    executor.launch(&spec(), &CREATED).await.unwrap();
    let mut watch = executor.watch();
    assert_eq!(witness.line().await, "up");
    for _ in 0..2 {
        executor.cancel(&spec().attempt_id, Duration::from_millis(100)).await.unwrap();
    }
    let end = end_in(&mut watch).await;
    assert_eq!((end.exit_code, end.cause), (Some(128 + 9), Some(Cause::Cancelled)));
    witness.all_gone().await;
    // Nothing is left to cancel, here or anywhere.
    executor.cancel(&spec().attempt_id, Duration::ZERO).await.unwrap();
    executor.cancel(&AttemptId::new("unknown").unwrap(), Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_worker_that_heeds_sigterm_may_say_its_last_word() {
    let bench = Bench::new();
    let mut witness = Witness::new(bench.dir.path());
    let executor =
        bench.executor("exec 9>$WITNESS; trap 'echo bye; exit 0' TERM; sleep 1000 9>&- & echo up >&9; wait");
    executor.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(witness.line().await, "up");
    executor.cancel(&spec().attempt_id, PATIENCE).await.unwrap();
    let end = end_of(&executor).await;
    assert_eq!((end.exit_code, &end.cause), (Some(0), &None), "{end:?}");
    assert!(bench.log_of(&end).await.ends_with("bye\n"));
}

#[tokio::test]
async fn the_deadline_of_the_spec_or_else_of_the_executor_ends_it() {
    for by_spec in [true, false] {
        let bench = Bench::new();
        let mut config = bench.config("echo $LEVIATHAN_DEADLINE_SECONDS; exec sleep 1000");
        let mut spec = spec();
        if by_spec {
            spec.deadline_seconds = Some(NonZeroU64::MIN);
        } else {
            config.default_deadline_seconds = NonZeroU64::MIN;
        }
        let executor = ProcessExecutor::open(config).unwrap();
        executor.launch(&spec, &CREATED).await.unwrap();
        let end = end_of(&executor).await;
        assert_eq!((end.exit_code, &end.cause), (Some(128 + 15), &Some(Cause::DeadlineExceeded)));
        assert_eq!(bench.log_of(&end).await, "1\n");
    }
}

#[tokio::test]
async fn a_worker_killed_by_a_signal_has_the_shells_exit_code_and_the_signal_is_named() {
    let bench = Bench::new();
    let executor = bench.executor("kill -9 $$");
    executor.launch(&spec(), &CREATED).await.unwrap();
    let end = end_of(&executor).await;
    assert_eq!((end.exit_code, end.cause), (Some(137), None));
    assert!(end.detail.unwrap().contains("signal 9"));
}

#[tokio::test]
async fn a_last_word_of_another_attempt_or_none_at_all_is_ignored_and_that_is_said() {
    for (word, said) in [
        (r#"{"v":1,"attempt_id":"attempt-2","outcome":"succeeded"}"#, "attempt-2"),
        ("nonsense", "not a final message"),
    ] {
        let bench = Bench::new();
        let executor = bench.executor(&format!("echo '{word}' > $LEVIATHAN_FINAL_MESSAGE"));
        executor.launch(&spec(), &CREATED).await.unwrap();
        let end = end_of(&executor).await;
        assert_eq!((end.exit_code, end.final_message), (Some(0), None));
        assert!(end.detail.as_ref().is_some_and(|detail| detail.contains(said)), "{:?}", end.detail);
    }
}

#[tokio::test]
async fn every_watch_sees_the_phases_in_order_and_a_dropped_one_loses_nothing() {
    let bench = Bench::new();
    let gate = Gate::new(&bench.path("go"));
    let executor = bench.executor("read go < $BENCH/go");
    let mut early = executor.watch();
    assert_eq!(next(&mut early).await, None, "nothing is held yet");
    executor.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(next(&mut early).await, Some(Phase::Running));
    let mut late = executor.watch();
    assert_eq!(next(&mut late).await, Some(Phase::Running));
    assert_eq!(next(&mut late).await, None);
    drop(executor.watch());
    drop(early);
    gate.open();
    assert_eq!(end_in(&mut late).await, end_of(&executor).await);
}

#[tokio::test]
async fn an_attempt_whose_directory_is_taken_away_is_gone() {
    let bench = Bench::new();
    let gate = Gate::new(&bench.path("go"));
    let mut witness = Witness::new(bench.dir.path());
    let executor = bench.executor("echo up > $WITNESS; read go < $BENCH/go");
    executor.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(witness.line().await, "up");
    let mut watch = executor.watch();
    assert_eq!(next(&mut watch).await, Some(Phase::Running));
    assert_eq!(next(&mut watch).await, None);
    std::fs::rename(bench.attempt_dir(), bench.path("elsewhere")).unwrap();
    gate.open();
    let seen = tokio::time::timeout(PATIENCE, watch.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(seen, Observation::Gone(spec().attempt_id));
}

#[tokio::test]
async fn a_watch_that_looks_up_after_the_release_does_not_call_it_gone() {
    let bench = Bench::new();
    let gate = Gate::new(&bench.path("go"));
    let executor = bench.executor("read go < $BENCH/go");
    executor.launch(&spec(), &CREATED).await.unwrap();
    let mut late = executor.watch();
    assert_eq!(next(&mut late).await, Some(Phase::Running));
    assert_eq!(next(&mut late).await, None);
    gate.open();
    end_of(&executor).await;
    executor.release(&spec().attempt_id).await.unwrap();
    // Another attempt is the next thing it has to tell.
    let other = AttemptSpec { attempt_id: AttemptId::new("attempt-2").unwrap(), ..spec() };
    executor.launch(&other, &CREATED).await.unwrap();
    let seen = tokio::time::timeout(PATIENCE, late.next()).await.unwrap().unwrap().unwrap();
    let Observation::Held(sighting) = seen else { panic!("{seen:?}") };
    assert_eq!(sighting.attempt_id, other.attempt_id);
    executor.cancel(&other.attempt_id, Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_worker_gets_what_it_needs_and_nothing_else_of_its_hosts_environment() {
    let bench = Bench::new();
    let mut config = bench.config("");
    config.worker = vec!["/usr/bin/env".into()];
    config.agent_command = Some("agent --fast".into());
    config.agent_env = vec!["KEY_A".into(), "KEY_B".into()];
    config.env.insert("TASK_ID".into(), "who I am is not for sale".into());
    let executor = ProcessExecutor::open(config).unwrap();
    executor.launch(&spec(), &CREATED).await.unwrap();
    let log = bench.log_of(&end_of(&executor).await).await;
    let names: BTreeSet<&str> = log.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    let mut expected = BTreeSet::from(["ATTEMPT_ID", "BENCH", "CONTROL_PLANE_TOKEN", "CONTROL_PLANE_URL"]);
    expected.extend(["HOME", "LEVIATHAN_AGENT_COMMAND", "LEVIATHAN_AGENT_ENV", "LEVIATHAN_DEADLINE_SECONDS"]);
    expected.insert("LEVIATHAN_ATTEMPT_NUMBER");
    expected.extend(["LEVIATHAN_FINAL_MESSAGE", "LEVIATHAN_LOG_HEAD", "LEVIATHAN_SUPERVISOR_PID"]);
    expected.extend(["LEVIATHAN_WORKSPACE_DIR", "TARGET_BRANCH", "TARGET_COMMIT", "TARGET_NAME"]);
    expected.extend(["LEVIATHAN_FORGE_KIND", "TARGET_REPO_URL", "TASK_ID", "WITNESS"]);
    expected.extend(["PATH", "LANG", "TZ"].into_iter().filter(|name| std::env::var_os(name).is_some()));
    assert_eq!(names, expected);
    for line in [
        "TASK_ID=docs".to_owned(),
        "LEVIATHAN_ATTEMPT_NUMBER=1".to_owned(),
        "LEVIATHAN_AGENT_ENV=KEY_A,KEY_B".to_owned(),
        "LEVIATHAN_DEADLINE_SECONDS=3600".to_owned(),
        format!("LEVIATHAN_LOG_HEAD={CREATED}"),
        format!("HOME={}", bench.attempt_dir().canonicalize().unwrap().join("home").display()),
    ] {
        assert!(log.lines().any(|have| have == line), "{line} is not in {log}");
    }
}

/// Every file below a directory.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn secrets_reach_the_worker_and_neither_a_file_nor_a_command_line_nor_the_kept_log() {
    let bench = Bench::new();
    let gate = Gate::new(&bench.path("go"));
    let mut config = bench.config(
        "read go < $BENCH/go; echo \"<$GITHUB_TOKEN>\"; printf %s \"$GITHUB_TOKEN\" | base64 -w 10; \
         printf '{\"v\":1,\"attempt_id\":\"%s\",\"outcome\":\"failed\",\"summary\":\"%s\"}' \
         \"$ATTEMPT_ID\" \"$GITHUB_TOKEN\" > \"$LEVIATHAN_FINAL_MESSAGE\"",
    );
    let secret = "ghp_very_secret_indeed";
    config.secrets.insert("GITHUB_TOKEN".into(), Secret::new(secret));
    assert!(!format!("{config:?}").contains(secret));
    let executor = ProcessExecutor::open(config).unwrap();
    executor.launch(&spec(), &CREATED).await.unwrap();

    let command_line = std::fs::read(format!("/proc/{}/cmdline", bench.supervisor_pid())).unwrap();
    let mut looked_at = vec![(bench.path("cmdline"), command_line)];
    looked_at.extend(
        files(&bench.state_dir()).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())),
    );
    assert!(looked_at.len() > 3);
    for (path, bytes) in looked_at {
        let text = String::from_utf8_lossy(&bytes);
        for secret in [secret, "token-of-the-control-plane"] {
            assert!(!text.contains(secret), "{}", path.display());
        }
    }
    gate.open();
    let end = end_of(&executor).await;
    assert_eq!(bench.log_of(&end).await, "<[secret]>\n[secret]\n==\n");
    assert_eq!(end.final_message.unwrap().summary, "[secret]");
}

#[tokio::test]
async fn a_worker_that_cannot_start_is_an_error_of_the_configuration() {
    let bench = Bench::new();
    let mut config = bench.config("");
    config.worker = vec!["no-such-worker".into()];
    let executor = ProcessExecutor::open(config).unwrap();
    executor.launch(&spec(), &CREATED).await.unwrap();
    let end = end_of(&executor).await;
    assert_eq!(end.cause, Some(Cause::ConfigError));
    assert!(end.detail.unwrap().contains("no-such-worker"));
}

#[tokio::test]
async fn a_supervisor_that_cannot_start_or_gives_up_is_an_error_of_launch_and_leaves_nothing_held() {
    for (supervisor, kind, said) in [
        (vec!["no-such-supervisor"], ExecutorErrorKind::Rejected, "no-such-supervisor"),
        (vec!["sh", "-c", "echo out of luck >&2; exit 3"], ExecutorErrorKind::Unavailable, "out of luck"),
    ] {
        let bench = Bench::new();
        let mut config = bench.config("exit 0");
        config.supervisor = supervisor.into_iter().map(Into::into).collect();
        let executor = ProcessExecutor::open(config).unwrap();
        let error = executor.launch(&spec(), &CREATED).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(next(&mut executor.watch()).await, None, "nothing is held");
        let executor = bench.executor("exit 0");
        executor.launch(&spec(), &CREATED).await.unwrap();
        assert_eq!(end_of(&executor).await.exit_code, Some(0));
    }
}
