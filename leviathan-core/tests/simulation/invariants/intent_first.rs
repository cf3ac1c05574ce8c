//! What is launched stands in the log, durably and exactly so, before it is launched.

use crate::disk::Disk;
use crate::fleet::Fleet;
use crate::sim::Sim;
use crate::violation::Invariant;
use leviathan_core::event::Event;
use leviathan_core::executor::AttemptSpec;
use leviathan_core::log::Head;

/// That `created` is where the log has this very spec.
pub(crate) fn check(sim: &Sim, disk: &Disk, spec: &AttemptSpec, created: &Head) {
    let id = &spec.attempt_id;
    let Some(event) = disk.at(created.position).filter(|event| event.head == *created) else {
        let what = format_args!("{id} is launched for {created}, and the log has no such head");
        return sim.violated(Invariant::IntentFirst, what);
    };
    let is_intent = event.body.envelope().is_ok_and(|envelope| {
        let decoded = Event::decode(&envelope.event_type, envelope.version, envelope.payload, None);
        matches!(decoded, Ok(Event::AttemptCreated(fields)) if fields.spec.as_ref() == Some(spec))
    });
    if !is_intent {
        let what = format_args!("{id} is launched, and the log has another event at {}", created.position);
        sim.violated(Invariant::IntentFirst, what);
    }
}

/// That the log knows whatever was started.
pub(super) fn check_all(sim: &Sim, disk: &Disk, fleet: &Fleet) {
    for attempt in fleet.starts().into_keys().filter(|attempt| disk.created(attempt).is_none()) {
        sim.violated(Invariant::IntentFirst, format_args!("{attempt} ran, and the log does not know it"));
    }
}
