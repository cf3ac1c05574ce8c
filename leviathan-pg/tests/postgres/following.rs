//! A process follows what others append.

use super::*;
use leviathan_core::log::Position;
use leviathan_core::store::EventStore;
use std::time::Duration;
use tokio::time::timeout;

#[test]
fn an_append_by_another_store_wakes_whoever_waits() {
    block_on(async {
        let one = new_log().await;
        let two = open(database(), one.log_name()).await;
        for round in 0..5 {
            let head = one.head().await.unwrap().position;
            let waiting = {
                let two = two.clone();
                tokio::spawn(async move { two.changed(head).await })
            };
            append(&one, 1, &format!("round-{round}")).await;
            timeout(Duration::from_secs(20), waiting).await.expect("it was not woken").unwrap().unwrap();
        }
    });
}

#[test]
fn following_survives_connections_that_are_killed() {
    let url = server().new_database().unwrap();
    block_on(async {
        let (one, two) = (open(&url, "log").await, open(&url, "log").await);
        for round in 0..5_u64 {
            let follow = {
                let two = two.clone();
                tokio::spawn(async move {
                    // As the ledger does: an error is waited out, and then it asks again.
                    while two.changed(Position::new(round)).await.is_err() {}
                })
            };
            let kill = "select pg_terminate_backend(pid) from pg_stat_activity \
                        where datname = current_database() and pid <> pg_backend_pid()";
            server().psql(&url, kill).unwrap();
            // The writer's connection is gone too, which the store finds out by itself when it has rested, and else says.
            let head = loop {
                if let Ok(head) = one.head().await {
                    break head;
                }
            };
            // The server's word to end the session may reach it in the middle of this.
            let more = events(head, 1, &format!("round-{round}"));
            while one.append(&head, &more).await.is_err() {
                if settled(&one, end(&more).position).await.is_some() {
                    break;
                }
            }
            timeout(Duration::from_secs(20), follow).await.expect("it was not woken").unwrap();
        }
        assert_eq!(read_all(&two).await.len(), 5);
    });
}
