//! Short words for facts that workers post.

use leviathan_core::Bundle;
use leviathan_core::decide::Command;
use leviathan_core::log::RecordedEvent;
use std::collections::BTreeMap;

/// A bundle of facts with these names. It belongs to an attempt of its own, so that many go into one append.
pub(crate) fn post(attempt: &str, facts: &[String]) -> Command {
    let event = |fact: &String| {
        format!(
            "{{\"event_id\":\"{fact}\",\"event_type\":\"tests.passed\",\"timestamp\":\"2026-01-24T10:00:00Z\",\
             \"actor_id\":\"worker\",\"payload\":{{\"attempt_id\":\"{attempt}\",\"command\":\"true\"}}}}"
        )
    };
    let events: Vec<_> = facts.iter().map(event).collect();
    let bundle = format!("{{\"target\":\"radix\",\"events\":[{}]}}", events.join(","));
    Command::Ingest(Bundle::parse(bundle.as_bytes()).unwrap())
}

/// How often each fact stands in a log.
pub(crate) fn facts(events: &[RecordedEvent]) -> BTreeMap<String, usize> {
    let mut facts = BTreeMap::new();
    for event in events {
        let envelope = event.body.envelope().unwrap();
        if envelope.event_type == "tests.passed" {
            *facts.entry(envelope.event_id.into_owned()).or_default() += 1;
        }
    }
    facts
}
