//! Event bodies as workers cause them.

use bytes::Bytes;

/// `count` bodies of about 400 bytes, numbered from `first`.
pub fn bodies(first: usize, count: usize) -> Vec<Bytes> {
    (first..first + count).map(body).collect()
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
