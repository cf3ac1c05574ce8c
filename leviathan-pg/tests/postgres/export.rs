//! An export is the log in its verifiable form.

use super::*;
use bytes::Bytes;
use futures::TryStreamExt;
use leviathan_core::log::{ExportLine, Position, verify_lines};
use std::convert::Infallible;

#[test]
fn an_export_is_every_event_in_its_line_over_many_pages() {
    block_on(async {
        let store = new_log().await;
        let mut due = Vec::new();
        for batch in 0..3 {
            for event in append(&store, 999, &format!("batch-{batch}")).await {
                let mut line = Vec::new();
                ExportLine::write(&event.head, &event.body, &mut line);
                due.push(Bytes::from(line));
            }
        }
        let head = store.head().await.unwrap();
        let lines: Vec<Bytes> = store.export(Position::START).await.unwrap().try_collect().await.unwrap();
        assert_eq!(lines, due);
        assert_eq!(verify_lines(lines.into_iter().map(Ok::<_, Infallible>), Some(head)).unwrap(), Ok(head));

        let rest: Vec<Bytes> = store.export(Position::new(1500)).await.unwrap().try_collect().await.unwrap();
        assert_eq!(rest, due[1500..]);
        let none: Vec<Bytes> = store.export(head.position).await.unwrap().try_collect().await.unwrap();
        assert!(none.is_empty());
    });
}

#[test]
fn what_is_appended_during_an_export_is_left_out() {
    block_on(async {
        let store = new_log().await;
        append(&store, 2000, "before").await;
        let mut lines = Box::pin(store.export(Position::START).await.unwrap());
        lines.try_next().await.unwrap().unwrap();
        append(&store, 10, "meanwhile").await;
        assert_eq!(lines.try_collect::<Vec<_>>().await.unwrap().len(), 1999);
    });
}
