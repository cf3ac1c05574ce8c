//! The box that agent, `setup` and checks run in. Nobody reviewed what they run.
//!
//! A process can only be shut in from within, and safely only before it has threads. So a command is started through a
//! launcher: this very program, in another role, which takes a [`Fence`] and limits upon itself and then becomes the
//! command. What it is told is a [`Launch`], in one variable of its environment, which the command does not see.

mod caps;
mod confinement;
mod fence;
mod launch;
mod limits;
mod places;
mod shortfall;

pub use confinement::Confinement;
pub(crate) use confinement::Confiner;
pub(crate) use launch::take_role;
pub use limits::CommandLimits;
pub(crate) use shortfall::Shortfall;
