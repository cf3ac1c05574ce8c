//! `World`: a log and its graph, moved on by commands at a time that the test chooses.

use super::words::*;
use leviathan_core::Timestamp;
use leviathan_core::decide::{Command, Decided, Rejection, decide};
use leviathan_core::event::payload::{LogCreated, TaskFields};
use leviathan_core::event::{Event, EventDraft, Payload};
use leviathan_core::executor::{End, Phase};
use leviathan_core::graph::{Attempt, Graph, Target, Task};
use leviathan_core::id::{ActorId, AttemptId};
use leviathan_core::log::{EventBody, RecordedEvent, SealedEvent};
use leviathan_core::schedule;

/// A log that was begun, and what became of it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) log: Vec<RecordedEvent>,
    pub(crate) now: Timestamp,
    claims: u32,
}

impl World {
    /// A log that was just begun.
    pub(crate) fn begun() -> Self {
        let mut world = Self { graph: Graph::new(), log: Vec::new(), now: at(0), claims: 0 };
        let created = LogCreated { log_id: LOG, name: "tests".to_owned(), format: 1 };
        let event = Event::LogCreated(created);
        world.record(&EventDraft::decided(LOG, ActorId::control_plane(), None, at(0), &event));
        world
    }

    /// The target `radix` with these tasks, see [`task`], and room for 4 attempts.
    #[track_caller]
    pub(crate) fn with<'a>(tasks: impl IntoIterator<Item = &'a str>) -> Self {
        Self::with_tasks(tasks.into_iter().map(task))
    }

    #[track_caller]
    pub(crate) fn with_tasks(tasks: impl IntoIterator<Item = TaskFields>) -> Self {
        let mut world = Self::begun();
        world.when(Command::RegisterTarget(config_of("radix")));
        world.when(change_limits(limits(4)));
        world.when(sync(tasks));
        world
    }

    /// Appends one event as it is.
    pub(crate) fn record(&mut self, draft: &EventDraft) {
        let sealed = SealedEvent::chain(self.graph.head(), [EventBody::write(draft, self.now)]);
        for event in sealed {
            let event = event.recorded();
            self.graph.evolve(&event);
            self.log.push(event);
        }
    }

    /// Decides a command and appends what it came to. Every event of it must be one that any reader takes.
    #[track_caller]
    pub(crate) fn when(&mut self, command: Command) -> Vec<EventDraft> {
        match self.decide(&command) {
            Ok(decided) => {
                decided.events.iter().for_each(|event| self.record(event));
                decided.events
            }
            Err(rejection) => panic!("{command:?} was refused: {rejection}"),
        }
    }

    #[track_caller]
    pub(crate) fn decide(&self, command: &Command) -> Result<Decided, Rejection> {
        let decided = decide(&self.graph, command, self.now)?;
        for event in &decided.events {
            let target = event.target.as_ref();
            let text = event.payload.as_str();
            let read = Event::decode(event.event_type.as_str(), event.version, text, target);
            assert!(read.is_ok(), "{} can't be read: {read:?} in {text}", event.event_type);
            assert_eq!(Payload::parse(text), Ok(event.payload.clone()), "{}", event.event_type);
        }
        Ok(decided)
    }

    /// Why a command is refused.
    #[track_caller]
    pub(crate) fn refused(&self, command: Command) -> Rejection {
        match self.decide(&command) {
            Ok(decided) => panic!("{command:?} came to {:?}", kinds(&decided.events)),
            Err(rejection) => rejection,
        }
    }

    /// Opens the next attempt of a task.
    #[track_caller]
    pub(crate) fn start(&mut self, task: &str) -> AttemptId {
        let events = self.when(start(task));
        assert_eq!(kinds(&events), ["attempt.created"]);
        self.task(task).attempts.last().unwrap().clone()
    }

    /// Opens the next attempt of a task, and lets it run.
    #[track_caller]
    pub(crate) fn run(&mut self, task: &str) -> AttemptId {
        let attempt = self.start(task);
        self.when(observe(&attempt, Phase::Running));
        attempt
    }

    /// The executor sees an attempt end.
    #[track_caller]
    pub(crate) fn end(&mut self, attempt: &AttemptId, end: End) -> Vec<EventDraft> {
        self.when(observe(attempt, finished(end)))
    }

    /// Waits until the task may be tried again, tries it, and sees that end.
    #[track_caller]
    pub(crate) fn fail(&mut self, task: &str, end: End) -> AttemptId {
        if let Some(due) = self.task(task).retry_due {
            self.now = self.now.max(due);
        }
        let attempt = self.run(task);
        self.end(&attempt, end);
        attempt
    }

    /// A worker posts events, each told for the first time.
    #[track_caller]
    pub(crate) fn says(&mut self, events: impl IntoIterator<Item = Event>) -> Vec<EventDraft> {
        let drafts: Vec<_> = events
            .into_iter()
            .map(|event| {
                self.claims += 1;
                claim(&format!("claim-{}", self.claims), &event)
            })
            .collect();
        self.when(Command::Ingest(bundle(drafts)))
    }

    #[track_caller]
    pub(crate) fn task(&self, task: &str) -> &Task {
        self.graph.task(&key(task)).unwrap()
    }

    #[track_caller]
    pub(crate) fn attempt(&self, id: &AttemptId) -> &Attempt {
        self.graph.attempt(id).unwrap()
    }

    #[track_caller]
    pub(crate) fn target(&self) -> &Target {
        self.graph.target(&target()).unwrap()
    }

    /// What may start now, as `target/task` if the target is not `radix`.
    pub(crate) fn next(&self) -> Vec<String> {
        let name = |start: schedule::Start| match start.task.target_id == target() {
            true => start.task.task_id.to_string(),
            false => start.task.to_string(),
        };
        schedule::next(&self.graph, self.now).map(name).collect()
    }

    /// The graph that a reader of the whole log has.
    pub(crate) fn replayed(&self) -> Graph {
        let mut graph = Graph::new();
        self.log.iter().for_each(|event| graph.evolve(event));
        graph
    }
}
