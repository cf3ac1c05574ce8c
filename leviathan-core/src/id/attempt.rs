//! `AttemptId`: one try at a task, and the idempotency key of everything done for it.

use crate::id::{LogId, TargetId, TaskId};
use crate::log::Hash;

crate::id::text_id! {
    /// Names one try at a task. Ours are `attempt-` and 16 hex digits; ids of other shapes are taken as they are.
    AttemptId
}

impl AttemptId {
    /// The id of the `number`th attempt (from 1) ever created of a task in one log.
    ///
    /// It is derived, not drawn, so that two hosts that decide the same start name the same attempt.
    pub fn derive(log: LogId, target: &TargetId, task: &TaskId, number: u32) -> Self {
        let digest = Hash::of_parts(&[
            log.as_bytes(),
            target.as_str().as_bytes(),
            task.as_str().as_bytes(),
            &number.to_be_bytes(),
        ])
        .to_string();
        Self(format!("attempt-{}", &digest[..16]).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(log: u128, target: &str, task: &str, number: u32) -> AttemptId {
        AttemptId::derive(
            LogId::from_u128(log),
            &TargetId::new(target).unwrap(),
            &TaskId::new(task).unwrap(),
            number,
        )
    }

    #[test]
    fn the_same_start_has_the_same_id_and_any_other_a_different_one() {
        let one = id(1, "radix", "docs", 1);
        assert_eq!(one, id(1, "radix", "docs", 1));
        assert_eq!(one.as_str().len(), "attempt-".len() + 16);
        for other in [id(2, "radix", "docs", 1), id(1, "radixd", "ocs", 1), id(1, "radix", "docs", 2)] {
            assert_ne!(one, other);
        }
    }
}
