//! What the tests here are told with.

pub(crate) mod asked;
pub(crate) mod executor;
pub(crate) mod freezer;
pub(crate) mod host;
pub(crate) mod judges;
pub(crate) mod rig;
pub(crate) mod store;
pub(crate) mod words;
pub(crate) mod world;

pub(crate) use judges::*;
pub(crate) use words::*;
pub(crate) use world::World;
