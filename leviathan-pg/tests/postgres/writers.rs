//! Several writers on one log: nothing is lost or doubled, and all see the same.

use super::support::child;
use super::*;
use futures::future::join_all;
use leviathan_core::log::Position;
use std::collections::BTreeMap;

/// Each writer's bundles, and the facts in each of them.
const BUNDLES: usize = 120;
const FACTS: usize = 3;

fn facts_of(writer: &str, bundle: usize) -> Vec<String> {
    (0..FACTS).map(|fact| format!("{writer}-{bundle}-{fact}")).collect()
}

/// Posts all bundles of a writer, many at once, each twice.
async fn post_all(host: &Host, writer: &str) {
    let bundles = join_all((0..BUNDLES).map(async |bundle| {
        let command = post(&format!("attempt-{writer}-{bundle}"), &facts_of(writer, bundle));
        let first = host.insist(command.clone()).await;
        assert_eq!((first.recorded, first.duplicates), (FACTS, 0));
        let again = host.insist(command).await;
        assert_eq!((again.recorded, again.duplicates), (0, FACTS));
    }));
    bundles.await;
}

/// Checks that each fact of these writers stands in the log once.
async fn check(store: &PgEventStore, writers: &[&str]) {
    let due: BTreeMap<_, _> = writers
        .iter()
        .flat_map(|writer| (0..BUNDLES).flat_map(|bundle| facts_of(writer, bundle)))
        .map(|fact| (fact, 1))
        .collect();
    assert_eq!(facts(&read_all(store).await), due);
}

async fn digest_at(host: &Host, position: Position) -> String {
    host.ledger.moved_past(Position::new(position.get() - 1)).await;
    host.digest().to_string()
}

#[test]
fn two_ledgers_of_one_process_write_one_log() {
    block_on(async {
        let one = new_log().await;
        let two = open(database(), one.log_name()).await;
        let hosts = [Host::open(&one).await, Host::open(&two).await];
        futures::join!(post_all(&hosts[0], "one"), post_all(&hosts[1], "two"));
        check(&one, &["one", "two"]).await;
        let last = two.head().await.unwrap().position;
        assert_eq!(digest_at(&hosts[0], last).await, digest_at(&hosts[1], last).await);
    });
}

#[test]
fn two_processes_write_one_log() {
    let log = log_name();
    let mut child = child::spawn("writes_the_log_of_its_parent", database(), &log);
    block_on(async {
        let store = open(database(), &log).await;
        let host = Host::open(&store).await;
        child.next_word("opened");
        child.tell("go");
        post_all(&host, "parent").await;
        child.next_word("posted");
        check(&store, &["parent", "child"]).await;
        let last = store.head().await.unwrap().position;
        child.tell(last);
        assert_eq!(child.next_word("digest"), digest_at(&host, last).await);
    });
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn writes_the_log_of_its_parent() {
    let (database, log) = child::given();
    block_on(async {
        let host = Host::open(&open(&database, &log).await).await;
        child::say("opened", &log);
        assert_eq!(child::hear(), "go");
        post_all(&host, "child").await;
        child::say("posted", BUNDLES);
        let last = Position::new(child::hear().parse().unwrap());
        child::say("digest", digest_at(&host, last).await);
    });
}
