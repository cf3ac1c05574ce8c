//! What the tests here are told with.

pub(crate) mod words;
pub(crate) mod world;

pub(crate) use words::*;
pub(crate) use world::World;
