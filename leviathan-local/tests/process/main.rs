//! The process half, with real processes.
#![cfg(all(test, feature = "process"))]

#[cfg(test)]
mod bench;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod executor;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod witness;
