//! Following a log that other processes append to.

use super::read::Reader;
use leviathan_core::log::{Head, Position};
use leviathan_core::store::StoreError;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long to wait before asking the database for the first time, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(250));

/// Returns once the log may have moved past `after`. What this process appends or reads wakes at once; for what others
/// append the database is asked ever less often. `NOTIFY` would be heard sooner, but it makes all commits of the server
/// stand in line.
pub(super) async fn changed(
    reader: &Reader,
    mut seen: watch::Receiver<Head>,
    after: Position,
) -> Result<(), StoreError> {
    let (mut pause, longest) = PAUSES;
    loop {
        // The sender lives as long as the store, which whoever waits here holds.
        if timeout(pause, seen.wait_for(|seen| seen.position > after)).await.is_ok() {
            return Ok(());
        }
        if reader.has_moved(after).await? {
            return Ok(());
        }
        pause = (pause * 2).min(longest);
    }
}
