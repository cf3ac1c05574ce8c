//! `Writer`: the one connection that appends.

use super::append::{Append, Found};
use super::failure;
use super::read::head_of;
use leviathan_core::log::{Hash, Head, Position};
use leviathan_core::store::{StoreError, StoreErrorKind};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor, SqlSafeStr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use uuid::Uuid;

pub(super) const APPEND: &str = include_str!("sql/append.sql");
const SETTLE: &str = include_str!("sql/settle.sql");

/// How long a connection may have rested before it is asked whether it still is one. Finding out costs a round trip;
/// finding out by an append costs asking what became of it.
const RESTED: Duration = Duration::from_secs(1);

/// Sends one append after the other, and knows which of them got no answer. Not `Debug`, for the password in its options.
pub(super) struct Writer {
    log: Arc<str>,
    options: Arc<PgConnectOptions>,
    patience: Duration,
    open: Option<Open>,
    /// An append that was sent and not answered: it may be in the log, or still be on its way there.
    unanswered: Option<Uuid>,
}

struct Open {
    connection: PgConnection,
    used: Instant,
}

/// What became of an append that was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Appended,
    /// The log ends at another head; nothing was written.
    Found(Head),
}

impl Writer {
    pub(super) fn new(log: Arc<str>, options: Arc<PgConnectOptions>, patience: Duration) -> Self {
        Self { log, options, patience, open: None, unanswered: None }
    }

    /// Sends an append and waits for its answer.
    pub(super) async fn append(&mut self, append: &Append) -> Result<Answer, StoreError> {
        let (log, patience) = (self.log.clone(), self.patience);
        let events = || format!("the events behind {} of the log {log:?}", append.head);
        if self.unanswered.is_some() {
            // What is still on its way must not get in between.
            self.settle(Position::START).await?;
        }
        let mut open = self.open().await?;
        let sending = Uuid::new_v4();
        self.unanswered = Some(sending);
        let sent = append.query(&log, sending).fetch_one(&mut open.connection);
        let Ok(answer) = timeout(patience, sent).await else {
            return Err(failure::slow_append(events(), patience));
        };
        let answer = answer.map_err(|error| failure::of_append(events(), error));
        if !answer.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Unknown) {
            self.unanswered = None;
            self.keep(open);
        }
        self.judge(append, answer?)
    }

    fn judge(&self, append: &Append, (position, hash, too_late): Found) -> Result<Answer, StoreError> {
        let found = head_of(&self.log, position, &hash)?;
        if too_late {
            let what = format_args!("the events behind {} came too late and were not written", append.head);
            return Err(StoreError::new(StoreErrorKind::Unavailable, what));
        }
        Ok(if found == append.head { Answer::Appended } else { Answer::Found(found) })
    }

    /// The hash at a position, once nothing that was sent before can change it any more.
    pub(super) async fn settle(&mut self, at: Position) -> Result<Option<Hash>, StoreError> {
        let what = format!("the log {:?} can't be asked what stands at position {at}", self.log);
        let Ok(position) = i64::try_from(at.get()) else { return Ok(None) };
        let mut open = self.open().await?;
        let asked = sqlx::query_scalar(SETTLE)
            .bind(&*self.log)
            .bind(self.unanswered)
            .bind(position)
            .fetch_one(&mut open.connection);
        let answer: Option<Vec<u8>> = match timeout(self.patience, asked).await {
            Ok(answer) => answer.map_err(|error| failure::nothing_written(what, error))?,
            Err(_) => return Err(failure::slow(StoreErrorKind::Unavailable, what, self.patience)),
        };
        self.unanswered = None;
        self.keep(open);
        answer.map(|hash| head_of(&self.log, position, &hash).map(|head| head.hash)).transpose()
    }

    /// Takes the connection, or opens one. It is put back by [`keep`](Self::keep) once its request was answered.
    async fn open(&mut self) -> Result<Open, StoreError> {
        let what = format!("the log {:?} can't be appended to", self.log);
        let open = async {
            if let Some(mut open) = self.open.take()
                && (open.used.elapsed() < RESTED || open.connection.ping().await.is_ok())
            {
                return Ok(open);
            }
            let mut connection = self.options.connect().await?;
            // Beforehand, so that the append itself is one round trip.
            connection.prepare(APPEND.into_sql_str()).await?;
            connection.prepare(SETTLE.into_sql_str()).await?;
            Ok(Open { connection, used: Instant::now() })
        };
        match timeout(self.patience, open).await {
            Ok(open) => open.map_err(|error| failure::nothing_written(what, error)),
            Err(_) => Err(failure::slow(StoreErrorKind::Unavailable, what, self.patience)),
        }
    }

    fn keep(&mut self, open: Open) {
        self.open = Some(Open { used: Instant::now(), ..open });
    }
}
