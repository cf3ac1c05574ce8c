//! `ClusterClock`: what is known here of the cluster's time.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// What is known here of the cluster's time: that it has reached each time that the API server has put on an object. This
/// machine's clock has no say, and may be wrong.
#[derive(Debug, Default)]
pub(super) struct ClusterClock {
    /// A time of the API server's, and when it was over at the latest.
    seen: Option<(Timestamp, Instant)>,
}

impl ClusterClock {
    /// Takes the times that the API server itself has set; others are of other machines.
    pub(super) fn see(&mut self, metadata: &ObjectMeta, now: Instant) {
        let updated = metadata.managed_fields.iter().flatten().filter_map(|fields| fields.time.as_ref());
        let newest = updated.chain(&metadata.creation_timestamp).map(|time| time.0).max();
        if let Some(newest) = newest
            && self.over_at(newest).is_none_or(|known| now < known)
        {
            self.seen = Some((newest, now));
        }
    }

    /// When a time of the cluster's was over at the latest, in this machine's count.
    pub(super) fn over_at(&self, time: Timestamp) -> Option<Instant> {
        let (seen, at) = self.seen?;
        let apart = Duration::try_from(seen.duration_since(time).abs()).ok()?;
        if time <= seen { at.checked_sub(apart) } else { at.checked_add(apart) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, Time};

    const SECOND: Duration = Duration::from_secs(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn created(second: i64) -> ObjectMeta {
        ObjectMeta { creation_timestamp: Some(Time(at(second))), ..ObjectMeta::default() }
    }

    #[test]
    fn a_time_was_over_at_the_latest_when_it_was_seen_and_newer_ones_say_more() {
        let (mut clock, now) = (ClusterClock::default(), Instant::now());
        assert_eq!(clock.over_at(at(0)), None);
        clock.see(&created(0), now);
        assert_eq!(clock.over_at(at(0)), Some(now));
        assert_eq!(clock.over_at(at(-60)), Some(now - 60 * SECOND));
        // That the first was an hour old shows only now.
        clock.see(&created(3600), now + SECOND);
        assert_eq!(clock.over_at(at(0)), Some(now + SECOND - 3600 * SECOND));
        // What is seen again says nothing new.
        clock.see(&created(0), now + 2 * SECOND);
        assert_eq!(clock.over_at(at(3600)), Some(now + SECOND));
    }

    #[test]
    fn each_update_that_the_api_server_has_dated_counts() {
        let (mut clock, now) = (ClusterClock::default(), Instant::now());
        let updated = ManagedFieldsEntry { time: Some(Time(at(90))), ..ManagedFieldsEntry::default() };
        clock.see(&ObjectMeta { managed_fields: Some(vec![updated]), ..created(0) }, now);
        assert_eq!(clock.over_at(at(0)), Some(now - 90 * SECOND));
    }
}
