//! Judging again what a receipt is about, from any clone of the repository.

use super::lists::changed_paths;
use super::{Difference, Judgement};
use crate::brief::Brief;
use crate::workspace::changes_between;
use git2::{Commit, Diff, ErrorCode, Oid, Repository};
use leviathan_core::backlog::Backlog;
use leviathan_core::event::payload::PolicyReceipt;
use leviathan_core::policy::Policy;
use std::path::Path;

/// What checking a receipt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedReceipt {
    /// Where it is not what the repository says; nothing if it holds.
    pub differences: Vec<Difference>,
    /// How many of its violations the repository can't show, such as a repository that lay in the checkout.
    pub not_checked: u64,
}

/// Why a receipt can't be checked. Whether it holds is then not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The receipt lacks something, or says it in a form that nobody can read.
    #[error("the receipt's {field} is {said:?}, {expected}")]
    Unreadable {
        /// The field.
        field: &'static str,
        /// What stands there.
        said: String,
        /// What would be read.
        expected: &'static str,
    },
    /// The clone does not have a commit.
    #[error("the clone has no commit {commit}, the receipt's {field}; fetch the branch that it is on")]
    NoCommit {
        /// The field that names it.
        field: &'static str,
        /// The commit.
        commit: String,
    },
    /// The clone does not have the tree, as is so with work that was refused.
    #[error(
        "the clone has no tree {tree}; work that was refused was never pushed: give its patch, which is an artifact"
    )]
    NoTree {
        /// The tree.
        tree: String,
    },
    /// The patch makes another tree of the base, as one does that was cut or from which a secret was taken.
    #[error(
        "the patch makes the tree {found} of the base and not {tree}; was it cut, or a secret taken out of it?"
    )]
    OtherPatch {
        /// The receipt's tree.
        tree: String,
        /// What the patch makes.
        found: String,
    },
    /// The task or the policy can't be read from the base commit.
    #[error("at the receipt's base commit {0}")]
    Brief(String),
    /// git can't read the repository.
    #[error("{doing}: {message}")]
    Git {
        /// What was tried.
        doing: &'static str,
        /// What git says.
        message: String,
    },
}

/// Judges again what `receipt` is about, and holds all that it says against the repository at `clone`: head commit and its
/// parent, tree, changed paths, the policy of the base commit, violations and verdict.
///
/// Work that was refused is in no clone: `patch`, an artifact of its attempt, makes it again. Nothing is written.
///
/// # Errors
/// [`ReceiptError`] if that can't be done.
pub fn check_receipt(
    clone: &Path,
    receipt: &PolicyReceipt,
    patch: Option<&[u8]>,
) -> Result<CheckedReceipt, ReceiptError> {
    let repository = Repository::open(clone).map_err(git("opening the clone"))?;
    let tree = id("tree", &receipt.tree)?;
    let base = commit(&repository, "base_commit", &receipt.base_commit)?;
    let mut differences: Vec<Option<Difference>> = Vec::new();
    if let Some(head) = &receipt.head_commit {
        let head = commit(&repository, "head_commit", head)?;
        differences.push(Difference::between("tree", tree, head.tree_id()));
        let parents = head.parent_ids().map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
        differences.push(Difference::between("base_commit", base.id(), parents));
    }
    // What is written while checking stays in memory.
    let odb = repository.odb().map_err(git("reading the clone"))?;
    let _in_memory = odb.add_new_mempack_backend(1000).map_err(git("reading the clone"))?;
    repository.set_odb(&odb).map_err(git("reading the clone"))?;
    if repository.find_tree(tree).is_err() {
        let patch = patch.ok_or_else(|| ReceiptError::NoTree { tree: tree.to_string() })?;
        let found = tree_of_patch(&repository, &base, patch).map_err(git("applying the patch"))?;
        if found != tree {
            return Err(ReceiptError::OtherPatch { tree: tree.to_string(), found: found.to_string() });
        }
    }
    let brief = brief(&repository, &base, receipt)?;
    let changes =
        changes_between(&repository, base.id(), tree).map_err(git("comparing the tree with the base"))?;
    let judgement = Judgement::of(&brief.policy, &brief.task, &changes);

    let paths = changed_paths(&changes);
    let (said, left_out) = (&receipt.changed_paths, receipt.changed_paths_left_out);
    differences.extend(lists("changed_paths", said, left_out, &paths, 0));
    let sha256 =
        |hash: Option<leviathan_core::log::Hash>| hash.map_or("none".to_owned(), |hash| hash.to_string());
    differences.push(Difference::between(
        "policy_sha256",
        sha256(receipt.policy_sha256),
        sha256(brief.policy.sha256),
    ));
    let (said, left_out) = (&receipt.violations, receipt.violations_left_out);
    differences.extend(lists("violations", said, left_out, &judgement.violations, receipt.not_in_tree));
    let allowed = judgement.is_allowed() && receipt.not_in_tree == 0;
    let verdict = if allowed { PolicyReceipt::ALLOWED } else { PolicyReceipt::REFUSED };
    differences.push(Difference::between("verdict", &receipt.verdict, verdict));
    Ok(CheckedReceipt {
        differences: differences.into_iter().flatten().collect(),
        not_checked: receipt.not_in_tree,
    })
}

/// Where a list of a receipt, of which some were left out, is not the list that was found. The receipt's may go on with so
/// many that nobody can find.
fn lists(
    field: &'static str,
    said: &[String],
    left_out: u64,
    found: &[String],
    unseen: u64,
) -> [Option<Difference>; 2] {
    let first = said.iter().zip(found).find(|(said, found)| said != found);
    let count = Difference::between(
        field,
        format!("{} of them", said.len() as u64 + left_out),
        format!("{} of them", found.len() as u64 + unseen),
    );
    [first.and_then(|(said, found)| Difference::between(field, said, found)), count]
}

fn id(field: &'static str, said: &str) -> Result<Oid, ReceiptError> {
    let expected = "expected the 40 hex digits of an object's id";
    let whole = said.len() == 40;
    Oid::from_str(said).ok().filter(|_| whole).ok_or_else(|| ReceiptError::Unreadable {
        field,
        said: said.to_owned(),
        expected,
    })
}

fn commit<'r>(
    repository: &'r Repository,
    field: &'static str,
    said: &str,
) -> Result<Commit<'r>, ReceiptError> {
    repository.find_commit(id(field, said)?).map_err(|error| match error.code() {
        ErrorCode::NotFound => ReceiptError::NoCommit { field, commit: said.to_owned() },
        _ => git("reading a commit")(error),
    })
}

fn tree_of_patch(repository: &Repository, base: &Commit<'_>, patch: &[u8]) -> Result<Oid, git2::Error> {
    let diff = Diff::from_buffer(patch)?;
    repository.apply_to_tree(&base.tree()?, &diff, None)?.write_tree_to(repository)
}

/// The task and the policy, as the base commit has them.
fn brief(repository: &Repository, base: &Commit<'_>, receipt: &PolicyReceipt) -> Result<Brief, ReceiptError> {
    let task = receipt.task_id.as_ref().ok_or(ReceiptError::Unreadable {
        field: "task_id",
        said: String::new(),
        expected: "expected the task, whose paths and scope count",
    })?;
    let read = |path: &str| -> Result<Option<Vec<u8>>, git2::Error> {
        let entry = match base.tree()?.get_path(Path::new(path)) {
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            entry => entry?,
        };
        Ok(entry.to_object(repository)?.as_blob().map(|blob| blob.content().to_vec()))
    };
    let read = |path| read(path).map_err(git("reading the base commit"));
    let (backlog, policy) = (read(Backlog::PATH)?, read(Policy::PATH)?);
    Brief::read(task, backlog.as_deref(), policy.as_deref())
        .map_err(|failure| ReceiptError::Brief(failure.summary))
}

fn git(doing: &'static str) -> impl Fn(git2::Error) -> ReceiptError {
    move |error| ReceiptError::Git { doing, message: error.message().to_owned() }
}
