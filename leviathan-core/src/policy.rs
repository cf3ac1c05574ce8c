//! The policy of a repository: which paths a task may change, how its work is checked, and how often it is tried.
//!
//! [`Policy::parse`] reads `.leviathan/policy.yaml`, [`judge`] says whether a list of [`Change`]s stays within it. Both
//! are pure: the worker reads the text from the base commit and takes the changes from the tree that it is about to
//! commit, out of reach of the agent that made them.

mod bad_path;
mod change;
mod fence;
mod judge;
mod parse;
mod path_pattern;
mod rules;
mod symlink;
mod tests_named;
mod violation;

pub use bad_path::{BadPath, check_path};
pub use change::{Change, ChangeKind, TreeEntry};
pub use fence::Fence;
pub use judge::judge;
pub use path_pattern::{BadPattern, PathPattern};
pub use rules::{Policy, SafetyRules, ScopeConstraints};
pub use violation::{Rule, Violation};
