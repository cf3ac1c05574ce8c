//! `Violation`: what of a diff goes against the policy.

use super::{BadPath, Fence};
use std::fmt;

/// One thing in a diff that is not allowed. Shown as a sentence, for the agent that repairs it and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path, lossily where it is not UTF-8; none where the diff as a whole is meant.
    pub path: Option<String>,
    /// The rule that it breaks.
    pub rule: Rule,
}

/// A rule that a diff can break.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Names must be UTF-8.
    NotUtf8,
    /// The path never matches, whatever is allowed.
    BadPath(BadPath),
    /// Commits of other repositories are not taken.
    Submodule,
    /// Where submodules come from is not for tasks to say.
    Submodules,
    /// A folder that git does not look into would hide what it holds.
    Folder,
    /// A symbolic link must stay in the tree.
    SymlinkLeaves {
        /// Where it points, lossily.
        target: String,
    },
    /// The policy's `forbidden_paths` name it.
    Forbidden {
        /// The pattern that does.
        pattern: String,
    },
    /// It is outside of what the task may change.
    NotAllowed(Fence),
    /// It is larger than `max_artifact_size_mb`.
    TooLarge {
        /// How many bytes it has.
        bytes: u64,
        /// How many MiB it may have.
        limit_mb: u32,
    },
    /// The scope allows fewer files.
    TooManyFiles {
        /// How many files differ.
        files: usize,
        /// How many may.
        limit: u32,
        /// The task's scope.
        scope: String,
    },
    /// More files than any task changes, and the policy has no number for the scope.
    FarTooManyFiles {
        /// How many files differ.
        files: usize,
        /// How many may.
        limit: usize,
    },
    /// The changed files are too large together.
    TooMuch {
        /// How many bytes they have.
        bytes: u64,
        /// How many MiB they may have.
        limit_mb: u64,
    },
    /// The scope requires that a test changes along.
    TestsMissing {
        /// The task's scope.
        scope: String,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "`{}` {}", path.escape_debug(), self.rule),
            None => self.rule.fmt(f),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::NotUtf8 => f.write_str("has a name that is not UTF-8"),
            Rule::BadPath(why) => why.fmt(f),
            Rule::Submodule => f.write_str("is a submodule, which no task may change"),
            Rule::Submodules => f.write_str("says where submodules come from, which no task may change"),
            Rule::Folder => f.write_str("is a folder that git does not look into; remove the `.git` in it"),
            Rule::SymlinkLeaves { target } => {
                write!(f, "is a symbolic link to `{}`, which may leave the tree", target.escape_debug())
            }
            Rule::Forbidden { pattern } => {
                write!(f, "is forbidden by `{pattern}` of the policy's forbidden_paths")
            }
            Rule::NotAllowed(fence) => fence.fmt(f),
            Rule::TooLarge { bytes, limit_mb } => {
                write!(f, "has {bytes} bytes; the policy's max_artifact_size_mb allows {limit_mb} MiB")
            }
            Rule::TooManyFiles { files, limit, scope } => {
                write!(
                    f,
                    "{files} files were changed; the policy's max_files_per_task for scope `{scope}` is {limit}"
                )
            }
            Rule::FarTooManyFiles { files, limit } => write!(
                f,
                "{files} files were changed; without max_files_per_task for the task's scope {limit} may be"
            ),
            Rule::TooMuch { bytes, limit_mb } => {
                write!(f, "the changed files have {bytes} bytes together; {limit_mb} MiB are allowed")
            }
            Rule::TestsMissing { scope } => write!(
                f,
                "no test was changed or added; the policy requires tests for scope `{scope}` (a path with the word \
                 `test` in the name of a folder or file)"
            ),
        }
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fence::Task => f.write_str("is not among the task's allowed_paths"),
            Fence::Scope(scope) => write!(f, "is not among the policy's allowed_paths for scope `{scope}`"),
            Fence::UnknownScope(scope) => write!(
                f,
                "is not allowed: the policy's allowed_paths do not know the task's scope `{scope}`; add the scope there, \
                 or give the task allowed_paths"
            ),
            Fence::Open => {
                f.write_str("is Leviathan's own; only a task that names it in allowed_paths may change it")
            }
        }
    }
}
