//! Connections that are cut at any byte: what was acknowledged is in the log once, and so is what a worker insists on.

use super::*;
use futures::future::join_all;
use leviathan_core::log::Position;
use leviathan_core::store::{EventStore, StoreErrorKind};
use std::collections::BTreeMap;
use std::time::Duration;

/// Every how many bytes of a long request a connection is cut, unless `LEVIATHAN_CUTS` says otherwise: at 1, each.
const STRIDE: &str = "7";

/// After how many bytes of so many a connection is cut: after each of the few of an answer.
fn cuts(way: Way, bytes: usize) -> impl Iterator<Item = usize> {
    let given = std::env::var("LEVIATHAN_CUTS");
    let stride = given.as_deref().unwrap_or(STRIDE).parse().unwrap();
    (0..=bytes).step_by(if way == Way::ToServer { stride } else { 1 })
}

fn name(round: usize) -> String {
    format!("fact-{round:06}")
}

/// Each fact of so many rounds once.
fn each_once(rounds: usize) -> BTreeMap<String, usize> {
    (0..rounds).map(|round| (name(round), 1)).collect()
}

/// Posts one fact for each way and byte of the exchange that an append is, and cuts the connection there.
async fn cut_everywhere(store: &PgEventStore, proxy: &Proxy) -> usize {
    let host = Host::open(store).await;
    let mut rounds = 0;
    let mut posted = async || {
        let receipt = host.insist(post("attempt-cut", &[name(rounds)])).await;
        // Whatever happened on the way, it was taken once; the last answer may be that it was there already.
        assert_eq!(receipt.recorded + receipt.duplicates, 1);
        rounds += 1;
    };
    for way in [Way::ToServer, Way::ToClient] {
        posted().await;
        let before = proxy.passed(way);
        posted().await;
        let exchange = proxy.passed(way) - before;
        println!("{exchange} bytes {way:?}");
        for bytes in cuts(way, exchange) {
            let cuts = proxy.cuts();
            proxy.cut_after(way, bytes);
            posted().await;
            // The byte after the last one may be of the next append.
            if proxy.cuts() == cuts {
                posted().await;
            }
            assert_eq!(proxy.cuts(), cuts + 1, "{bytes} bytes {way:?}");
        }
    }
    assert_eq!(host.ledger.stopped(), None);
    rounds
}

#[test]
fn a_connection_cut_at_any_byte_of_an_append_neither_loses_nor_doubles_a_fact() {
    block_on(async {
        let proxy = Proxy::before(database()).await;
        let store = open(proxy.url(), &log_name()).await;
        let rounds = cut_everywhere(&store, &proxy).await;
        let all = read_all(&open(database(), store.log_name()).await).await;
        assert_eq!(facts(&all), each_once(rounds));
    });
}

#[test]
fn an_append_whose_connection_is_cut_is_never_said_to_be_unwritten_when_it_may_be_there() {
    block_on(async {
        let proxy = Proxy::before(database()).await;
        let store = open(proxy.url(), &log_name()).await;
        let direct = open(database(), store.log_name()).await;
        append(&store, 1, "first").await;
        let mut outcomes = BTreeMap::<&str, usize>::new();
        for (way, most) in [(Way::ToServer, 400), (Way::ToClient, 90)] {
            for bytes in cuts(way, most) {
                let head = direct.head().await.unwrap();
                let events = events(head, 2, &format!("cut-{bytes}"));
                proxy.cut_after(way, bytes);
                let outcome = store.append(&head, &events).await;
                let settled = settled(&store, end(&events).position).await;
                let is_there = settled == Some(end(&events).hash);
                assert_eq!(direct.head().await.unwrap() == end(&events), is_there, "settled said otherwise");
                let said = match outcome.map_err(|error| error.kind()) {
                    Ok(()) => {
                        assert!(is_there);
                        "acknowledged"
                    }
                    Err(StoreErrorKind::Unknown) if is_there => "unknown, and there",
                    Err(StoreErrorKind::Unknown) => "unknown, and not there",
                    Err(other) => panic!("{other:?} after {bytes} bytes {way:?}"),
                };
                *outcomes.entry(said).or_default() += 1;
            }
        }
        println!("{outcomes:?}");
        assert!(outcomes.len() >= 2, "the cuts did not reach both sides of the commit");
        read_all(&direct).await;
    });
}

#[test]
fn an_append_that_arrives_after_it_was_settled_is_too_late() {
    block_on(async {
        let proxy = Proxy::before(database()).await;
        let store = open(proxy.url(), &log_name()).await.with_patience(PATIENCE);
        let direct = open(database(), store.log_name()).await;
        let first = append(&store, 1, "first").await;
        proxy.hold_appends();
        let late = events(end(&first), 2, "late");
        let error = store.append(&end(&first), &late).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unknown, "{error}");
        assert_eq!(store.settled(end(&late).position).await.unwrap(), None);

        let answered = proxy.passed(Way::ToClient);
        proxy.let_go();
        while proxy.passed(Way::ToClient) == answered {
            tokio::task::yield_now().await;
        }
        assert_eq!(direct.head().await.unwrap(), end(&first), "what was settled has changed");
        let again = events(end(&first), 1, "again");
        store.append(&end(&first), &again).await.unwrap();
        assert_eq!(read_all(&direct).await.len(), 2);
    });
}

#[test]
fn a_caller_that_appends_again_without_asking_is_not_overtaken_by_what_was_late() {
    block_on(async {
        let proxy = Proxy::before(database()).await;
        let store = open(proxy.url(), &log_name()).await.with_patience(PATIENCE);
        let first = append(&store, 1, "first").await;
        proxy.hold_appends();
        let late = events(end(&first), 2, "late");
        assert_eq!(store.append(&end(&first), &late).await.unwrap_err().kind(), StoreErrorKind::Unknown);
        let next = events(end(&first), 1, "next");
        store.append(&end(&first), &next).await.unwrap();
        proxy.let_go();
        let all = [first, next].concat();
        store.append(&end(&all), &events(end(&all), 1, "last")).await.unwrap();
        assert_eq!(read_all(&store).await.len(), 3);
    });
}

#[test]
fn in_a_storm_of_broken_connections_two_writers_lose_and_double_nothing() {
    const FACTS: usize = 400;
    block_on(async {
        let log = log_name();
        let mut proxies = Vec::new();
        for _ in 0..2 {
            proxies.push(Proxy::before(database()).await);
        }
        let storm = {
            let proxies = proxies.clone();
            tokio::spawn(async move {
                let mut round = 0_u64;
                loop {
                    // Any moment will do; the rounds are of uneven lengths.
                    round += 1;
                    tokio::time::sleep(Duration::from_millis(40 + round * 7919 % 300)).await;
                    proxies[usize::from(round.is_multiple_of(2))].break_all();
                }
            })
        };
        let writers = proxies.iter().enumerate().map(async |(writer, proxy)| {
            let store = loop {
                match PgEventStore::connect(proxy.url(), &log).await {
                    Ok(store) => break store,
                    Err(error) => println!("{error}"),
                }
            };
            let host = Host::open_in_trouble(&store).await;
            let posts = (writer..2 * FACTS).step_by(2).map(async |fact| {
                let receipt = host.insist(post(&format!("attempt-{fact}"), &[name(fact)])).await;
                assert_eq!(receipt.recorded + receipt.duplicates, 1);
            });
            join_all(posts).await;
            host
        });
        let hosts = join_all(writers).await;
        storm.abort();
        let store = open(database(), &log).await;
        let all = read_all(&store).await;
        assert_eq!(facts(&all), each_once(2 * FACTS));
        let last = Position::new(all.len() as u64 - 1);
        for host in &hosts {
            host.ledger.moved_past(last).await;
        }
        assert_eq!(hosts[0].digest(), hosts[1].digest());
    });
}
