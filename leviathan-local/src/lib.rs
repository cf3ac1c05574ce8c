//! # Leviathan on one machine
//!
//! What a control plane needs where there is no service to lean on.

#[cfg(feature = "store")]
pub mod artifacts;
#[cfg(feature = "store")]
pub mod events;
#[cfg(feature = "process")]
pub mod executor;
#[cfg(feature = "process")]
pub mod process;

mod clock;

pub use clock::SystemClock;
