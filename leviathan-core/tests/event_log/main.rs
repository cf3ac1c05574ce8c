//! `docs/event-log.md` is a contract: its vectors are what this program writes, its Python lines check an export as
//! core does, and both find whatever is done to one.

#![allow(clippy::unwrap_used, reason = "what a helper of a test cannot do fails the test")]

mod document;
mod python;
mod random;
mod tampering;
mod vectors;
mod verdict;
