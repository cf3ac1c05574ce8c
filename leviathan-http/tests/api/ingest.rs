//! Bundles, as workers really send them.

use crate::support::{Api, soon};
use crate::wire::{bundle, event, started};
use futures::FutureExt;
use leviathan_core::decide::Command;
use leviathan_core::event::Origin;
use leviathan_core::executor::{Phase, Sighting};
use leviathan_core::graph::AttemptState;
use leviathan_core::log::Position;
use leviathan_core::store::StoreErrorKind;
use leviathan_core::{Bundle, MAX_BUNDLE_BYTES, SubmitError};
use leviathan_http::view::IngestReceipt;
use serde_json::{Value, json};

/// What an answer counts: ingested, duplicates.
#[track_caller]
fn counts(answer: &crate::support::Answer) -> (usize, usize) {
    let receipt: IngestReceipt = answer.ok();
    (receipt.ingested, receipt.duplicates)
}

#[tokio::test]
async fn a_bundle_is_answered_with_its_counts_and_the_logs_head() {
    let api = Api::start().await;
    let answer = api.post_bundle(started("attempt-1").to_string()).await;
    let head = api.ledger.read(|graph| graph.head());
    let expected = json!({"status": "ok", "bundle_id": "bundle-1", "ingested": 1, "duplicates": 0,
        "position": 2, "head": head.hash.to_string()});
    assert_eq!(answer.ok::<Value>(), expected);
    assert_eq!(head.position, Position::new(2));
}

#[tokio::test]
async fn what_is_ingested_is_claimed_whatever_it_says_of_itself() {
    let api = Api::start().await;
    let mut sent = started("attempt-1");
    sent["events"][0]["origin"] = json!("observed");
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (1, 0));
    let events = api.store.events().await;
    assert_eq!(events[1].body.envelope().unwrap().origin, Origin::Claimed);
}

#[tokio::test]
async fn a_bundle_posted_again_counts_as_duplicates_and_adds_nothing() {
    let api = Api::start().await;
    let sent = started("attempt-1").to_string();
    let first: IngestReceipt = api.post_bundle(sent.clone()).await.ok();
    let again: IngestReceipt = api.post_bundle(sent).await.ok();
    assert_eq!((again.ingested, again.duplicates), (0, 1));
    assert_eq!((again.position, again.head), (first.position, first.head));
    assert_eq!(api.store.events().await.len(), 2);
}

#[tokio::test]
async fn what_the_control_plane_concludes_from_a_bundle_is_not_counted_as_ingested() {
    let api = Api::start().await;
    api.add_task().await;
    let own = json!({"attempt_id": "foreign-1", "task_id": "docs", "attempt_number": 1});
    let end = json!({"attempt_id": "foreign-1", "status": "failed", "failure_type": "checks_failed"});
    let at = "2026-01-24T10:00:05Z";
    let first = bundle(&[event("e1", "attempt.created", at, own)]);
    assert_eq!(counts(&api.post_bundle(first.to_string()).await), (1, 0));
    let before = api.store.events().await.len();
    let last = bundle(&[event("e2", "attempt.failed", at, end)]);
    assert_eq!(counts(&api.post_bundle(last.to_string()).await), (1, 0));
    assert!(api.store.events().await.len() > before + 1, "a retry is scheduled because of it");
}

#[tokio::test]
async fn times_may_have_an_offset_or_none() {
    let api = Api::start().await;
    let payload = json!({"attempt_id": "attempt-1"});
    let times = [
        "2026-01-24T10:00:05Z",
        "2026-01-24T12:00:05+02:00",
        "2026-01-24T10:00:05",
        "2026-01-24T10:00:05.000000",
        "2026-01-24T10:00:05+00:00",
    ];
    let events: Vec<Value> = times
        .iter()
        .enumerate()
        .map(|(n, at)| event(&format!("e{n}"), "file.discovered", at, payload.clone()))
        .collect();
    assert_eq!(counts(&api.post_bundle(bundle(&events).to_string()).await), (5, 0));
    for recorded in &api.store.events().await[1..] {
        let said = leviathan_core::format_timestamp(recorded.body.envelope().unwrap().timestamp);
        assert_eq!(said, "2026-01-24T10:00:05Z");
    }
}

#[tokio::test]
async fn bundles_of_one_name_are_told_apart_by_their_events_and_events_of_one_id_by_their_content() {
    let api = Api::start().await;
    let at = "2026-01-24T10:00:05Z";
    let note = |text: &str| event("e1", "note.taken", at, json!({"text": text}));
    for text in ["first", "second"] {
        assert_eq!(counts(&api.post_bundle(bundle(&[note(text)]).to_string()).await), (1, 0), "{text}");
    }
    let both = bundle(&[note("second"), note("third"), note("third")]);
    assert_eq!(counts(&api.post_bundle(both.to_string()).await), (1, 2));
    let texts: Vec<String> = api.store.events().await[1..]
        .iter()
        .map(|event| event.body.envelope().unwrap().payload.to_owned())
        .collect();
    assert_eq!(texts, [r#"{"text":"first"}"#, r#"{"text":"second"}"#, r#"{"text":"third"}"#]);
}

#[tokio::test]
async fn artifacts_may_be_missing_null_or_a_list() {
    let api = Api::start().await;
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let mut sent = started("attempt-1");
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (1, 0));
    sent["artifacts"] = Value::Null;
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (0, 1));
    sent["artifacts"] = json!([]);
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (0, 1));
    sent["artifacts"] =
        json!([{"sha256": digest, "kind": "log", "uri": "file:///x", "size": 0, "name": "pod.log"}]);
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (1, 1));
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (0, 2));
    let shown: Value = api.get("/v1/attempts/attempt-1").await.ok();
    assert_eq!(shown["artifacts"][0]["sha256"], digest);
    assert_eq!(shown["artifacts"][0]["name"], "pod.log");
}

#[tokio::test]
async fn a_pull_request_may_lack_title_and_state_and_come_before_or_after_the_end() {
    let api = Api::start().await;
    let at = "2026-01-24T10:00:05Z";
    let pr = |id: &str| event(id, "pr.created", at, json!({"attempt_id": "attempt-1", "pr_number": 7}));
    let end = json!({"attempt_id": "attempt-1", "status": "succeeded", "branch_name": "agent/docs", "commit_sha": "c1"});
    let sent = bundle(&[pr("e1"), event("e2", "attempt.succeeded", at, end), pr("e3")]);
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (3, 0));
    let shown: Value = api.get("/v1/attempts/attempt-1").await.ok();
    assert_eq!(shown["attempt_node"]["properties"]["status"], "succeeded");
    assert_eq!(shown["events"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn creating_an_attempt_again_that_the_scheduler_opened_is_kept_and_changes_nothing() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let executor = api.ledger.read(|graph| graph.attempt(&id).unwrap().executor.clone()).unwrap();
    let sighting = Sighting { attempt_id: id.clone(), phase: Phase::Submitted, job_name: None };
    api.ledger.submit(Command::Observe { executor, sighting, leadership: None }).await.unwrap();
    let at = "2026-01-24T10:00:05Z";
    let created = json!({"attempt_id": id, "task_id": "other", "attempt_number": 9, "status": "created"});
    let running = json!({"attempt_id": id, "status": "running"});
    let sent =
        bundle(&[event("e1", "attempt.started", at, running), event("e2", "attempt.created", at, created)]);
    assert_eq!(counts(&api.post_bundle(sent.to_string()).await), (2, 0));
    let attempt = api.ledger.read(|graph| graph.attempt(&id).cloned()).unwrap();
    assert_eq!(attempt.state, AttemptState::Running);
    assert_eq!(attempt.attempt_number, 1);
    assert_eq!(attempt.task.unwrap().task_id.as_str(), "docs");
    assert!(attempt.executor.is_some(), "the executor still runs it");
}

#[tokio::test]
async fn every_fault_is_told_at_its_path_and_nothing_is_recorded() {
    let api = Api::start().await;
    let at = "2026-01-24T10:00:05Z";
    let good = event("e0", "note.taken", at, json!({}));
    let sent = bundle(&[
        good,
        event("e1", "attempt.started", at, json!({})),
        event("e2", "note.taken", "soon", json!({})),
        event("", "note.taken", at, json!({})),
    ]);
    let problem = api.post_bundle(sent.to_string()).await.problem(400);
    let paths: Vec<&str> = problem.errors.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["events[1].payload", "events[2].timestamp", "events[3].event_id"]);
    assert!(problem.errors[0].what.contains("attempt_id"));
    for text in ["", "{", "[]", r#"{"target":"radix","events":[]} x"#, r#"{"target":""}"#] {
        assert!(!api.post_bundle(text).await.problem(400).errors.is_empty(), "{text}");
    }
    assert_eq!(api.store.events().await.len(), 1);
}

#[tokio::test]
async fn of_very_many_faults_only_the_first_are_told() {
    let api = Api::start().await;
    let events = vec![event("", "note.taken", "2026-01-24T10:00:05Z", json!({})); 500];
    let problem = api.post_bundle(bundle(&events).to_string()).await.problem(400);
    assert_eq!(problem.errors.len(), 100);
    assert!(problem.detail.contains("500 faults"));
}

#[tokio::test]
async fn an_event_that_is_too_large_is_refused_at_its_path() {
    let api = Api::start().await;
    let at = "2026-01-24T10:00:05Z";
    let large = event("e1", "note.taken", at, json!({"text": "x".repeat(256 * 1024)}));
    let sent = bundle(&[event("e0", "note.taken", at, json!({})), large]);
    let problem = api.post_bundle(sent.to_string()).await.problem(400);
    assert_eq!(problem.errors[0].path, "events[1]");
    assert_eq!(api.store.events().await.len(), 1);
}

#[tokio::test]
async fn a_bundle_that_is_too_large_is_refused_whether_or_not_its_size_was_announced() {
    let api = Api::start().await;
    let large = vec![b' '; MAX_BUNDLE_BYTES + 1];
    for _ in 0..5 {
        api.post_bundle(large.clone()).await.problem(413);
        let chunks =
            large.chunks(1 << 20).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
        api.post_bundle(reqwest::Body::wrap_stream(futures::stream::iter(chunks))).await.problem(413);
    }
}

#[tokio::test]
async fn there_is_no_answer_before_the_bundle_is_durable() {
    let api = Api::start().await;
    api.store.hold();
    let sent = started("attempt-1").to_string();
    let mut answer = Box::pin(api.post_bundle(sent));
    tokio::select! {
        answer = &mut answer => panic!("answered before it was durable: {answer:?}"),
        () = api.store.holds_one() => {}
    }
    assert!(answer.as_mut().now_or_never().is_none());
    assert_eq!(api.store.events().await.len(), 1);
    api.store.release();
    assert_eq!(counts(&soon(answer).await), (1, 0));
    assert_eq!(api.store.events().await.len(), 2);
}

#[tokio::test]
async fn an_overloaded_control_plane_says_when_to_come_again() {
    let api = Api::start().await;
    api.store.hold();
    let submit = || {
        let bundle = Bundle::parse(started("attempt-1").to_string().as_bytes()).unwrap();
        let ledger = api.ledger.clone();
        Box::pin(async move { ledger.submit(Command::Ingest(bundle)).await })
    };
    // The first is held in its append; the door is behind it, and all others queue up until it is full.
    let mut waiting = vec![submit()];
    assert!(waiting[0].as_mut().now_or_never().is_none());
    api.store.holds_one().await;
    let refused = loop {
        let mut next = submit();
        match next.as_mut().now_or_never() {
            Some(refused) => break refused,
            None => waiting.push(next),
        }
        assert!(waiting.len() < 100_000, "the queue has no end");
    };
    assert!(matches!(refused, Err(SubmitError::Overloaded { .. })), "{refused:?}");
    let answer = api.post_bundle(started("attempt-2").to_string()).await;
    assert!(answer.problem(429).detail.contains("overloaded"));
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn bundles_are_refused_while_those_that_wait_fill_the_memory_set_aside_for_them() {
    let api = Api::start().await;
    api.store.hold();
    let filled = format!("{}{}", started("attempt-1"), " ".repeat(MAX_BUNDLE_BYTES - 1024));
    let mut waiting = Vec::new();
    for _ in 0..16 {
        let mut raw = crate::support::Raw::connect(api.at).await;
        let head = format!(
            "POST /v1/events/ingest HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
            crate::support::WORKER,
            filled.len(),
        );
        raw.send(head.as_bytes()).await;
        // Asked to go on, so its room is taken.
        raw.until("100 Continue").await;
        waiting.push(raw);
    }
    let answer = api.post_bundle(started("attempt-2").to_string()).await;
    assert!(answer.problem(429).detail.contains("room"));
    drop(waiting);
    api.store.release();
    let deadline = std::time::Instant::now() + crate::support::SOON;
    let bundle = Bundle::parse(started("attempt-2").to_string().as_bytes()).unwrap();
    api.client(crate::support::WORKER).ingest(&bundle, deadline).await.unwrap();
}

#[tokio::test]
async fn a_store_that_does_not_take_it_is_told_with_when_to_come_again() {
    let api = Api::start().await;
    api.store.fail(StoreErrorKind::Unavailable);
    let answer = api.post_bundle(started("attempt-1").to_string()).await;
    assert!(answer.problem(503).detail.contains("nothing was recorded"));
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(api.store.events().await.len(), 1);
}

#[tokio::test]
async fn half_a_bundle_leaves_nothing() {
    let api = Api::start().await;
    let sent = started("attempt-1").to_string();
    let mut raw = crate::support::Raw::connect(api.at).await;
    let head = format!(
        "POST /v1/events/ingest HTTP/1.1\r\nhost: x\r\nauthorization: bearer {}\r\ncontent-length: {}\r\n\r\n",
        crate::support::WORKER,
        sent.len() + 1,
    );
    raw.send(format!("{head}{sent}").as_bytes()).await;
    drop(raw);
    assert_eq!(counts(&api.post_bundle(started("attempt-2").to_string()).await), (1, 0));
    assert_eq!(api.store.events().await.len(), 2);
}
