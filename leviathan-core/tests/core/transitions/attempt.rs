//! Attempts: those that an executor of ours runs, and those that nobody of ours runs.

use super::picture::Picture;
use crate::support::*;
use leviathan_core::event::payload::{AttemptCreated, AttemptReason, JobFields};
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::executor::{Cause, Phase};
use leviathan_core::id::{ActorId, AttemptId};

/// A world with one attempt, of ours or of nobody's.
struct Trial {
    world: World,
    attempt: AttemptId,
}

impl Trial {
    fn ours() -> Self {
        let mut world = World::with(["docs"]);
        let attempt = world.start("docs");
        Self { world, attempt }
    }

    fn foreign() -> Self {
        let mut world = World::with(["docs"]);
        world.says([created("attempt-foreign", "docs")]);
        Self { world, attempt: attempt_id("attempt-foreign") }
    }

    fn state(&self) -> &'static str {
        self.world.attempt(&self.attempt).state.name()
    }

    /// Records an event as it is, whether or not any command would come to it.
    fn happens(&mut self, event: &str) {
        let (claimed, kind) = match event.strip_prefix("claimed_") {
            Some(kind) => (true, kind),
            None => (false, event),
        };
        let event = self.event(kind);
        let draft = match claimed {
            true => claim(&format!("claim-{kind}"), &event),
            false => EventDraft::decided(LOG, ActorId::scheduler(), Some(target()), at(1), &event),
        };
        self.world.record(&draft);
    }

    fn event(&self, kind: &str) -> Event {
        let attempt_id = self.attempt.clone();
        let reason = || AttemptReason { attempt_id: attempt_id.clone(), reason: "because".to_owned() };
        let job = || JobFields {
            attempt_id: attempt_id.clone(),
            executor: Some(here()),
            namespace: None,
            job_name: None,
            uid: None,
            exit_code: None,
            cause: None,
            detail: None,
        };
        match kind {
            "attempt_created" => match created(attempt_id.as_str(), "docs") {
                Event::AttemptCreated(fields) => {
                    Event::AttemptCreated(AttemptCreated { executor: Some(here()), ..fields })
                }
                other => other,
            },
            "attempt_started" => started(&attempt_id),
            "attempt_succeeded" => report(&attempt_id, None),
            "attempt_failed" => report(&attempt_id, Some(Cause::ChecksFailed)),
            "attempt_cancelled" => Event::AttemptCancelled(reason()),
            "attempt_cancel_requested" => Event::AttemptCancelRequested(reason()),
            "attempt_invalidated" => Event::AttemptInvalidated(reason()),
            "job_submitted" => Event::JobSubmitted(job()),
            "job_started" => Event::JobStarted(job()),
            "job_completed" => Event::JobCompleted(job()),
            "job_failed" => Event::JobFailed(job()),
            kind => panic!("{kind} is not tried"),
        }
    }
}

mod ours {
    use super::*;

    fn picture() -> Picture {
        Picture::beginning_in("created")
    }

    fn check(state: &str, event: &str, expected: &str) {
        let mut trial = Trial::ours();
        match state {
            "created" => {}
            "submitted" => trial.happens("job_submitted"),
            "running" => drop(trial.world.when(observe(&trial.attempt.clone(), Phase::Running))),
            "invalidated" => trial.happens("attempt_invalidated"),
            ended => trial.happens(&format!("attempt_{ended}")),
        }
        assert_eq!(trial.state(), state);
        let before = trial.world.attempt(&trial.attempt).clone();
        trial.happens(event);
        assert_eq!(trial.state(), expected, "{event} in {state}");
        let after = trial.world.attempt(&trial.attempt);
        if before.is_ended() {
            assert_eq!(after.outcome(), before.outcome(), "{event} in {state}");
            let again =
                expected == state && matches!(event, "attempt_invalidated" | "attempt_cancel_requested");
            let contradicts = |end: &str| event == format!("attempt_{end}");
            let observed_end = ["succeeded", "failed", "cancelled"].into_iter().any(contradicts);
            if again || observed_end {
                assert_eq!(after.anomalies, before.anomalies + 1, "{event} in {state} is no anomaly");
            }
        }
        assert_eq!(trial.world.graph.open_count(), usize::from(!after.is_ended()), "its slot");
        assert_eq!(trial.world.graph.digest(), trial.world.replayed().digest());
    }

    super::super::machine!(
        super::check,
        picture,
        [created submitted running succeeded failed cancelled invalidated],
        [
            attempt_created
            attempt_started
            attempt_succeeded
            attempt_failed
            attempt_cancelled
            attempt_cancel_requested
            attempt_invalidated
            job_submitted
            job_started
            job_completed
            job_failed
            claimed_attempt_created
            claimed_attempt_started
            claimed_attempt_succeeded
            claimed_attempt_failed
            claimed_attempt_cancelled
            claimed_attempt_cancel_requested
            claimed_attempt_invalidated
            claimed_job_submitted
            claimed_job_started
            claimed_job_completed
            claimed_job_failed
        ]
    );
}

mod foreign {
    use super::*;

    fn picture() -> Picture {
        Picture::beginning_in("opened")
    }

    /// What the graph calls the states of the picture.
    fn name(state: &str) -> &'static str {
        match state {
            "opened" => "created",
            "working" => "running",
            "done" => "succeeded",
            "given_up" => "failed",
            "called_off" => "cancelled",
            "taken_back" => "invalidated",
            state => panic!("{state} is not tried"),
        }
    }

    fn check(state: &str, event: &str, expected: &str) {
        let mut trial = Trial::foreign();
        match state {
            "opened" => {}
            "working" => trial.happens("claimed_attempt_started"),
            "taken_back" => trial.happens("attempt_invalidated"),
            ended => trial.happens(&format!("claimed_attempt_{}", name(ended))),
        }
        assert_eq!(trial.state(), name(state));
        trial.happens(event);
        assert_eq!(trial.state(), name(expected), "{event} in {state}");
        assert_eq!(trial.world.graph.open_count(), 0, "it takes no slot of ours");
        assert_eq!(trial.world.graph.digest(), trial.world.replayed().digest());
    }

    super::super::machine!(
        super::check,
        picture,
        [opened working done given_up called_off taken_back],
        [
            attempt_cancel_requested
            attempt_invalidated
            claimed_attempt_created
            claimed_attempt_started
            claimed_attempt_succeeded
            claimed_attempt_failed
            claimed_attempt_cancelled
            claimed_attempt_cancel_requested
            claimed_attempt_invalidated
            claimed_job_submitted
            claimed_job_started
        ]
    );

    #[test]
    fn a_failure_of_one_that_was_told_to_stop_is_its_cancellation() {
        let mut trial = Trial::foreign();
        trial.happens("attempt_cancel_requested");
        trial.happens("claimed_attempt_failed");
        assert_eq!(trial.state(), "cancelled");
    }
}
