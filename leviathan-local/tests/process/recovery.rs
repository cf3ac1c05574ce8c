//! What is left of attempts when hosts, supervisors or launches are cut off.

use crate::bench::{Bench, CREATED, end_in, end_of, next, spec, this_test};
use crate::witness::{Gate, Witness};
use leviathan_core::executor::{Cause, Executor, Phase};
use leviathan_local::executor::ProcessExecutor;
use leviathan_local::process::die_with_parent;
use rustix::process::{Signal, kill_process};
use std::io::Write;
use std::time::Duration;

#[tokio::test]
async fn the_next_host_adopts_a_running_attempt_and_sees_its_end() {
    let bench = Bench::new();
    let gate = Gate::new(&bench.path("go"));
    let script = r#"read go < $BENCH/go
        printf '{"v":1,"attempt_id":"%s","outcome":"succeeded"}' "$ATTEMPT_ID" > "$LEVIATHAN_FINAL_MESSAGE"
        exit 7"#;
    let first = bench.executor(script);
    let name = first.name().clone();
    first.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(next(&mut first.watch()).await, Some(Phase::Running));
    drop(first);

    let second = bench.executor("a script that never runs");
    assert_eq!(*second.name(), name);
    let mut watch = second.watch();
    assert_eq!(next(&mut watch).await, Some(Phase::Running));
    assert_eq!(next(&mut watch).await, None);
    gate.open();
    let end = end_in(&mut watch).await;
    assert_eq!(end.exit_code, Some(7));
    assert!(end.final_message.is_some());
}

#[tokio::test]
async fn an_attempt_whose_supervisor_is_killed_is_lost_and_its_worker_dies_with_it() {
    let bench = Bench::new();
    let mut witness = Witness::new(bench.dir.path());
    let mut config = bench.config("");
    config.worker = this_test("recovery::worker_that_dies_with_its_supervisor");
    let executor = ProcessExecutor::open(config).unwrap();
    executor.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(witness.line().await, "up");
    kill_process(bench.supervisor_pid(), Signal::KILL).unwrap();
    // Nobody watches yet, so it was not the executor who ended it.
    witness.all_gone().await;
    let end = end_of(&executor).await;
    assert_eq!((end.exit_code, end.cause), (None, Some(Cause::Lost)));
    executor.release(&spec().attempt_id).await.unwrap();
}

#[test]
#[ignore = "the worker of another test; does nothing by itself"]
fn worker_that_dies_with_its_supervisor() {
    let Some(witness) = std::env::var_os("WITNESS") else { return };
    die_with_parent().unwrap();
    let mut witness = std::fs::OpenOptions::new().write(true).open(witness).unwrap();
    writeln!(witness, "up").unwrap();
    loop {
        std::thread::park();
    }
}

#[tokio::test]
async fn whoever_finds_an_attempt_lost_ends_what_it_left_running() {
    let bench = Bench::new();
    let mut witness = Witness::new(bench.dir.path());
    let executor = bench.executor("exec 9>$WITNESS; sleep 1000 & echo up >&9; echo so far; wait");
    executor.launch(&spec(), &CREATED).await.unwrap();
    let mut watch = executor.watch();
    assert_eq!(witness.line().await, "up");
    kill_process(bench.supervisor_pid(), Signal::KILL).unwrap();
    let end = end_in(&mut watch).await;
    assert_eq!(end.cause, Some(Cause::Lost));
    witness.all_gone().await;
}

#[tokio::test]
async fn a_supervisor_told_to_stop_by_somebody_else_leaves_a_lost_attempt_and_no_process() {
    let bench = Bench::new();
    let mut witness = Witness::new(bench.dir.path());
    let executor = bench.executor("exec 9>$WITNESS; setsid sleep 1000 & echo up >&9; exec sleep 1000");
    executor.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(witness.line().await, "up");
    kill_process(bench.supervisor_pid(), Signal::TERM).unwrap();
    let end = end_of(&executor).await;
    assert_eq!((end.exit_code, end.cause), (Some(128 + 15), Some(Cause::Lost)));
    witness.all_gone().await;
}

/// Leaves a launch cut short between the attempt's directory and its supervisor.
async fn cut_short(bench: &Bench) {
    let mut witness = Witness::new(bench.dir.path());
    let gate = Gate::new(&bench.path("let go of the supervisor"));
    let mut config = bench.config("");
    let stuck = "exec 9>$WITNESS; echo up >&9; read go < \"$BENCH/let go of the supervisor\"";
    config.supervisor = ["sh", "-c", stuck].map(Into::into).into();
    let executor = ProcessExecutor::open(config).unwrap();
    let spec = spec();
    tokio::select! {
        launched = executor.launch(&spec, &CREATED) => panic!("it was to hang: {launched:?}"),
        line = witness.line() => assert_eq!(line, "up"),
    }
    gate.open();
    witness.all_gone().await;
    assert!(bench.attempt_dir().join("spec.json").exists());
    assert!(!bench.attempt_dir().join("supervisor.json").exists());
}

#[tokio::test]
async fn a_launch_that_was_cut_short_is_finished_by_the_next_launch() {
    let bench = Bench::new();
    cut_short(&bench).await;
    let executor = bench.executor("echo start >> $BENCH/starts");
    executor.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(end_of(&executor).await.exit_code, Some(0));
    assert_eq!(bench.read("starts"), "start\n");
}

#[tokio::test]
async fn a_launch_that_was_cut_short_is_shown_as_submitted_and_finished_by_a_watch() {
    let bench = Bench::new();
    cut_short(&bench).await;
    let executor = bench.executor("echo start >> $BENCH/starts");
    let (mut one, mut other) = (executor.watch(), executor.watch());
    assert_eq!(next(&mut one).await, Some(Phase::Submitted));
    assert_eq!(next(&mut other).await, Some(Phase::Submitted));
    let (end, same) = tokio::join!(end_in(&mut one), end_in(&mut other));
    assert_eq!((end.exit_code, &end), (Some(0), &same));
    assert_eq!(bench.read("starts"), "start\n");
}

#[tokio::test]
async fn a_launch_that_was_cut_short_and_is_cancelled_never_begins() {
    let bench = Bench::new();
    cut_short(&bench).await;
    let executor = bench.executor("echo start >> $BENCH/starts");
    executor.cancel(&spec().attempt_id, Duration::from_secs(1)).await.unwrap();
    let end = end_of(&executor).await;
    assert_eq!((end.exit_code, end.cause), (None, Some(Cause::Cancelled)));
    assert_eq!(bench.read("starts"), "");
}

#[tokio::test]
async fn one_directory_that_cannot_be_read_does_not_hide_the_others() {
    let bench = Bench::new();
    let executor = bench.executor("exit 0");
    executor.launch(&spec(), &CREATED).await.unwrap();
    assert_eq!(end_of(&executor).await.exit_code, Some(0));
    let strange = bench.attempt_dir().with_file_name("strange");
    std::fs::create_dir(&strange).unwrap();
    std::fs::write(strange.join("spec.json"), "{").unwrap();
    assert_eq!(end_of(&executor).await.exit_code, Some(0));

    std::fs::write(bench.attempt_dir().join("outcome.json"), "{").unwrap();
    let end = end_of(&executor).await;
    assert_eq!(end.cause, Some(Cause::Lost));
    assert!(end.detail.unwrap().contains("outcome.json"));
    executor.release(&spec().attempt_id).await.unwrap();
}
