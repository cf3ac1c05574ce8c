//! Tasks of a target that completes them when their work is merged.

use super::picture::Picture;
use crate::support::*;
use leviathan_core::decide::Command;
use leviathan_core::event::payload::{AttemptReason, TaskReason};
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::executor::{Cause, Phase};
use leviathan_core::graph::TaskState;
use leviathan_core::id::{ActorId, AttemptId};
use leviathan_core::{CompleteOn, TargetConfig};

struct Trial {
    world: World,
    /// The attempt that brought the task where it is.
    its: AttemptId,
}

impl Trial {
    fn begin() -> Self {
        let mut world = World::with(["docs"]);
        let config = TargetConfig { complete_on: CompleteOn::Merged, ..config_of("radix") };
        world.when(Command::RegisterTarget(config));
        Self { world, its: attempt_id("attempt-none") }
    }

    fn state(&self) -> &'static str {
        match self.world.task("docs").state {
            TaskState::Pending => "pending",
            TaskState::InProgress(_) => "in_progress",
            TaskState::AwaitingMerge(_) => "awaiting_merge",
            TaskState::Completed => "completed",
            TaskState::Failed(_) => "failed",
            TaskState::Blocked(_) => "blocked",
            ref other => panic!("{other:?} is not tried"),
        }
    }

    fn bring_to(&mut self, state: &str) {
        if matches!(state, "in_progress" | "awaiting_merge" | "completed") {
            self.its = self.world.run("docs");
        }
        if matches!(state, "awaiting_merge" | "completed") {
            self.world.says([report(&self.its.clone(), None)]);
            self.world.end(&self.its.clone(), exit(0));
        }
        match state {
            "completed" => self.happens("task_completed"),
            "failed" => self.happens("task_completed_as_failed"),
            "blocked" => self.happens("task_blocked"),
            _ => {}
        }
        assert_eq!(self.state(), state);
    }

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

    fn event(&mut self, kind: &str) -> Event {
        let reason = |status: Option<&str>| TaskReason {
            task_id: key("docs").task_id,
            target_id: Some(target()),
            status: status.map(str::to_owned),
            reason: "because".to_owned(),
        };
        match kind {
            "attempt_created" => created("attempt-new", "docs"),
            "attempt_failed_of_its_attempt" => report(&self.its, Some(Cause::ChecksFailed)),
            "attempt_succeeded_of_its_attempt" => report(&self.its, None),
            "attempt_failed_of_another" => report(&self.another(), Some(Cause::ChecksFailed)),
            "attempt_succeeded_of_another" => report(&self.another(), None),
            "attempt_invalidated_of_its_attempt" => Event::AttemptInvalidated(AttemptReason {
                attempt_id: self.its.clone(),
                reason: "because".to_owned(),
            }),
            "task_completed" => Event::TaskCompleted(reason(Some("completed"))),
            "task_completed_as_failed" => Event::TaskCompleted(reason(Some("failed"))),
            "task_blocked" => Event::TaskBlocked(reason(None)),
            "task_retried" => Event::TaskRetried(reason(None)),
            "task_removed" => Event::TaskRemoved(reason(None)),
            "task_updated" => Event::TaskUpdated(task("docs")),
            kind => panic!("{kind} is not tried"),
        }
    }

    /// An attempt of the task that does not have it in hand. Of a task that waits, it had until an operator stepped in.
    fn another(&mut self) -> AttemptId {
        let state = self.world.task("docs").state.clone();
        self.world.says([created("attempt-other", "docs")]);
        if state == TaskState::Pending {
            self.happens("task_blocked");
            self.happens("task_retried");
        }
        assert_eq!(self.world.task("docs").state, state, "it has the task in hand");
        attempt_id("attempt-other")
    }
}

fn picture() -> Picture {
    Picture::beginning_in("pending")
}

fn check(state: &str, event: &str, expected: &str) {
    let mut trial = Trial::begin();
    trial.bring_to(state);
    trial.happens(event);
    assert_eq!(trial.state(), expected, "{event} in {state}");
    let startable = expected == "pending" && event != "task_removed";
    assert_eq!(!trial.world.next().is_empty(), startable, "whether it may start after {event} in {state}");
    assert_eq!(trial.world.graph.digest(), trial.world.replayed().digest());
}

super::machine!(
    super::check,
    picture,
    [pending in_progress awaiting_merge completed failed blocked],
    [
        attempt_created
        attempt_failed_of_its_attempt
        attempt_succeeded_of_its_attempt
        attempt_failed_of_another
        attempt_succeeded_of_another
        attempt_invalidated_of_its_attempt
        task_completed
        task_completed_as_failed
        task_blocked
        task_retried
        task_removed
        task_updated
        claimed_task_completed
        claimed_task_blocked
        claimed_task_retried
        claimed_task_removed
        claimed_task_updated
    ]
);

#[test]
fn where_being_pushed_is_enough_a_success_completes_the_task_in_the_same_append() {
    let mut world = World::with(["docs"]);
    let attempt = world.start("docs");
    world.when(observe(&attempt, Phase::Running));
    world.says([report(&attempt, None)]);
    let events = world.end(&attempt, exit(0));
    assert_eq!(kinds(&events), ["job.completed", "attempt.succeeded", "task.completed"]);
    assert_eq!(world.task("docs").state, TaskState::Completed);
}
