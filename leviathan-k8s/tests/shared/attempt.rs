//! An attempt as the tests of the executor launch it.

use leviathan_core::executor::AttemptSpec;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::log::{Hash, Head, Position};

/// Where its `attempt.created` stands in the log.
pub(crate) const CREATED: Head = Head { position: Position::new(1), hash: Hash::ZERO };

/// An attempt at a task whose id says what its worker is to do.
pub(crate) fn spec(name: &str, work: &str) -> AttemptSpec {
    AttemptSpec {
        attempt_id: AttemptId::new(format!("attempt-{name}")).unwrap(),
        attempt_number: 1,
        target_id: TargetId::new("radix").unwrap(),
        task_id: TaskId::new(work).unwrap(),
        repo_url: "https://github.com/o/radix.git".to_owned(),
        default_branch: "main".to_owned(),
        base_commit: "c0ffee".to_owned(),
        deadline_seconds: None,
        forge: Default::default(),
    }
}

/// The name of its Job.
pub(crate) fn job_of(spec: &AttemptSpec) -> String {
    format!("leviathan-{}", spec.attempt_id)
}
