//! Two API processes stand in front of one log in Postgres, 16 clients post to either, and either process is killed with
//! `kill -9` at any moment, again and again.
//!
//! It then holds: every bundle that was acknowledged is in the log whole and once, and every other one whole and once or not
//! at all; what was acknowledged stands no later than its receipt said; the chain is what the Python lines of
//! `docs/event-log.md` say it should be; and both processes end with the same graph.
//!
//! `LEVIATHAN_API_SECONDS=60 cargo test -p leviathan-examples --features postgres two_apis -- --nocapture` goes on for a
//! minute; `LEVIATHAN_SEED` repeats a run's draws. A run prints both.

use crate::draw::Draw;
use crate::kill::setting;
use crate::postgres::{free_port, server, until};
use crate::python;
use crate::served::{OPERATOR, Served, WORKER, api, tokens};
use leviathan_core::event::{EventDraft, EventType, Origin, Payload};
use leviathan_core::graph::Graph;
use leviathan_core::id::{ActorId, EventId, TargetId};
use leviathan_core::log::{ExportLine, Head, Position, RecordedEvent};
use leviathan_core::store::EventStore;
use leviathan_core::{Bundle, Secret, parse_timestamp};
use leviathan_http::client::ControlPlane;
use leviathan_pg::PgEventStore;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long they are killed unless the environment says otherwise.
const SECONDS: u64 = 10;
const CLIENTS: u64 = 16;
/// The most events of a bundle.
const MOST: u64 = 8;
/// A process lives at most this long before one is killed, and is away at most a third of it.
const LONGEST: Duration = Duration::from_millis(1500);
/// How long a client tries one of the two before it tries the other.
const PATIENCE: Duration = Duration::from_millis(300);
const LOG: &str = "demo";

/// What became of a client's bundles: by their number of events and, if they were acknowledged, up to where they stand.
type Posted = BTreeMap<String, (u64, Option<Position>)>;

/// One of the two, with an environment that is the same whenever it is started.
struct Place<'a> {
    dir: &'a Path,
    url: &'a str,
    artifacts: &'a str,
    port: &'a str,
}

impl Place<'_> {
    fn start(&self) -> Served {
        let [operator, worker, _] = tokens();
        let variables = [
            operator,
            worker,
            ("LEVIATHAN_API_PORT", self.port),
            ("LEVIATHAN_BACKEND", "postgres"),
            ("LEVIATHAN_POSTGRES_URL", self.url),
            ("LEVIATHAN_LOG", LOG),
            ("LEVIATHAN_ARTIFACTS_URL", self.artifacts),
            ("LEVIATHAN_ARTIFACTS_SHARED", "yes"),
        ];
        Served::start(api(self.dir, &variables))
    }
}

fn bundle(id: &str, events: u64) -> Bundle {
    let target = TargetId::new("demo").unwrap();
    let event = |number| EventDraft {
        event_id: EventId::new(format!("{id}-{number}")).unwrap(),
        event_type: EventType::from("client.told"),
        version: 1,
        timestamp: parse_timestamp("2026-01-24T10:00:05Z").unwrap(),
        actor_id: ActorId::new("client").unwrap(),
        origin: Origin::Claimed,
        target: Some(target.clone()),
        payload: Payload::parse("{}").unwrap(),
    };
    Bundle { bundle_id: id.to_owned(), target: target.clone(), events: (0..events).map(event).collect() }
}

/// Posts one bundle after another, each until it is acknowledged, at one or the other place.
async fn post(client: u64, mut draw: Draw, places: [ControlPlane; 2], stop: Arc<AtomicBool>) -> Posted {
    let mut posted = Posted::new();
    for number in 0_u64.. {
        let (id, events) = (format!("{client}-{number}"), 1 + draw.below(MOST));
        let bundle = bundle(&id, events);
        posted.insert(id.clone(), (events, None));
        loop {
            if stop.load(Ordering::SeqCst) {
                return posted;
            }
            let place = &places[draw.below(2) as usize];
            match place.ingest(&bundle, Instant::now() + PATIENCE).await {
                Ok(receipt) => {
                    assert_eq!(receipt.ingested + receipt.duplicates, events as usize);
                    posted.insert(id, (events, Some(receipt.position)));
                    break;
                }
                Err(error) => assert!(error.is_temporary(), "{error}"),
            }
        }
    }
    posted
}

/// Has clients post from a thread of their own until they are told to stop.
fn clients(draw: &mut Draw, urls: [String; 2], stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<Posted> {
    let seeds: Vec<u64> = (0..CLIENTS).map(|_| draw.below(u64::MAX)).collect();
    let stop = stop.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let places = urls.map(|url| ControlPlane::new(&url, Secret::new(WORKER)).unwrap());
        let posting =
            |(client, seed): (usize, u64)| post(client as u64, Draw::new(seed), places.clone(), stop.clone());
        let all = futures::future::join_all(seeds.into_iter().enumerate().map(posting));
        runtime.block_on(all).into_iter().flatten().collect()
    })
}

fn check(posted: &Posted, events: &[RecordedEvent]) {
    let mut positions = BTreeMap::<String, Vec<Position>>::new();
    for event in events {
        let id = event.body.envelope().unwrap().event_id.into_owned();
        positions.entry(id).or_default().push(event.head.position);
    }
    for (id, (events, acknowledged)) in posted {
        let stand: Vec<_> = (0..*events)
            .map(|n| positions.get(&format!("{id}-{n}")).map_or(&[][..], Vec::as_slice))
            .collect();
        let once = stand.iter().all(|stand| stand.len() == 1);
        let never = stand.iter().all(|stand| stand.is_empty());
        assert!(
            once || (never && acknowledged.is_none()),
            "bundle {id}, acknowledged {acknowledged:?}: {stand:?}"
        );
        if let Some(up_to) = acknowledged {
            assert!(
                stand.iter().all(|stand| stand[0] <= *up_to),
                "bundle {id} stands behind {up_to}: {stand:?}"
            );
        }
        let in_a_row =
            stand.windows(2).all(|two| two[0].first().map(|at| at.next()) == two[1].first().copied());
        assert!(never || in_a_row, "bundle {id} is torn apart: {stand:?}");
    }
}

#[test]
fn of_two_apis_either_may_be_killed_at_any_moment_and_nothing_that_was_acknowledged_is_lost_or_doubled() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let (seconds, seed) = (setting("LEVIATHAN_API_SECONDS", SECONDS), setting("LEVIATHAN_SEED", now));
    println!("LEVIATHAN_API_SECONDS={seconds} LEVIATHAN_SEED={seed}");
    let mut draw = Draw::new(seed);
    let dir = tempfile::tempdir().unwrap();
    let (url, ports) = (server().new_database().unwrap(), [free_port(), free_port()]);
    let artifacts = format!("file://{}/artifacts", dir.path().display());
    let place =
        |number: usize| Place { dir: dir.path(), url: &url, artifacts: &artifacts, port: &ports[number] };
    let mut served = [place(0).start(), place(1).start()];
    let urls = || [served[0].url.clone(), served[1].url.clone()];
    let stop = Arc::new(AtomicBool::new(false));
    let posting = clients(&mut draw, urls(), &stop);
    let until_then = Instant::now() + Duration::from_secs(seconds);
    let mut kills = 0;
    while Instant::now() < until_then {
        std::thread::sleep(draw.within(LONGEST));
        let number = draw.below(2) as usize;
        served[number].kill();
        std::thread::sleep(draw.within(LONGEST / 3));
        served[number] = place(number).start();
        kills += 1;
    }
    stop.store(true, Ordering::SeqCst);
    let posted = posting.join().unwrap();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (events, head) = runtime.block_on(async {
        let store = PgEventStore::connect(&url, LOG).await.unwrap();
        (store.read(Position::START, NonZeroUsize::MAX).await.unwrap(), store.head().await.unwrap())
    });
    check(&posted, &events);
    let export = dir.path().join("export.ndjson");
    let mut lines = Vec::new();
    events.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut lines));
    std::fs::write(&export, lines).unwrap();
    let verified = python::verify(&export, head).unwrap();

    let expected = replayed(&events).digest();
    for served in &served {
        until("it has followed the log to its end", || runtime.block_on(stands_at(served)) == Some(head));
        let client = served.client(OPERATOR);
        let asking = client.asking_until(Instant::now() + Duration::from_secs(30));
        let digest = runtime.block_on(asking.digest(None)).unwrap();
        assert_eq!((digest.digest, digest.position), (expected, head.position), "it is the graph of the log");
    }
    let acknowledged = posted.values().filter(|(_, acknowledged)| acknowledged.is_some()).count();
    assert!(kills > 0 && acknowledged > 0);
    println!("{kills} kills, {acknowledged} bundles acknowledged of {}, {verified}", posted.len());
}

fn replayed(events: &[RecordedEvent]) -> Graph {
    let mut graph = Graph::default();
    events.iter().for_each(|event| graph.evolve(event));
    graph
}

async fn stands_at(served: &Served) -> Option<Head> {
    let summary = served.client(OPERATOR).asking().summary().await.ok()?;
    Some(Head { position: summary.position, hash: summary.head })
}
