//! Writing a receipt.

use super::Judgement;
use super::lists::{changed_paths, paths_shown, violations_shown};
use git2::Oid;
use leviathan_core::event::payload::PolicyReceipt;
use leviathan_core::id::{AttemptId, TaskId};
use leviathan_core::log::Hash;
use leviathan_core::policy::Change;
use leviathan_core::redact::Redactor;

/// What a receipt is about.
#[derive(Debug)]
pub(crate) struct ReceiptOf<'a> {
    pub(crate) attempt: &'a AttemptId,
    pub(crate) task: &'a TaskId,
    pub(crate) base: Oid,
    /// The commit that was made of work that is allowed.
    pub(crate) head: Option<String>,
    pub(crate) tree: Oid,
    pub(crate) changes: &'a [Change],
    pub(crate) policy_sha256: Option<Hash>,
    pub(crate) judgement: &'a Judgement,
}

/// The receipt. The agent chose the names of files: they are told without known secrets.
pub(crate) fn receipt(of: ReceiptOf<'_>, redactor: &Redactor) -> PolicyReceipt {
    let redacted = |texts: Vec<String>| texts.iter().map(|text| redactor.text(text)).collect();
    let (paths, changed_paths_left_out) = paths_shown(redacted(changed_paths(of.changes)));
    let (violations, violations_left_out) = violations_shown(redacted(of.judgement.violations.clone()));
    let verdict = if of.judgement.is_allowed() { PolicyReceipt::ALLOWED } else { PolicyReceipt::REFUSED };
    PolicyReceipt {
        attempt_id: of.attempt.clone(),
        task_id: Some(of.task.clone()),
        base_commit: of.base.to_string(),
        head_commit: of.head,
        tree: of.tree.to_string(),
        changed_paths: paths,
        changed_paths_left_out,
        policy_sha256: of.policy_sha256,
        verdict: verdict.to_owned(),
        violations,
        violations_left_out,
        not_in_tree: of.judgement.not_in_tree as u64,
    }
}
