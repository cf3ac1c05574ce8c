//! `CheckpointPublicKey`: the key by which checkpoints are verified.

use super::BadKey;
use ed25519_dalek::VerifyingKey;
use leviathan_core::log::Hash;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// How many hex digits name a key.
const ID: usize = 16;

/// The public half of the key that signs checkpoints. Its text form is 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointPublicKey(pub(super) VerifyingKey);

/// The answer to `GET /v1/events/checkpoint/key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CheckpointKey)]
pub struct PublicKeyView {
    /// `Ed25519`.
    pub algorithm: String,
    /// The first 16 hex digits of the SHA-256 of the key's bytes, by which checkpoints name it.
    pub key_id: String,
    /// The key's 32 bytes in hex digits.
    pub public_key: String,
}

impl CheckpointPublicKey {
    /// The first 16 hex digits of the SHA-256 of the key's bytes.
    pub fn id(&self) -> String {
        let mut id = Hash::of(self.0.as_bytes()).to_string();
        id.truncate(ID);
        id
    }

    /// What the API tells of it.
    pub fn view(&self) -> PublicKeyView {
        PublicKeyView { algorithm: "Ed25519".to_owned(), key_id: self.id(), public_key: self.to_string() }
    }
}

impl fmt::Display for CheckpointPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0.as_bytes()))
    }
}

impl std::str::FromStr for CheckpointPublicKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| BadKey)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| BadKey)
    }
}
