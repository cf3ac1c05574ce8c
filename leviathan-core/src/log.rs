//! The log as bytes: positions, hashes, bodies, the chain that links them, its export and its verification.
//!
//! The format is a contract with verifiers in other languages; `docs/event-log.md` says it with test vectors.

mod body;
mod checkpoint;
mod envelope;
mod export;
mod hash;
mod head;
mod position;
mod recorded;
mod verify;

pub use body::{BadBody, EventBody};
pub use checkpoint::{BadCheckpoint, Checkpoint};
pub use envelope::Envelope;
pub use export::{BadLine, ExportLine};
pub use hash::{BadHash, Hash};
pub use head::{BadHead, Head};
pub use position::Position;
pub use recorded::{RecordedEvent, SealedEvent};
pub use verify::{Expected, Fault, FaultKind, Verifier, verify_lines, verify_lines_with};
