//! Commands run by `run_command`, with real shells.

use bytes::Bytes;
use leviathan_local::process::{
    CommandEnd, CommandExit, CommandSpec, Containment, RunError, become_subreaper, run_command,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::timeout;

use crate::witness::{Gate, PATIENCE, Witness};

fn shell(script: &str, dir: &Path) -> CommandSpec {
    CommandSpec {
        program: "sh".into(),
        args: vec!["-c".into(), script.into()],
        env: BTreeMap::from([("PATH".into(), std::env::var_os("PATH").unwrap())]),
        cwd: dir.to_owned(),
        stdin: Bytes::new(),
        deadline: PATIENCE,
        output_limit: 64 * 1024,
        containment: Containment::Group,
    }
}

async fn run(script: &str) -> CommandEnd {
    let dir = tempfile::tempdir().unwrap();
    run_command(&shell(script, dir.path())).await.unwrap()
}

#[tokio::test]
async fn the_exit_code_or_the_signal_of_the_command_is_told() {
    assert_eq!(run("exit 0").await.exit, CommandExit::Code(0));
    assert_eq!(run("exit 17").await.exit, CommandExit::Code(17));
    assert_eq!(run("kill -9 $$").await.exit, CommandExit::Signal(9));
}

#[tokio::test]
async fn both_streams_arrive_in_the_order_in_which_they_were_written() {
    let end = run("echo one; echo two >&2; echo three").await;
    assert_eq!(end.output.to_text(), "one\ntwo\nthree\n");
}

#[tokio::test]
async fn a_command_is_stopped_at_its_deadline_with_all_of_its_group_even_if_it_ignores_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let mut witness = Witness::new(dir.path());
    let mut spec =
        shell("trap '' TERM; exec 9>\"$WITNESS\"; echo up >&9; sleep 1000 & sleep 1000; wait", dir.path());
    spec.env.extend([witness.env()]);
    spec.deadline = Duration::from_millis(300);
    let end = timeout(PATIENCE, run_command(&spec)).await.unwrap().unwrap();
    assert_eq!(end.exit, CommandExit::DeadlineExceeded);
    assert!(end.duration >= spec.deadline);
    assert_eq!(witness.line().await, "up");
    witness.all_gone().await;
}

#[tokio::test]
async fn a_command_may_use_the_grace_after_its_deadline_to_say_something() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = shell("trap 'echo bye; exit 3' TERM; while :; do sleep 0.01; done", dir.path());
    spec.deadline = Duration::from_millis(300);
    let end = run_command(&spec).await.unwrap();
    assert_eq!(end.exit, CommandExit::DeadlineExceeded);
    assert!(end.output.to_text().ends_with("bye\n"), "{}", end.output.to_text());
}

#[tokio::test]
async fn of_a_flood_the_beginning_and_the_end_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = shell("echo first; head -c 5000000 /dev/zero; echo; echo last", dir.path());
    spec.output_limit = 1000;
    let output = run_command(&spec).await.unwrap().output;
    assert_eq!(output.head.len() + output.tail.len(), 1000);
    assert_eq!(output.dropped, 5_000_000 + "first\n\nlast\n".len() as u64 - 1000);
    let text = output.to_text();
    assert!(text.starts_with("first\n") && text.ends_with("\nlast\n"), "{text:?}");
    assert!(text.contains(&format!("\n[… {} bytes left out …]\n", output.dropped)));
}

#[tokio::test]
async fn the_environment_is_exactly_what_was_given() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = shell("", dir.path());
    spec.program = "/usr/bin/env".into();
    spec.args.clear();
    spec.env = BTreeMap::from([("ONE".into(), "1".into()), ("TWO".into(), "a b".into())]);
    let text = run_command(&spec).await.unwrap().output.to_text();
    assert_eq!(text, "ONE=1\nTWO=a b\n");
}

#[tokio::test]
async fn standard_input_arrives_whole_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = shell("wc -c", dir.path());
    spec.stdin = Bytes::from(vec![b'x'; 1_000_000]);
    assert_eq!(run_command(&spec).await.unwrap().output.to_text().trim(), "1000000");
    spec.stdin = Bytes::new();
    assert_eq!(run_command(&spec).await.unwrap().output.to_text().trim(), "0");
}

#[tokio::test]
async fn a_command_that_never_reads_its_input_ends_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = shell("echo done", dir.path());
    spec.stdin = Bytes::from(vec![b'x'; 1_000_000]);
    let end = timeout(PATIENCE, run_command(&spec)).await.unwrap().unwrap();
    assert_eq!((end.exit, end.output.to_text().as_str()), (CommandExit::Code(0), "done\n"));
}

#[tokio::test]
async fn what_left_the_group_and_keeps_the_output_open_does_not_keep_us() {
    let dir = tempfile::tempdir().unwrap();
    let mut witness = Witness::new(dir.path());
    let script = "exec 9>\"$WITNESS\"
        setsid sh -c 'echo $$ >&9; exec sleep 1000' &
        read escaped < go
        echo kept";
    let gate = Gate::new(&dir.path().join("go"));
    let mut spec = shell(script, dir.path());
    spec.env.extend([witness.env()]);
    let started = Instant::now();
    let tell = async {
        let pid = witness.line().await;
        gate.open();
        pid
    };
    let (end, pid) = tokio::join!(run_command(&spec), tell);
    let end = end.unwrap();
    assert_eq!((end.exit, end.output.to_text().as_str()), (CommandExit::Code(0), "kept\n"));
    assert!(started.elapsed() < PATIENCE);
    // It lives, as `Containment::Group` says; this ends it.
    let escaped = pid.parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(escaped, rustix::process::Signal::KILL).unwrap();
    witness.all_gone().await;
}

#[tokio::test]
async fn a_dropped_future_leaves_no_process_of_the_group() {
    let dir = tempfile::tempdir().unwrap();
    let mut witness = Witness::new(dir.path());
    let mut spec = shell("exec 9>\"$WITNESS\"; sleep 1000 & echo up >&9; wait", dir.path());
    spec.env.extend([witness.env()]);
    {
        let running = run_command(&spec);
        tokio::select! {
            end = running => panic!("it ended by itself: {end:?}"),
            line = witness.line() => assert_eq!(line, "up"),
        }
    }
    witness.all_gone().await;
}

#[tokio::test]
async fn a_command_that_cannot_start_names_the_program_or_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = shell("", dir.path());
    spec.program = "no-such-program".into();
    let error = run_command(&spec).await.unwrap_err();
    assert!(matches!(error, RunError::NotStarted { .. }));
    assert!(error.to_string().contains("no-such-program"), "{error}");
    let mut spec = shell("", &dir.path().join("absent"));
    spec.deadline = Duration::from_secs(1);
    let error = run_command(&spec).await.unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
}

/// Runs the ignored test `name` of this binary as a process of its own, in `dir`.
async fn in_a_process_of_its_own(name: &str, dir: &Path) {
    let mut spec = shell("", dir);
    spec.program = std::env::current_exe().unwrap().into();
    spec.args = ["--ignored", "--exact", name].map(Into::into).into();
    let end = run_command(&spec).await.unwrap();
    assert!(end.exit.success(), "{}: {}", end.exit, end.output.to_text());
    assert!(end.output.to_text().contains("1 passed"), "{}", end.output.to_text());
}

#[tokio::test]
async fn a_subreaper_leaves_nothing_alive_not_even_what_left_the_group() {
    let dir = tempfile::tempdir().unwrap();
    in_a_process_of_its_own("commands::as_a_subreaper", dir.path()).await;
}

/// Needs a process of its own: it becomes a subreaper and must have no other children.
#[tokio::test]
#[ignore = "started by a_subreaper_leaves_nothing_alive_not_even_what_left_the_group"]
async fn as_a_subreaper() {
    become_subreaper().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut witness = Witness::new(dir.path());
    let script = "exec 9>\"$WITNESS\"
        setsid sh -c 'setsid sleep 1000 & setsid sleep 1000 & echo up >&9; exec sleep 1000' &
        read escaped < go";
    let gate = Gate::new(&dir.path().join("go"));
    let mut spec = shell(script, dir.path());
    spec.containment = Containment::Dedicated;
    spec.env.extend([witness.env()]);
    let tell = async {
        assert_eq!(witness.line().await, "up");
        gate.open();
    };
    let (end, ()) = tokio::join!(run_command(&spec), tell);
    assert_eq!(end.unwrap().exit, CommandExit::Code(0));
    // Dead and reaped already: nothing is waited for.
    let children = std::fs::read_to_string(format!("/proc/self/task/{}/children", std::process::id()));
    assert_eq!(children.unwrap_or_default(), "");
    witness.all_gone().await;
}

#[tokio::test]
async fn a_dropped_future_of_a_subreaper_leaves_nothing_alive_either() {
    let dir = tempfile::tempdir().unwrap();
    in_a_process_of_its_own("commands::dropped_as_a_subreaper", dir.path()).await;
}

/// Needs a process of its own, like the one above.
#[tokio::test]
#[ignore = "started by a_dropped_future_of_a_subreaper_leaves_nothing_alive_either"]
async fn dropped_as_a_subreaper() {
    become_subreaper().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut witness = Witness::new(dir.path());
    let script = "exec 9>\"$WITNESS\"; setsid sh -c 'echo up >&9; exec sleep 1000' & wait";
    let mut spec = shell(script, dir.path());
    spec.containment = Containment::Dedicated;
    spec.env.extend([witness.env()]);
    tokio::select! {
        end = run_command(&spec) => panic!("it ended by itself: {end:?}"),
        line = witness.line() => assert_eq!(line, "up"),
    }
    witness.all_gone().await;
}
