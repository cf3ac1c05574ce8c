//! The scheduler drives an executor by the log, on time that moves when nothing else can.

mod leading;
mod stopping;
mod trouble;
mod waiting;
mod working;
