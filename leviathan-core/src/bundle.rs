//! `Bundle`: a worker's events, taken whole or not at all.

mod scope;

use crate::artifact::ArtifactRef;
use crate::event::payload::ArtifactCreated;
use crate::event::{Event, EventDraft, MAX_EVENT_BYTES, Origin, Payload};
use crate::id::{ActorId, AttemptId, EventId, TargetId, TaskId};
use crate::log::Hash;
use crate::{Timestamp, json, time};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt::Arguments;

/// The largest bundle in bytes (16 MiB).
pub const MAX_BUNDLE_BYTES: usize = 16 * 1024 * 1024;
/// The most events of a bundle.
pub const MAX_BUNDLE_EVENTS: usize = 10_000;
/// The path of what is wrong with a bundle as a whole.
const BUNDLE: &str = "bundle";

/// Events that a worker claims, checked and ready for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The producer's name for it. Several bundles may have the same; events are told apart by themselves.
    pub bundle_id: String,
    /// The target that the events belong to.
    pub target: TargetId,
    /// The events, in the producer's order.
    pub events: Vec<EventDraft>,
}

/// A bundle that was refused, with every fault in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the bundle was refused, nothing of it was recorded: {}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct BadBundle {
    /// What is wrong, place by place.
    pub faults: Vec<BundleFault>,
}

/// One fault of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{path}: {what}")]
pub struct BundleFault {
    /// JSON path of the fault, for instance `events[3].payload.attempt_id`.
    pub path: String,
    /// What is wrong there and what is expected.
    pub what: String,
}

impl BundleFault {
    /// The fault that reading JSON met at `place`, which is `.` for the whole of it: then it has the path `whole`. Of a field
    /// that is missing it has the path that the field would have, which serde gives only in words.
    pub fn met(whole: &str, place: &str, what: String) -> Self {
        let missing = what.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        let path = match (place, missing) {
            ("." | "?", None) => whole.to_owned(),
            ("." | "?", Some((field, _))) => field.to_owned(),
            (place, None) => place.to_owned(),
            (place, Some((field, _))) => format!("{place}.{field}"),
        };
        Self { path, what }
    }
}

#[derive(Serialize, Deserialize)]
struct WireBundle<'a> {
    target: TargetId,
    #[serde(default)]
    bundle_id: String,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    artifacts: Option<Vec<&'a RawValue>>,
}

#[derive(Serialize, Deserialize)]
struct WireEvent<'a> {
    event_id: EventId,
    event_type: String,
    #[serde(default = "one")]
    version: u32,
    #[serde(with = "time::lenient")]
    timestamp: Timestamp,
    actor_id: ActorId,
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// An artifact as bundles list it, under the names that existing workers use.
#[derive(Deserialize)]
struct WireArtifact {
    sha256: Hash,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    uri: Option<String>,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    name: Option<String>,
}

fn one() -> u32 {
    1
}

impl Bundle {
    /// Reads and checks a bundle as it was posted.
    ///
    /// Each entry of `artifacts` becomes an `artifact.created` of the bundle's attempt, its id derived from attempt and
    /// digest, so that posting it again is a duplicate.
    ///
    /// # Errors
    /// [`BadBundle`] with every fault found, each at its JSON path.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadBundle> {
        let refused = |what| BadBundle { faults: vec![BundleFault { path: BUNDLE.to_owned(), what }] };
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(refused(format!("{} bytes, at most {MAX_BUNDLE_BYTES}", bytes.len())));
        }
        let mut faults = Vec::new();
        let text = str::from_utf8(bytes).map_err(|error| refused(format!("not UTF-8: {error}")))?;
        let wire: WireBundle<'_> = json::read(text).map_err(|fault| BadBundle {
            faults: vec![BundleFault::met(BUNDLE, &fault.path, fault.in_line())],
        })?;
        if wire.events.len() > MAX_BUNDLE_EVENTS {
            let what = format!("{} events, at most {MAX_BUNDLE_EVENTS}", wire.events.len());
            faults.push(BundleFault { path: "events".to_owned(), what });
            return Err(BadBundle { faults });
        }
        let mut events = Vec::with_capacity(wire.events.len());
        for (index, raw) in wire.events.iter().enumerate() {
            match accept_event(raw, &wire.target, format_args!("events[{index}]")) {
                Ok(event) => events.push(event),
                Err(fault) => faults.push(fault),
            }
        }
        let artifacts = wire.artifacts.unwrap_or_default();
        let told_by = events.iter().find_map(|event| {
            Some((Subject::of(event).attempt_id()?, event.actor_id.clone(), event.timestamp))
        });
        for (index, raw) in artifacts.iter().enumerate() {
            let path = format_args!("artifacts[{index}]");
            match (read::<WireArtifact>(raw, path), &told_by) {
                (Err(fault), _) => faults.push(fault),
                (Ok(_), None) => {
                    let what = "no event of the bundle names an attempt that it could belong to".to_owned();
                    faults.push(BundleFault { path: path.to_string(), what });
                }
                (Ok(artifact), Some((attempt, actor, at))) => {
                    events.push(artifact.into_event(attempt, actor.clone(), wire.target.clone(), *at));
                }
            }
        }
        if !faults.is_empty() {
            return Err(BadBundle { faults });
        }
        Ok(Self { bundle_id: wire.bundle_id, target: wire.target, events })
    }

    /// The first attempt that its events name, which most often is the only one.
    pub fn attempt(&self) -> Option<AttemptId> {
        self.events.iter().find_map(|event| Subject::of(event).attempt_id())
    }

    /// The attempts that its events name, and the tasks of its target.
    pub(crate) fn subjects(&self) -> (BTreeSet<AttemptId>, BTreeSet<TaskId>) {
        let (mut attempts, mut tasks) = (BTreeSet::new(), BTreeSet::new());
        for subject in self.events.iter().map(Subject::of) {
            attempts.extend(subject.attempt_id());
            tasks.extend(subject.task_id());
        }
        (attempts, tasks)
    }

    /// The bundle as a worker posts it.
    pub fn to_json(&self) -> Vec<u8> {
        let event = |event: &EventDraft| {
            serde_json::value::to_raw_value(&WireEvent {
                event_id: event.event_id.clone(),
                event_type: event.event_type.as_str().to_owned(),
                version: event.version,
                timestamp: event.timestamp,
                actor_id: event.actor_id.clone(),
                payload: event.payload.raw(),
            })
        };
        // Text, numbers and raw JSON: serde_json refuses none of these.
        let events: Vec<Box<RawValue>> = self.events.iter().filter_map(|draft| event(draft).ok()).collect();
        let wire = WireBundle {
            target: self.target.clone(),
            bundle_id: self.bundle_id.clone(),
            events: events.iter().map(AsRef::as_ref).collect(),
            artifacts: None,
        };
        serde_json::to_vec(&wire).unwrap_or_default()
    }
}

impl WireArtifact {
    fn into_event(
        self,
        attempt: &AttemptId,
        actor_id: ActorId,
        target: TargetId,
        timestamp: Timestamp,
    ) -> EventDraft {
        let event = Event::ArtifactCreated(ArtifactCreated {
            artifact_id: None,
            attempt_id: attempt.clone(),
            sha256: self.sha256,
            artifact_type: self.kind,
            size_bytes: self.size,
            storage_path: self.uri,
            name: self.name,
            media_type: None,
        });
        EventDraft::claimed(EventId::of_artifact(attempt, &self.sha256), actor_id, target, timestamp, &event)
    }
}

impl EventDraft {
    /// An event that a worker claims.
    pub fn claimed(
        event_id: EventId,
        actor_id: ActorId,
        target: TargetId,
        timestamp: Timestamp,
        event: &Event,
    ) -> Self {
        Self {
            event_id,
            event_type: event.event_type(),
            version: event.version(),
            timestamp,
            actor_id,
            origin: Origin::Claimed,
            target: Some(target),
            payload: event.payload(),
        }
    }
}

impl EventId {
    /// The id of the `number`th event that an attempt's worker tells, so that telling it again is a duplicate.
    pub fn of_attempt(attempt: &AttemptId, number: u64, event: &Event) -> Self {
        Self::derived(&[
            event.event_type().as_str().as_bytes(),
            attempt.as_str().as_bytes(),
            &number.to_be_bytes(),
        ])
    }

    /// The id of the `artifact.created` of an attempt and a digest, for whoever reports it.
    pub fn of_artifact(attempt: &AttemptId, sha256: &Hash) -> Self {
        Self::derived(&[b"artifact.created", attempt.as_str().as_bytes(), sha256.as_bytes()])
    }
}

impl ArtifactRef {
    /// The `artifact.created` of these bytes.
    pub fn created_by(&self, attempt_id: AttemptId) -> Event {
        Event::ArtifactCreated(ArtifactCreated {
            artifact_id: None,
            attempt_id,
            sha256: self.sha256,
            artifact_type: self.kind.clone(),
            size_bytes: self.size_bytes,
            storage_path: None,
            name: Some(self.name.clone()),
            media_type: Some(self.media_type.clone()),
        })
    }
}

/// What an event's payload is about, whatever the event's type.
#[derive(Default, Deserialize)]
struct Subject<'a> {
    #[serde(borrow)]
    attempt_id: Option<&'a RawValue>,
    #[serde(borrow)]
    task_id: Option<&'a RawValue>,
}

impl<'a> Subject<'a> {
    fn of(event: &'a EventDraft) -> Self {
        serde_json::from_str(event.payload.as_str()).unwrap_or_default()
    }

    /// The attempt, if what names it is an id.
    fn attempt_id(&self) -> Option<AttemptId> {
        serde_json::from_str(self.attempt_id?.get()).ok()
    }

    /// The task, if what names it is an id.
    fn task_id(&self) -> Option<TaskId> {
        serde_json::from_str(self.task_id?.get()).ok()
    }
}

fn accept_event(raw: &RawValue, target: &TargetId, path: Arguments<'_>) -> Result<EventDraft, BundleFault> {
    let within = |inner: String, what: String| BundleFault { path: format!("{path}.{inner}"), what };
    if raw.get().len() > MAX_EVENT_BYTES {
        let what = format!("an event of {} bytes, at most {MAX_EVENT_BYTES}", raw.get().len());
        return Err(BundleFault { path: path.to_string(), what });
    }
    let wire: WireEvent<'_> = read(raw, path)?;
    if wire.event_type.is_empty() || wire.event_type.contains('\0') {
        let what = "must not be empty and must not hold U+0000".to_owned();
        return Err(within("event_type".to_owned(), what));
    }
    let payload = Payload::accept(wire.payload).map_err(|fault| within(fault.path, fault.what))?;
    Event::decode(&wire.event_type, wire.version, payload.as_str(), Some(target))
        .map_err(|fault| within(fault.path, fault.what))?;
    Ok(EventDraft {
        event_id: wire.event_id,
        event_type: wire.event_type.as_str().into(),
        version: wire.version,
        timestamp: wire.timestamp,
        actor_id: wire.actor_id,
        origin: Origin::Claimed,
        target: Some(target.clone()),
        payload,
    })
}

/// Reads what stands at `path` of a bundle.
fn read<'de, T: Deserialize<'de>>(json: &'de RawValue, path: Arguments<'_>) -> Result<T, BundleFault> {
    json::read(json.get()).map_err(|fault| {
        let path = path.to_string();
        let fault = BundleFault::met(&path, &fault.path, fault.what());
        if fault.path == path {
            fault
        } else {
            BundleFault { path: format!("{path}.{}", fault.path), ..fault }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_reads_back_as_it_was_written_and_its_artifacts_become_events() {
        let text = r#"{"target":"radix","bundle_id":"b","events":[
            {"event_id":"e1","event_type":"attempt.started","timestamp":"2026-01-24T10:00:05","actor_id":"w",
             "payload":{"attempt_id":"attempt-1","status":"running","extra":1}},
            {"event_id":"e2","event_type":"file.discovered","timestamp":"2026-01-24T10:00:05Z","actor_id":"w","payload":{}}],
            "artifacts":[{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","kind":"log","size":0}]}"#;
        let bundle = Bundle::parse(text.as_bytes()).unwrap();
        assert_eq!(bundle.events.len(), 3);
        assert_eq!(
            bundle.events[0].payload.as_str(),
            r#"{"attempt_id":"attempt-1","status":"running","extra":1}"#
        );
        assert_eq!(bundle.events[2].event_type.as_str(), "artifact.created");
        assert_eq!(Bundle::parse(&bundle.to_json()).unwrap(), bundle);
    }

    #[test]
    fn every_fault_is_named_at_its_path_at_once() {
        let text = r#"{"target":"radix","bundle_id":"b","artifacts":null,"events":[
            {"event_id":"","event_type":"x","timestamp":"2026-01-24T10:00:05Z","actor_id":"w","payload":{}},
            {"event_id":"e","event_type":"attempt.started","timestamp":"2026-01-24T10:00:05Z","actor_id":"w","payload":{"a":[1e999]}},
            {"event_id":"e","event_type":"attempt.started","timestamp":"2026-01-24T10:00:05Z","actor_id":"w","payload":{}},
            {"event_id":"e","event_type":"x","timestamp":"soon","actor_id":"w","payload":{}}]}"#;
        let faults = Bundle::parse(text.as_bytes()).unwrap_err().faults;
        let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(
            paths,
            ["events[0].event_id", "events[1].payload.a[0]", "events[2].payload", "events[3].timestamp"]
        );
        assert!(faults[2].what.contains("attempt_id"), "{}", faults[2]);
    }

    #[test]
    fn a_field_that_is_missing_is_named_where_it_should_be() {
        let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let started = r#"{"event_id":"e","event_type":"attempt.started","timestamp":"2026-01-24T10:00:05Z","actor_id":"w","payload":{"attempt_id":"a"}}"#;
        for (text, path) in [
            (r#"{"events":[]}"#.to_owned(), "target"),
            // Of a misspelt list nothing would be recorded, and its worker would think that all of it was.
            (r#"{"target":"radix","event":[]}"#.to_owned(), "events"),
            (r#"{"target":"radix","events":[{"event_type":"x"}]}"#.to_owned(), "events[0].event_id"),
            (
                format!(r#"{{"target":"radix","events":[{started}],"artifacts":[{{"kind":"log"}}]}}"#),
                "artifacts[0].sha256",
            ),
            (
                format!(
                    r#"{{"target":"radix","events":[{started}],"artifacts":[{{"sha256":"{digest}","size":-1}}]}}"#
                ),
                "artifacts[0].size",
            ),
            ("[]".to_owned(), "bundle"),
            ("{".to_owned(), "bundle"),
        ] {
            let faults = Bundle::parse(text.as_bytes()).unwrap_err().faults;
            let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
            assert_eq!(paths, [path], "{text}");
        }
    }

    #[test]
    fn nothing_outside_of_payloads_holds_u_0000_either() {
        let text = r#"{"target":"radix","events":[
            {"event_id":"e\u0000","event_type":"x","timestamp":"2026-01-24T10:00:05Z","actor_id":"w","payload":{}},
            {"event_id":"e","event_type":"x\u0000","timestamp":"2026-01-24T10:00:05Z","actor_id":"w","payload":{}},
            {"event_id":"e","event_type":"x","timestamp":"2026-01-24T10:00:05Z","actor_id":"\u0000","payload":{}}]}"#;
        let faults = Bundle::parse(text.as_bytes()).unwrap_err().faults;
        let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, ["events[0].event_id", "events[1].event_type", "events[2].actor_id"]);
    }
}
