//! `BadCheckpoint`: why a signed checkpoint is worth nothing.

/// Why a signed checkpoint is worth nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadCheckpoint {
    /// Another key signed it.
    #[error("the checkpoint was signed by key {signed_by}, not by {expected}")]
    OtherKey {
        /// The id that the checkpoint names.
        signed_by: String,
        /// The id of the key at hand.
        expected: String,
    },
    /// The signature is none, or not one of this text by this key.
    #[error("the checkpoint's signature is not one of its text by key {key_id}")]
    BadSignature {
        /// The id of the key at hand.
        key_id: String,
    },
    /// What was signed is no checkpoint.
    #[error("what was signed is no checkpoint: {0}")]
    BadText(#[from] leviathan_core::log::BadCheckpoint),
}
