//! What the policy says of a piece of work, as a sentence.

use crate::Failure;
use crate::workspace::Snapshot;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::executor::Cause;
use leviathan_core::policy::{Change, Policy, judge};

/// How many violations a failure names.
const NAMED: usize = 20;

/// Judges the work of a task.
///
/// # Errors
/// `policy_violation` that names each path and the rule that it breaks.
pub(super) fn verdict(
    policy: &Policy,
    task: &TaskFields,
    changes: &[Change],
    work: &Snapshot,
) -> Result<(), Failure> {
    let judged = judge(policy, task, changes).err().unwrap_or_default();
    let mut broken: Vec<String> = judged.iter().map(ToString::to_string).collect();
    broken.extend(work.refused.iter().map(|(path, reason)| format!("`{}` {reason}", path.escape_debug())));
    if broken.is_empty() {
        return Ok(());
    }
    let more = broken.len().saturating_sub(NAMED);
    broken.truncate(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Err(Failure::new(
        Cause::PolicyViolation,
        format!("the work breaks the policy: {}{more}", broken.join("; ")),
    ))
}
