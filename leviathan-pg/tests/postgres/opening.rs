//! Opening a log: its schema, its name, and what is said when it can't be opened.

use super::*;
use futures::future::join_all;
use leviathan_core::store::EventStore;
use leviathan_pg::OpenError;

#[test]
fn replicas_that_start_at_once_make_one_schema() {
    let url = server().new_database().unwrap();
    block_on(async {
        let opened = join_all((0..8).map(|_| PgEventStore::connect(&url, "log"))).await;
        let stores: Vec<_> = opened.into_iter().map(Result::unwrap).collect();
        let all = append(&stores[0], 2, "first").await;
        assert_eq!(read_all(&stores[7]).await, recorded(&all));
    });
    let versions = server().psql(&url, "select version from leviathan.migrations order by version").unwrap();
    assert_eq!(versions, "1\n2\n3");
}

#[test]
fn a_schema_that_is_newer_than_the_program_is_refused() {
    let url = server().new_database().unwrap();
    block_on(async { open(&url, "log").await });
    let newer = "insert into leviathan.migrations values (99, 'of the future', now(), true, '', 0)";
    server().psql(&url, newer).unwrap();
    let refused = block_on(PgEventStore::connect(&url, "log")).unwrap_err();
    assert!(matches!(refused, OpenError::SchemaNewer { found: 99, known: 3 }), "{refused:?}");
    assert!(refused.to_string().contains("use a newer program"), "{refused}");
}

#[test]
fn a_schema_that_another_migration_made_is_refused() {
    let url = server().new_database().unwrap();
    block_on(async { open(&url, "log").await });
    server().psql(&url, "update leviathan.migrations set checksum = '' where version = 1").unwrap();
    let refused = block_on(PgEventStore::connect(&url, "log")).unwrap_err();
    assert!(matches!(refused, OpenError::SchemaChanged(1)), "{refused:?}");
}

#[test]
fn logs_of_one_database_know_nothing_of_each_other() {
    block_on(async {
        let (one, two) = (new_log().await, new_log().await);
        let ones = append(&one, 3, "one").await;
        let twos = append(&two, 2, "two").await;
        assert_eq!(read_all(&one).await, recorded(&ones));
        assert_eq!(read_all(&two).await, recorded(&twos));
        assert_eq!(two.settled(end(&ones).position).await.unwrap(), None);
    });
}

#[test]
fn a_name_that_no_log_can_have_is_refused() {
    let long = "x".repeat(201);
    for name in ["", "nul\0", &long] {
        let refused = block_on(PgEventStore::connect(database(), name)).unwrap_err();
        assert!(matches!(refused, OpenError::BadName(_)), "{refused:?}");
    }
    block_on(async { append(&open(database(), "ein \"Name\" 'mit' é").await, 1, "first").await });
}

#[test]
fn nothing_that_is_printed_holds_the_password() {
    let (user, place) = database().split_once('@').unwrap();
    let url = format!("{user}-hunter2@{place}");
    let elsewhere = "postgres://leviathan:hunter2@127.0.0.1:1/leviathan";
    let not_ours =
        ["mysql://leviathan:hunter2@localhost/x", "postgres://leviathan:hunter2@local host/x", "hunter2"];
    for url in
        not_ours.into_iter().chain([elsewhere, &url, "postgres://leviathan:hunter2@localhost/x?sslmode=no"])
    {
        let refused = block_on(PgEventStore::connect(url, "log")).unwrap_err();
        let mut said = format!("{refused} {refused:?}");
        let mut source: Option<&dyn std::error::Error> = Some(&refused);
        while let Some(error) = source {
            said += &format!(" {error} {error:?}");
            source = error.source();
        }
        println!("{refused}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    block_on(async {
        let store = new_log().await;
        let password = user.rsplit_once(':').unwrap().1;
        assert!(!format!("{store:?}").contains(password), "{store:?}");
    });
}
