//! `Hash`: SHA-256, as the chain and artifacts use it.

use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 digest. Its text form is 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Hash([u8; 32]);

/// Text that is no SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 lower-case hex digits of a SHA-256 digest")]
pub struct BadHash;

impl Hash {
    /// What stands before the first event: 32 zero bytes.
    pub const ZERO: Hash = Hash([0; 32]);

    /// Wraps digest bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Plain SHA-256 of `bytes`, as artifacts are named.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 over length-prefixed parts, for derived names: no two lists of parts run together.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        // In one piece: many small updates cost more than the hashing.
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Self::of(&bytes)
    }

    /// `SHA-256(0x00 ‖ body)`: what an event is, apart from where it stands.
    pub fn leaf(body: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([0x00]);
        hasher.update(body);
        Self(hasher.finalize().into())
    }

    /// `SHA-256(0x01 ‖ previous ‖ u64 big-endian position ‖ leaf)`: an event in its place behind `previous`.
    pub fn link(previous: Hash, position: super::Position, leaf: Hash) -> Self {
        let mut bytes = [0x01; 1 + 32 + 8 + 32];
        bytes[1..33].copy_from_slice(&previous.0);
        bytes[33..41].copy_from_slice(&position.get().to_be_bytes());
        bytes[41..].copy_from_slice(&leaf.0);
        Self::of(&bytes)
    }
}

impl std::str::FromStr for Hash {
    type Err = BadHash;
    fn from_str(text: &str) -> Result<Self, BadHash> {
        let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let mut bytes = [0; 32];
        if !lower || hex::decode_to_slice(text, &mut bytes).is_err() {
            return Err(BadHash);
        }
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        crate::text::read(from, str::parse)
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.to_string()
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = [0; 64];
        hex::encode_to_slice(self.0, &mut text).map_err(|_| std::fmt::Error)?;
        f.pad(std::str::from_utf8(&text).map_err(|_| std::fmt::Error)?)
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
