//! Figures of the control plane, as Prometheus reads them; docs/metrics.md says what each one is.

mod figure;
mod gauges;
mod measured;
mod metered_store;
pub(super) mod route;

pub use metered_store::MeteredStore;

pub(super) use figure::Figure;
pub(super) use measured::{is_about, measure};

use leviathan_core::store::EventStore;
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Figures of one control plane. Cheap to clone; clones count together.
///
/// They are the control plane's own and not those of the process: nothing is installed globally, so a host that has
/// figures of its own keeps them.
#[derive(Clone)]
pub struct Metrics(Arc<Kept>);

struct Kept {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    /// When it was last looked what holds tasks up.
    looked: Mutex<Option<Instant>>,
}

impl Metrics {
    /// Begins to count.
    pub fn new() -> Self {
        let buckets = Figure::ALL.iter().filter_map(|figure| Some((figure, figure.buckets()?)));
        let builder = buckets.fold(PrometheusBuilder::new(), |builder, (figure, buckets)| {
            let name = Matcher::Full(figure.name().to_owned());
            // No histogram has an empty list, which is all that is refused.
            builder.set_buckets_for_metric(name, buckets).unwrap_or_else(|_| PrometheusBuilder::new())
        });
        let recorder = builder.build_recorder();
        for figure in Figure::ALL {
            figure.describe(&recorder);
        }
        let handle = recorder.handle();
        Self(Arc::new(Kept { recorder, handle, looked: Mutex::default() }))
    }

    /// The same store, of which appends, conflicts and errors are counted.
    pub fn metered(&self, store: Arc<dyn EventStore>) -> Arc<dyn EventStore> {
        Arc::new(MeteredStore::new(store, self.clone()))
    }

    /// All figures as text.
    pub fn render(&self) -> String {
        self.0.handle.run_upkeep();
        self.0.handle.render()
    }

    pub(super) fn counter<const N: usize>(&self, figure: Figure, labels: [&str; N]) -> Counter {
        self.0.recorder.register_counter(&key(figure, labels), &METADATA)
    }

    pub(super) fn gauge<const N: usize>(&self, figure: Figure, labels: [&str; N]) -> Gauge {
        self.0.recorder.register_gauge(&key(figure, labels), &METADATA)
    }

    pub(super) fn histogram<const N: usize>(&self, figure: Figure, labels: [&str; N]) -> Histogram {
        self.0.recorder.register_histogram(&key(figure, labels), &METADATA)
    }

    /// Whether so much time has passed since it was last so.
    fn due(&self, every: Duration) -> bool {
        let mut looked = self.0.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked.is_none_or(|looked| looked.elapsed() >= every);
        if due {
            *looked = Some(Instant::now());
        }
        due
    }
}

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The figure of these values of its labels.
fn key<const N: usize>(figure: Figure, values: [&str; N]) -> Key {
    let labels = figure.labels().iter().zip(values).map(|(name, value)| Label::new(*name, value.to_owned()));
    Key::from_parts(figure.name(), labels.collect::<Vec<_>>())
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
