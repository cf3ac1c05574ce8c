//! `Figure`: what is counted, under which name and with which labels.

use metrics::{KeyName, Recorder, Unit};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Figure {
    AppendConflicts,
    AppendEvents,
    AppendSeconds,
    AttemptEnds,
    AttemptsOpen,
    EventsAppended,
    HttpRequests,
    HttpSeconds,
    IngestDuplicates,
    IngestEvents,
    IngestSeconds,
    LedgerUp,
    LedgerWaiting,
    LogPosition,
    StoreErrors,
    Streams,
    TasksHeldUp,
}

/// From a tenth of a millisecond to a minute.
const SECONDS: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0];
/// From one event to the most that an append has.
const EVENTS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 4096.0, 10000.0];

impl Figure {
    /// All of them.
    pub(super) const ALL: &'static [Self] = &[
        Self::AppendConflicts,
        Self::AppendEvents,
        Self::AppendSeconds,
        Self::AttemptEnds,
        Self::AttemptsOpen,
        Self::EventsAppended,
        Self::HttpRequests,
        Self::HttpSeconds,
        Self::IngestDuplicates,
        Self::IngestEvents,
        Self::IngestSeconds,
        Self::LedgerUp,
        Self::LedgerWaiting,
        Self::LogPosition,
        Self::StoreErrors,
        Self::Streams,
        Self::TasksHeldUp,
    ];

    /// Its name, its labels, and what it is.
    const fn said(self) -> (&'static str, &'static [&'static str], &'static str) {
        match self {
            Self::AppendConflicts => (
                "leviathan_append_conflicts_total",
                &[],
                "Appends that were decided afresh because another process appended first.",
            ),
            Self::AppendEvents => ("leviathan_append_events", &[], "Events of one append."),
            Self::AppendSeconds => {
                ("leviathan_append_seconds", &[], "How long the store took for an append that it took.")
            }
            Self::AttemptEnds => (
                "leviathan_attempt_ends_total",
                &["outcome", "cause", "origin"],
                "Ends of attempts that this process recorded; of an attempt that an executor runs, the observed one counts.",
            ),
            Self::AttemptsOpen => ("leviathan_attempts_open", &["state"], "Attempts that are open."),
            Self::EventsAppended => {
                ("leviathan_events_appended_total", &["event_type"], "Events that this process recorded.")
            }
            Self::HttpRequests => (
                "leviathan_http_requests_total",
                &["method", "route", "status"],
                "Requests that were answered.",
            ),
            Self::HttpSeconds => (
                "leviathan_http_request_seconds",
                &["method", "route"],
                "How long a request took until its answer began.",
            ),
            Self::IngestDuplicates => {
                ("leviathan_ingest_duplicates_total", &[], "Events of bundles that were in the log already.")
            }
            Self::IngestEvents => {
                ("leviathan_ingest_events_total", &[], "Events of bundles that were recorded.")
            }
            Self::IngestSeconds => (
                "leviathan_ingest_seconds",
                &[],
                "How long a bundle took from when it was read until it was durable.",
            ),
            Self::LedgerUp => {
                ("leviathan_ledger_up", &[], "1 while the ledger works, 0 once it has stopped.")
            }
            Self::LedgerWaiting => ("leviathan_ledger_waiting", &[], "Commands that wait for the ledger."),
            Self::LogPosition => ("leviathan_log_position", &[], "The last position that the graph is at."),
            Self::StoreErrors => (
                "leviathan_store_errors_total",
                &["operation", "kind"],
                "What the log's store failed to do, conflicts left out.",
            ),
            Self::Streams => ("leviathan_streams", &[], "Clients that follow the log."),
            Self::TasksHeldUp => (
                "leviathan_tasks_held_up",
                &["reason"],
                "Tasks that are not started and not done, by what holds them up; looked at every 15 s at most.",
            ),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        self.said().0
    }

    pub(super) const fn labels(self) -> &'static [&'static str] {
        self.said().1
    }

    /// The bounds of a histogram; none for what is none.
    pub(super) const fn buckets(self) -> Option<&'static [f64]> {
        match self {
            Self::AppendSeconds | Self::HttpSeconds | Self::IngestSeconds => Some(SECONDS),
            Self::AppendEvents => Some(EVENTS),
            _ => None,
        }
    }

    pub(super) fn describe(self, recorder: &impl Recorder) {
        let (name, _, said) = self.said();
        let (name, said) = (KeyName::from_const_str(name), said.into());
        match self {
            Self::AppendEvents => recorder.describe_histogram(name, Some(Unit::Count), said),
            _ if self.buckets().is_some() => recorder.describe_histogram(name, Some(Unit::Seconds), said),
            _ if name.as_str().ends_with("_total") => {
                recorder.describe_counter(name, Some(Unit::Count), said)
            }
            _ => recorder.describe_gauge(name, Some(Unit::Count), said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_documented_with_its_labels() {
        let page = include_str!("../../../../docs/metrics.md");
        for figure in Figure::ALL {
            let labels: Vec<_> = figure.labels().iter().map(|label| format!("`{label}`")).collect();
            let row = format!("| `{}` |", figure.name());
            let row = page.lines().find(|line| line.starts_with(&row));
            let row = row.unwrap_or_else(|| panic!("{} is not documented", figure.name()));
            for label in labels {
                assert!(row.contains(&label), "{row} lacks {label}");
            }
        }
        let rows = page.lines().filter(|line| line.starts_with("| `leviathan_")).count();
        assert_eq!(rows, Figure::ALL.len(), "a figure is documented that there is not");
    }
}
