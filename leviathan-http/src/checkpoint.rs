//! Signed checkpoints: where the log stood, by the word of a key (Ed25519).
//!
//! What is signed is the text of a [`Checkpoint`](leviathan_core::log::Checkpoint), byte for byte.
//!
//! ```
//! use leviathan_core::{Secret, id::LogId, log::{Checkpoint, Head}, parse_timestamp};
//! use leviathan_http::checkpoint::CheckpointKey;
//! let key = CheckpointKey::parse(&Secret::new("0".repeat(64)))?;
//! let time = parse_timestamp("2026-01-24T10:00:00Z")?;
//! let signed = key.sign(&Checkpoint { log_id: LogId::from_u128(7), head: Head::EMPTY, time });
//! assert_eq!(signed.verify(&key.public())?.head, Head::EMPTY);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bad_checkpoint;
mod key;
mod public_key;
mod signed;

pub use bad_checkpoint::BadCheckpoint;
pub use key::{BadKey, CheckpointKey};
pub use public_key::{CheckpointPublicKey, PublicKeyView};
pub use signed::SignedCheckpoint;
