//! `Judgement`: what the policy says of a piece of work.

use crate::Failure;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::executor::Cause;
use leviathan_core::policy::{Change, Policy, judge};

/// How many violations a failure names.
const NAMED: usize = 20;

/// What breaks the policy, each with path and rule: first what the tree shows, then what only the checkout did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Judgement {
    pub(crate) violations: Vec<String>,
    /// How many of them the tree does not show.
    pub(crate) not_in_tree: usize,
}

impl Judgement {
    /// Judges the work of a task by what its tree shows.
    pub(crate) fn of(policy: &Policy, task: &TaskFields, changes: &[Change]) -> Self {
        let judged = judge(policy, task, changes).err().unwrap_or_default();
        Self { violations: judged.iter().map(ToString::to_string).collect(), not_in_tree: 0 }
    }

    /// The same with what else was found: each path, and what is wrong with it.
    pub(crate) fn with(mut self, found: &[(String, &'static str)]) -> Self {
        self.violations.extend(found.iter().map(|(path, what)| format!("`{}` {what}", path.escape_debug())));
        self.not_in_tree += found.len();
        self
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.violations.is_empty()
    }

    /// The failure of work that is refused. It names each path and rule, as far as there is room.
    pub(crate) fn failure(&self) -> Failure {
        let more = self.violations.len().saturating_sub(NAMED);
        let named = self.violations.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        Failure::new(Cause::PolicyViolation, format!("the work breaks the policy: {named}{more}"))
    }

    /// All of them, one on each line.
    pub(crate) fn lines(&self) -> Vec<u8> {
        self.violations.iter().flat_map(|violation| format!("{violation}\n").into_bytes()).collect()
    }
}
