//! Events: what happened, typed, and how it is read from and written to a body.

mod draft;
mod kind;
mod origin;
pub mod payload;
mod raw_payload;
mod typed;

pub use draft::EventDraft;
pub use kind::EventType;
pub use origin::Origin;
pub use raw_payload::{MAX_DEPTH, Payload, PayloadFault};
pub use typed::{DecodeError, Event};

/// The largest event in bytes of its body (256 KiB).
pub const MAX_EVENT_BYTES: usize = 256 * 1024;
