//! Delivering a report, within bounds.

use super::Report;
use crate::reporter::{NotDelivered, Reporter};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Stores the artifacts, then posts the bundle. Artifacts get half of `limit` at most, since the bundle matters more;
/// those that were not stored are not mentioned in it.
///
/// # Errors
/// [`NotDelivered`] if the bundle was not taken within `limit`.
pub(crate) async fn deliver(
    report: &Report,
    reporter: &dyn Reporter,
    limit: Duration,
) -> Result<(), NotDelivered> {
    let start = Instant::now();
    let mut stored = BTreeSet::new();
    for kept in report.journal.artifacts() {
        match reporter.put_artifact(&kept.about, kept.bytes.clone(), start + limit / 2).await {
            Ok(()) => {
                stored.insert(kept.about.sha256);
            }
            Err(error) => tracing::warn!(artifact = kept.about.name, %error, "the artifact was not stored"),
        }
    }
    reporter.post_bundle(&report.bundle(&stored), start + limit).await
}
