//! How an attempt stands, as told by what the API server shows of it: pure, and the one place that judges.
//!
//! The streams of Jobs, pods and events come in any order between each other, lines may be missing, and an end shows in
//! several steps. So an end is called one only when no line still to come can make another of it. Until then the verdict
//! has a [`Hold`]: what it would be called if nothing more came.

mod began;
mod classify_job;
mod evidence;
mod hold;
mod job_view;
mod of_pending;
mod of_pod;
mod pod_view;
mod verdict;

pub(crate) use began::began;
pub(crate) use classify_job::classify;
pub(crate) use evidence::Evidence;
pub(crate) use hold::{Hold, HoldKind};
pub(crate) use pod_view::PodView;
pub(crate) use verdict::{Ended, Verdict};
