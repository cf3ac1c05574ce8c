//! The log over HTTP: pages of it, its newest events, the whole of it as an export, and what comes as it comes.

pub(super) mod checkpoint;
pub(super) mod export;
mod follower;
pub(super) mod page;
pub(super) mod reading;
pub(super) mod recent;
pub(super) mod stream;
mod streams;
mod tail;

pub(super) use streams::Streams;
