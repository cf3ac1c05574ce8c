//! Servers that are slow, full, stopped or killed: waits have an end, errors say what it is, and all goes on by itself.

use super::*;
use futures::future::join_all;
use leviathan_core::log::Position;
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use leviathan_test_postgres::Stop;
use sqlx::postgres::PgPoolOptions;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long a call may take that waits once for a connection and once for an answer, on a busy machine.
const BOUND: Duration = Duration::from_secs(12);

#[track_caller]
fn is(error: &StoreError, kind: StoreErrorKind, what: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn a_server_that_does_not_answer_is_given_up_in_time_and_taken_up_again() {
    block_on(async {
        let proxy = Proxy::before(database()).await;
        let store = open(proxy.url(), &log_name()).await.with_patience(PATIENCE);
        let first = append(&store, 2, "first").await;
        let more = events(end(&first), 1, "more");
        proxy.hold_all();
        let began = Instant::now();
        let error = store.append(&end(&first), &more).await.unwrap_err();
        is(&error, StoreErrorKind::Unknown, "it is not known whether");
        let errors = [
            store.read(Position::START, NonZeroUsize::MAX).await.unwrap_err(),
            // What readiness is asked by.
            store.settled(end(&first).position).await.unwrap_err(),
            store.changed(end(&first).position).await.unwrap_err(),
            // Until it is known what became of the first, no other is begun.
            store.append(&end(&first), &more).await.unwrap_err(),
        ];
        for error in errors {
            is(&error, StoreErrorKind::Unavailable, "did not answer within");
        }
        assert!(began.elapsed() < 5 * BOUND, "{:?}", began.elapsed());

        proxy.let_go();
        // The append that was held is let go too, and is too late only if it was not there first.
        if settled(&store, end(&more).position).await.is_none() {
            store.append(&end(&first), &more).await.unwrap();
        }
        assert_eq!(read_all(&store).await, recorded(&[first, more].concat()));
    });
}

#[test]
fn a_pool_without_a_free_connection_fails_readers_in_time_and_not_the_writer() {
    block_on(async {
        let pool = PgPoolOptions::new().max_connections(1).connect(database()).await.unwrap();
        let store = PgEventStore::with_pool(pool.clone(), &log_name()).await.unwrap().with_patience(PATIENCE);
        let first = append(&store, 1, "first").await;
        let taken = pool.acquire().await.unwrap();
        let began = Instant::now();
        let error = store.get(&[Position::new(1)]).await.unwrap_err();
        is(&error, StoreErrorKind::Unavailable, "no connection was free or could be opened");
        assert!(began.elapsed() < BOUND);
        let more = events(end(&first), 1, "more");
        store.append(&end(&first), &more).await.unwrap();
        drop(taken);
        assert_eq!(read_all(&store).await.len(), 2);
    });
}

#[test]
fn a_reader_that_gives_up_leaves_no_connection_behind_that_another_would_wait_for() {
    block_on(async {
        let pool = PgPoolOptions::new().max_connections(1).connect(database()).await.unwrap();
        let store = PgEventStore::with_pool(pool, &log_name()).await.unwrap();
        append(&store, 50, "first").await;
        for polls in 0..40 {
            let mut read = std::pin::pin!(store.read(Position::START, NonZeroUsize::MAX));
            for _ in 0..polls {
                if futures::poll!(read.as_mut()).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(read_all(&store).await.len(), 50);
    });
}

#[test]
fn an_append_waits_in_line_for_as_long_as_it_may_and_then_says_so() {
    block_on(async {
        let url = server().new_database().unwrap();
        let store = open(&url, "log").await;
        let first = append(&store, 1, "first").await;
        // As a server does whose standby does not answer: somebody's append is long in committing.
        let pool = PgPoolOptions::new().connect(&url).await.unwrap();
        let mut holder = pool.begin().await.unwrap();
        sqlx::query("select leviathan.lock('log')").execute(&mut *holder).await.unwrap();
        let more = events(end(&first), 1, "more");
        let error = store.append(&end(&first), &more).await.unwrap_err();
        is(&error, StoreErrorKind::Unavailable, "lock timeout");
        holder.rollback().await.unwrap();
        store.append(&end(&first), &more).await.unwrap();
        assert_eq!(store.settled(end(&more).position).await.unwrap(), Some(end(&more).hash));
    });
}

#[test]
fn a_server_that_crashes_under_load_loses_and_doubles_nothing() {
    const WRITERS: usize = 8;
    const CRASHES: usize = 4;
    let server = own_server();
    let url = server.new_database().unwrap();
    block_on(async {
        let store = open(&url, "log").await;
        let host = Host::open(&store).await;
        let posted = AtomicUsize::new(0);
        let crashed = AtomicUsize::new(0);
        let writers = join_all((0..WRITERS).map(async |writer| {
            let mut facts = Vec::new();
            while crashed.load(Ordering::Relaxed) < CRASHES {
                let fact = format!("fact-{writer}-{}", facts.len());
                let receipt =
                    host.insist(post(&format!("attempt-{writer}"), std::slice::from_ref(&fact))).await;
                assert_eq!(receipt.recorded + receipt.duplicates, 1);
                posted.fetch_add(1, Ordering::Relaxed);
                facts.push(fact);
            }
            facts
        }));
        let crash = async {
            for crash in 1..=CRASHES {
                let before = posted.load(Ordering::Relaxed);
                while posted.load(Ordering::Relaxed) < before + 50 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                tokio::task::block_in_place(|| {
                    server.stop(Stop::Immediate).unwrap();
                    server.start_again().unwrap();
                });
                crashed.store(crash, Ordering::Relaxed);
            }
        };
        let (posted, ()) = futures::join!(writers, crash);
        let due = posted.into_iter().flatten().map(|fact| (fact, 1)).collect();
        assert_eq!(facts(&read_all(&store).await), due);
        assert_eq!(host.ledger.stopped(), None);
        let replayed = Host::open(&open(&url, "log").await).await;
        assert_eq!(replayed.digest(), host.digest());
    });
}

#[test]
fn a_server_that_was_stopped_and_started_again_is_found_again() {
    let server = own_server();
    let url = server.new_database().unwrap();
    block_on(async {
        let store = open(&url, "log").await.with_patience(PATIENCE);
        let first = append(&store, 3, "first").await;
        let waits = {
            let (store, end) = (store.clone(), end(&first).position);
            tokio::spawn(async move { while store.changed(end).await.is_err() {} })
        };
        server.stop(Stop::Fast).unwrap();
        let began = Instant::now();
        let more = events(end(&first), 1, "more");
        let mut outcomes = Vec::new();
        for _ in 0..3 {
            outcomes.push(store.append(&end(&first), &more).await.unwrap_err());
            outcomes.push(store.read(Position::START, NonZeroUsize::MAX).await.unwrap_err());
            outcomes.push(store.settled(Position::new(1)).await.unwrap_err());
        }
        assert!(began.elapsed() < 9 * BOUND, "{:?}", began.elapsed());
        // The first append found out that the connection was gone; from there on it is known.
        let unavailable = outcomes[1..].iter().all(|error| error.kind() == StoreErrorKind::Unavailable);
        assert!(unavailable, "{outcomes:?}");
        is(&outcomes[3], StoreErrorKind::Unavailable, "refused");

        server.start_again().unwrap();
        assert_eq!(settled(&store, end(&more).position).await, None);
        store.append(&end(&first), &more).await.unwrap();
        waits.await.unwrap();
        assert_eq!(read_all(&store).await, recorded(&[first, more].concat()));
    });
}
