//! The artifact store: bytes by their SHA-256 in a directory, or in any other object store.

mod spool;
mod store;

pub use store::ObjectArtifactStore;
