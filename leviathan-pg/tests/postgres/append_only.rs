//! What stands in a log can't be changed, not even by those who may write to it.

use super::*;
use leviathan_core::log::Position;
use leviathan_core::store::{EventStore, StoreErrorKind};

const CHANGES: [&str; 6] = [
    "update leviathan.events set body = '' where position = 1",
    "delete from leviathan.events",
    "truncate leviathan.events",
    "update leviathan.logs set name = 'other'",
    "delete from leviathan.logs",
    "truncate leviathan.logs",
];

/// The SQL that the documentation gives for the role of a program.
const APPLICATION_ROLE: &str = include_str!("../../sql/application_role.sql");

#[test]
fn whoever_owns_the_log_is_refused_a_change_and_told_why() {
    let url = server().new_database().unwrap();
    let before = block_on(async {
        let store = open(&url, "log").await;
        append(&store, 3, "kept").await
    });
    for change in CHANGES {
        let refused = server().psql(&url, change).unwrap_err().to_string();
        assert!(
            refused.contains("the log is append-only") && refused.contains("hash"),
            "{change}: {refused}"
        );
    }
    block_on(async { assert_eq!(read_all(&open(&url, "log").await).await, recorded(&before)) });
}

#[test]
fn an_application_role_can_append_and_read_and_nothing_else() {
    let role = Role::new();
    block_on(async {
        let store = open(&role.url, "log").await;
        let all = [append(&store, 2, "first").await, append(&store, 3, "second").await].concat();
        assert_eq!(read_all(&store).await, recorded(&all));
        assert_eq!(store.settled(end(&all).position).await.unwrap(), Some(end(&all).hash));
        store.changed(Position::new(4)).await.unwrap();
    });
    let others = [
        "insert into leviathan.events values (1, 6, sha256(''), '')",
        "insert into leviathan.logs (name) values ('other')",
        "drop trigger append_only on leviathan.events",
        "alter table leviathan.events disable trigger append_only",
        "drop table leviathan.events",
        "drop function leviathan.append",
        "create or replace function leviathan.lock(log_name text) returns void language sql as ''",
        "delete from leviathan.migrations",
        "insert into leviathan.given_up values (gen_random_uuid())",
        "create table leviathan.mine ()",
    ];
    for change in CHANGES.into_iter().chain(others) {
        let refused = server().psql(&role.url, change).unwrap_err().to_string();
        let is_refused = refused.contains("permission denied") || refused.contains("must be owner");
        assert!(is_refused, "{change}: {refused}");
    }
}

#[test]
fn the_migrations_need_no_superuser() {
    let role = Role::owner();
    block_on(async { append(&open(&role.url, "log").await, 1, "first").await });
    for change in CHANGES {
        let refused = server().psql(&role.url, change).unwrap_err().to_string();
        assert!(refused.contains("the log is append-only"), "{change}: {refused}");
    }
}

#[test]
fn a_role_without_the_schema_is_told_to_migrate_as_its_owner() {
    let url = server().new_database().unwrap();
    let role = Role::beside(&url);
    let refused = block_on(PgEventStore::connect(&role.url, "log")).unwrap_err().to_string();
    assert!(refused.contains("run the migrations as the role that owns it"), "{refused}");
    assert!(refused.contains("permission denied"), "{refused}");
}

#[test]
fn what_is_acknowledged_is_durable_whatever_the_database_says() {
    let url = server().new_database().unwrap();
    block_on(async { append(&open(&url, "log").await, 1, "first").await });
    let asked = "set synchronous_commit = off; begin; select count(*) from leviathan.append('other', gen_random_uuid(), 0, \
                 decode(repeat('00', 32), 'hex'), array[sha256('')], array[''::bytea]); show synchronous_commit; commit";
    assert_eq!(server().psql(&url, asked).unwrap(), "1\non");
}

#[test]
fn a_hash_that_is_none_is_refused_whoever_appends_it() {
    let role = Role::new();
    let short = "select leviathan.append('log', gen_random_uuid(), 0, decode(repeat('00', 32), 'hex'), array['x'::bytea], \
                 array[''::bytea])";
    let refused = server().psql(&role.url, short).unwrap_err().to_string();
    assert!(refused.contains("events_hash_check"), "{refused}");
    assert_eq!(server().psql(&role.url, "select count(*) from leviathan.events").unwrap(), "0");
}

#[test]
fn another_isolation_than_read_committed_is_refused_with_a_remedy() {
    let url = server().new_database().unwrap();
    let name = url.rsplit_once('/').unwrap().1;
    block_on(async {
        let first = append(&open(&url, "log").await, 1, "first").await;
        let stricter = format!("alter database {name} set default_transaction_isolation = 'serializable'");
        server().psql(&url, &stricter).unwrap();
        let store = open(&url, "log").await;
        let error = store.append(&end(&first), &events(end(&first), 1, "refused")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(error.to_string().contains("default_transaction_isolation"), "{error}");
        assert_eq!(read_all(&store).await, recorded(&first));
    });
}

/// A role of its own, and how it reaches its database.
struct Role {
    url: String,
}

impl Role {
    /// One that got what the documentation gives it, in a database whose schema was made.
    fn new() -> Self {
        let url = server().new_database().unwrap();
        block_on(async { open(&url, "log").await });
        let role = Self::beside(&url);
        let name = role.url.split_once("://").unwrap().1.split_once(':').unwrap().0;
        server().psql(&url, &APPLICATION_ROLE.replace("leviathan_app", name)).unwrap();
        role
    }

    /// One that may make a schema in an empty database, and is no superuser.
    fn owner() -> Self {
        let url = server().new_database().unwrap();
        let role = Self::beside(&url);
        let name = role.url.split_once("://").unwrap().1.split_once(':').unwrap().0;
        let database = url.rsplit_once('/').unwrap().1;
        server().psql(&url, &format!("grant create on database {database} to {name}")).unwrap();
        role
    }

    /// One that may do nothing.
    fn beside(url: &str) -> Self {
        let name = log_name().replace('-', "_");
        server().psql(url, &format!("create role {name} login password 'secret'")).unwrap();
        let (_, place) = url.split_once('@').unwrap();
        Self { url: format!("postgres://{name}:secret@{place}") }
    }
}
