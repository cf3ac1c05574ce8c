//! `Round`: one host that is killed, the next that finishes, and what must hold then.

use super::draw::Draw;
use super::faults::kill_within_append;
use super::host::{Ended, Host};
use super::poster::Poster;
use super::told::{decode, observed, told};
use leviathan_core::event::Event;
use leviathan_core::log::RecordedEvent;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const AGENT: &str = include_str!("../../host/demo/agent.sh");

/// When a host is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At a time drawn over the whole run.
    AnyTime,
    /// While a worker of its attempts lives.
    WorkerAlive,
    /// Inside an append: half written, or written and not yet synced, or synced and not yet acknowledged.
    WithinAppend,
}

/// What was seen at a kill.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Killed {
    worker_alive: bool,
    within_append: bool,
}

/// How many kills there were, and of which kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    pub(crate) worker_alive: usize,
    pub(crate) within_append: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, killed: Killed) {
        self.kills += 1;
        self.worker_alive += usize::from(killed.worker_alive);
        self.within_append += usize::from(killed.within_append);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, worker_alive, within_append } = self;
        write!(f, "{kills} kills, {worker_alive} with workers alive, {within_append} inside an append")
    }
}

/// How a run comes out when nobody disturbs it.
#[derive(Debug)]
pub(crate) struct Undisturbed {
    /// The outcome of each task's attempts, in order.
    outcomes: BTreeMap<String, Vec<String>>,
    /// How long it took.
    took: Duration,
    /// How many appends there were at least.
    appends: u64,
}

/// A state directory, and what runs in it.
pub(crate) struct Round {
    number: usize,
    program: PathBuf,
    shim: PathBuf,
    /// Each round has its own, since the host that follows a killed one must get the same.
    port: u16,
    dir: TempDir,
}

impl Round {
    pub(crate) fn new(number: usize, program: &Path, shim: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        // Only what is there can be open to an agent.
        fs::write(dir.path().join("starts"), "").expect("a counter");
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = free.local_addr().expect("a bound port").port();
        Self { number, program: program.to_owned(), shim: shim.to_owned(), port, dir }
    }

    /// Lets a host finish undisturbed, for comparison.
    pub(crate) fn undisturbed(program: &Path) -> Undisturbed {
        let round = Self::new(0, program, Path::new(""));
        let began = Instant::now();
        let events = round.finish(&[], &[]);
        let outcomes = outcomes(&events);
        assert_eq!(outcomes.len(), 6, "the demo works six tasks: {outcomes:?}");
        Undisturbed { outcomes, took: began.elapsed(), appends: events.len() as u64 / 2 }
    }

    /// Kills a host, lets the next one finish, and holds what came out against an undisturbed run. Tells what was killed,
    /// or nothing if the host had ended by itself.
    pub(crate) fn run(&self, moment: Moment, draw: &mut Draw, undisturbed: &Undisturbed) -> Option<Killed> {
        let poster = Poster::start(self.state(), "first");
        let (killed, printed) = self.kill(moment, draw, undisturbed);
        let acknowledged = poster.acknowledged();
        let events = self.finish(&acknowledged, &printed);
        assert_eq!(outcomes(&events), undisturbed.outcomes, "{self}, killed at {moment:?}");
        killed
    }

    /// Starts a host and kills it at the moment that is asked for. Tells the positions and tasks that it had printed.
    fn kill(
        &self,
        moment: Moment,
        draw: &mut Draw,
        undisturbed: &Undisturbed,
    ) -> (Option<Killed>, Vec<(u64, String)>) {
        let mut command = self.command();
        if moment == Moment::WithinAppend {
            let nth = 1 + draw.below(undisturbed.appends);
            kill_within_append(&mut command, &self.shim, nth, draw);
        }
        let mut host = Host::start(command);
        let began = Instant::now();
        let delay = match moment {
            // Rounds run side by side, and so more slowly than one alone.
            Moment::AnyTime => draw.within(undisturbed.took * 2),
            Moment::WorkerAlive => draw.within(Duration::from_millis(300)),
            // The shim kills it; this is only the end of patience.
            Moment::WithinAppend => undisturbed.took * 10 + Duration::from_secs(30),
        };
        let awaits_worker = moment == Moment::WorkerAlive;
        let mut from = (!awaits_worker).then_some(began);
        while host.is_running() && from.is_none_or(|from| from.elapsed() < delay) {
            if from.is_none() && self.worker_alive() {
                from = Some(Instant::now());
            }
            std::thread::park_timeout(Duration::from_millis(2));
        }
        let worker_alive = self.worker_alive();
        let (ended, printed) = host.kill();
        let killed = match ended {
            Ended::Itself => None,
            ended => Some(Killed { worker_alive, within_append: ended == Ended::Shim }),
        };
        (killed, positions(&printed))
    }

    /// Lets a host finish, and proves what must hold of every finished state.
    fn finish(&self, acknowledged: &[String], printed: &[(u64, String)]) -> Vec<RecordedEvent> {
        let export = self.dir.path().join("export.ndjson");
        let mut command = self.command();
        command.arg("--export").arg(&export);
        let (status, output) = Host::start(command).finish();
        assert!(status.success(), "{self}: {status}\n{output}");

        let events = told(&output, &export);
        self.nothing_acknowledged_is_lost(&events, acknowledged);
        self.nothing_printed_is_lost(&events, printed);
        self.nothing_started_twice(&events);
        assert!(!self.worker_alive(), "{self}: a worker outlived its attempt");
        events
    }

    fn nothing_acknowledged_is_lost(&self, events: &[RecordedEvent], acknowledged: &[String]) {
        let mut times = BTreeMap::<String, usize>::new();
        for event in events {
            *times.entry(event.body.envelope().unwrap().event_id.into_owned()).or_default() += 1;
        }
        for id in acknowledged {
            assert_eq!(times.get(id), Some(&1), "{self}: the acknowledged fact {id}");
        }
    }

    fn nothing_printed_is_lost(&self, events: &[RecordedEvent], printed: &[(u64, String)]) {
        let tasks = tasks_of_attempts(events);
        for (position, task) in printed {
            let event = &events[*position as usize - 1];
            let named = subject(event, &tasks);
            assert_eq!(named.as_ref(), Some(task), "{self}: what was printed for position {position}");
        }
    }

    /// The agent writes down each attempt when it begins on it.
    fn nothing_started_twice(&self, events: &[RecordedEvent]) {
        let counted = fs::read_to_string(self.counter()).unwrap_or_default();
        let mut starts = BTreeMap::<&str, usize>::new();
        for attempt in counted.lines() {
            *starts.entry(attempt).or_default() += 1;
        }
        let twice: Vec<_> = starts.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{self}: started twice: {twice:?}");
        let opened: BTreeSet<String> = tasks_of_attempts(events).into_keys().collect();
        let began: BTreeSet<String> = starts.keys().map(ToString::to_string).collect();
        assert_eq!(began, opened, "{self}: every attempt that was opened was begun, and no other");
    }

    /// Whether a supervisor has begun that has not ended.
    fn worker_alive(&self) -> bool {
        let attempts = fs::read_dir(self.state().join("attempts")).into_iter().flatten().flatten();
        attempts
            .map(|attempt| attempt.path())
            .any(|dir| dir.join("supervisor.json").exists() && !dir.join("outcome.json").exists())
    }

    /// The host's command line, the same for every host of a round.
    fn command(&self) -> Command {
        let agent = format!(
            "[ \"$LEVIATHAN_ROUND\" -ne 1 ] || echo \"$ATTEMPT_ID\" >> '{}'\n{AGENT}",
            self.counter().display()
        );
        let mut command = Command::new(&self.program);
        command.arg("--state-dir").arg(self.state()).arg("--agent-command").arg(agent);
        command.arg("--port").arg(self.port.to_string()).env_remove("LEVIATHAN_AGENT_ENV");
        command.env("LEVIATHAN_WRITABLE", self.counter());
        command
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn counter(&self) -> PathBuf {
        self.dir.path().join("starts")
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "round {}", self.number)
    }
}

/// The outcomes of each task's attempts, in order.
fn outcomes(events: &[RecordedEvent]) -> BTreeMap<String, Vec<String>> {
    let tasks = tasks_of_attempts(events);
    let mut outcomes = BTreeMap::<String, Vec<String>>::new();
    for event in events {
        let outcome = match observed(event) {
            Some(Event::AttemptSucceeded(fields)) => (fields.attempt_id, "succeeded".to_owned()),
            Some(Event::AttemptFailed(fields)) => (fields.attempt_id, fields.failure_type.to_string()),
            Some(Event::AttemptCancelled(fields)) => (fields.attempt_id, "cancelled".to_owned()),
            _ => continue,
        };
        outcomes.entry(tasks[outcome.0.as_str()].clone()).or_default().push(outcome.1);
    }
    outcomes
}

fn tasks_of_attempts(events: &[RecordedEvent]) -> BTreeMap<String, String> {
    let created = |event| match observed(event) {
        Some(Event::AttemptCreated(fields)) => {
            Some((fields.attempt_id.to_string(), fields.task_id.to_string()))
        }
        _ => None,
    };
    events.iter().filter_map(created).collect()
}

/// What an event is about, as the host prints it.
fn subject(event: &RecordedEvent, tasks: &BTreeMap<String, String>) -> Option<String> {
    let decoded = decode(event)?;
    match &decoded {
        Event::RetryScheduled(fields) => Some(fields.task_id.to_string()),
        Event::TaskCompleted(fields) | Event::TaskBlocked(fields) => Some(fields.task_id.to_string()),
        event => tasks.get(event.attempt_id()?.as_str()).cloned(),
    }
}

/// The position and the task of each whole line about an event.
fn positions(output: &str) -> Vec<(u64, String)> {
    let whole = output.rfind('\n').map_or("", |end| &output[..end]);
    let event = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.to_owned()))
    };
    whole.lines().filter_map(event).collect()
}
