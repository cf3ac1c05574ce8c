//! Two hosts share a log in Postgres, and either of them is killed with `kill -9` at any moment, again and again.
//!
//! It then holds: every fact that was acknowledged to a client of either API is in the log once; the chain is what the
//! Python lines of `docs/event-log.md` say it should be; every task came out well by one attempt; a counter in the agent,
//! outside our code, saw each attempt start once. The hosts go on from snapshots of the graph.
//!
//! `LEVIATHAN_ROUNDS=50 cargo test -p leviathan-examples --features postgres two_hosts -- --nocapture` does fifty rounds;
//! `LEVIATHAN_SEED` repeats a run's draws. A run prints both.

use crate::draw::Draw;
use crate::host::Host;
use crate::kill::setting;
use crate::poster::Poster;
use crate::postgres::{free_port, server, until};
use crate::program::program;
use crate::python;
use crate::repository::Repository;
use leviathan_core::log::{ExportLine, Head, Position, RecordedEvent};
use leviathan_core::store::EventStore;
use leviathan_pg::PgEventStore;
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// How many rounds there are unless the environment says otherwise.
const ROUNDS: u64 = 5;
/// Kills in each round.
const KILLS: usize = 3;
/// A host lives at most this long before one is killed, and one that was killed is away at most this long: longer than a
/// lease, so that the other one takes over now and then.
const LONGEST: Duration = Duration::from_millis(2500);

const BACKLOG: &str = "
- {id: one, title: Describe one, scope: docs, ready: true, priority: high, allowed_paths: [docs/]}
- {id: two, title: Describe two, scope: docs, ready: true, allowed_paths: [docs/], dependencies: [one]}
- {id: three, title: Describe three, scope: docs, ready: true, allowed_paths: [docs/]}
- {id: four, title: Describe four, scope: docs, ready: true, allowed_paths: [docs/], dependencies: [three]}
- {id: five, title: Describe five, scope: docs, ready: true, allowed_paths: [docs/]}
- {id: six, title: Describe six, scope: docs, ready: true, allowed_paths: [docs/], dependencies: [one, four]}
";
const TASKS: usize = 6;
const POLICY: &str = "
forbidden_paths: [\".leviathan/**\"]
checks: [\"grep -rq about docs\"]
safety_rules: {max_attempts_per_task: 1}
";

/// A database, a repository, and the state directories of two hosts.
struct Round {
    dir: TempDir,
    url: String,
    repository: Repository,
    ports: [String; 2],
}

impl Round {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            ("docs/index.md", "about this\n"),
            (".leviathan/backlog.yaml", BACKLOG),
            (".leviathan/policy.yaml", POLICY),
        ];
        let repository = Repository::make(dir.path(), &files);
        let url = server().new_database().unwrap();
        std::fs::write(dir.path().join("starts"), "").unwrap();
        Self { dir, url, repository, ports: [free_port(), free_port()] }
    }

    fn state(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("state-{number}"))
    }

    fn starts(&self) -> PathBuf {
        self.dir.path().join("starts")
    }

    /// The command line of a host, the same whenever it is started.
    fn command(&self, number: usize) -> Command {
        let agent = format!(
            "[ \"$LEVIATHAN_ROUND\" -ne 1 ] || echo \"$ATTEMPT_ID\" >> '{}'; sleep 0.2; \
             echo \"about $TASK_ID\" > \"docs/$TASK_ID.md\"",
            self.starts().display()
        );
        let mut command = Command::new(program("scheduler"));
        command.current_dir(self.dir.path()).args(["--target", "demo", "--repo", &self.repository.path()]);
        command.arg("--state-dir").arg(self.state(number)).args(["--port", &self.ports[number]]);
        command.args(["--lease", "2", "--snapshot-every", "30", "--agent-command", &agent]);
        command.env("LEVIATHAN_WRITABLE", self.starts());
        command.env("LEVIATHAN_BACKEND", "postgres").env("LEVIATHAN_POSTGRES_URL", &self.url);
        command
    }

    fn watching(&self, number: usize) -> Host {
        let mut command = self.command(number);
        command.arg("--watch");
        Host::start(command)
    }

    /// Kills hosts at drawn moments, lets each finish what it began, and holds the log against what was acknowledged.
    fn run(&self, draw: &mut Draw) -> String {
        let posters = [Poster::start(self.state(0), "first"), Poster::start(self.state(1), "second")];
        let mut hosts = [self.watching(0), self.watching(1)];
        for _ in 0..KILLS {
            std::thread::sleep(draw.within(LONGEST));
            let number = draw.below(2) as usize;
            assert!(hosts[number].is_running(), "host {number} ended by itself");
            hosts[number].kill_now();
            // The other one may take over in between.
            std::thread::sleep(draw.within(LONGEST));
            hosts[number] = self.watching(number);
        }
        let [first, second] = hosts;
        let mut acknowledged = Vec::new();
        let facts = || server().psql(&self.url, "select count(*) from leviathan.events").unwrap_or_default();
        let before = facts();
        until("facts are recorded after the last kill", || facts() != before);
        for poster in posters {
            acknowledged.extend(poster.acknowledged());
        }
        first.kill();
        second.kill();
        // What runs on a host is recorded while that one leads: let each lead alone until it has nothing left.
        for number in [0, 1] {
            let (status, output) = Host::start(self.command(number)).finish();
            assert!(status.success(), "host {number}: {status}\n{output}");
        }
        self.check(&acknowledged)
    }

    fn check(&self, acknowledged: &[String]) -> String {
        let (events, head) = self.log();
        let mut times = BTreeMap::<String, usize>::new();
        for event in &events {
            *times.entry(event.body.envelope().unwrap().event_id.into_owned()).or_default() += 1;
        }
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "in the log more than once: {twice:?}");
        let lost: Vec<_> = acknowledged.iter().filter(|id| !times.contains_key(*id)).collect();
        assert!(lost.is_empty(), "acknowledged and not in the log: {lost:?}");

        let export = self.dir.path().join("export.ndjson");
        let mut lines = Vec::new();
        events.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut lines));
        fs::write(&export, lines).unwrap();
        let verified = python::verify(&export, head).unwrap();

        let started = fs::read_to_string(self.starts()).unwrap();
        let mut started: Vec<_> = started.lines().map(str::to_owned).collect();
        started.sort();
        let of = |event_type: &str| {
            let of_type = |event: &&RecordedEvent| event.body.envelope().unwrap().event_type == event_type;
            events.iter().filter(of_type).collect::<Vec<_>>()
        };
        let field = |event: &RecordedEvent, name: &str| {
            let payload: serde_json::Value =
                serde_json::from_str(event.body.envelope().unwrap().payload).unwrap();
            payload[name].to_string().trim_matches('"').to_owned()
        };
        let mut opened: Vec<_> =
            of("attempt.created").into_iter().map(|event| field(event, "attempt_id")).collect();
        opened.sort();
        assert_eq!(started, opened, "each attempt that was opened was begun once, and no other");
        assert_eq!((opened.len(), of("task.completed").len()), (TASKS, TASKS));
        let terms = field(of("scheduler.elected").last().unwrap(), "term");
        let snapshots = server().psql(&self.url, "select count(*) from leviathan.snapshots").unwrap();
        assert_eq!(snapshots, "1", "one snapshot is kept");
        format!("{} acknowledged facts, {terms} terms, {verified}", acknowledged.len())
    }

    fn log(&self) -> (Vec<RecordedEvent>, Head) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = PgEventStore::connect(&self.url, "demo").await.unwrap();
            let events = store.read(Position::START, NonZeroUsize::MAX).await.unwrap();
            (events, store.head().await.unwrap())
        })
    }
}

#[test]
fn of_two_hosts_either_may_be_killed_at_any_moment_and_nothing_is_lost_doubled_or_run_twice() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let (rounds, seed) = (setting("LEVIATHAN_ROUNDS", ROUNDS), setting("LEVIATHAN_SEED", now));
    println!("LEVIATHAN_ROUNDS={rounds} LEVIATHAN_SEED={seed}");
    for number in 0..rounds {
        let found = Round::new().run(&mut Draw::new(seed.wrapping_add(number)));
        println!("round {number}: {KILLS} kills, {found}");
    }
}
