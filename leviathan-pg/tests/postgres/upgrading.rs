//! A database that an older program made is brought up to date with all that is in it.

use super::*;
use leviathan_core::log::{Head, SealedEvent};
use leviathan_core::store::EventStore;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};
use std::borrow::Cow;

/// A database with the schema of a version.
async fn made_by(version: i64) -> String {
    let url = server().new_database().unwrap();
    server().psql(&url, "create schema leviathan").unwrap();
    let mut older: Migrator = sqlx::migrate!();
    older.table_name = Cow::Borrowed("leviathan.migrations");
    older.migrations.to_mut().retain(|migration| migration.version <= version);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    older.run_direct(None, &mut connection, false).await.unwrap();
    connection.close().await.unwrap();
    url
}

/// Appends to an empty log as programs of every version do.
async fn append_as_ever(url: &str, log: &str, events: &[SealedEvent]) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let hashes: Vec<&[u8]> = events.iter().map(|event| event.head.hash.as_bytes().as_slice()).collect();
    let bodies: Vec<&[u8]> = events.iter().map(|event| event.body.bytes().as_ref()).collect();
    let append = "select found_position from leviathan.append($1, gen_random_uuid(), 0, $2, $3, $4)";
    let append = sqlx::query_scalar(append).bind(log).bind(Head::EMPTY.hash.as_bytes().as_slice());
    let found: i64 = append.bind(hashes).bind(bodies).fetch_one(&mut connection).await.unwrap();
    assert_eq!(found, 0);
    connection.close().await.unwrap();
}

#[test]
fn logs_that_stood_there_by_their_names_are_read_and_go_on() {
    block_on(async {
        let url = made_by(2).await;
        let [ones, twos] = ["one", "two"].map(|log| events(Head::EMPTY, 3, log));
        append_as_ever(&url, "one", &ones).await;
        append_as_ever(&url, "two", &twos).await;

        let (one, two) = (open(&url, "one").await, open(&url, "two").await);
        assert_eq!(read_all(&two).await, recorded(&twos));
        let more = events(end(&ones), 2, "more");
        one.append(&end(&ones), &more).await.unwrap();
        let third = append(&open(&url, "three").await, 1, "three").await;
        assert_eq!(read_all(&one).await, recorded(&[ones, more].concat()));
        assert_eq!(read_all(&open(&url, "three").await).await, recorded(&third));
        assert_eq!(two.settled(end(&twos).position).await.unwrap(), Some(end(&twos).hash));
    });
}
