//! What was changed behind the program's back is called damage, with its place.

use super::*;
use leviathan_core::log::{Head, Position, verify_lines};
use leviathan_core::store::{EventStore, StoreError, StoreErrorKind};
use std::convert::Infallible;
use std::num::NonZeroUsize;

/// A log of five events in which somebody who can has run `sql`, as its owner may with the trigger out of the way.
async fn tampered(sql: &str) -> (PgEventStore, Head) {
    let url = server().new_database().unwrap();
    let store = open(&url, "log").await;
    let head = end(&append(&store, 5, "event").await);
    let tamper = format!("alter table leviathan.events disable trigger append_only; {sql}");
    server().psql(&url, &tamper).unwrap();
    (store, head)
}

#[track_caller]
fn is_corrupt(error: &StoreError, what: &str) {
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn a_missing_event_is_damage_at_its_position() {
    block_on(async {
        let (store, _) = tampered("delete from leviathan.events where position = 3").await;
        let all = store.read(Position::START, NonZeroUsize::MAX).await;
        is_corrupt(&all.unwrap_err(), "position 3: it is missing");
        is_corrupt(
            &store.read(Position::new(2), NonZeroUsize::MIN.saturating_add(9)).await.unwrap_err(),
            "position 3",
        );
    });
}

#[test]
fn a_log_that_lost_what_it_acknowledged_is_damaged() {
    block_on(async {
        let (store, head) = tampered("delete from leviathan.events where position > 3").await;
        let error = store.append(&head, &events(head, 1, "more")).await.unwrap_err();
        is_corrupt(&error, "ends at 3:");
        is_corrupt(&error, "lost what it had acknowledged");
    });
}

#[test]
fn a_log_with_another_event_in_a_known_place_is_damaged() {
    block_on(async {
        let (store, head) =
            tampered("update leviathan.events set hash = sha256('x') where position = 5").await;
        let error = store.append(&head, &events(head, 1, "more")).await.unwrap_err();
        is_corrupt(&error, "lost what it had acknowledged");
    });
}

#[test]
fn a_changed_body_comes_back_as_it_is_and_does_not_verify() {
    block_on(async {
        let (store, _) = tampered("update leviathan.events set body = '{}' where position = 2").await;
        let event = store.get(&[Position::new(2)]).await.unwrap().remove(0);
        let before = store.get(&[Position::new(1)]).await.unwrap().remove(0);
        assert_ne!(before.head.then(event.body.leaf()), event.head, "the leaf is made of the bytes at hand");
    });
}

#[test]
fn an_edited_row_is_found_with_its_position_by_whoever_verifies_and_by_a_ledger_at_its_start() {
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("export.ndjson");
    block_on(async {
        let changed = r#"replace(convert_from(body, 'utf8'), '"n":3', '"n":4')"#;
        let sql =
            format!("update leviathan.events set body = convert_to({changed}, 'utf8') where position = 4");
        let (store, head) = tampered(&sql).await;
        export_to(&store, &export).await;
        let lines = std::fs::read_to_string(&export).unwrap();
        let lines = lines.split_inclusive('\n').map(|line| Ok::<_, Infallible>(line.to_owned().into()));
        let fault = verify_lines(lines, Some(head)).unwrap().unwrap_err();
        assert_eq!(fault.position, Position::new(4), "{fault}");
        let said = python::verify(&export, head).unwrap_err();
        assert!(said.starts_with("position 4: "), "{said}");
        let refused = Host::try_open(&store).await.err().expect("a damaged log was opened").to_string();
        assert!(refused.contains("position 4"), "{refused}");
    });
}
