//! The process half, with real processes.
#![cfg(all(test, feature = "process"))]

#[cfg(test)]
mod commands;
#[cfg(test)]
mod witness;
