//! What a scheduler would be that does first and records then. Only the simulation has it, to see that it notices.

use super::Scheduler;
use crate::decide::{Command, decide};
use crate::event::Event;
use crate::safeguard::{Safeguard, is_on};

/// Launches what a start would come to before it is recorded, if that is what is tried out.
pub(super) async fn launch_before(scheduler: &Scheduler, start: &Command) {
    if is_on(Safeguard::IntentFirst) {
        return;
    }
    let now = scheduler.clock.now();
    let (head, decided) = scheduler.ledger.read(|graph| (graph.head(), decide(graph, start, now)));
    for draft in decided.map(|decided| decided.events).unwrap_or_default() {
        let target = draft.target.as_ref();
        let event = Event::decode(draft.event_type.as_str(), draft.version, draft.payload.as_str(), target);
        if let Ok(Event::AttemptCreated(fields)) = event
            && let Some(spec) = fields.spec
        {
            // What becomes of it is seen by the watch.
            let _ = scheduler.executor.launch(&spec, &head).await;
        }
    }
}
