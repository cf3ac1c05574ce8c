//! Four processes write one log while its server crashes again and again: what was acknowledged is there, once, in a chain
//! that another language verifies.
//!
//! `LEVIATHAN_CRASHES=100 cargo test -p leviathan-pg --test postgres crashes -- --nocapture` crashes it a hundred times.

use super::support::child;
use super::*;
use futures::future::join_all;
use leviathan_core::log::Position;
use leviathan_core::store::EventStore;
use leviathan_core::{Receipt, SubmitError};
use leviathan_test_postgres::{Server, Stop};
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const PROCESSES: usize = 4;
/// In each process.
const WRITERS: usize = 16;
/// How often the server crashes, unless `LEVIATHAN_CRASHES` says otherwise.
const CRASHES: &str = "10";
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);

/// How often each fact of each writer was acknowledged, or stands in the log. A fact is its writer and a number.
#[derive(Default)]
struct Facts(Vec<Vec<u8>>);

impl Facts {
    fn add(&mut self, writer: usize, number: usize) {
        if self.0.len() <= writer {
            self.0.resize_with(writer + 1, Vec::new);
        }
        let numbers = &mut self.0[writer];
        if numbers.len() <= number {
            numbers.resize(number + 1, 0);
        }
        numbers[number] += 1;
    }

    fn times(&self, writer: usize, number: usize) -> u8 {
        self.0.get(writer).and_then(|numbers| numbers.get(number)).copied().unwrap_or(0)
    }

    fn all(&self) -> impl Iterator<Item = (usize, usize, u8)> {
        let numbers = |(writer, numbers): (usize, &Vec<u8>)| {
            numbers
                .iter()
                .enumerate()
                .map(move |(number, times)| (writer, number, *times))
                .collect::<Vec<_>>()
        };
        self.0.iter().enumerate().flat_map(numbers).filter(|(_, _, times)| *times > 0)
    }
}

fn name(writer: usize, number: usize) -> String {
    format!("fact-{writer}-{number}")
}

/// The writer and the number in a name.
fn parse(name: &str) -> Option<(usize, usize)> {
    let (writer, number) = name.strip_prefix("fact-")?.split_once('-')?;
    Some((writer.parse().ok()?, number.parse().ok()?))
}

/// Has the processes write, crashes the server so often, and lets them finish. What they said was acknowledged, and with
/// what words their ledgers stopped.
fn storm(server: &Server, url: &str, crashes: usize) -> (Facts, Vec<String>) {
    let mut processes: Vec<_> =
        (0..PROCESSES).map(|_| child::spawn("writes_until_it_is_told", url, "log")).collect();
    for (process, number) in processes.iter_mut().zip(0..) {
        process.tell(number);
        process.next_word("opened");
    }
    let acknowledged = Mutex::new(Facts::default());
    let stopped = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let mut inputs = Vec::new();
        for process in &mut processes {
            let (input, lines) = process.ends();
            inputs.push(input);
            let (acknowledged, stopped) = (&acknowledged, &stopped);
            scope.spawn(move || {
                for line in lines {
                    if let Some(said) = line.strip_prefix("acknowledged ") {
                        let mut words = said.split(' ').map(|word| word.parse::<usize>().unwrap());
                        let mut word = || words.next().unwrap();
                        let (writer, first, count) = (word(), word(), word());
                        let mut facts = acknowledged.lock().unwrap();
                        (first..first + count).for_each(|number| facts.add(writer, number));
                    } else if let Some(why) = line.strip_prefix("stopped ") {
                        stopped.lock().unwrap().push(why.to_owned());
                    } else if line.starts_with("done") {
                        return;
                    }
                }
                panic!("a process ended without a word");
            });
        }
        for crash in 0..crashes {
            // At uneven moments, each some seconds after the server was there again.
            std::thread::sleep(Duration::from_millis(1000 + crash as u64 * 7919 % 2000));
            server.stop(Stop::Immediate).unwrap();
            server.start_again().unwrap();
        }
        for input in inputs {
            // One whose ledger has stopped may be gone.
            let _ = std::io::Write::write_all(input, b"stop\n");
        }
    });
    (acknowledged.into_inner().unwrap(), stopped.into_inner().unwrap())
}

/// Holds the log against what was acknowledged: what is wrong, first of all what was lost.
async fn check(url: &str, acknowledged: &Facts, stopped: &[String]) -> Result<String, String> {
    let store = open(url, "log").await;
    let mut there = Facts::default();
    let mut after = Position::START;
    loop {
        let page = store.read(after, PAGE).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.head.position;
        let ids = page.iter().map(|event| event.body.envelope().unwrap().event_id.into_owned());
        ids.filter_map(|id| parse(&id)).for_each(|(writer, number)| there.add(writer, number));
    }
    let lost = acknowledged.all().filter(|(writer, number, _)| there.times(*writer, *number) == 0).count();
    let doubled: Vec<_> = there.all().filter(|(_, _, times)| *times > 1).take(3).collect();
    let all = acknowledged.all().count();
    if lost > 0 {
        return Err(format!("lost {lost} of {all} acknowledged events"));
    }
    if !doubled.is_empty() {
        return Err(format!("these are in the log more than once: {doubled:?}"));
    }
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("export.ndjson");
    let head = export_to(&store, &export).await;
    let verified = python::verify(&export, head)?;
    if !stopped.is_empty() {
        return Err(format!("ledgers stopped: {stopped:?}"));
    }
    Ok(format!("{all} acknowledged events are there once; {verified}"))
}

#[test]
fn what_four_processes_were_told_is_there_once_however_often_the_server_crashes() {
    let crashes = std::env::var("LEVIATHAN_CRASHES");
    let crashes: usize = crashes.as_deref().unwrap_or(CRASHES).parse().unwrap();
    let began = Instant::now();
    let server = own_server();
    let url = server.new_database().unwrap();
    let (acknowledged, stopped) = storm(&server, &url, crashes);
    let found = block_on(check(&url, &acknowledged, &stopped)).unwrap();
    println!("{crashes} crashes in {:?}: {found}", began.elapsed());
    let writers = acknowledged.0.iter().filter(|numbers| !numbers.is_empty()).count();
    assert_eq!(writers, PROCESSES * WRITERS, "each writer was told of some");
}

#[test]
fn the_same_test_notices_a_server_that_acknowledges_before_it_has_committed() {
    let server = own_server();
    let url = server.new_database().unwrap();
    block_on(open(&url, "log"));
    let database = url.rsplit_once('/').unwrap().1;
    let sabotage = [
        "do $do$ begin execute replace(pg_get_functiondef('leviathan.append'::regproc), '= ''off''', '= ''never'''); \
         end $do$",
        &format!("alter database {database} set synchronous_commit = off"),
        "alter system set wal_writer_delay = '10s'",
        "select pg_reload_conf()",
    ];
    for sql in sabotage {
        server.psql(&url, sql).unwrap();
    }
    let append = server.psql(&url, "select prosrc from pg_proc where proname = 'append'").unwrap();
    assert!(append.contains("= 'never'"), "{append}");
    let (acknowledged, stopped) = storm(&server, &url, 2);
    let missed = block_on(check(&url, &acknowledged, &stopped)).unwrap_err();
    println!("{missed}; {stopped:?}");
    assert!(missed.starts_with("lost "), "{missed}");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn writes_until_it_is_told() {
    let (database, log) = child::given();
    let process: usize = child::hear().parse().unwrap();
    block_on(async {
        let store = open(&database, &log).await;
        let host = Host::open_in_trouble(&store).await;
        child::say("opened", process);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                child::hear();
                stop.store(true, Ordering::SeqCst);
            });
            let writers =
                (process * WRITERS..(process + 1) * WRITERS).map(|writer| write(&host, writer, &stop));
            let runtime = tokio::runtime::Handle::current();
            let ends = tokio::task::block_in_place(|| runtime.block_on(join_all(writers)));
            if let Some(why) = ends.into_iter().find_map(Result::err) {
                child::say("stopped", why);
            }
            child::say("done", process);
            std::process::exit(0);
        });
    });
}

/// Posts bundles of one to five facts, one after the other, and says which were acknowledged.
async fn write(host: &Host, writer: usize, stop: &AtomicBool) -> Result<(), String> {
    let mut first = 0;
    while !stop.load(Ordering::SeqCst) {
        let count = 1 + first % 5;
        let facts: Vec<_> = (first..first + count).map(|number| name(writer, number)).collect();
        let receipt = insist(host, &format!("attempt-{writer}"), &facts).await?;
        assert_eq!(receipt.recorded + receipt.duplicates, count);
        child::say("acknowledged", format_args!("{writer} {first} {count}"));
        first += count;
    }
    Ok(())
}

/// Posts them until they are acknowledged, as a worker does, unless the ledger stops.
async fn insist(host: &Host, attempt: &str, facts: &[String]) -> Result<Receipt, String> {
    let command = post(attempt, facts);
    loop {
        match host.submit(command.clone()).await {
            Ok(receipt) => return Ok(receipt),
            Err(SubmitError::Stopped(why)) => return Err(why),
            Err(SubmitError::Unavailable(_) | SubmitError::Overloaded { .. }) => {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}
