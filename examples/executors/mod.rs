//! Two executors of one's own: [`Announcer`] is one method, [`Commands`] the whole trait.

mod announcer;
mod commands;
mod run;
mod watching;

pub(crate) use announcer::Announcer;
pub(crate) use commands::Commands;
