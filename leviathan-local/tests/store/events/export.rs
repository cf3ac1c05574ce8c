//! An export is the log in its verifiable form.

use super::{append, segments};
use crate::block_on;
use bytes::Bytes;
use leviathan_core::log::{ExportLine, Position, verify_lines};
use leviathan_core::store::StoreErrorKind;
use leviathan_local::events::FileEventStore;
use std::convert::Infallible;
use std::io::{self, Write};
use tempfile::TempDir;

#[test]
fn an_export_is_every_event_line_and_no_commit_line() {
    let directory = TempDir::new().unwrap();
    block_on(async {
        let (store, _) = FileEventStore::open_with(directory.path(), 1000).unwrap();
        let mut due = Vec::new();
        for batch in 0..20 {
            for event in append(&store, 1 + batch % 5, &format!("batch-{batch}")).await {
                ExportLine::write(&event.head, &event.body, &mut due);
            }
        }
        assert!(segments(directory.path()).len() > 3);

        let mut exported = Vec::new();
        assert_eq!(store.export(Position::START, &mut exported).unwrap(), store.head());
        assert_eq!(exported, due);
        let lines = exported.split_inclusive(|byte| *byte == b'\n').map(Bytes::copy_from_slice);
        assert_eq!(
            verify_lines(lines.map(Ok::<_, Infallible>), Some(store.head())).unwrap(),
            Ok(store.head())
        );

        let mut rest = Vec::new();
        store.export(Position::new(17), &mut rest).unwrap();
        assert!(due.ends_with(&rest) && rest.starts_with(b"{\"position\":18,"));
        let mut none = Vec::new();
        store.export(store.head().position, &mut none).unwrap();
        assert!(none.is_empty());
    });
}

#[test]
fn an_export_that_cannot_be_written_says_so() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let directory = TempDir::new().unwrap();
    block_on(async {
        let (store, _) = FileEventStore::open(directory.path()).unwrap();
        append(&store, 1, "only").await;
        let error = store.export(Position::START, &mut Full).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(error.to_string().contains("could not be written"), "{error}");
    });
}
