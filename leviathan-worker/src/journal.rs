//! `Journal`: what happened in an attempt, in order, until it is told.

use bytes::Bytes;
use chrono::Utc;
use leviathan_core::Timestamp;
use leviathan_core::artifact::ArtifactRef;
use leviathan_core::event::Event;
use leviathan_core::log::Hash;
use leviathan_core::redact::Redactor;

/// Events and artifacts of one attempt. Known secrets are taken out of artifacts before they are hashed.
#[derive(Debug)]
pub(crate) struct Journal {
    redactor: Redactor,
    entries: Vec<JournalEntry>,
    artifacts: Vec<JournalArtifact>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct JournalEntry {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) event: Event,
}

/// Bytes that an attempt leaves behind, not yet stored.
#[derive(Debug, Clone)]
pub(crate) struct JournalArtifact {
    /// What they are.
    pub(crate) about: ArtifactRef,
    /// The bytes.
    pub(crate) bytes: Bytes,
}

impl Journal {
    pub(crate) fn new(redactor: Redactor) -> Self {
        Self { redactor, entries: Vec::new(), artifacts: Vec::new() }
    }

    /// Notes something that happened now.
    pub(crate) fn record(&mut self, event: Event) {
        self.entries.push(JournalEntry { at: Utc::now(), event });
    }

    /// Keeps text for later, and says its digest. The same bytes are kept once, under their first name.
    pub(crate) fn keep(&mut self, kind: &str, name: impl Into<String>, content: Vec<u8>) -> Hash {
        let bytes = Bytes::from(self.redactor.bytes(content));
        let about = ArtifactRef {
            sha256: Hash::of(&bytes),
            kind: kind.to_owned(),
            size_bytes: bytes.len() as u64,
            media_type: "text/plain; charset=utf-8".to_owned(),
            name: name.into(),
        };
        let sha256 = about.sha256;
        if !self.artifacts.iter().any(|kept| kept.about.sha256 == sha256) {
            self.artifacts.push(JournalArtifact { about, bytes });
        }
        sha256
    }

    /// What takes known secrets out.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Text without any known secret.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    /// What the model's calls cost in US dollars, if any of them told.
    pub(crate) fn cost_usd(&self) -> Option<f64> {
        let costs = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::ModelCallCompleted(call) => call.cost_usd,
            _ => None,
        });
        costs.reduce(|sum, cost| sum + cost)
    }

    pub(crate) fn entries(&self) -> &[JournalEntry] {
        &self.entries
    }

    pub(crate) fn artifacts(&self) -> &[JournalArtifact] {
        &self.artifacts
    }
}
