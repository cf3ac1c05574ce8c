//! `SignedCheckpoint`: a checkpoint with its signature.

use super::{BadCheckpoint, CheckpointPublicKey};
use ed25519_dalek::Signature;
use leviathan_core::log::Checkpoint;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /v1/events/checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedCheckpoint {
    /// The text that was signed, byte for byte: `{"log_id":"…","position":N,"hash":"…","time":"…"}`.
    pub checkpoint: String,
    /// The Ed25519 signature of that text, in 128 hex digits.
    pub signature: String,
    /// Which key signed it.
    pub key_id: String,
}

impl SignedCheckpoint {
    /// What it says, if this key signed it.
    ///
    /// # Errors
    /// [`BadCheckpoint`] if it did not, or if what it signed is no checkpoint.
    pub fn verify(&self, key: &CheckpointPublicKey) -> Result<Checkpoint, BadCheckpoint> {
        let key_id = key.id();
        if self.key_id != key_id {
            return Err(BadCheckpoint::OtherKey { signed_by: self.key_id.clone(), expected: key_id });
        }
        let mut bytes = [0; Signature::BYTE_SIZE];
        let signature =
            hex::decode_to_slice(&self.signature, &mut bytes).map(|()| Signature::from_bytes(&bytes));
        let holds = signature
            .is_ok_and(|signature| key.0.verify_strict(self.checkpoint.as_bytes(), &signature).is_ok());
        if !holds {
            return Err(BadCheckpoint::BadSignature { key_id });
        }
        Ok(self.checkpoint.parse()?)
    }
}
