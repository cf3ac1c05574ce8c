//! Event bodies as workers cause them.

use bytes::Bytes;
use std::fmt::Display;

/// `count` bodies of about 400 bytes, numbered from `first`.
pub fn bodies(first: usize, count: usize) -> Vec<Bytes> {
    (first..first + count).map(body).collect()
}

/// The bundle that a worker posts as its so-and-so-manieth, which stands in the ids: `count` events of one attempt.
pub fn posted(writer: usize, number: impl Display, count: usize) -> String {
    let event = |nth: usize| {
        format!(
            "{{\"event_id\":\"ev-{writer}-{number}-{nth}\",\"event_type\":\"tests.passed\",\
             \"timestamp\":\"2026-01-24T10:00:05Z\",\"actor_id\":\"worker-attempt-{writer:016x}\",\
             \"payload\":{{\"attempt_id\":\"attempt-{writer:016x}\",\"command\":\"cargo test --workspace\",\
             \"exit_code\":0,\"duration_ms\":{writer},\"output_sha256\":\"{writer:064x}\",\"round\":1}}}}"
        )
    };
    let events: Vec<String> = (0..count).map(event).collect();
    format!("{{\"target\":\"radix\",\"events\":[{}]}}", events.join(","))
}

fn body(n: usize) -> Bytes {
    let attempt = n / 20;
    Bytes::from(format!(
        "{{\"event_id\":\"ev-{n:032x}\",\"event_type\":\"tests.passed\",\"version\":1,\
         \"timestamp\":\"2026-01-24T10:00:05Z\",\"recorded_at\":\"2026-01-24T10:00:06.120Z\",\
         \"actor_id\":\"worker-attempt-{attempt:016x}\",\"origin\":\"claimed\",\"target\":\"radix\",\
         \"payload\":{{\"attempt_id\":\"attempt-{attempt:016x}\",\"command\":\"cargo test --workspace\",\
         \"exit_code\":0,\"duration_ms\":{n},\"output_sha256\":\"{n:064x}\",\"round\":1}}}}"
    ))
}
