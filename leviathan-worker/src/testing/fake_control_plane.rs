//! `FakeControlPlane`: a control plane that keeps what it is told.

use crate::reporter::{NotDelivered, Reporter};
use async_trait::async_trait;
use bytes::Bytes;
use leviathan_core::Bundle;
use leviathan_core::artifact::ArtifactRef;
use leviathan_core::event::{Event, EventDraft};
use leviathan_core::log::Hash;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

/// A control plane that keeps what it is told.
#[derive(Debug, Default)]
pub(crate) struct FakeControlPlane {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    artifacts: Vec<(ArtifactRef, Bytes)>,
    posted: Vec<Bundle>,
    refused: Option<String>,
}

impl FakeControlPlane {
    /// An artifact of this name is refused.
    pub(crate) fn refuse_artifact(&self, name: &str) {
        self.kept().refused = Some(name.to_owned());
    }

    /// Every bundle that arrived.
    pub(crate) fn posted(&self) -> Vec<Bundle> {
        self.kept().posted.clone()
    }

    /// The events of the last bundle, as the control plane reads them.
    pub(crate) fn events(&self) -> Vec<Event> {
        let last = self.posted().pop().expect("a bundle was posted");
        let read = Bundle::parse(&last.to_json()).expect("the bundle is in order");
        let decode = |event: &EventDraft| {
            Event::decode(
                event.event_type.as_str(),
                event.version,
                event.payload.as_str(),
                event.target.as_ref(),
            )
        };
        read.events.iter().map(|event| decode(event).unwrap()).collect()
    }

    /// The bytes that were stored under this name.
    pub(crate) fn artifact(&self, name: &str) -> Option<Bytes> {
        self.kept().artifacts.iter().find(|(about, _)| about.name == name).map(|(_, bytes)| bytes.clone())
    }

    /// Whether bytes of this digest were stored.
    pub(crate) fn holds(&self, sha256: &Hash) -> bool {
        self.kept().artifacts.iter().any(|(about, _)| about.sha256 == *sha256)
    }

    /// All that it was ever told, as text.
    pub(crate) fn all_text(&self) -> String {
        let kept = self.kept();
        let artifacts = kept.artifacts.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
        let bundles = kept.posted.iter().map(|bundle| String::from_utf8(bundle.to_json()).unwrap());
        artifacts.chain(bundles).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }
}

#[async_trait]
impl Reporter for FakeControlPlane {
    async fn put_artifact(
        &self,
        about: &ArtifactRef,
        bytes: Bytes,
        _deadline: Instant,
    ) -> Result<(), NotDelivered> {
        let mut kept = self.kept();
        if kept.refused.as_ref() == Some(&about.name) {
            return Err(NotDelivered("refused".to_owned()));
        }
        assert_eq!(Hash::of(&bytes), about.sha256);
        kept.artifacts.push((about.clone(), bytes));
        Ok(())
    }

    async fn post_bundle(&self, bundle: &Bundle, _deadline: Instant) -> Result<(), NotDelivered> {
        self.kept().posted.push(bundle.clone());
        Ok(())
    }
}
