//! `CheckpointKey`: the key that signs.

use super::{CheckpointPublicKey, SignedCheckpoint};
use ed25519_dalek::{Signer, SigningKey};
use leviathan_core::Secret;
use leviathan_core::log::Checkpoint;
use std::fmt;
use std::sync::Arc;

/// An Ed25519 key that signs checkpoints. `Debug` shows the id of its public half only.
#[derive(Clone)]
pub struct CheckpointKey(Arc<SigningKey>);

/// Text that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a key as 64 hex digits, which are 32 random bytes")]
pub struct BadKey;

impl CheckpointKey {
    /// The key of 32 random bytes, given as 64 hex digits, for instance by `openssl rand -hex 32`.
    ///
    /// # Errors
    /// [`BadKey`], which does not repeat the text.
    pub fn parse(text: &Secret) -> Result<Self, BadKey> {
        let mut seed = [0; 32];
        hex::decode_to_slice(text.expose().trim(), &mut seed).map_err(|_| BadKey)?;
        Ok(Self(Arc::new(SigningKey::from_bytes(&seed))))
    }

    /// The half that verifies.
    pub fn public(&self) -> CheckpointPublicKey {
        CheckpointPublicKey(self.0.verifying_key())
    }

    /// Signs the checkpoint's text.
    pub fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint {
        let checkpoint = checkpoint.to_string();
        let signature = hex::encode(self.0.sign(checkpoint.as_bytes()).to_bytes());
        SignedCheckpoint { checkpoint, signature, key_id: self.public().id() }
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointKey({})", self.public().id())
    }
}
