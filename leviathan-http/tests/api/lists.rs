//! Attempts, failures and tasks, page by page.

use crate::support::Api;
use crate::wire::{bundle, event};
use serde_json::{Value, json};

const AT: &str = "2026-01-24T10:00:05Z";

/// Attempts that nobody of ours runs: each is opened, and some have ended.
async fn with_attempts(count: usize) -> Api {
    let api = Api::start().await;
    api.add_task().await;
    let mut events = Vec::new();
    for n in 0..count {
        let id = format!("foreign-{n}");
        let created =
            json!({"attempt_id": id, "task_id": "docs", "target_id": "radix", "attempt_number": n + 1});
        events.push(event(&format!("c{n}"), "attempt.created", AT, created));
        let end = match n % 3 {
            0 => (
                "attempt.failed",
                json!({"attempt_id": id, "failure_type": "checks_failed", "error_summary": "no"}),
            ),
            1 => ("attempt.succeeded", json!({"attempt_id": id})),
            _ => continue,
        };
        events.push(event(&format!("e{n}"), end.0, AT, end.1));
    }
    api.tell(bundle(&events)).await;
    api
}

fn ids<'a>(page: &'a Value, list: &str) -> Vec<&'a str> {
    let list = page[list].as_array().unwrap();
    assert_eq!(page["count"], list.len());
    list.iter().map(|element| element["attempt_id"].as_str().unwrap()).collect()
}

/// The ids of all pages of `limit`.
async fn paged(api: &Api, path: &str, list: &str, limit: usize) -> Vec<String> {
    let (mut all, mut behind) = (Vec::new(), String::new());
    loop {
        let page: Value = api.get(&format!("{path}&limit={limit}{behind}")).await.ok();
        all.extend(ids(&page, list).iter().map(ToString::to_string));
        match page["next_cursor"].as_str() {
            Some(cursor) => behind = format!("&cursor={cursor}"),
            None => return all,
        }
        assert_eq!(page["count"], limit, "a page that is not the last is full");
    }
}

#[tokio::test]
async fn attempts_come_newest_first_and_pages_leave_none_out() {
    let api = with_attempts(7).await;
    let whole: Value = api.get("/v1/attempts").await.ok();
    let expected: Vec<String> = (0..7).rev().map(|n| format!("foreign-{n}")).collect();
    assert_eq!(ids(&whole, "attempts"), expected);
    assert_eq!(whole["next_cursor"], Value::Null);
    for limit in [1, 2, 3, 7, 8] {
        assert_eq!(paged(&api, "/v1/attempts?target=radix", "attempts", limit).await, expected, "{limit}");
        assert_eq!(paged(&api, "/v1/attempts?task=docs", "attempts", limit).await, expected, "{limit}");
    }
    let first = &whole["attempts"][0];
    for (name, value) in [
        ("task_id", json!("docs")),
        ("target", json!("radix")),
        ("status", json!("failed")),
        ("confirmed", json!(false)),
        ("attempt_number", json!(7)),
        ("cost_usd", json!(0.0)),
        ("tokens", json!(0)),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    for name in ["started_at", "pr_number", "branch_name", "commit_sha", "pr_url"] {
        assert_eq!(first.get(name), Some(&Value::Null), "{name} is told although it is not known");
    }
}

#[tokio::test]
async fn attempts_are_found_by_target_task_and_status() {
    let api = with_attempts(7).await;
    for (query, expected) in [
        ("status=failed", vec!["foreign-6", "foreign-3", "foreign-0"]),
        ("status=succeeded&target=radix", vec!["foreign-4", "foreign-1"]),
        ("status=created&task=docs", vec!["foreign-5", "foreign-2"]),
        ("status=running", vec![]),
        ("target=other", vec![]),
        ("task=other", vec![]),
        ("target=radix&task=docs&status=failed&limit=2", vec!["foreign-6", "foreign-3"]),
    ] {
        let page: Value = api.get(&format!("/v1/attempts?{query}")).await.ok();
        assert_eq!(ids(&page, "attempts"), expected, "{query}");
    }
}

#[tokio::test]
async fn what_an_attempt_cost_is_the_sum_of_its_calls() {
    let api = with_attempts(1).await;
    let call = |n: usize| {
        let payload = json!({"attempt_id": "foreign-0", "call_id": format!("call-{n}"), "model": "m",
            "tokens_input": 10, "tokens_output": 5, "cost_usd": 0.25});
        event(&format!("m{n}"), "model.call_completed", AT, payload)
    };
    api.tell(bundle(&[call(1), call(2)])).await;
    let page: Value = api.get("/v1/attempts").await.ok();
    assert_eq!((&page["attempts"][0]["cost_usd"], &page["attempts"][0]["tokens"]), (&json!(0.5), &json!(30)));
}

#[tokio::test]
async fn failures_come_last_first_and_say_why() {
    let api = with_attempts(7).await;
    let expected = ["foreign-6", "foreign-3", "foreign-0"];
    for limit in [1, 2, 3] {
        assert_eq!(paged(&api, "/v1/failures?target=radix", "failures", limit).await, expected, "{limit}");
    }
    let page: Value = api.get("/v1/failures").await.ok();
    assert_eq!(
        page["failures"][0],
        json!({"attempt_id": "foreign-6", "task_id": "docs", "target": "radix", "failure_type": "checks_failed",
            "error": "no", "timestamp": AT})
    );
    let none: Value = api.get("/v1/failures?target=other").await.ok();
    assert_eq!((none["count"].clone(), ids(&none, "failures")), (json!(0), vec![]));
}

#[tokio::test]
async fn tasks_say_how_far_they_are_and_why_they_do_not_run() {
    let api = Api::start().await;
    let id = api.open_attempt().await;
    let page: Value = api.get("/v1/tasks").await.ok();
    let task = &page["tasks"][0];
    assert_eq!((&task["task_id"], &task["status"]), (&json!("docs"), &json!("in_progress")));
    assert!(task["blocked"].as_str().unwrap().contains(id.as_str()), "{task}");
    assert_eq!((&task["attempts"], &task["last_attempt"]), (&json!(1), &json!(id)));
    assert_eq!(&api.get("/v1/tasks/radix/docs").await.ok::<Value>(), task);
    for (query, count) in [
        ("status=in_progress", 1),
        ("status=pending", 0),
        ("target=radix&status=in_progress", 1),
        ("target=other", 0),
        ("cursor=5-radix/docs", 0),
        ("cursor=5-radix/doc", 1),
    ] {
        let page: Value = api.get(&format!("/v1/tasks?{query}")).await.ok();
        assert_eq!(page["count"], count, "{query}");
        assert_eq!(page["next_cursor"], Value::Null, "{query}");
    }
    assert!(api.get("/v1/tasks/radix/other").await.problem(404).detail.contains("radix/other"));
    api.get("/v1/tasks/radix/").await.problem(404);
    api.get("/v1/tasks/radix").await.problem(404);
}

#[tokio::test]
async fn a_task_that_may_start_is_blocked_by_nothing() {
    let api = Api::start().await;
    api.add_task().await;
    let task: Value = api.get("/v1/tasks/radix/docs").await.ok();
    assert_eq!((&task["status"], &task["blocked"]), (&json!("pending"), &Value::Null));
}

#[tokio::test]
async fn all_faults_of_a_query_are_named_at_once() {
    let api = Api::start().await;
    let named = async |path: &str| -> Vec<String> {
        let problem = api.get(path).await.problem(400);
        problem.errors.into_iter().map(|fault| fault.path).collect()
    };
    assert_eq!(
        named("/v1/attempts?status=odd&limit=0&cursor=x&target=a&target=b&task=").await,
        ["target", "task", "status", "limit", "cursor"]
    );
    assert_eq!(named("/v1/failures?limit=501&cursor=7").await, ["limit", "cursor"]);
    assert_eq!(named("/v1/tasks?status=odd&limit=-1&cursor=9-a/b").await, ["status", "limit", "cursor"]);
    assert_eq!(named("/v1/events?after=-1&limit=1001").await, ["after", "limit"]);
    let said = api.get("/v1/tasks?status=odd").await.problem(400).errors[0].what.clone();
    assert!(said.contains("\"odd\"") && said.contains("awaiting_merge"), "{said}");
}
