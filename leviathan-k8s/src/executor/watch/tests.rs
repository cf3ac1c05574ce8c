//! What a watch tells, and what it keeps while nobody reads it.

use super::*;
use crate::config::Patience;
use futures::FutureExt;
use k8s_openapi::api::batch::v1::Job;
use leviathan_core::executor::Phase;
use tokio::time::Instant;

fn board() -> Arc<Board> {
    Arc::new(Board::new(Table::new("log-1".to_owned(), Patience::default(), false, 2)))
}

fn job(number: usize, uid: &str, version: u64) -> Job {
    let text = serde_json::json!({"metadata": {
        "name": format!("leviathan-attempt-{number}"), "uid": uid, "resourceVersion": version.to_string(),
        "labels": {"leviathan/fleet": "log-1"},
        "annotations": {"leviathan/attempt-id": format!("attempt-{number}"), "leviathan/spec-sha256": "0"},
    }});
    serde_json::from_value(text).unwrap()
}

fn see(board: &Board, job: Job) {
    board.change(|table| table.see_job(job, Instant::now()));
}

fn list(board: &Board) {
    board.change(|table| {
        table.jobs_list_begins();
        table.jobs_listed();
        table.pods_list_begins();
        table.pods_listed(Instant::now());
    });
}

type Watching = BoxStream<'static, Result<Observation, ExecutorError>>;

/// All that can be read without waiting, as `+1` for an attempt that is held, `-1` for one that is gone, and `=`.
fn said(watch: &mut Watching) -> String {
    let mut said = Vec::new();
    while let Some(Some(seen)) = watch.next().now_or_never() {
        said.push(match seen {
            Ok(Observation::Held(seen)) => format!("+{}", &seen.attempt_id.as_str()[8..]),
            Ok(Observation::Gone(attempt)) => format!("-{}", &attempt.as_str()[8..]),
            Ok(Observation::Synced) => "=".to_owned(),
            Err(_) => "!".to_owned(),
        });
    }
    said.join(" ")
}

#[tokio::test]
async fn it_says_nothing_before_everything_is_listed_then_what_is_held_then_what_changes() {
    let board = board();
    let mut first = watch(&board);
    see(&board, job(1, "one", 1));
    assert_eq!(said(&mut first), "");
    board.change(|table| table.jobs_list_begins());
    see(&board, job(1, "one", 1));
    board.change(|table| {
        table.jobs_listed();
        table.pods_list_begins();
        table.pods_listed(Instant::now());
    });
    assert_eq!(said(&mut first), "+1 =");
    see(&board, job(2, "two", 2));
    assert_eq!(said(&mut first), "+2");
    assert_eq!(said(&mut watch(&board)), "+1 +2 =");
    board.change(|table| table.lose_job(&job(1, "one", 3).metadata));
    assert_eq!(said(&mut first), "-1");
}

#[tokio::test]
async fn one_that_is_read_slowly_is_told_the_latest_of_each_and_keeps_no_more() {
    let board = board();
    list(&board);
    let mut slow = watch(&board);
    assert_eq!(said(&mut slow), "=");
    for round in 0..1000u64 {
        see(&board, job(1, "one", 2 * round));
        see(&board, job(2, &format!("two-{round}"), 2 * round + 1));
    }
    assert_eq!(said(&mut slow), "+1 +2");
}

#[tokio::test]
async fn a_job_that_took_anothers_name_is_told_as_gone_and_as_another() {
    let board = board();
    list(&board);
    let mut watch = watch(&board);
    see(&board, job(1, "one", 1));
    assert_eq!(said(&mut watch), "+1 =");
    see(&board, job(1, "two", 2));
    assert_eq!(said(&mut watch), "-1 +1");
}

#[tokio::test]
async fn what_keeps_the_cluster_from_being_listed_ends_it_at_its_opening_and_only_there() {
    let board = board();
    board.change(|table| table.has_trouble("403 Forbidden".to_owned()));
    let mut failing = watch(&board);
    let error = failing.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("403 Forbidden"));
    assert!(failing.next().await.is_none());
    list(&board);
    let mut watch = watch(&board);
    board.change(|table| table.has_trouble("500".to_owned()));
    assert_eq!(said(&mut watch), "=");
    see(&board, job(1, "one", 1));
    assert!(matches!(
        watch.next().await,
        Some(Ok(Observation::Held(seen))) if seen.phase == Phase::Submitted
    ));
}

#[tokio::test]
async fn it_ends_with_its_executor() {
    let board = board();
    list(&board);
    let mut watch = watch(&board);
    assert_eq!(said(&mut watch), "=");
    drop(board);
    assert!(watch.next().await.is_none());
}

#[tokio::test]
async fn what_came_and_went_unseen_is_told_as_gone_and_then_forgotten() {
    let board = board();
    list(&board);
    let (mut slow, mut other) = (watch(&board), watch(&board));
    assert_eq!((said(&mut slow), said(&mut other)), ("=".to_owned(), "=".to_owned()));
    see(&board, job(1, "one", 1));
    board.change(|table| table.lose_job(&job(1, "one", 2).metadata));
    // What was given up is no news to whoever did that.
    see(&board, job(2, "two", 3));
    board.change(|table| table.give_up(&AttemptId::new("attempt-2").unwrap(), "two"));
    assert_eq!(said(&mut other), "-1");
    assert_eq!(board.read(Table::departed), 1, "one watch has not looked yet");
    assert_eq!(said(&mut slow), "-1");
    assert_eq!(board.read(Table::departed), 0);
    see(&board, job(3, "three", 4));
    board.change(|table| table.lose_job(&job(3, "three", 5).metadata));
    drop((slow, other));
    assert_eq!(board.read(Table::departed), 0, "nobody is left to be told");
}
