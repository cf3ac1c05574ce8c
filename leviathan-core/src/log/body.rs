//! `EventBody`: an event as one line of JSON, written once and kept byte for byte.

use super::envelope::Written;
use super::{Envelope, Hash};
use crate::Timestamp;
use crate::event::EventDraft;
use bytes::Bytes;

/// The exact bytes of an event with what follows from them: the leaf for the chain and the fingerprint for duplicates.
///
/// Stores keep [`bytes`](Self::bytes) verbatim; nothing is ever serialised anew.
#[derive(Clone, PartialEq, Eq)]
pub struct EventBody {
    bytes: Bytes,
    leaf: Hash,
}

/// Bytes that are no event body.
#[derive(Debug, thiserror::Error)]
#[error("not an event body: {0}")]
pub struct BadBody(pub(super) String);

impl EventBody {
    /// Writes the body of an accepted event.
    pub fn write(draft: &EventDraft, recorded_at: Timestamp) -> Self {
        let written = Written {
            event_id: draft.event_id.as_str().into(),
            event_type: draft.event_type.as_str().into(),
            version: draft.version,
            timestamp: draft.timestamp,
            recorded_at,
            actor_id: draft.actor_id.as_str().into(),
            origin: draft.origin,
            target: draft.target.as_ref().map(|target| target.as_str().into()),
            payload: draft.payload.raw(),
        };
        // Text, numbers and raw JSON: there is nothing in an envelope that serde_json can refuse.
        Self::seal(Bytes::from(serde_json::to_vec(&written).unwrap_or_default()))
    }

    /// Takes bytes as a store kept them, whatever they hold; [`envelope`](Self::envelope) reads them.
    pub fn seal(bytes: Bytes) -> Self {
        let leaf = Hash::leaf(&bytes);
        Self { bytes, leaf }
    }

    /// The exact bytes: one line of JSON without a line break.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// `SHA-256(0x00 ‖ bytes)`.
    pub fn leaf(&self) -> Hash {
        self.leaf
    }

    /// Reads what stands around the payload.
    ///
    /// # Errors
    /// [`BadBody`] if the bytes are not an event of this format.
    pub fn envelope(&self) -> Result<Envelope<'_>, BadBody> {
        match Envelope::cut(&self.bytes) {
            Some(envelope) => Ok(envelope),
            None => Envelope::read(&self.bytes).map_err(|error| BadBody(error.to_string())),
        }
    }
}

impl std::fmt::Debug for EventBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        String::from_utf8_lossy(&self.bytes).fmt(f)
    }
}
