//! Snapshots are made in the background, used at the start, and thrown away when they don't fit.

use super::*;
use leviathan_core::graph::{Graph, PROJECTION_VERSION};
use leviathan_core::log::Position;
use leviathan_pg::Snapshots;

/// After how many events a snapshot is due in these tests.
const DUE: u64 = 40;

/// A database whose log has facts and a snapshot of the first of them, and its host.
async fn with_snapshot() -> (String, PgEventStore, Host) {
    let url = server().new_database().unwrap();
    let store = open(&url, "log").await;
    let host = Host::open(&store).await;
    let keeping = tokio::spawn(Snapshots::of(&store).with_due(DUE).keep(host.ledger.clone()));
    post_facts(&host, "early", DUE as usize).await;
    while kept(&url).is_empty() {
        tokio::task::yield_now().await;
    }
    keeping.abort();
    post_facts(&host, "late", 5).await;
    (url, store, host)
}

async fn post_facts(host: &Host, name: &str, count: usize) {
    for fact in 0..count {
        host.insist(post(&format!("attempt-{name}"), &[format!("{name}-{fact}")])).await;
    }
}

/// The positions of the snapshots that there are, one for each part.
fn kept(url: &str) -> Vec<u64> {
    let positions = server().psql(url, "select position from leviathan.snapshots order by 1").unwrap();
    positions.lines().map(|position| position.parse().unwrap()).collect()
}

/// Has the owner change a body that stands before the snapshot, so that only who reads it notices.
fn damage_the_beginning(url: &str) {
    let tamper = "alter table leviathan.events disable trigger append_only; \
                  update leviathan.events set body = body || ' '::bytea where position = 2";
    server().psql(url, tamper).unwrap();
}

async fn digest_from(store: &PgEventStore, snapshot: Option<Vec<u8>>) -> Result<String, String> {
    let host = Host::open_with(store, snapshot.as_deref()).await.map_err(|error| error.to_string())?;
    Ok(host.digest().to_string())
}

#[test]
fn a_start_from_the_kept_snapshot_reads_only_what_stands_behind_it_and_comes_to_the_same() {
    block_on(async {
        let (url, store, host) = with_snapshot().await;
        let snapshots = Snapshots::of(&open(&url, "log").await);
        assert_eq!(digest_from(&store, None).await.unwrap(), host.digest().to_string());
        damage_the_beginning(&url);
        assert!(digest_from(&store, None).await.unwrap_err().contains("position 2"));
        let newest = snapshots.newest().await;
        assert_eq!(digest_from(&store, newest).await.unwrap(), host.digest().to_string());
    });
}

#[test]
fn the_next_snapshot_is_made_of_the_one_before_and_takes_its_place() {
    block_on(async {
        let (url, store, host) = with_snapshot().await;
        let before = kept(&url);
        damage_the_beginning(&url);
        let keeping = tokio::spawn(Snapshots::of(&store).with_due(DUE).keep(host.ledger.clone()));
        post_facts(&host, "more", DUE as usize).await;
        while kept(&url) == before {
            tokio::task::yield_now().await;
        }
        keeping.abort();
        let after = kept(&url);
        assert_eq!((before.len(), after.len()), (1, 1), "{before:?} {after:?}");
        let newest = Snapshots::of(&store).newest().await.unwrap();
        assert_eq!(Graph::from_snapshot(&newest).unwrap().head().position, Position::new(after[0]));
        assert_eq!(digest_from(&store, Some(newest)).await.unwrap(), host.digest().to_string());
    });
}

#[test]
fn a_snapshot_that_does_not_fit_is_thrown_away_and_another_is_made() {
    let damages = [
        "update leviathan.snapshots set bytes = 'damaged'::bytea",
        "update leviathan.snapshots set bytes = substr(bytes, 1, length(bytes) - 1)",
        "delete from leviathan.snapshots",
    ];
    block_on(async {
        for damage in damages {
            let (url, store, host) = with_snapshot().await;
            server().psql(&url, damage).unwrap();
            let snapshots = Snapshots::of(&store).with_due(DUE);
            let newest = snapshots.newest().await;
            assert_eq!(digest_from(&store, newest).await.unwrap(), host.digest().to_string(), "{damage}");
            let keeping = tokio::spawn(snapshots.clone().keep(host.ledger.clone()));
            post_facts(&host, "more", 2 * DUE as usize).await;
            let fits = async || {
                let newest = snapshots.newest().await;
                newest.is_some_and(|bytes| Graph::from_snapshot(&bytes).is_ok())
            };
            while !fits().await {
                tokio::task::yield_now().await;
            }
            keeping.abort();
        }
    });
}

#[test]
fn a_snapshot_of_another_log_of_the_same_name_is_thrown_away() {
    block_on(async {
        let (url, _, _) = with_snapshot().await;
        let other = server().new_database().unwrap();
        let store = open(&other, "log").await;
        let host = Host::open(&store).await;
        post_facts(&host, "other", DUE as usize + 10).await;
        let foreign = Snapshots::of(&open(&url, "log").await).newest().await;
        assert!(foreign.is_some());
        assert_eq!(digest_from(&store, foreign).await.unwrap(), host.digest().to_string());
    });
}

#[test]
fn a_program_of_another_projection_neither_sees_the_snapshot_nor_loses_its_own() {
    block_on(async {
        let (url, store, host) = with_snapshot().await;
        let (mine, other) = (PROJECTION_VERSION, PROJECTION_VERSION + 1);
        let as_other =
            format!("update leviathan.snapshots set projection = {other} where projection = {mine}");
        server().psql(&url, &as_other).unwrap();
        let snapshots = Snapshots::of(&store).with_due(DUE);
        assert!(snapshots.newest().await.is_none());
        let keeping = tokio::spawn(snapshots.keep(host.ledger.clone()));
        while kept(&url).len() < 2 {
            tokio::task::yield_now().await;
        }
        keeping.abort();
        let old = "update leviathan.snapshots set kept_at = now() - interval '8 days'";
        server().psql(&url, &format!("{old} where projection = {other}")).unwrap();
        let keeping = tokio::spawn(Snapshots::of(&store).with_due(DUE).keep(host.ledger.clone()));
        post_facts(&host, "more", DUE as usize).await;
        while kept(&url).len() > 1 {
            tokio::task::yield_now().await;
        }
        keeping.abort();
    });
}

#[test]
fn a_snapshot_of_many_parts_comes_back_whole() {
    block_on(async {
        let url = server().new_database().unwrap();
        let store = open(&url, "log").await;
        let host = Host::open(&store).await;
        // Facts that a graph keeps: 20,000 fingerprints and positions, and as many attempts.
        for bundle in 0..40 {
            let facts: Vec<_> = (0..500).map(|fact| format!("fact-{bundle}-{fact}")).collect();
            host.insist(post(&format!("attempt-{bundle}"), &facts)).await;
        }
        server().psql(&url, "select 1").unwrap();
        let keeping = tokio::spawn(Snapshots::of(&store).with_due(DUE).keep(host.ledger.clone()));
        while kept(&url).is_empty() {
            tokio::task::yield_now().await;
        }
        keeping.abort();
        let newest = Snapshots::of(&store).newest().await;
        assert_eq!(newest.as_deref(), Some(&*host.ledger.snapshot()));
    });
}

#[test]
fn without_the_right_to_the_table_a_start_only_takes_longer() {
    block_on(async {
        let (url, _, host) = with_snapshot().await;
        server().psql(&url, "alter table leviathan.snapshots rename to elsewhere").unwrap();
        let store = open(&url, "log").await;
        let newest = Snapshots::of(&store).newest().await;
        assert_eq!(newest, None);
        assert_eq!(digest_from(&store, newest).await.unwrap(), host.digest().to_string());
    });
}
