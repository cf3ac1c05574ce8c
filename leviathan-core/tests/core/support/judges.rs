//! What all who judge a task must agree about.

use super::words::*;
use super::world::World;
use leviathan_core::decide::Rejection;
use leviathan_core::schedule::{Blocked, admit, next_of};

/// All who judge a task agree: `admit`, `next`, and `decide` when it is to be started.
#[track_caller]
pub(crate) fn blocked(world: &World, task: &str, expected: Blocked) {
    assert_eq!(admit(&world.graph, &key(task), world.now), Err(expected.clone()));
    assert!(!world.next().contains(&task.to_owned()), "next would start it");
    assert!(next_of(&world.graph, &target(), world.now).all(|start| start.task != key(task)));
    assert_eq!(world.refused(start(task)), Rejection::NotAdmitted { task: key(task), blocked: expected });
}

/// That they let it start.
#[track_caller]
pub(crate) fn admitted(world: &World, task: &str) {
    assert_eq!(admit(&world.graph, &key(task), world.now), Ok(()));
    assert!(world.next().contains(&task.to_owned()), "next would not start it");
    assert!(world.decide(&start(task)).is_ok());
}
