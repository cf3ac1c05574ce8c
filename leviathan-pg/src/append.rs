//! `Append`: events made ready for the database.

use leviathan_core::log::{Head, SealedEvent};
use leviathan_core::store::{StoreError, StoreErrorKind};
use sqlx::postgres::PgArguments;
use sqlx::{Postgres, query::QueryAs};
use uuid::Uuid;

/// What the database says to an append: the head that it found, and whether the append was given up before it came.
pub(super) type Found = (i64, Vec<u8>, bool);

/// Events that are linked behind a head.
#[derive(Debug)]
pub(super) struct Append {
    /// The head that the log must have.
    pub(super) head: Head,
    /// The head that it has then.
    pub(super) last: Head,
    events: Vec<SealedEvent>,
    expected_position: i64,
}

impl Append {
    /// Takes events, which must be linked behind `head`: a log that holds anything else would not verify.
    pub(super) fn new(head: &Head, events: &[SealedEvent]) -> Result<Self, StoreError> {
        let mut last = *head;
        for event in events {
            last = last.then(event.body.leaf());
            if event.head != last {
                let position = event.head.position;
                return Err(refused(format_args!(
                    "the event for position {position} is not linked behind the one before it"
                )));
            }
        }
        i64::try_from(last.position.get())
            .map_err(|_| refused(format_args!("the log would go beyond the last position of a database")))?;
        let expected_position = head.position.get().cast_signed();
        Ok(Self { head: *head, last, events: events.to_vec(), expected_position })
    }

    /// The statement, with its arguments. `append` is this sending's own name.
    pub(super) fn query<'q>(
        &'q self,
        log: &'q str,
        append: Uuid,
    ) -> QueryAs<'q, Postgres, Found, PgArguments> {
        let hashes: Vec<&[u8]> =
            self.events.iter().map(|event| event.head.hash.as_bytes().as_slice()).collect();
        let bodies: Vec<&[u8]> = self.events.iter().map(|event| event.body.bytes().as_ref()).collect();
        sqlx::query_as(super::writer::APPEND)
            .bind(log)
            .bind(append)
            .bind(self.expected_position)
            .bind(self.head.hash.as_bytes().as_slice())
            .bind(hashes)
            .bind(bodies)
    }
}

fn refused(why: std::fmt::Arguments<'_>) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, format_args!("{why}; nothing of the append was written"))
}
